/*
 * wask.c - wask.h without an engine: openings, runs, their judges.
 *
 * Checks what the caller gave, copies it, and passes it on: nothing is decided here.
 */
#include <errno.h>

#include "api/queue.h"
#include "api/run.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

_Static_assert(WASK_SOCKETS == LIMIT_SOCKETS, "wask.h says it");

const char *wask_version(void)
{
	return WASK_VERSION;
}

/* ---- wask ---- */

static int check_options(const struct wask_options *options, struct wask_error *error)
{
	if (options->asker < WASK_NOBODY || options->asker > WASK_QUEUE)
		return error_set(error, WASK_EINVAL, "asker %d is none", options->asker);
	if (options->asker == WASK_FUNCTION && !options->ask)
		return error_set(error, WASK_EINVAL, "an asking function is needed");
	if (options->asker == WASK_TERMINAL && !sys_is_terminal(options->tty_fd))
		return error_set(error, WASK_EINVAL, "descriptor %d is no terminal", options->tty_fd);
	if (options->asker == WASK_BROKER && (!options->broker || !options->broker[0]))
		return error_set(error, WASK_EINVAL, "a broker's socket needs a name");
	if (options->cache && options->cache[0] != '/')
		return error_set(error, WASK_EINVAL, "%s: a cache directory must be absolute", options->cache);
	if (options->policy && options->policy[0] != '/')
		return error_set(error, WASK_EINVAL, "%s: a policy file's name must be absolute", options->policy);
	for (const char *const *path = options->protect; path && *path; path++)
		if (**path != '/')
			return error_set(error, WASK_EINVAL, "%s: what is protected must be absolute", *path);
	return 0;
}

/* The cache, and all of which no guest gets anything. */
static int take_places(struct wask *wask)
{
	const struct wask_options *options = &wask->options;
	struct texts more;
	int err = texts_take(&wask->arena, options->protect, &more);

	if (err < 0)
		return err;
	wask->protect.at = arena_new(&wask->arena, more.n + 1, sizeof *wask->protect.at);
	if (!wask->protect.at)
		return -ENOMEM;
	for (size_t i = 0; i < more.n; i++)
		wask->protect.at[wask->protect.n++] = more.at[i];
	if (!options->cache)
		return 0;
	wask->cache = path_absolute(&wask->arena, TEXT("/"), text_of(options->cache));
	wask->protect.at[wask->protect.n++] = wask->cache;
	return wask->cache.at ? 0 : -ENOMEM;
}

/* What lives longer than the caller's. */
static int keep_options(struct wask *wask, struct wask_error *error)
{
	struct wask_options *options = &wask->options;
	bool ok = take_places(wask) == 0;

	if (ok && options->broker) {
		options->broker = arena_text(&wask->arena, text_of(options->broker)).at;
		ok = options->broker != NULL;
	}
	if (ok && options->policy) {
		options->policy = arena_text(&wask->arena, text_of(options->policy)).at;
		ok = options->policy != NULL;
	}
	if (!ok)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (options->asker != WASK_QUEUE)
		return 0;
	wask->queue = queue_new();
	return wask->queue ? 0 : error_set(error, WASK_EHOST, "no queue: no memory, or no descriptor");
}

int wask_open(const struct wask_options *options, struct wask **out, struct wask_error *error)
{
	struct wask *wask = mem_new(1, sizeof *wask);
	int code = WASK_ENOMEM;

	if (!wask)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (!options_take(&wask->options, sizeof wask->options, options)) {
		mem_free(wask);
		return error_set(error, WASK_EINVAL, "the options are of a newer wask");
	}
	code = check_options(&wask->options, error);
	if (code == 0)
		code = keep_options(wask, error);
	if (code < 0) {
		wask->options.asker = WASK_NOBODY;	/* the terminal is still the caller's */
		wask_close(wask);
		return code;
	}
	*out = wask;
	return 0;
}

void wask_close(struct wask *wask)
{
	if (!wask)
		return;
	if (wask->options.asker == WASK_TERMINAL)
		sys_close(wask->options.tty_fd);
	queue_free(wask->queue);
	arena_done(&wask->arena);
	mem_free(wask);
}

/* ---- a run ---- */

static int check_run(const struct wask_run_options *options, struct wask_error *error)
{
	if (options->mode < WASK_MODE_NEVER || options->mode > WASK_MODE_OFF)
		return error_set(error, WASK_EINVAL, "mode %d is none", options->mode);
	if (!options->program || !options->program[0])
		return error_set(error, WASK_EINVAL, "the program needs a name");
	if (!options->cwd || options->cwd[0] != '/')
		return error_set(error, WASK_EINVAL, "the working directory must be absolute");
	if (options->home && options->home[0] != '/')
		return error_set(error, WASK_EINVAL, "the home directory must be absolute");
	if (options->self_dir && options->self_dir[0] != '/')
		return error_set(error, WASK_EINVAL, "the program's own directory must be absolute");
	if (options->sha256 && !sha256_sound(options->sha256))
		return error_set(error, WASK_EINVAL, "a hash is 64 lower-case hex digits");
	return 0;
}

