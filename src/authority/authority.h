/*
 * authority.h - the door between the guest's wing and the judge's.
 *
 * A flat need goes in, a flat answer comes out; a tally says how often the
 * guest's wing answered by itself what it had been told; the end says how the
 * guest ended. Nobody on the guest's side can tell whether the judge is in the
 * same process (local.c) or behind a socket (remote.c); debug builds of local.c
 * encode and decode every message, so that the shape holds.
 *
 * One need at a time: put, then take until it is no longer pending.
 */
#ifndef AUTHORITY_AUTHORITY_H
#define AUTHORITY_AUTHORITY_H

#include "cap/need.h"
#include "cap/start.h"

struct arena;

/* What the guest's wing answered alone, out of its sticky table. Needs as put, with how often. */
struct tally {
	const struct need *need;
	uint64_t count;
};

enum end_kind {
	END_LOST = 0,		/* nothing was said: the worker died or broke the protocol */
	END_EXIT,		/* STATUS is the guest's */
	END_TRAP,		/* TEXT is the message with its backtrace */
	END_NOT_RUNNABLE,	/* TEXT says what the module is and what to do (126) */
	END_NOT_FOUND,		/* (127) */
	END_FAILED,		/* TEXT: our own failure (126) */
};

struct end {
	enum end_kind kind;
	uint32_t status;
	struct text text;	/* at most LIMIT_END_TEXT bytes, as it came: escape before showing */
};

/* What stands behind the door; implemented by judge/ (and by tests). Called on the judge's side only. */
struct authority_server {
	void *self;
	/*
	 * Judges one need and carries it out. OUT starts as ANSWER_NO and is only
	 * read when this returns 0; a negative return is a refusal. Texts in OUT
	 * live until the next call; descriptors in OUT pass to the caller.
	 * 1: somebody is being asked, and TAKE has the answer later; NEED is not kept.
	 */
	int (*judge)(void *self, const struct need *need, struct answer *out);
	/* The answer to a need that judge said 1 to: 0 or negative as there, 1: not yet. NULL when judge never says 1. */
	int (*take)(void *self, struct answer *out);
	/* What the judge waits for, also between needs (a broker revokes): a descriptor to poll, -1 none; until when; and what to call then. NULL: nothing. */
	int (*fd)(void *self);
	uint64_t (*deadline)(void *self);	/* monotonic ns; UINT64_MAX: never */
	void (*step)(void *self);
	void (*cancel)(void *self);		/* the guest is gone, or no longer waits */
	void (*tally)(void *self, const struct tally *tally);
};

struct authority;

/* The judge in this process. SERVER is borrowed and outlives the authority. NULL: no memory. */
struct authority *authority_local(const struct authority_server *server);

/* The worker's end of FD, a stream socket, which passes to the authority. NULL: no memory, FD is then still yours. */
struct authority *authority_remote(int fd);

void authority_free(struct authority *authority);

/*
 * Puts one need. 0, or negative when the door is broken; then, and until an
 * answer is there, everything is no. NEED is not kept.
 */
int authority_put(struct authority *authority, const struct need *need);

/*
 * Takes the answer to the need that was put. 1: not there yet, wait until
 * authority_fd is readable and call again (only on a non-blocking wait). 0: OUT
 * is filled in; its texts live until the next put, its descriptors are yours.
 * Negative: the door is broken and OUT is ANSWER_NO. BLOCK waits inside; where an
 * answer could not come meanwhile, the need is given up (-EDEADLK).
 */
int authority_take(struct authority *authority, bool block, struct answer *out);

/* Nobody waits for the answer to the need that was put: it is given up, and its question with it. */
void authority_cancel(struct authority *authority);

int authority_fd(const struct authority *authority);	/* to poll for an answer; -1: put answers at once, or nothing here says when to try again */
int authority_tally(struct authority *authority, const struct tally *tally);
int authority_end(struct authority *authority, const struct end *end);

/* Worker: waits for the start message. START's texts and arrays live in ARENA; its descriptors are the caller's. */
int authority_start(struct authority *authority, struct arena *arena, struct start *out);

/*
 * The judge's side of a remote door. Blocks, serving needs and tallies out of FD
 * with SERVER, and what SERVER itself waits for, until the end message came or the peer is gone (OUT->kind is then
 * END_LOST). A message out of turn, too large or malformed ends it the same way.
 * OUT's text lives in ARENA.
 */
int authority_send_start(int fd, const struct start *start);
int authority_serve(int fd, const struct authority_server *server, struct arena *arena, struct end *out);

#endif
