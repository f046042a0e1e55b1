/*
 * wask.c - wask.h without an engine: openings, grants before a run, the record.
 *
 * Checks what the caller gave, copies it, and passes it on: nothing is decided here.
 */
#include <errno.h>

#include "api/run.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "policy/rules.h"

_Static_assert(WASK_SOCKETS == LIMIT_SOCKETS, "wask.h says it");

const char *wask_version(void)
{
	return WASK_VERSION;
}

/* ---- wask ---- */

static int check_options(const struct wask_options *options, struct wask_error *error)
{
	if (options->asker < WASK_NOBODY || options->asker > WASK_TERMINAL)
		return error_set(error, WASK_EINVAL, "asker %d is none", options->asker);
	if (options->asker == WASK_FUNCTION && !options->ask)
		return error_set(error, WASK_EINVAL, "an asking function is needed");
	if (options->asker == WASK_TERMINAL && !sys_is_terminal(options->tty_fd))
		return error_set(error, WASK_EINVAL, "descriptor %d is no terminal", options->tty_fd);
	if (options->cache && options->cache[0] != '/')
		return error_set(error, WASK_EINVAL, "%s: a cache directory must be absolute", options->cache);
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
	if (code == 0 && take_places(wask) < 0)
		code = error_set(error, WASK_ENOMEM, "no memory");
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
	run->program = arena_text(&run->arena, text_of(options->program));
	run->cwd = path_absolute(&run->arena, TEXT("/"), text_of(options->cwd));
	if (options->home)
		run->home = path_absolute(&run->arena, TEXT("/"), text_of(options->home));
	if (options->module)
		run->module = path_joined(&run->arena, run->cwd, text_of(options->module));
	if (!run->program.at || !run->cwd.at || (options->home && !run->home.at) || (options->module && !run->module.at))
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

static bool ran_out(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

int run_judge(struct wask_run *run, struct wask_error *error)
{
	/* What the guest never changes: the program that holds it, and its module. */
	struct text unchanging[2] = { TEXT("/proc/self/exe"), run->module };
	struct judge_options options = {
		.mode = run->mode, .program = run->program, .argv = run->argv, .no_args = run->no_args, .env = run->env, .set_env = run->set_env,
		.cwd = run->cwd, .home = run->home, .path = variable(run, TEXT("PATH")),
		.protected = run->wask->protect, .unchanging = { unchanging, run->module.len ? 2 : 1 },
	};
	struct stat proc;
	int err, probe;

	if (run->judge)
		return 0;
	err = asker_of(run->wask, run->raw_tty, &options.asker);
	if (err == 0) {
		err = judge_new(&options, &run->judge);
		if (err < 0 && options.asker.free)
			options.asker.free(options.asker.self);
	}
	if (err == -ENOENT && sys_fstatat(AT_FDCWD, "/proc/self/fd", &proc, 0) < 0)
		return error_set(error, WASK_EHOST, "/proc must be mounted: without it nothing that is opened has a name");
	probe = err < 0 && !ran_out(err) ? judge_probe() : 0;
	if (probe < 0)
		return error_set(error, WASK_EHOST, "Linux 5.12 or newer is needed (openat2): %s", strerror(-probe));
	if (err < 0)
		return error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "the run cannot be set up: %s", strerror(-err));
	return 0;
}

bool run_sanitises(const struct wask_run *run, int i)
{
	return run->wask->options.asker == WASK_TERMINAL && !run->raw_tty && run->stdio[i] >= 0 && sys_is_terminal(run->stdio[i]);
}

/* ---- grants before the run ---- */

static int grant(struct wask_run *run, const struct rule *rule, struct text preopen, const char *what, uint64_t *out, struct wask_error *error)
{
	uint64_t number;
	int err;

	if (run->started)
		return error_set(error, WASK_ESTATE, "%s: the run has started", what);
	err = run_judge(run, error);
	if (err < 0)
		return err;
	err = judge_grant(run->judge, rule, preopen, &number);
	if (err == -EINVAL)
		return error_set(error, WASK_ERULE, "%s: may not be given", what);
	if (err < 0)
		return error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "%s: %s", what, strerror(-err));
	if (out)
		*out = number;
	return 0;
}

int wask_run_allow(struct wask_run *run, const char *rule, uint64_t *out, struct wask_error *error)
{
	struct rule_places places = { .home = run->home, .cwd = run->cwd };
	struct rule_error at = { 0 };
	struct rule parsed;

	if (rule_parse(&run->arena, text_of(rule), &places, true, &parsed, &at) < 0)
		return error_set(error, WASK_ERULE, "%zu: %s", at.column, at.message ? at.message : "no memory");
	return grant(run, &parsed, (struct text){ 0 }, rule, out, error);
}

/* HOST by name is exact unless it goes up through what may be a link: then the kernel says where that is. */
static int host_path(struct wask_run *run, const char *host, struct text *out)
{
	char path[LIMIT_PATH + 1];
	struct text joined = path_joined(&run->arena, run->cwd, text_of(host));
	size_t len;
	int fd, err;

	if (!joined.at)
		return -ENOMEM;
	if (!strstr(host, "..")) {
		*out = path_absolute(&run->arena, TEXT("/"), joined);
		return out->at ? 0 : -ENOMEM;
	}
	fd = sys_openat(AT_FDCWD, joined.at, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	err = sys_path_of(fd, path, sizeof path, &len);
	sys_close(fd);
	if (err < 0)
		return err;
	*out = arena_text(&run->arena, (struct text){ path, len });
	return out->at ? 0 : -ENOMEM;
}

int wask_run_dir(struct wask_run *run, const char *host, const char *guest, int read_only, uint64_t *out, struct wask_error *error)
{
	struct rule rule = { .verb = VERB_ALLOW, .what = WHAT_SUBTREE, .access = read_only ? ACCESS_DIR_RO : ACCESS_DIR };
	struct text typed = text_of(guest ? guest : host);
	int err;

	if (!host[0] || !typed.len)
		return error_set(error, WASK_EINVAL, "a directory needs a name");
	err = host_path(run, host, &rule.path);
	if (err < 0)
		return error_set(error, WASK_EHOST, "%s: %s", host, strerror(-err));
	if (run->mode == MODE_OFF)
		return grant(run, &rule, typed, host, out, error);
	rule.at = path_absolute(&run->arena, run->cwd, typed);
	if (!rule.at.at)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (text_eq(rule.at, rule.path))
		rule.at = (struct text){ 0 };
	return grant(run, &rule, (struct text){ 0 }, host, out, error);
}