static const enum ask_mode modes[] = {
	[WASK_MODE_NEVER] = MODE_NEVER, [WASK_MODE_NEEDS] = MODE_NEEDS, [WASK_MODE_BLIND] = MODE_BLIND, [WASK_MODE_OFF] = MODE_OFF,
};

static int take_run(struct wask_run *run, const struct wask_run_options *options)
{
	const char *program_alone[2] = { options->program, NULL };
	const char *const *argv = options->argv && options->argv[0] ? options->argv : program_alone;
	int err;

	run->mode = modes[options->mode];
	run->raw_tty = options->raw_tty != 0;
	run->no_args = options->no_args != 0;
	run->max_memory = options->max_memory ? options->max_memory : LIMIT_MEMORY;
	run->fail_fast = options->fail_fast != 0;
	run->user = options->user;
	if (options->sha256)
		memcpy(run->sha256, options->sha256, sizeof run->sha256);
	run->program = arena_text(&run->arena, text_of(options->program));
	run->cwd = path_absolute(&run->arena, TEXT("/"), text_of(options->cwd));
	if (options->home)
		run->home = path_absolute(&run->arena, TEXT("/"), text_of(options->home));
	if (options->module)
		run->module = path_joined(&run->arena, run->cwd, text_of(options->module));
	if (options->self_dir)
		run->self_dir = path_absolute(&run->arena, TEXT("/"), text_of(options->self_dir));
	if (!run->program.at || !run->cwd.at || (options->home && !run->home.at) || (options->module && !run->module.at) || (options->self_dir && !run->self_dir.at))
		return -ENOMEM;
	err = texts_take(&run->arena, argv, &run->argv);
	if (err == 0)
		err = texts_take(&run->arena, options->env, &run->env);
	return err == 0 ? texts_take(&run->arena, options->set_env, &run->set_env) : err;
}

/* A directory as standard input or output is closed: it would be a way into the host. */
static void take_stdio(struct wask_run *run, const int stdio[3])
{
	struct stat st;

	for (int i = 0; i < 3; i++) {
		bool open = stdio[i] >= 0 && sys_fstat(stdio[i], &st) == 0 && (st.st_mode & S_IFMT) != S_IFDIR;

		run->stdio[i] = open ? stdio[i] : -1;
	}
}

static int check_sockets(const struct wask_run_options *options, struct wask_error *error)
{
	struct stat st;

	if (options->nlisten > LIMIT_SOCKETS)
		return error_set(error, WASK_EINVAL, "%zu sockets are more than %d", options->nlisten, LIMIT_SOCKETS);
	for (size_t i = 0; i < options->nlisten; i++)
		if (sys_fstat(options->listen[i], &st) < 0 || (st.st_mode & S_IFMT) != S_IFSOCK)
			return error_set(error, WASK_EINVAL, "descriptor %d is no socket", options->listen[i]);
	return 0;
}

int wask_run_new(struct wask *wask, const struct wask_run_options *options, struct wask_run **out, struct wask_error *error)
{
	struct wask_run_options own = { 0 };
	struct wask_run *run;
	int code;

	if (!options_take(&own, sizeof own, options))
		return error_set(error, WASK_EINVAL, "the options are of a newer wask");
	code = check_run(&own, error);
	if (code == 0)
		code = check_sockets(&own, error);
	if (code < 0)
		return code;
	run = mem_new(1, sizeof *run);
	if (!run)
		return error_set(error, WASK_ENOMEM, "no memory");
	run->wask = wask;
	run->start.generation_fd = -1;
	take_stdio(run, own.stdio);
	run->nlisten = own.nlisten;
	for (size_t i = 0; i < own.nlisten; i++)
		run->listen[i] = own.listen[i];
	if (take_run(run, &own) < 0) {
		wask_run_free(run);
		return error_set(error, WASK_ENOMEM, "no memory");
	}
	*out = run;
	return 0;
}

void wask_run_free(struct wask_run *run)
{
	if (!run)
		return;
	embedded_done(run);
	judge_free(run->judge);
	arena_done(&run->arena);
	mem_free(run);
}

/* ---- its judge ---- */

