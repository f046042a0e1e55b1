/*
 * serve.c - the judge's end of a door to another process.
 *
 * Nothing is believed that comes through: descriptors are discarded by the kernel,
 * a message out of turn, too large or malformed is the end of the run.
 */
#include <errno.h>

#include "authority/door.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/sys.h"

struct session {
	int fd;
	const struct authority_server *server;
	struct arena *arena;
	struct door_in in;
	struct buf out;
	struct end end;
	bool pending;			/* a need is being asked about */
	bool ended;
};

static int send_answer(struct session *session, struct answer *answer)
{
	int fds[ANSWER_FDS], failed;
	uint8_t mask = 0;
	size_t nfds = 0;

	for (int i = 0; i < ANSWER_FDS; i++) {
		if (answer->fds[i] < 0)
			continue;
		mask = (uint8_t)(mask | 1 << i);
		fds[nfds++] = answer->fds[i];
	}
	buf_reset(&session->out);
	wire_put_answer(&session->out, answer);
	failed = buf_ok(&session->out) ? door_send(session->fd, MESSAGE_ANSWER, mask, buf_view(&session->out), fds, nfds) : -ENOMEM;
	for (size_t i = 0; i < nfds; i++)
		sys_close(fds[i]);
	return failed;
}

/* What judge or take said. A stage that fails has denied. */
static int serve_result(struct session *session, int result, struct answer *answer)
{
	session->pending = result == 1;
	if (result == 1)
		return 0;
	if (result < 0)
		*answer = ANSWER_NO;
	return send_answer(session, answer);
}

static int serve_need(struct session *session, struct text body)
{
	struct answer answer = ANSWER_NO;
	struct need need;

	if (session->pending || wire_get_need(body, &need) < 0)
		return -EPROTO;
	return serve_result(session, session->server->judge(session->server->self, &need, &answer), &answer);
}

static int serve_pending(struct session *session)
{
	struct answer answer = ANSWER_NO;

	return serve_result(session, session->server->take(session->server->self, &answer), &answer);
}

static int serve_tally(struct session *session, struct text body)
{
	struct need need;
	struct tally tally = { .need = &need };

	if (wire_get_tally(body, &need, &tally.count) < 0)
		return -EPROTO;
	session->server->tally(session->server->self, &tally);
	return 0;
}

static int serve_end(struct session *session, struct text body)
{
	struct end end;

	if (wire_get_end(body, &end) < 0)
		return -EPROTO;
	end.text = arena_text(session->arena, end.text);
	if (!end.text.at)
		return -ENOMEM;
	session->end = end;
	session->ended = true;
	return 0;
}

/* What a worker may say, once it was started. */
static int serve_message(struct session *session, enum message type, struct text body)
{
	switch (type) {
	case MESSAGE_NEED:
		return serve_need(session, body);
	case MESSAGE_TALLY:
		return serve_tally(session, body);
	case MESSAGE_END:
		return serve_end(session, body);
	default:
		return -EPROTO;
	}
}

/* All messages that are whole. */
static int serve_come(struct session *session)
{
	struct wire_head head;
	struct text body;
	int result = door_piece(session->fd, &session->in, false);

	while (result == 0 && !session->ended) {
		result = door_next(&session->in, &head, &body);
		if (result == 0)
			result = serve_message(session, head.type, body);
	}
	return result == 1 ? 0 : result;
}

/* One thing that happens: the worker says something, or the asker does. */
static int serve_once(struct session *session)
{
	struct patience patience = server_patience(session->server);
	bool readable = patience.fd < 0 && patience.deadline == UINT64_MAX;	/* nobody else: wait in the call itself */
	int failed = readable ? 0 : server_wait(session->server, session->fd, true, &readable);

	if (failed == 0 && session->pending)
		failed = serve_pending(session);
	if (failed == 0 && readable)
		failed = serve_come(session);
	return failed;
}

int authority_serve(int fd, const struct authority_server *server, struct arena *arena, struct end *out)
{
	struct session session = { .fd = fd, .server = server, .arena = arena };
	int failed = 0;

	while (failed == 0 && !session.ended)
		failed = serve_once(&session);
	if (session.pending)
		server->cancel(server->self);
	door_in_done(&session.in);
	buf_done(&session.out);
	*out = session.end;
	return session.ended ? 0 : failed;
}

static int send_fds(int fd, const struct start *start)
{
	int fds[WIRE_FDS], failed = 0;
	size_t n = 0, total = start->nmounts + (start->generation_fd >= 0);

	for (size_t i = 0; i < total && !failed; i++) {
		fds[n++] = i < start->nmounts ? start->mounts[i].fd : start->generation_fd;
		if (n < WIRE_FDS && i + 1 < total)
			continue;
		failed = door_send(fd, MESSAGE_FDS, 0, (struct text){ 0 }, fds, n);
		n = 0;
	}
	return failed;
}

int authority_send_start(int fd, const struct start *start)
{
	struct buf out = { 0 };
	int failed = send_fds(fd, start);

	if (!failed) {
		wire_put_start(&out, start);
		failed = buf_ok(&out) ? door_send(fd, MESSAGE_START, 0, buf_view(&out), NULL, 0) : -E2BIG;
	}
	buf_done(&out);
	return failed;
}
