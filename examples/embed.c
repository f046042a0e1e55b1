/*
 * embed.c - the smallest whole embedder: wasmtime linked, wask's WASI on it, the
 * questions answered here.
 *
 *     cc embed.c $(pkg-config --cflags --libs wask) -lwasmtime -lpthread -ldl -lm -o embed
 *     ./embed MODULE.wasm [ARGUMENTS]
 *
 * What the module reaches for and was not given is allowed when it is to be read,
 * and refused otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wask-wasmtime.h>

/* The guest is inside its call until this returns. */
static void ask(void *self, const struct wask_question *question, struct wask_answer *answer)
{
	const struct wask_need *need = &question->needs[0];
	int yes = strcmp(need->act, "read") == 0 || strcmp(need->act, "list") == 0;

	(void)self;
	printf("held: %s wants to %s %s: %s\n", question->program, need->replaces ? "replace" : need->act, need->path, yes ? "yes" : "no");
	fflush(stdout);
	answer->option = yes ? "run" : "no";
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static struct wask_run *open_run(struct wask *wask, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct wask_run_options options = {
		.size = sizeof options, .mode = WASK_MODE_NEEDS, .program = slash ? slash + 1 : argv[0],
		.argv = (const char *const *)argv, .stdio = { 0, 1, 2 },
	};
	struct wask_error error;
	struct wask_run *run;
	char cwd[4096];

	options.cwd = getcwd(cwd, sizeof cwd);
	if (wask_run_new(wask, &options, &run, &error) < 0)
		fail(argv[0], error.text);
	return run;
}

/* The whole file; exits when there is none. */
static wasmtime_module_t *load(wasm_engine_t *engine, const char *path)
{
	FILE *file = fopen(path, "rb");
	wasmtime_module_t *module;
	wasm_byte_vec_t bytes;
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size < 0)
		fail(path, "cannot be read");
	rewind(file);
	wasm_byte_vec_new_uninitialized(&bytes, (size_t)size);
	if (fread(bytes.data, 1, bytes.size, file) != bytes.size)
		fail(path, "cannot be read");
	fclose(file);
	if (wasmtime_module_new(engine, (uint8_t *)bytes.data, bytes.size, &module))
		fail(path, "is no module");
	wasm_byte_vec_delete(&bytes);
	return module;
}

/* Runs _start; what proc_exit said, or 0, or 134 after a trap. */
static int start(wasmtime_linker_t *linker, wasmtime_store_t *store, const wasmtime_module_t *module, struct wask_run *run)
{
	wasmtime_context_t *context = wasmtime_store_context(store);
	wasmtime_error_t *error;
	wasm_trap_t *trap = NULL;
	wasmtime_instance_t instance;
	wasmtime_extern_t entry;
	uint32_t status;

	error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
	if (!error && !trap && wasmtime_instance_export_get(context, &instance, "_start", 6, &entry))
		error = wasmtime_func_call(context, &entry.of.func, NULL, 0, NULL, 0, &trap);
	status = error || trap ? 134 : 0;
	wask_run_exited(run, &status);	/* proc_exit comes as an error, too */
	if (error)
		wasmtime_error_delete(error);
	if (trap)
		wasm_trap_delete(trap);
	return (int)status;
}

int main(int argc, char **argv)
{
	static const struct wask_wasmtime_api api = WASK_WASMTIME_API_INIT;
	struct wask_options options = { .size = sizeof options, .asker = WASK_FUNCTION, .ask = ask };
	struct wask_error error;
	struct wask *wask;
	struct wask_run *run;
	wasm_engine_t *engine = wasm_engine_new();
	wasmtime_linker_t *linker = wasmtime_linker_new(engine);
	wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
	wasmtime_module_t *module;
	int status;

	if (argc < 2)
		fail(argv[0], "name a module");
	if (wask_open(&options, &wask, &error) < 0)
		fail("wask", error.text);
	run = open_run(wask, argv + 1);
	if (wask_wasmtime_define(linker, &api, run, NULL, &error) < 0)
		fail("wask", error.text);
	module = load(engine, argv[1]);
	status = start(linker, store, module, run);
	wasmtime_store_delete(store);	/* before its run */
	wask_run_free(run);
	wask_close(wask);
	wasmtime_module_delete(module);
	wasmtime_linker_delete(linker);
	wasm_engine_delete(engine);
	return status;
}
