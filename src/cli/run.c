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
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/listen.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/report.h"

extern char **environ;

struct session {
	struct options options;
	struct wask_options wask_options;
	struct wask_run_options run_options;
	char cwd[PATH_ROOM], cache[PATH_ROOM], module[2 * PATH_ROOM];
	char **set_env;
	int listen[WASK_SOCKETS];
	size_t nlisten;
	struct wask *wask;
	struct wask_run *run;
};

/* ---- signals ---- */

static struct wask_run *volatile running;
static volatile sig_atomic_t caught, timed_out, term_ignored;

static void end_worker(void)
{
	int saved = errno, pid = running ? wask_wasmtime_worker(running) : 0;

	if (pid > 0)
		kill(pid, SIGKILL);
	errno = saved;
}

/* SIGTERM is also how the clock of --timeout speaks: it ends a question, and then is us. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SI_TIMER)
		timed_out = 1;
	else if (sig == SIGTERM && term_ignored)
		return;
	else
		caught = sig;
	end_worker();
}

static void catch(int sig)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO };

	sigaction(sig, &action, NULL);
}

/* A signal that the caller had ignored stays ignored. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (sigaction(signals[i], NULL, &old) < 0)
			continue;
		if (old.sa_handler != SIG_IGN)
			catch(signals[i]);
		else if (signals[i] == SIGTERM)
			term_ignored = 1;
	}
}

/* ---- the clock of --timeout ---- */

static timer_t clock_timer;
static struct itimerspec clock_time;

/* The module is loaded: from here on it counts, and no second such signal does. */
static void on_started(int sig)
{
	struct itimerspec time = clock_time;
	int saved = errno;

	(void)sig;
	clock_time = (struct itimerspec){ 0 };
	if (time.it_value.tv_sec || time.it_value.tv_nsec)
		timer_settime(clock_timer, 0, &time, NULL);
	errno = saved;
}

/* Ready, but not running: the worker's SIGURG starts it. 0, or -1. */
static int set_clock(uint64_t timeout)
{
	struct sigaction started = { .sa_handler = on_started, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM };

	clock_time.it_value.tv_sec = (time_t)(timeout / 1000000000);
	clock_time.it_value.tv_nsec = (long)(timeout % 1000000000);
	if (timer_create(CLOCK_MONOTONIC, &event, &clock_timer) < 0)
		return -1;
	catch(SIGTERM);
	return sigaction(SIGURG, &started, NULL);
}

static int die_by(int sig)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(sig, &action, NULL);
	raise(sig);
	return STATUS_SIGNAL + sig;
}

/* ---- options to a run ---- */

/* A person, when the terminal of this session opens and standard error is a terminal too. */
static void find_asker(struct session *s)
{
	struct wask_options *options = &s->wask_options;
	bool asks = s->options.mode < 0 || s->options.mode == WASK_MODE_NEEDS || s->options.mode == WASK_MODE_BLIND;

	options->asker = WASK_NOBODY;
	options->broker = s->options.broker;
	if (options->broker)
		options->asker = WASK_BROKER;
	if (options->broker || !asks || s->options.raw_tty || !isatty(2))
		return;
	options->tty_fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (options->tty_fd >= 0)
		options->asker = WASK_TERMINAL;
}

/* -S inherit-env: all that is ours; what --env says comes after it. */
static size_t count_all_env(const struct session *s)
{
	size_t n = 0;

	while (s->options.all_env && environ[n])
		n++;
	return n;
}

/* --env NAME is --env NAME=VALUE with our own value, or nothing. */
static int find_env(struct session *s)
{
	size_t n = 0, all = count_all_env(s);

	s->set_env = calloc(all + s->options.nset_env + 1, sizeof *s->set_env);
	if (!s->set_env)
		return -1;
	for (; n < all; n++) {
		s->set_env[n] = strdup(environ[n]);
		if (!s->set_env[n])
			return -1;
	}
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
	snprintf(s->module, sizeof s->module, "%s%s%s", argv[0][0] == '/' ? "" : s->cwd, argv[0][0] == '/' || !s->cwd[1] ? "" : "/", argv[0]);
	run->module = argv[0];
	run->program = leaf_of(argv[0]);
	argv[0] = (char *)(s->options.argv0 ? s->options.argv0 : run->program);
	run->argv = (const char *const *)argv;
	run->env = (const char *const *)environ;
	run->set_env = (const char *const *)s->set_env;
	run->cwd = s->cwd;
	run->home = home && home[0] == '/' ? home : NULL;
	run->raw_tty = s->options.raw_tty;
	run->no_args = s->options.no_args;
	run->max_memory = s->options.max_memory;
	run->listen = s->listen;
	run->nlisten = s->nlisten;
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
static int open_sockets(struct session *s)
{
	for (; s->nlisten < s->options.nlisten; s->nlisten++) {
		int fd = listen_open(s->options.listen[s->nlisten]);

		if (fd < 0)
			return -fd;
		s->listen[s->nlisten] = fd;
	}
	return 0;
}

/* 0, or the status to exit with. */
static int prepare(struct session *s, const struct stdio *stdio)
{
	struct wask_error error = { .text = "no memory" };
	int status;

	if (!getcwd(s->cwd, sizeof s->cwd) || s->cwd[0] != '/')
		return usage_error(COMMAND_RUN, "the working directory", NULL, "it cannot be named; go somewhere else first");
	s->wask_options.size = sizeof s->wask_options;
	s->wask_options.cache = s->options.no_cache ? NULL : cache_place(s->options.cache, s->cwd, s->cache);
	s->wask_options.protect = places_protected();
	status = open_sockets(s);
	if (status)
		return status;
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
	case WASK_ENDED_FAIL_FAST:
		return STATUS_FAIL_FAST;
	case WASK_ENDED_LOST:
		return ended->signal ? STATUS_SIGNAL + ended->signal : STATUS_NOT_RUNNABLE;
	default:
		return STATUS_NOT_RUNNABLE;
	}
}

