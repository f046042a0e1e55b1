/*
 * run.c - the command `wask run`: options to a run, its end to an exit status.
 *
 * Nothing is done before the library forks but reading the command line. What is
 * left at the end is cleaned up also when a signal ends the run: the handler only
 * kills the worker, and then everything goes its way.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/report.h"

enum { PATH_ROOM = 4096 };

extern char **environ;

struct session {
	struct options options;
	struct wask_options wask_options;
	struct wask_run_options run_options;
	char cwd[PATH_ROOM], cache[PATH_ROOM], module[2 * PATH_ROOM];
	char **set_env;
	struct wask *wask;
	struct wask_run *run;
};

/* ---- signals ---- */

static struct wask_run *volatile running;
static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	int saved = errno, pid = running ? wask_wasmtime_worker(running) : 0;

	caught = sig;
	if (pid > 0)
		kill(pid, SIGKILL);
	errno = saved;
}

/* A signal that the caller had ignored stays ignored. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static int die_by(int sig)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(sig, &action, NULL);
	raise(sig);
	return STATUS_SIGNAL + sig;
}

/* ---- options to a run ---- */

/* Where compiled modules are kept; nothing when there is no home to speak of. */
static const char *find_cache(struct session *s)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *chosen = s->options.cache;
	int n = -1;

	if (s->options.no_cache)
		return NULL;
	if (chosen)
		n = snprintf(s->cache, sizeof s->cache, "%s%s%s", chosen[0] == '/' ? "" : s->cwd, chosen[0] == '/' ? "" : "/", chosen);
	else if (xdg && xdg[0] == '/')
		n = snprintf(s->cache, sizeof s->cache, "%s/wask", xdg);
	else if (home && home[0] == '/')
		n = snprintf(s->cache, sizeof s->cache, "%s/.cache/wask", home);
	return n > 0 && (size_t)n < sizeof s->cache ? s->cache : NULL;
}

/* A person, when the terminal of this session opens and standard error is a terminal too. */
static void find_asker(struct session *s)
{
	struct wask_options *options = &s->wask_options;
	bool asks = s->options.mode < 0 || s->options.mode == WASK_MODE_NEEDS || s->options.mode == WASK_MODE_BLIND;

	options->asker = WASK_NOBODY;
	if (!asks || s->options.raw_tty || !isatty(2))
		return;
	options->tty_fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (options->tty_fd >= 0)
		options->asker = WASK_TERMINAL;
}

/* --env NAME is --env NAME=VALUE with our own value, or nothing. */
static int find_env(struct session *s)
{
	size_t n = 0;

	s->set_env = calloc(s->options.nset_env + 1, sizeof *s->set_env);
	if (!s->set_env)
		return -1;
	for (size_t i = 0; i < s->options.nset_env; i++) {
		const char *given = s->options.set_env[i], *value = strchr(given, '=') ? NULL : getenv(given);
		size_t size = strlen(given) + (value ? strlen(value) : 0) + 2;

		if (!value && !strchr(given, '='))
			continue;
		s->set_env[n] = malloc(size);
		if (!s->set_env[n])
			return -1;
		snprintf(s->set_env[n++], size, value ? "%s=%s" : "%s", given, value);
	}
	return 0;
}

