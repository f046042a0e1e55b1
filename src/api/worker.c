/*
 * worker.c - the guest's side of a run: a process of its own, forked from the monitor.
 *
 * It keeps the guest's 0 to 2, its end of the door and the module file, and closes
 * everything else, the terminal above all, before it does anything. It prepares the
 * engine and loads the module while the monitor still looks at the command line;
 * its last word is an end message, and it never returns.
 */
#include "api/worker.h"

#include <errno.h>
#include <signal.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/sys.h"
#include "engine/engine.h"

enum { DOOR = 3, MODULE = 4, SOCKETS = 5 };

struct session {
	const struct worker *worker;
	struct arena arena;
	struct authority *authority;
	struct start start;
	struct engine *engine;
	struct engine_module *module;
	enum load_from from;
	struct guest *guest;
	struct buf error;
};

/* ---- descriptors ---- */

/* Moves everything that stays out of the way, then into place: 0 to 2, the door, the module, sockets; the rest is closed. */
static int settle(const struct worker *worker)
{
	const struct wask_run *run = worker->run;
	int from[SOCKETS + LIMIT_SOCKETS] = { run->stdio[0], run->stdio[1], run->stdio[2], worker->doorfd, worker->modulefd };
	int nullfd = -1, n = SOCKETS + (int)run->nlisten;

	if (run->stdio[0] < 0 || run->stdio[1] < 0 || run->stdio[2] < 0)
		nullfd = sys_memfd("wask-closed");	/* holds the number; the guest's own is closed */
	for (int i = SOCKETS; i < n; i++)
		from[i] = run->listen[i - SOCKETS];
	for (int i = 0; i < n; i++) {
		from[i] = sys_dup(from[i] < 0 ? nullfd : from[i], n);
		if (from[i] < 0)
			return from[i];
	}
	for (int i = 0; i < n; i++) {
		int err = sys_dup_to(from[i], i);

		if (err < 0)
			return err;
	}
	sys_close_from(n);
	return 0;
}

/* What the calling program does on these signals is not for this process. */
static int default_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	int err = sys_ignore(SIGPIPE);

	for (size_t i = 0; i < sizeof signals / sizeof *signals && err == 0; i++)
		err = sys_default(signals[i]);
	return err;
}

/* ---- the end ---- */

static void end(struct session *session, enum end_kind kind, uint32_t status) __attribute__((noreturn));
static void end(struct session *session, enum end_kind kind, uint32_t status)
{
	struct end message = { .kind = kind, .status = status };

	message.text = buf_view(&session->error);
	if (message.text.len > LIMIT_END_TEXT)
		message.text.len = LIMIT_END_TEXT;
	if (session->guest)
		guest_tally(session->guest);
	authority_end(session->authority, &message);
	sys_exit(0);
}

static void fail(struct session *session, const char *what, int err) __attribute__((noreturn));
static void fail(struct session *session, const char *what, int err)
{
	buf_print(&session->error, "%s: %s", what, strerror(-err));
	end(session, END_FAILED, 0);
}

/* ---- the guest ---- */

static void compiling(void *self, uint64_t bytes)
{
	const struct worker *worker = self;
	struct buf program = { 0 };

	escape_plain(&program, worker->run->program);
	buf_char(&program, '\0');
	worker->options->compiling(worker->options->self, buf_ok(&program) ? program.at : "?", bytes);
	buf_done(&program);
}

static enum load_result load(struct session *session)
{
	const struct worker *worker = session->worker;
	struct engine_config config = { .max_memory = worker->run->max_memory, .cache = worker->run->wask->cache };

	if (worker->options->compiling) {
		config.compiling = compiling;
		config.self = (void *)(uintptr_t)worker;
	}
	config.trap_unknown = worker->options->trap_unknown != 0;
	if (!worker->options->only_compile)
		config.entry = worker->options->invoke ? text_of(worker->options->invoke) : TEXT("_start");
	if (engine_wasmtime.open(&config, worker->api, &session->engine, &session->error) < 0)
		return LOAD_FAILED;
	return engine_wasmtime.load(session->engine, MODULE, &session->module, &session->from, &session->error);
}

/*
 * proc_exit: nothing is unwound and nothing taken down, the process ends here. One
 * that failed with most of its memory taken is told of the limit.
 */