static struct text variable(const struct wask_run *run, struct text name)
{
	for (size_t i = 0; i < run->env.n; i++) {
		struct text env = run->env.at[i];

		if (text_starts(env, name) && text_has(text_from(env, name.len), '=') && env.at[name.len] == '=')
			return text_from(env, name.len + 1);
	}
	return (struct text){ 0 };
}

/* NAME.wasm.d beside the module NAME.wasm is the program's own, at its own path. 0 or -ENOMEM. */
static int package(struct wask_run *run, struct judge_options *options, struct judge_data *data)
{
	struct text module = run->module.len ? path_absolute(&run->arena, TEXT("/"), run->module) : (struct text){ 0 };

	if (!run->module.len)
		return 0;
	if (module.at)
		data->at = arena_join(&run->arena, module, TEXT(".d"), TEXT(""));
	if (!data->at.at)
		return -ENOMEM;
	data->host = text_leaf(data->at);
	options->module_dir = text_parent(module);
	options->data = data;
	options->ndata = 1;
	return 0;
}

static bool ran_out(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

/* Why there is no judge: what the host lacks is named. */
static int judge_failed(int err, struct wask_error *error)
{
	struct stat proc;
	int probe;

	if (err == -ENOENT && sys_fstatat(AT_FDCWD, "/proc/self/fd", &proc, 0) < 0)
		return error_set(error, WASK_EHOST, "/proc must be mounted: without it nothing that is opened has a name");
	probe = ran_out(err) ? 0 : judge_probe();
	if (probe < 0)
		return error_set(error, WASK_EHOST, "Linux 5.12 or newer is needed (openat2): %s", strerror(-probe));
	return error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "the run cannot be set up: %s", strerror(-err));
}

/* The rules and the asker pass to the judge, or are given back. */
static int make_judge(struct wask_run *run, struct judge_options *options, struct wask_error *error)
{
	int code, err;

	options->rules = rules_new();
	if (!options->rules)
		return error_set(error, WASK_ENOMEM, "no memory");
	code = rules_load(run, options->rules, error);
	if (code == 0)
		code = asker_of(run, &options->asker, error);
	if (code == 0) {
		err = judge_new(options, &run->judge);
		if (err == 0) {
			run->rules = options->rules;
			return 0;
		}
		if (options->asker.free)
			options->asker.free(options->asker.self);
		code = judge_failed(err, error);
	}
	rules_free(options->rules);
	return code;
}

/* All of which the guest gets nothing: what the library keeps, and what the judge goes by. */
static int protect_all(struct wask_run *run, const struct text data_files[2], struct texts *out)
{
	enum { OWN = 4 };	/* the policy, two data files, the broker's socket */
	const struct wask *wask = run->wask;

	*out = (struct texts){ arena_new(&run->arena, wask->protect.n + OWN, sizeof *out->at), 0 };
	if (!out->at)
		return -ENOMEM;
	for (size_t i = 0; i < wask->protect.n; i++)
		out->at[out->n++] = wask->protect.at[i];
	if (wask->options.policy && run->mode != MODE_OFF)
		out->at[out->n++] = text_of(wask->options.policy);
	for (size_t i = 0; i < 2; i++)
		if (data_files[i].len)
			out->at[out->n++] = data_files[i];
	if (wask->options.asker == WASK_BROKER && run->mode != MODE_OFF)
		out->at[out->n++] = text_of(wask->options.broker);
	return 0;
}

int run_judge(struct wask_run *run, struct wask_error *error)
{
	/* What the guest never changes: the program that holds it, and its module. */
	struct text unchanging[2] = { TEXT("/proc/self/exe"), run->module }, data_files[2] = { { 0 } };
	struct judge_data data = { 0 };
	int code;
	struct judge_options options = {
		.mode = run->mode, .program = run->program, .argv = run->argv, .no_args = run->no_args, .env = run->env, .set_env = run->set_env,
		.cwd = run->cwd, .home = run->home, .path = variable(run, TEXT("PATH")), .fail_fast = run->fail_fast, .self_dir = run->self_dir,
		.unchanging = { unchanging, run->module.len ? 2 : 1 },
	};

	if (run->judge)
		return 0;
	code = secrets_load(run, &options, data_files, error);
	if (code < 0)
		return code;
	if (protect_all(run, data_files, &options.protected) < 0)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (sys_random(run->id, sizeof run->id) < 0)
		return error_set(error, WASK_EHOST, "no random numbers");
	if (package(run, &options, &data) < 0)
		return error_set(error, WASK_ENOMEM, "no memory");
	return make_judge(run, &options, error);
}

bool run_sanitises(const struct wask_run *run, int i)
{
	return run->wask->options.asker == WASK_TERMINAL && !run->raw_tty && run->stdio[i] >= 0 && sys_is_terminal(run->stdio[i]);
}
