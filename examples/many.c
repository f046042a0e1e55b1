/*
 * many.c - thousands of held guests on one thread: each is parked inside its call, and
 * answered in random order.
 *
 *     cc many.c $(pkg-config --cflags --libs wask) -lwasmtime -lpthread -ldl -lm -o many
 *     ./many MODULE.wasm [GUESTS]
 *
 * MODULE reaches for something that it was not given and ends with 0 when it got it.
 * A third of the guests is told yes, a third no, and a third is given up; what each
 * made of it is checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <wask-wasmtime.h>

struct guest {
	struct wask_run *run;
	wasmtime_store_t *store;
	wasmtime_instance_t instance;
	wasmtime_extern_t start;
	wasmtime_call_future_t *future;	/* what it writes to is here */
	wasm_trap_t *trap;
	wasmtime_error_t *error;
	uint64_t question;
	enum { NO, YES, GIVEN_UP } fate;
};

static const struct wask_wasmtime_api api = WASK_WASMTIME_API_INIT;
static struct wask_error error;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static struct wask_run *run_of(void *store_data)
{
	return ((struct guest *)store_data)->run;
}

static wasmtime_module_t *load(wasm_engine_t *engine, const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(path, "rb");
	wasmtime_module_t *module;
	size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;

	if (!file || fclose(file) || n == sizeof bytes || wasmtime_module_new(engine, bytes, n, &module))
		fail(path, "is no module, or not a small one");
	return module;
}

/* As many maps as there are allowed: 65,530 by default, and a guest has five or six. */
static wasm_engine_t *open_engine(void)
{
	wasm_config_t *config = wasm_config_new();

	wasmtime_config_memory_init_cow_set(config, false);
	return wasm_engine_new_with_config(config);
}

static void open_guest(struct guest *guest, struct wask *wask, wasm_engine_t *engine, wasmtime_linker_t *linker, const wasmtime_module_t *module, const char *cwd)
{
	struct wask_run_options options = {
		.size = sizeof options, .mode = WASK_MODE_NEEDS, .program = "guest.wasm", .cwd = cwd, .stdio = { -1, -1, -1 }, .user = guest,
	};
	wasmtime_context_t *context;
	wasm_trap_t *trap = NULL;

	if (wask_run_new(wask, &options, &guest->run, &error) < 0)
		fail("wask", error.text);
	guest->store = wasmtime_store_new(engine, guest, NULL);
	context = wasmtime_store_context(guest->store);
	if (wask_wasmtime_park(guest->run, &api, engine, context, &error) < 0)
		fail("wask", error.text);
	if (wasmtime_linker_instantiate(linker, context, module, &guest->instance, &trap) || trap)
		fail("guest", "it cannot be instantiated");
	if (!wasmtime_instance_export_get(context, &guest->instance, "_start", 6, &guest->start))
		fail("guest", "it has no _start");
	guest->future = wasmtime_func_call_async(context, &guest->start.of.func, NULL, 0, NULL, 0, &guest->trap, &guest->error);
	if (wasmtime_call_future_poll(guest->future))
		fail("guest", "it was not held");
}

/* Answers it, and it goes on to its end; or gives it up, and its question is gone. Did it make of it what was said? */
static int finish(struct wask *wask, struct guest *guest)
{
	struct wask_answer answer = { .size = sizeof answer, .option = guest->fate == YES ? "run" : "no" };
	uint32_t status = 0;
	int right;

	if (guest->fate != GIVEN_UP && wask_answer(wask, guest->question, &answer, &error) < 0)
		fail("wask", error.text);
	right = guest->fate == GIVEN_UP || wasmtime_call_future_poll(guest->future);
	wasmtime_call_future_delete(guest->future);
	if (guest->fate == GIVEN_UP)
		right = wask_answer(wask, guest->question, &answer, NULL) == WASK_EINVAL;
	wask_run_exited(guest->run, &status);
	if (guest->trap)
		wasm_trap_delete(guest->trap);
	if (guest->error)
		wasmtime_error_delete(guest->error);
	wasmtime_store_delete(guest->store);	/* the future first, then the store, then the run */
	wask_run_free(guest->run);
	return right && (guest->fate == GIVEN_UP || (status == 0) == (guest->fate == YES));
}

static long resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1 || fclose(file))
		fail("/proc/self/statm", "cannot be read");
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The questions in a random order, always the same one. */
static void shuffle(struct guest **guests, size_t n)
{
	srand(1);
	for (size_t i = n - 1; i > 0; i--) {
		size_t k = (size_t)rand() % (i + 1);
		struct guest *guest = guests[i];

		guests[i] = guests[k];
		guests[k] = guest;
	}
}

int main(int argc, char **argv)
{
	struct wask_options options = { .size = sizeof options, .asker = WASK_QUEUE };
	size_t n = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 10000, right = 0, held = 0;
	struct guest *guests = calloc(n, sizeof *guests), **order = calloc(n, sizeof *order);
	struct rlimit files = { 1 << 20, 1 << 20 };
	wasm_engine_t *engine = open_engine();
	wasmtime_linker_t *linker = wasmtime_linker_new(engine);
	const struct wask_question *question;
	wasmtime_module_t *module;
	struct wask *wask;
	char cwd[4096];
	double start;
	long before;

	if (argc < 2 || !guests || !order || !getcwd(cwd, sizeof cwd))
		fail(argv[0], "name a module");
	if (setrlimit(RLIMIT_NOFILE, &files) < 0 && getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (wask_open(&options, &wask, &error) < 0 || wask_wasmtime_define(linker, &api, NULL, run_of, &error) < 0)
		fail("wask", error.text);
	module = load(engine, argv[1]);
	before = resident();
	start = seconds();
	for (size_t i = 0; i < n; i++)
		open_guest(&guests[i], wask, engine, linker, module, cwd);
	printf("%zu guests held, %.1f KiB and %.0f us each\n", n, (double)(resident() - before) / (double)n, (seconds() - start) / (double)n * 1e6);
	for (; wask_next_question(wask, &question); held++) {
		order[held] = question->user;
		order[held]->question = question->number;
	}
	shuffle(order, held);
	start = seconds();
	for (size_t i = 0; i < held; i++) {
		order[i]->fate = rand() % 3;
		right += (size_t)finish(wask, order[i]);
	}
	printf("%zu answered, %zu of them did as they were told, %.0f us each\n", held, right, (seconds() - start) / (double)n * 1e6);
	wask_close(wask);
	wasmtime_linker_delete(linker);
	wasmtime_module_delete(module);
	wasm_engine_delete(engine);
	free(guests);
	free(order);
	return held == n && right == n ? 0 : 1;
}