static void guest_end(struct guest *guest, uint32_t status)
{
	struct session *session = guest->owner;

	if (status && guest->refresh)
		guest->refresh(guest);
	if (status)
		engine_memory_text(guest->len, session->worker->run->max_memory, &session->error);
	end(session, END_EXIT, status);
}

/* A result of the function that was called by name. One that is lost is no success. */
static void put_result(void *self, struct text line)
{
	struct session *session = self;
	int err = session->worker->run->stdio[1] < 0 ? -EBADF : sys_write_all(1, line.at, line.len);

	if (err == 0)
		err = sys_write_all(1, "\n", 1);
	if (err == 0)
		return;
	buf_print(&session->error, "its result could not be written: %s", strerror(-err));
	end(session, END_NOT_RUNNABLE, 0);
}

static void end_compiled(struct session *session) __attribute__((noreturn));
static void end_compiled(struct session *session)
{
	static const uint32_t statuses[] = {
		[FROM_CACHE] = WASK_COMPILED_BEFORE, [FROM_COMPILER] = WASK_COMPILED_NOW, [FROM_COMPILER_ALONE] = WASK_COMPILED_NOT_KEPT,
	};

	end(session, END_EXIT, statuses[session->from]);
}

/* Without its monitor a guest does not go on, not even to be told no. */
static void guest_lost(struct guest *guest)
{
	(void)guest;
	sys_exit(1);
}

static void prepare(struct session *session)
{
	const struct wask_run *run = session->worker->run;
	struct guest_options options = { .authority = session->authority, .start = &session->start };
	int sockets[LIMIT_SOCKETS], err;

	for (int i = 0; i < 3; i++) {
		options.stdio[i] = run->stdio[i] < 0 ? -1 : i;
		options.sanitise[i] = run_sanitises(run, i);
	}
	options.listen = sockets;
	options.nlisten = run->nlisten;
	for (int i = 0; i < LIMIT_SOCKETS; i++)
		sockets[i] = SOCKETS + i;
	err = guest_new(&options, &session->guest);
	if (err < 0)
		fail(session, "the guest cannot be set up", err);
	session->guest->owner = session;
	session->guest->end = guest_end;
	session->guest->lost = guest_lost;
}

static void run(struct session *session) __attribute__((noreturn));
static void run(struct session *session)
{
	static const enum end_kind ends[] = {
		[RUN_RETURNED] = END_EXIT, [RUN_EXITED] = END_EXIT, [RUN_TRAPPED] = END_TRAP, [RUN_NOT_RUNNABLE] = END_NOT_RUNNABLE,
	};
	const struct texts *argv = &session->worker->run->argv;
	struct engine_call call = {
		.invoke = text_of(session->worker->options->invoke), .args = { argv->at + 1, argv->n ? argv->n - 1 : 0 },
		.result = put_result, .self = session,
	};
	enum run_result result;

	if (session->worker->options->started_signal)
		sys_kill(session->worker->parent, session->worker->options->started_signal);
	result = engine_wasmtime.run(session->module, session->guest, &call, &session->error);

	end(session, ends[result], result == RUN_EXITED ? session->guest->status : 0);
}

void worker_main(const struct worker *worker)
{
	struct session session = { .worker = worker, .error = { .limit = 4 * LIMIT_END_TEXT } };
	enum load_result loaded = LOAD_FAILED;
	int settled, started;

	if (default_signals() < 0 || sys_die_with_parent(worker->parent) < 0)
		sys_exit(1);
	settled = settle(worker);
	session.authority = authority_remote(settled < 0 ? worker->doorfd : DOOR);
	if (!session.authority)
		sys_exit(1);
	if (settled == 0)
		loaded = load(&session);
	started = authority_start(session.authority, &session.arena, &session.start);
	if (started < 0)	/* when the monitor is gone nobody hears it */
		fail(&session, "what the program is to be told cannot be taken", started);
	if (settled < 0)
		fail(&session, "the program's descriptors cannot be put in place", settled);
	sys_close(MODULE);
	if (loaded != LOAD_OK)
		end(&session, loaded == LOAD_NOT_RUNNABLE ? END_NOT_RUNNABLE : END_FAILED, 0);
	if (worker->options->only_compile)
		end_compiled(&session);
	prepare(&session);
	run(&session);
}
