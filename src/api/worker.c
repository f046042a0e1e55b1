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

enum { DOOR = 3, MODULE = 4, FREE = 5, ASIDE = 16 };

struct session {
	const struct worker *worker;
	struct arena arena;
	struct authority *authority;
	struct start start;
	struct engine *engine;
	struct engine_module *module;
	struct guest *guest;
	struct buf error;
};

/* ---- descriptors ---- */

/* Moves everything that stays out of the way, then into place: 0 to 2, the door, the module; the rest is closed. */
static int settle(const struct worker *worker)
{
	int from[FREE] = { worker->run->stdio[0], worker->run->stdio[1], worker->run->stdio[2], worker->doorfd, worker->modulefd };
	int nullfd = sys_openat(AT_FDCWD, "/dev/null", O_RDWR, 0);

	if (nullfd < 0)
		return nullfd;
	for (int i = 0; i < FREE; i++) {
		from[i] = sys_dup(from[i] < 0 ? nullfd : from[i], ASIDE);
		if (from[i] < 0)
			return from[i];
	}
	for (int i = 0; i < FREE; i++) {
		int err = sys_dup_to(from[i], i);

		if (err < 0)
			return err;
	}
	sys_close_from(FREE);
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
	if (engine_wasmtime.open(&config, worker->api, &session->engine, &session->error) < 0)
		return LOAD_FAILED;
	return engine_wasmtime.load(session->engine, MODULE, &session->module, &session->error);
}

/* proc_exit: nothing is unwound and nothing taken down, the process ends here. */
static void guest_end(struct guest *guest, uint32_t status)
{
	end(guest->owner, END_EXIT, status);
}

static void prepare(struct session *session)
{
	const struct wask_run *run = session->worker->run;
	struct guest_options options = { .authority = session->authority, .start = &session->start };
	int err;

	for (int i = 0; i < 3; i++) {
		options.stdio[i] = run->stdio[i] < 0 ? -1 : i;
		options.sanitise[i] = run_sanitises(run, i);
	}
	err = guest_new(&options, &session->guest);
	if (err < 0)
		fail(session, "the guest cannot be set up", err);
	session->guest->owner = session;
	session->guest->end = guest_end;
}

static void run(struct session *session) __attribute__((noreturn));
static void run(struct session *session)
{
	static const enum end_kind ends[] = {
		[RUN_RETURNED] = END_EXIT, [RUN_EXITED] = END_EXIT, [RUN_TRAPPED] = END_TRAP, [RUN_NOT_RUNNABLE] = END_NOT_RUNNABLE,
	};
	enum run_result result = engine_wasmtime.run(session->module, session->guest, "_start", &session->error);

	end(session, ends[result], result == RUN_EXITED ? session->guest->status : 0);
}

void worker_main(const struct worker *worker)
{
	struct session session = { .worker = worker, .error = { .limit = 4 * LIMIT_END_TEXT } };
	enum load_result loaded;
	int err;

	if (default_signals() < 0 || sys_die_with_parent(worker->parent) < 0 || settle(worker) < 0)
		sys_exit(1);
	session.authority = authority_remote(DOOR);
	if (!session.authority)
		sys_exit(1);
	loaded = load(&session);
	sys_close(MODULE);
	err = authority_start(session.authority, &session.arena, &session.start);
	if (err < 0)
		sys_exit(1);	/* the monitor is gone, or said nothing sensible */
	if (loaded != LOAD_OK)
		end(&session, loaded == LOAD_NOT_RUNNABLE ? END_NOT_RUNNABLE : END_FAILED, 0);
	prepare(&session);
	run(&session);
}
