/*
 * monitor.c - wask_wasmtime_run: forks the worker at once, judges here, and waits.
 *
 * What the worker says is not believed beyond its protocol: whatever it does, the
 * outcome is one of WASK_ENDED_*, and it is dead when this returns.
 */
#include <errno.h>

#include "api/worker.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/sys.h"

/* Adds T escaped, line by line: a backtrace keeps its lines. */
static void escape_lines(struct buf *out, struct text t)
{
	size_t from = 0;

	for (size_t i = 0; i <= t.len; i++) {
		if (i < t.len && t.at[i] != '\n')
			continue;
		escape_plain(out, (struct text){ t.at + from, i - from });
		if (i < t.len)
			buf_char(out, '\n');
		from = i + 1;
	}
}

/* PROGRAM, a colon, and T: one line, unless it is a trap's with its backtrace. */
static void ended_text(struct wask_ended *out, struct text program, struct text t)
{
	struct buf escaped = { .limit = 5 * LIMIT_END_TEXT };

	escape_plain(&escaped, program);
	buf_str(&escaped, ": ");
	if (out->how == WASK_ENDED_TRAP)
		escape_lines(&escaped, t);
	else
		escape_plain(&escaped, t);
	text_put(buf_view(&escaped), out->text, sizeof out->text);
	buf_done(&escaped);
}

/* ---- the module file ---- */

static void not_opened(const struct wask_run *run, int err, struct wask_ended *ended)
{
	ended->how = err == -ENOENT || err == -ENOTDIR ? WASK_ENDED_NOT_FOUND : WASK_ENDED_NOT_RUNNABLE;
	ended_text(ended, run->module, ended->how == WASK_ENDED_NOT_FOUND ? TEXT("there is no such file") : text_of(strerror(-err)));
}

/* ---- serving ---- */

/* After Ctrl-C at a question, or when the first need that would be asked ends the run, the guest does not go on: its answer never arrives. */
static int checked(struct wask_run *run, int result)
{
	if (judge_interrupted(run->judge) || judge_failed_fast(run->judge))
		sys_kill(run->worker, SIGKILL);
	return result;
}

#define SERVER(self) const struct authority_server *server = judge_server(((struct wask_run *)(self))->judge)

static int judge_need(void *self, const struct need *need, struct answer *out)
{
	SERVER(self);

	return checked(self, server->judge(server->self, need, out));
}

static int judge_take_answer(void *self, struct answer *out)
{
	SERVER(self);

	return checked(self, server->take(server->self, out));
}

static int judge_fd(void *self)
{
	SERVER(self);

	return server->fd ? server->fd(server->self) : -1;
}

static uint64_t judge_deadline(void *self)
{
	SERVER(self);

	return server->deadline ? server->deadline(server->self) : UINT64_MAX;
}

static void judge_step(void *self)
{
	SERVER(self);

	server->step(server->self);
	checked(self, 0);
}

static void judge_give_up(void *self)
{
	SERVER(self);

	server->cancel(server->self);
}

static void judge_tally(void *self, const struct tally *tally)
{
	SERVER(self);

	server->tally(server->self, tally);
}

#undef SERVER

/* Serves the worker until it is done: ENDED is filled in but for how it died. */
static int serve(struct wask_run *run, int doorfd, struct arena *arena, struct end *end, struct wask_error *error)
{
	const struct authority_server server = {
		.self = run, .judge = judge_need, .take = judge_take_answer, .fd = judge_fd, .deadline = judge_deadline,
		.step = judge_step, .cancel = judge_give_up, .tally = judge_tally,
	};
	struct start start = { .generation_fd = -1 };
	int err = run_judge(run, error);

	if (err < 0)
		return err;
	err = judge_start(run->judge, arena, &start);
	if (err < 0)
		return error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "the run cannot be started: %s", strerror(-err));
	err = authority_send_start(doorfd, &start);
	if (err < 0)
		return 0;	/* the worker is gone: how it died says why */
	authority_serve(doorfd, &server, arena, end);
	return 0;
}

static const int hows[] = {
	[END_LOST] = WASK_ENDED_LOST, [END_EXIT] = WASK_ENDED_EXIT, [END_TRAP] = WASK_ENDED_TRAP,
	[END_NOT_RUNNABLE] = WASK_ENDED_NOT_RUNNABLE, [END_NOT_FOUND] = WASK_ENDED_NOT_FOUND, [END_FAILED] = WASK_ENDED_NOT_RUNNABLE,
};

