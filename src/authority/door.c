/* door.c - whole messages over a stream socket; see door.h. */
#include "authority/door.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

enum { PIECE = 16 << 10 };

static int send_all(int fd, struct text bytes, const int *fds, size_t nfds)
{
	while (bytes.len > 0) {
		ssize_t put = sys_send_fds(fd, bytes.at, bytes.len, fds, nfds);

		if (put < 0)
			return (int)put;
		bytes = text_from(bytes, (size_t)put);
		nfds = 0;
	}
	return 0;
}

int door_send(int fd, enum message type, uint8_t mask, struct text body, const int *fds, size_t nfds)
{
	struct wire_head head = { type, (uint32_t)body.len, mask };
	uint8_t small[4096];
	struct buf large = { .limit = LIMIT_MESSAGE + WIRE_HEAD };
	int failed;

	if (body.len > LIMIT_MESSAGE)
		return -EMSGSIZE;
	if (body.len + WIRE_HEAD <= sizeof small) {		/* the usual: one call, no memory */
		wire_put_head(&head, small);
		if (body.len)
			memcpy(small + WIRE_HEAD, body.at, body.len);
		return send_all(fd, (struct text){ (char *)small, WIRE_HEAD + body.len }, fds, nfds);
	}
	wire_put_head(&head, small);
	buf_add(&large, small, WIRE_HEAD);
	buf_text(&large, body);
	failed = buf_ok(&large) ? send_all(fd, buf_view(&large), fds, nfds) : -ENOMEM;
	buf_done(&large);
	return failed;
}

static int fds_keep(struct door_in *in, const int *fds, size_t n)
{
	if (in->nfds + n > in->room) {
		size_t room = in->nfds + n + WIRE_FDS;
		int *grown = mem_grow(in->fds, in->room, room, sizeof *grown);

		if (!grown || room > 2 * LIMIT_MOUNTS) {
			in->fds = grown ? grown : in->fds;
			for (size_t i = 0; i < n; i++)
				sys_close(fds[i]);
			return -ENOMEM;
		}
		in->fds = grown;
		in->room = room;
	}
	for (size_t i = 0; i < n; i++)
		in->fds[in->nfds++] = fds[i];
	return 0;
}

/* At least one byte more, or why not. */
int door_piece(int fd, struct door_in *in, bool want_fds)
{
	char piece[PIECE];
	int fds[WIRE_FDS];
	size_t nfds = want_fds ? WIRE_FDS : 0;
	ssize_t got = sys_recv_fds(fd, piece, sizeof piece, fds, &nfds);
	int failed = 0;

	if (nfds)
		failed = fds_keep(in, fds, nfds);
	if (got <= 0)
		return got < 0 && got != -ECONNRESET ? (int)got : -EPIPE;
	in->bytes.limit = LIMIT_MESSAGE + WIRE_HEAD + PIECE;
	buf_add(&in->bytes, piece, (size_t)got);
	return buf_ok(&in->bytes) ? failed : -ENOMEM;
}

int door_next(struct door_in *in, struct wire_head *head, struct text *body)
{
	int failed;

	if (in->used < in->bytes.len)
		memmove(in->bytes.at, in->bytes.at + in->used, in->bytes.len - in->used);
	in->bytes.len -= in->used;
	in->used = 0;
	if (in->bytes.len < WIRE_HEAD)
		return 1;
	failed = wire_get_head((const uint8_t *)in->bytes.at, head);
	if (failed < 0)
		return failed;
	if (in->bytes.len < WIRE_HEAD + (size_t)head->len)
		return 1;
	in->used = WIRE_HEAD + (size_t)head->len;
	*body = (struct text){ in->bytes.at + WIRE_HEAD, head->len };
	return 0;
}

int door_receive(int fd, struct door_in *in, bool want_fds, struct wire_head *head, struct text *body)
{
	int result = door_next(in, head, body);

	while (result == 1) {
		result = door_piece(fd, in, want_fds);
		if (result == 0)
			result = door_next(in, head, body);
	}
	return result;
}

void door_in_done(struct door_in *in)
{
	for (size_t i = 0; i < in->nfds; i++)
		sys_close(in->fds[i]);
	mem_free(in->fds);
	buf_done(&in->bytes);
	*in = (struct door_in){ 0 };
}
