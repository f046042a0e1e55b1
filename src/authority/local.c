/*
 * local.c - the judge in this process.
 *
 * The library's default, documented as weaker: a bug in the engine reaches the
 * judge. Debug builds send every message through its bytes, so that nothing passes
 * here that could not pass a socket.
 */
#include <errno.h>

#include "authority/door.h"
#include "base/debug.h"
#include "base/mem.h"
#include "base/sys.h"

struct local {
	struct authority authority;
	const struct authority_server *server;
	struct answer answer;
	enum { LOCAL_IDLE, LOCAL_PENDING, LOCAL_ANSWERED } state;
	struct buf need_bytes, answer_bytes;	/* debug builds: what the views point into */
	struct arena exclusions;		/* and what has room of its own */
};

/* The judge's answer through bytes. The descriptors are put back by hand: they travel beside. */
static int answer_by_bytes(struct local *local, struct answer *answer)
{
	int failed;

	buf_reset(&local->answer_bytes);
	wire_put_answer(&local->answer_bytes, answer);
	arena_done(&local->exclusions);
	failed = wire_get_answer(&local->exclusions, buf_view(&local->answer_bytes), &local->answer);
	for (int i = 0; i < ANSWER_FDS; i++) {
		if (failed)
			sys_close(answer->fds[i]);
		else
			local->answer.fds[i] = answer->fds[i];
	}
	return failed;
}

/* What judge or take said: the answer, nothing yet, or a stage that failed and has denied. */
static void settle(struct local *local, int result, struct answer *answer)
{
	local->state = result == 1 ? LOCAL_PENDING : LOCAL_ANSWERED;
	local->answer = ANSWER_NO;
	if (result != 0)
		return;
	if (!DEBUG_BUILD)
		local->answer = *answer;
	else if (answer_by_bytes(local, answer) < 0)
		local->answer = ANSWER_NO;
}

static int local_put(struct authority *authority, const struct need *need)
{
	struct local *local = (struct local *)authority;
	struct answer answer = ANSWER_NO;
	struct need decoded = *need;
	int failed = local->state == LOCAL_PENDING ? -EPROTO : 0;

	if (failed < 0)
		return failed;
	if (DEBUG_BUILD) {
		buf_reset(&local->need_bytes);
		wire_put_need(&local->need_bytes, need);
		failed = wire_get_need(buf_view(&local->need_bytes), &decoded);
	}
	if (failed == 0)
		failed = local->server->judge(local->server->self, &decoded, &answer);
	settle(local, failed, &answer);
	return 0;
}

static void try_take(struct local *local)
{
	struct answer answer = ANSWER_NO;

	settle(local, local->server->take(local->server->self, &answer), &answer);
}

static void local_cancel(struct authority *authority)
{
	struct local *local = (struct local *)authority;

	if (local->state == LOCAL_PENDING)
		local->server->cancel(local->server->self);
	if (local->state == LOCAL_ANSWERED) {
		for (int i = 0; i < ANSWER_FDS; i++)
			sys_close(local->answer.fds[i]);
	}
	local->state = LOCAL_IDLE;
}

/* Lets the judge hear what its asker has to say, until there is an answer; or looks once. */
static int local_wait(struct local *local, bool block)
{
	try_take(local);
	while (local->state == LOCAL_PENDING) {
		int failed = server_wait(local->server, -1, block, NULL);

		if (failed < 0) {
			local_cancel(&local->authority);
			return failed;
		}
		try_take(local);
		if (!block)
			break;
	}
	return local->state == LOCAL_PENDING;
}

static int local_take(struct authority *authority, bool block, struct answer *out)
{
	struct local *local = (struct local *)authority;
	int waiting = local->state == LOCAL_PENDING ? local_wait(local, block) : 0;

	if (waiting != 0)
		return waiting;
	if (local->state != LOCAL_ANSWERED)
		return -EPROTO;
	*out = local->answer;
	local->state = LOCAL_IDLE;
	return 0;
}

static int local_fd(const struct authority *authority)
{
	return server_patience(((const struct local *)authority)->server).fd;
}

static int local_tally(struct authority *authority, const struct tally *tally)
{
	struct local *local = (struct local *)authority;

	local->server->tally(local->server->self, tally);
	return 0;
}

static int local_end(struct authority *authority, const struct end *end)
{
	(void)authority;
	(void)end;		/* the embedder sees for itself how its guest ended */
	return 0;
}

static void local_free(struct authority *authority)
{
	struct local *local = (struct local *)authority;

	local_cancel(authority);
	buf_done(&local->need_bytes);
	buf_done(&local->answer_bytes);
	arena_done(&local->exclusions);
	mem_free(local);
}

struct authority *authority_local(const struct authority_server *server)
{
	static const struct authority_ops ops = { local_put, local_take, local_cancel, local_fd, local_tally, local_end, local_free };
	struct local *local = mem_new(1, sizeof *local);

	if (!local)
		return NULL;
	local->authority.ops = &ops;
	local->server = server;
	return &local->authority;
}