static const char *leaf(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static int fill_run(struct session *s, const struct stdio *stdio)
{
	struct wask_run_options *run = &s->run_options;
	char **argv = s->options.argv;
	const char *home = getenv("HOME");
	bool person = s->wask_options.asker != WASK_NOBODY;

	if (find_env(s) < 0)
		return -1;
	run->size = sizeof *run;
	run->mode = s->options.mode >= 0 ? s->options.mode : person ? WASK_MODE_NEEDS : WASK_MODE_NEVER;
	snprintf(s->module, sizeof s->module, "%s%s%s", argv[0][0] == '/' ? "" : s->cwd, argv[0][0] == '/' ? "" : "/", argv[0]);
	run->module = argv[0];
	run->program = leaf(argv[0]);
	argv[0] = (char *)(s->options.argv0 ? s->options.argv0 : run->program);
	run->argv = (const char *const *)argv;
	run->env = (const char *const *)environ;
	run->set_env = (const char *const *)s->set_env;
	run->cwd = s->cwd;
	run->home = home && home[0] == '/' ? home : NULL;
	run->raw_tty = s->options.raw_tty;
	run->no_args = s->options.no_args;
	for (int i = 0; i < 3; i++)
		run->stdio[i] = stdio->closed[i] ? -1 : i;
	return 0;
}

/* ---- the run ---- */

static int failed(const struct wask_error *error, int status)
{
	fprintf(stderr, "wask: %s\n", error->text);
	return status;
}

/* 0, or the status to exit with. */
static int prepare(struct session *s, const struct stdio *stdio)
{
	struct wask_error error = { .text = "no memory" };

	if (!getcwd(s->cwd, sizeof s->cwd) || s->cwd[0] != '/')
		return usage_error("the working directory", NULL, "it cannot be named; go somewhere else first");
	s->wask_options.size = sizeof s->wask_options;
	s->wask_options.cache = find_cache(s);
	find_asker(s);
	if (wask_open(&s->wask_options, &s->wask, &error) < 0) {
		if (s->wask_options.asker == WASK_TERMINAL)
			close(s->wask_options.tty_fd);
		return failed(&error, STATUS_NOT_RUNNABLE);
	}
	if (fill_run(s, stdio) < 0 || wask_run_new(s->wask, &s->run_options, &s->run, &error) < 0)
		return failed(&error, STATUS_NOT_RUNNABLE);
	for (size_t i = 0; i < s->options.ndirs; i++) {
		const struct dir *dir = &s->options.dirs[i];

		if (wask_run_dir(s->run, dir->host, dir->guest, dir->read_only, NULL, &error) < 0) {
			fputs("wask: --dir ", stderr);
			fprintf(stderr, "%s\n", error.text);
			return STATUS_USAGE;
		}
	}
	return 0;
}

static void report(const struct session *s)
{
	struct report report = {
		.cache = s->wask_options.cache, .module = s->module, .no_args = s->options.no_args,
		.terminal = isatty(2), .person = s->wask_options.asker != WASK_NOBODY,
	};

	report_print(&report, s->run);
}

static int status_of(const struct wask_ended *ended)
{
	switch (ended->how) {
	case WASK_ENDED_EXIT:
		return ended->status > 255 ? 255 : (int)ended->status;
	case WASK_ENDED_TRAP:
		return STATUS_TRAP;
	case WASK_ENDED_NOT_FOUND:
		return STATUS_NOT_FOUND;
	case WASK_ENDED_LOST:
		return ended->signal ? STATUS_SIGNAL + ended->signal : STATUS_NOT_RUNNABLE;
	default:
		return STATUS_NOT_RUNNABLE;
	}
}

static void say_how(const struct wask_ended *ended)
{
	if (ended->text[0])
		fprintf(stderr, "wask: %s\n", ended->text);
	else if (ended->how == WASK_ENDED_LOST && ended->signal)
		fprintf(stderr, "wask: the program's process was killed by signal %d (%s)\n", ended->signal, strsignal(ended->signal));
	else if (ended->how == WASK_ENDED_LOST)
		fputs("wask: the program's process went away without a word\n", stderr);
}

static int run(struct session *s)
{
	struct wask_wasmtime_run_options options = { .size = sizeof options, .compiling = progress_compiling };
	struct wask_error error;
	struct wask_ended ended;
	int code;

	ended.size = sizeof ended;
	ended.how = WASK_ENDED_LOST;
	running = s->run;
	catch_signals();
	code = wask_wasmtime_run(s->run, &engine_api, &options, &ended, &error);
	if (!caught && ended.how == WASK_ENDED_INTERRUPTED)
		caught = SIGINT;
	if (caught)
		return 0;
	if (code < 0)
		return failed(&error, STATUS_NOT_RUNNABLE);
	say_how(&ended);
	report(s);
	return status_of(&ended);
}

static void session_done(struct session *s)
{
	running = NULL;
	wask_run_free(s->run);
	wask_close(s->wask);
	for (size_t i = 0; s->set_env && s->set_env[i]; i++)
		free(s->set_env[i]);
	free(s->set_env);
	options_done(&s->options);
}

int command_run(const struct stdio *stdio, int argc, char **argv)
{
	static struct session s;
	int status = options_read(argc, argv, &s.options);

	if (status == 0 && s.options.help)
		help_run();
	else if (status == 0)
		status = prepare(&s, stdio);
	if (status == 0 && s.run)
		status = run(&s);
	session_done(&s);
	return caught ? die_by(caught) : status;
}
