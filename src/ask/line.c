/* line.c - whole lines over a socket that never blocks; see line.h. */
#include "ask/line.h"

#include <errno.h>

#include "base/limits.h"
#include "base/sys.h"

enum { PIECE = 16 << 10 };

int lines_init(struct lines *lines, int fd)
{
	int err;

	*lines = (struct lines){ .fd = fd, .pollfd = sys_epoll() };
	lines->in.limit = LIMIT_BROKER_LINE + PIECE;
	lines->out.limit = 2 * LIMIT_BROKER_OUT;
	err = lines->pollfd < 0 ? lines->pollfd : sys_epoll_set(lines->pollfd, fd, true, false);
	if (err < 0)
		lines_done(lines);
	return err;
}

void lines_done(struct lines *lines)
{
	sys_close(lines->pollfd);
	sys_close(lines->fd);
	buf_done(&lines->in);
	buf_done(&lines->out);
	*lines = (struct lines){ .fd = -1, .pollfd = -1 };
}

static void drop_front(struct buf *buf, size_t n)
{
	if (n > 0 && n < buf->len)
		memmove(buf->at, buf->at + n, buf->len - n);
	buf->len -= n;
}

bool lines_unsent(const struct lines *lines)
{
	return lines->sent < lines->out.len;
}

int lines_flush(struct lines *lines)
{
	while (lines_unsent(lines)) {
		ssize_t put = sys_send_fds(lines->fd, lines->out.at + lines->sent, lines->out.len - lines->sent, NULL, 0);

		if (put == -EAGAIN || put == 0)
			break;
		if (put < 0)
			return (int)put;
		lines->sent += (size_t)put;
	}
	if (!lines_unsent(lines)) {
		buf_reset(&lines->out);
		lines->sent = 0;
	}
	if (lines->writing == lines_unsent(lines))
		return 0;
	lines->writing = lines_unsent(lines);
	return sys_epoll_set(lines->pollfd, lines->fd, false, lines->writing);
}

int lines_put(struct lines *lines, struct text line)
{
	if (lines->fd < 0)
		return -EPIPE;
	if (line.len >= LIMIT_BROKER_OUT)
		return -EMSGSIZE;
	drop_front(&lines->out, lines->sent);
	lines->sent = 0;
	buf_text(&lines->out, line);
	buf_char(&lines->out, '\n');
	return buf_ok(&lines->out) ? lines_flush(lines) : -ENOBUFS;
}

int lines_fill(struct lines *lines)
{
	char piece[PIECE];
	size_t no_fds = 0;
	ssize_t got;

	drop_front(&lines->in, lines->used);
	lines->used = 0;
	got = sys_recv_fds(lines->fd, piece, sizeof piece, NULL, &no_fds);	/* descriptors that come along are discarded */
	if (got <= 0)
		return got < 0 && got != -ECONNRESET ? (int)got : -EPIPE;
	buf_add(&lines->in, piece, (size_t)got);
	return buf_ok(&lines->in) ? 0 : -EMSGSIZE;
}

int lines_next(struct lines *lines, struct text *out)
{
	size_t from = lines->used + lines->looked, left = lines->in.len - from;
	const char *start = lines->in.at ? lines->in.at + lines->used : NULL;
	const char *end = left ? memchr(lines->in.at + from, '\n', left) : NULL;
	size_t len = end ? (size_t)(end - start) : lines->looked + left;

	if (len > LIMIT_BROKER_LINE)
		return -EMSGSIZE;
	if (!end) {
		lines->looked = len;
		return 0;
	}
	*out = (struct text){ start, len };
	lines->used += len + 1;
	lines->looked = 0;
	return 1;
}
