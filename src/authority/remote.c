/*
 * remote.c - the worker's end of a door to another process.
 *
 * One need at a time, so at most one answer is under way. Whatever is not the
 * message that is due breaks the door for good, and a broken door is no.
 */
#include <errno.h>
#include <poll.h>

#include "authority/door.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/sys.h"

struct remote {
	struct authority authority;
	int fd;
	bool broken, pending;
	struct door_in in;
	struct buf out;
	struct arena exclusions;	/* of the last answer */
};

static int remote_send(struct remote *remote, enum message type)
{
	int failed = remote->broken ? -EPIPE : buf_ok(&remote->out) ? 0 : -ENOMEM;

	if (!failed)
		failed = door_send(remote->fd, type, 0, buf_view(&remote->out), NULL, 0);
	remote->broken = failed < 0;
	return failed;
}

static int remote_put(struct authority *authority, const struct need *need)
{
	struct remote *remote = (struct remote *)authority;
	int failed;

	if (remote->pending)
		return -EPROTO;
	buf_reset(&remote->out);
	wire_put_need(&remote->out, need);
	failed = remote_send(remote, MESSAGE_NEED);
	remote->pending = !failed;
	return failed;
}

/* Too few descriptors came along: this process has no room for more. The call fails, the door stays. */
static void answer_without_fds(struct remote *remote, struct answer *out)
{
	for (size_t i = 0; i < remote->in.nfds; i++)
		sys_close(remote->in.fds[i]);
	remote->in.nfds = 0;
	out->error = EMFILE;
	out->mount = (struct text){ 0 };
}

/* Moves the descriptors that came into the places that MASK names. */
static int answer_fds(struct remote *remote, uint8_t mask, struct answer *out)
{
	size_t taken = 0, want = 0;

	for (int i = 0; i < ANSWER_FDS; i++)
		want += (size_t)(mask >> i & 1);
	if (remote->in.nfds > want)
		return -EPROTO;
	if (remote->in.nfds < want) {
		answer_without_fds(remote, out);
		return 0;
	}
	for (int i = 0; i < ANSWER_FDS; i++)
		if (mask & 1 << i)
			out->fds[i] = remote->in.fds[taken++];
	remote->in.nfds = 0;
	return 0;
}

static int take_answer(struct remote *remote, struct answer *out)
{
	struct answer answer;
	struct wire_head head;
	struct text body;
	int failed = door_receive(remote->fd, &remote->in, true, &head, &body);

	arena_done(&remote->exclusions);
	if (!failed && head.type != MESSAGE_ANSWER)
		failed = -EPROTO;
	if (!failed)
		failed = wire_get_answer(&remote->exclusions, body, &answer);
	if (!failed)
		failed = answer_fds(remote, head.mask, &answer);
	if (!failed)
		*out = answer;
	return failed;
}

static int remote_take(struct authority *authority, bool block, struct answer *out)
{
	struct remote *remote = (struct remote *)authority;
	struct pollfd ready = { .fd = remote->fd, .events = POLLIN };
	int failed;

	if (remote->broken || !remote->pending)
		return -EPIPE;
	if (!block && sys_ppoll(&ready, 1, &(struct timespec){ 0, 0 }) == 0)
		return 1;
	remote->pending = false;
	failed = take_answer(remote, out);
	remote->broken = failed < 0;
	return failed;
}

/* The answer that comes would be taken for another's: nothing more is said through this door. */
static void remote_cancel(struct authority *authority)
{
	struct remote *remote = (struct remote *)authority;

	remote->broken |= remote->pending;
	remote->pending = false;
}

static int remote_fd(const struct authority *authority)
{
	return ((const struct remote *)authority)->fd;
}

static int remote_tally(struct authority *authority, const struct tally *tally)
{
	struct remote *remote = (struct remote *)authority;

	buf_reset(&remote->out);
	wire_put_tally(&remote->out, tally);
	return remote_send(remote, MESSAGE_TALLY);
}

static int remote_end(struct authority *authority, const struct end *end)
{
	struct remote *remote = (struct remote *)authority;

	buf_reset(&remote->out);
	wire_put_end(&remote->out, end);
	return remote_send(remote, MESSAGE_END);
}

static void remote_free(struct authority *authority)
{
	struct remote *remote = (struct remote *)authority;

	door_in_done(&remote->in);
	buf_done(&remote->out);
	arena_done(&remote->exclusions);
	sys_close(remote->fd);
	mem_free(remote);
}

static const struct authority_ops remote_ops = {
	remote_put, remote_take, remote_cancel, remote_fd, remote_tally, remote_end, remote_free,
};

struct authority *authority_remote(int fd)
{
	struct remote *remote = mem_new(1, sizeof *remote);

	if (!remote)
		return NULL;
	remote->authority.ops = &remote_ops;
	remote->fd = fd;
	return &remote->authority;
}

/* One descriptor a mount, in order, then the generation's page. */
static int start_fds(struct remote *remote, struct start *start)
{
	size_t want = start->nmounts + (start->generation_fd >= 0);

	if (remote->in.nfds != want)
		return -EPROTO;
	for (size_t i = 0; i < start->nmounts; i++)
		start->mounts[i].fd = remote->in.fds[i];
	if (start->generation_fd >= 0)
		start->generation_fd = remote->in.fds[start->nmounts];
	remote->in.nfds = 0;
	return 0;
}

int authority_start(struct authority *authority, struct arena *arena, struct start *out)
{
	struct remote *remote = (struct remote *)authority;
	struct start start;
	struct wire_head head;
	struct text body;
	int failed;

	if (authority->ops != &remote_ops)
		return -EINVAL;
	do
		failed = door_receive(remote->fd, &remote->in, true, &head, &body);
	while (!failed && head.type == MESSAGE_FDS);
	if (!failed && head.type != MESSAGE_START)
		failed = -EPROTO;
	if (!failed) {
		body = arena_text(arena, body);		/* what is decoded are views: let them live as long as the arena */
		failed = body.at ? wire_get_start(arena, body, &start) : -ENOMEM;
	}
	if (!failed)
		failed = start_fds(remote, &start);
	remote->broken = failed < 0;
	if (!failed)
		*out = start;
	return failed;
}
