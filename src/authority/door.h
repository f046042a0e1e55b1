/* door.h - what the two ends of a remote door share: whole messages over a stream socket. authority/ only. */
#ifndef AUTHORITY_DOOR_H
#define AUTHORITY_DOOR_H

#include "authority/wire.h"

/* What the judge waits for: a descriptor and a time. */
struct patience {
	int fd;				/* -1: none */
	uint64_t deadline;		/* UINT64_MAX: never */
};

struct patience server_patience(const struct authority_server *server);

/*
 * Waits until DOORFD (-1: none) or what SERVER waits for is ready, at most until its
 * deadline, and lets SERVER do its step in that case. 0, or negative: -EDEADLK when
 * nothing could ever happen. READABLE, not NULL, gets whether DOORFD is.
 */
int server_wait(const struct authority_server *server, int doorfd, bool block, bool *readable);

struct authority_ops {
	int (*put)(struct authority *authority, const struct need *need);
	int (*take)(struct authority *authority, bool block, struct answer *out);
	void (*cancel)(struct authority *authority);
	int (*fd)(const struct authority *authority);
	int (*tally)(struct authority *authority, const struct tally *tally);
	int (*end)(struct authority *authority, const struct end *end);
	void (*free)(struct authority *authority);
};

/* First in the struct of each implementation. */
struct authority {
	const struct authority_ops *ops;
};

/* Incoming bytes of one end. Zeroed is empty. */
struct door_in {
	struct buf bytes;	/* what came and is not consumed */
	size_t used;		/* of it: the message given out last */
	int *fds;		/* what came with it, in order; owned until taken */
	size_t nfds, room;
};

int door_send(int fd, enum message type, uint8_t mask, struct text body, const int *fds, size_t nfds);

/*
 * The next message. WANT_FDS: 0 makes the kernel discard descriptors. 0 with BODY a
 * view that lives until the next call; -EPIPE: the peer is gone; -EPROTO.
 */
int door_receive(int fd, struct door_in *in, bool want_fds, struct wire_head *head, struct text *body);

/* The same in two steps, for who waits for other things too: one piece of what came (blocks when nothing did), and 1 while no message is whole. */
int door_piece(int fd, struct door_in *in, bool want_fds);
int door_next(struct door_in *in, struct wire_head *head, struct text *body);
void door_in_done(struct door_in *in);

#endif