/* A word that looks like no file was perhaps meant as a command. */
static const char *hint(const struct session *s, const struct wask_ended *ended)
{
	return ended->how == WASK_ENDED_NOT_FOUND && !strpbrk(s->run_options.module, "./") ? "; nor a command (wask --help)" : "";
}

static void say_how(const struct session *s, const struct wask_ended *ended)
{
	if (ended->text[0])
		fprintf(stderr, "wask: %s%s\n", ended->text, hint(s, ended));
	else if (ended->how == WASK_ENDED_LOST && ended->signal)
		fprintf(stderr, "wask: the program's process was killed by signal %d (%s)\n", ended->signal, strsignal(ended->signal));
	else if (ended->how == WASK_ENDED_LOST)
		fputs("wask: the program's process went away without a word\n", stderr);
}

/* The usual cache that cannot be used is none, without a word; one that was asked for is missed. */
static void say_not_kept(const struct session *s, const struct wask_ended *ended)
{
	if (!s->options.cache || s->options.no_cache || ended->how == WASK_ENDED_NOT_FOUND || cache_is_kept(s->wask_options.cache))
		return;
	fputs("wask: --cache ", stderr);
	put_shown(s->options.cache);
	fputs(": nothing is kept there: it is no directory of yours alone\n", stderr);
}

/* It may have come to its own end just before. */
static bool was_timed_out(const struct wask_ended *ended)
{
	return timed_out && ended->how == WASK_ENDED_LOST && ended->signal == SIGKILL;
}

static void say_timed_out(const struct session *s)
{
	fputs("wask: ", stderr);
	put_shown(s->run_options.program);
	fprintf(stderr, ": ended after %g s (--timeout)\n", (double)s->options.timeout * 1e-9);
}

static int run(struct session *s)
{
	struct wask_wasmtime_run_options options = {
		.size = sizeof options, .compiling = progress_compiling, .invoke = s->options.invoke, .trap_unknown = s->options.trap_unknown,
	};
	struct wask_error error;
	struct wask_ended ended;
	bool late;
	int code;

	ended.size = sizeof ended;
	ended.how = WASK_ENDED_LOST;
	running = s->run;
	catch_signals();
	if (s->options.timeout) {
		options.started_signal = SIGURG;
		if (set_clock(s->options.timeout) < 0)
			return usage_error(COMMAND_RUN, "option", "--timeout", strerror(errno));
	}
	code = wask_wasmtime_run(s->run, &engine_api, &options, &ended, &error);
	if (!caught && ended.how == WASK_ENDED_INTERRUPTED)
		caught = SIGINT;
	if (caught)
		return 0;
	if (code < 0)
		return failed(&error, code == WASK_EASKER || code == WASK_ERULE ? STATUS_USAGE : STATUS_NOT_RUNNABLE);
	late = was_timed_out(&ended);
	if (late)
		say_timed_out(s);
	else
		say_how(s, &ended);
	say_not_kept(s, &ended);
	report(s);
	return late ? STATUS_TIMEOUT : status_of(&ended);
}

static void session_done(struct session *s)
{
	running = NULL;
	for (size_t i = 0; i < s->nlisten; i++)
		close(s->listen[i]);
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
	int status = options_read(COMMAND_RUN, argc, argv, &s.options);

	if (status == 0 && s.options.help) {
		help_run();
		status = output_done();
	} else if (status == 0) {
		status = prepare(&s, stdio);
	}
	if (status == 0 && s.run)
		status = run(&s);
	session_done(&s);
	return caught ? die_by(caught) : status;
}
