/*
 * line.h - whole lines over a socket that never blocks, both ways bounded.
 *
 * Knows nothing of what the lines say. Whatever goes wrong is a negative errno and
 * the end of the connection: no line after it counts.
 */
#ifndef ASK_LINE_H
#define ASK_LINE_H

#include "base/buf.h"

struct lines {
	int fd;				/* the socket; -1: closed */
	int pollfd;			/* readable when the socket is, or, while something waits to be sent, when it takes more */
	struct buf in;			/* what came */
	size_t used, looked;		/* of it: given out; without a newline */
	struct buf out;			/* what is to be sent */
	size_t sent;			/* of it */
	bool writing;			/* POLLFD waits for room too */
};

int lines_init(struct lines *lines, int fd);	/* FD, non-blocking, passes also on failure */
void lines_done(struct lines *lines);

/* LINE without its newline. Sends what it can and keeps the rest; -EMSGSIZE: too long, nothing was kept; -ENOBUFS: the peer does not read. */
int lines_put(struct lines *lines, struct text line);
int lines_flush(struct lines *lines);		/* sends what it can; 0: whether all of it or not */
bool lines_unsent(const struct lines *lines);

/* Reads once. 0; -EAGAIN: nothing there; -EPIPE: the peer is gone. */
int lines_fill(struct lines *lines);

/* 1: OUT is the next line without its newline, good until the next fill. 0: no whole one is there. -EMSGSIZE: it is too long. */
int lines_next(struct lines *lines, struct text *out);

#endif
