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
	bool answered;
	struct buf need_bytes, answer_bytes;	/* debug builds: what the views point into */
	struct arena exclusions;		/* and what has room of its own */
};

static int judge_straight(struct local *local, const struct need *need)
{
	local->answer = ANSWER_NO;
	return local->server->judge(local->server->self, need, &local->answer);
}

/* The same through bytes. The descriptors are put back by hand: they travel beside. */
static int judge_by_bytes(struct local *local, const struct need *need)
{
	struct need decoded;
	struct answer answer = ANSWER_NO;
	int failed;

	buf_reset(&local->need_bytes);
	wire_put_need(&local->need_bytes, need);
	failed = wire_get_need(buf_view(&local->need_bytes), &decoded);
	if (!failed)
		failed = local->server->judge(local->server->self, &decoded, &answer);
	if (failed)
		return failed;
	buf_reset(&local->answer_bytes);
	wire_put_answer(&local->answer_bytes, &answer);
	arena_done(&local->exclusions);
	failed = wire_get_answer(&local->exclusions, buf_view(&local->answer_bytes), &local->answer);
	for (int i = 0; i < ANSWER_FDS; i++) {
		if (failed)
			sys_close(answer.fds[i]);
		else
			local->answer.fds[i] = answer.fds[i];
	}
	return failed;
}

static int local_put(struct authority *authority, const struct need *need)
{
	struct local *local = (struct local *)authority;
	int failed = DEBUG_BUILD ? judge_by_bytes(local, need) : judge_straight(local, need);

	if (failed < 0)
		local->answer = ANSWER_NO;	/* a stage that fails has denied */
	local->answered = true;
	return 0;
}

static int local_take(struct authority *authority, bool block, struct answer *out)
{
	struct local *local = (struct local *)authority;

	(void)block;
	if (!local->answered)
		return -EPROTO;
	*out = local->answer;
	local->answered = false;
	return 0;
}

static int local_fd(const struct authority *authority)
{
	(void)authority;
	return -1;
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

	buf_done(&local->need_bytes);
	buf_done(&local->answer_bytes);
	arena_done(&local->exclusions);
	mem_free(local);
}

struct authority *authority_local(const struct authority_server *server)
{
	static const struct authority_ops ops = { local_put, local_take, local_fd, local_tally, local_end, local_free };
	struct local *local = mem_new(1, sizeof *local);

	if (!local)
		return NULL;
	local->authority.ops = &ops;
	local->server = server;
	return &local->authority;
}