static void conclude(struct wask_run *run, const struct end *end, int status, bool only_compile, struct wask_ended *ended)
{
	ended->how = (size_t)end->kind < sizeof hows / sizeof *hows ? hows[end->kind] : WASK_ENDED_LOST;
	if (end->text.len)
		ended_text(ended, run->program, end->text);
	if (judge_interrupted(run->judge))
		ended->how = WASK_ENDED_INTERRUPTED;
	else if (judge_failed_fast(run->judge))
		ended->how = WASK_ENDED_FAIL_FAST;
	if (ended->how == WASK_ENDED_LOST)
		ended->signal = status & 0x7f;
	if (ended->how != WASK_ENDED_EXIT)
		return;
	ended->status = end->status;
	if (only_compile) {
		ended->how = WASK_ENDED_COMPILED;
		return;
	}
	run->status = end->status;
	run->exited = true;
}

/* The run's status as a shell has it, for who was asked. */
static uint32_t status_of(const struct wask_ended *ended)
{
	static const uint32_t statuses[] = {
		[WASK_ENDED_TRAP] = 134, [WASK_ENDED_NOT_RUNNABLE] = 126, [WASK_ENDED_NOT_FOUND] = 127,
		[WASK_ENDED_INTERRUPTED] = 128 + SIGINT, [WASK_ENDED_FAIL_FAST] = 77,
	};

	if (ended->how == WASK_ENDED_EXIT)
		return ended->status;
	if (ended->how == WASK_ENDED_LOST)
		return ended->signal ? 128 + (uint32_t)ended->signal : 126;
	return statuses[ended->how];
}

/*
 * The worker is killed and reaped in any case: after its last word it has nothing to
 * do, and one that died before keeps the status that it died with.
 */
static int monitor(struct wask_run *run, int doorfd, bool only_compile, struct wask_ended *ended, struct wask_error *error)
{
	struct end end = { .kind = END_LOST };
	struct arena arena = { 0 };
	int status = 0, code = serve(run, doorfd, &arena, &end, error);

	sys_kill(run->worker, SIGKILL);
	sys_close(doorfd);
	sys_wait(run->worker, &status, true);
	run->worker = 0;
	if (code == 0) {
		conclude(run, &end, status, only_compile, ended);
		run_tell_end(run, status_of(ended));
	}
	arena_done(&arena);
	return code;
}

/* ---- the call ---- */

static int check(const struct wask_run *run, struct wask_error *error)
{
	if (run->started)
		return error_set(error, WASK_ESTATE, "the run has started");
	if (!run->module.len)
		return error_set(error, WASK_EINVAL, "the run has no module file");
	if (run->wask->options.asker == WASK_QUEUE)
		return error_set(error, WASK_EINVAL, "this waits for the run's end, so a queue would never be answered");
	return 0;
}

static int start(struct wask_run *run, struct worker *worker, struct wask_ended *ended, struct wask_error *error)
{
	int pair[2], err = sys_socketpair(pair);

	if (err < 0)
		return error_set(error, WASK_EHOST, "no socket pair: %s", strerror(-err));
	run->started = true;
	worker->parent = sys_pid();
	worker->doorfd = pair[1];
	err = sys_fork();
	if (err == 0)
		worker_main(worker);
	sys_close(pair[1]);
	if (err < 0) {
		sys_close(pair[0]);
		return error_set(error, WASK_EHOST, "no process for the guest: %s", strerror(-err));
	}
	run->worker = err;
	return monitor(run, pair[0], worker->options->only_compile != 0, ended, error);
}

int wask_wasmtime_run(struct wask_run *run, const struct wask_wasmtime_api *api, const struct wask_wasmtime_run_options *options,
		      struct wask_ended *out, struct wask_error *error)
{
	struct wask_wasmtime_run_options own = { 0 };
	struct worker worker = { .run = run, .api = api, .options = &own };
	int code = check(run, error);

	if (code < 0)
		return code;
	if (out->size < sizeof *out || (options && !options_take(&own, sizeof own, options)))
		return error_set(error, WASK_EINVAL, "the options, or what is to be filled in, are of another wask");
	out->how = WASK_ENDED_LOST;
	out->status = 0;
	out->signal = 0;
	out->text[0] = '\0';
	worker.modulefd = sys_openat(AT_FDCWD, run->module.at, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (worker.modulefd < 0) {
		not_opened(run, worker.modulefd, out);
		return 0;
	}
	code = start(run, &worker, out, error);
	sys_close(worker.modulefd);
	return code;
}

int wask_wasmtime_worker(const struct wask_run *run)
{
	return run->worker;
}
