/*
 * wire.h - messages through the door: bytes from values and back. authority/ only.
 *
 * A message is an 8-byte head and its body. The reader trusts nothing: a length, a
 * count or a number that does not fit makes the whole message malformed. Texts of
 * what was decoded are views of the bytes it was decoded from.
 */
#ifndef AUTHORITY_WIRE_H
#define AUTHORITY_WIRE_H

#include "authority/authority.h"
#include "base/buf.h"

enum message {
	MESSAGE_NONE,
	MESSAGE_FDS,		/* monitor: descriptors of the start message, nothing else */
	MESSAGE_START,		/* monitor, once, first */
	MESSAGE_NEED,		/* worker; one answer follows */
	MESSAGE_ANSWER,		/* monitor */
	MESSAGE_TALLY,		/* worker */
	MESSAGE_END,		/* worker, last */
};

enum { WIRE_FDS = 60 };		/* descriptors of one message */

struct wire_head {
	enum message type;
	uint32_t len;		/* of the body */
	uint8_t mask;		/* answer: bit i set when fds[i] travels */
};

enum { WIRE_HEAD = 8 };

void wire_put_head(const struct wire_head *head, uint8_t out[WIRE_HEAD]);
int wire_get_head(const uint8_t in[WIRE_HEAD], struct wire_head *out);	/* -EPROTO */

/* Each encodes a body into OUT (buf_ok tells) ... */
void wire_put_need(struct buf *out, const struct need *need);
void wire_put_answer(struct buf *out, const struct answer *answer);	/* not its descriptors */
void wire_put_tally(struct buf *out, const struct tally *tally);
void wire_put_end(struct buf *out, const struct end *end);
void wire_put_start(struct buf *out, const struct start *start);	/* not its descriptors */

/*
 * ... and decodes one: 0, or -EPROTO with OUT untouched. A need that decodes is
 * sound: kind, act, call, flags and access are known ones, names are absolute,
 * within LIMIT_PATH and without NUL.
 */
int wire_get_need(struct text body, struct need *out);
int wire_get_answer(struct arena *arena, struct text body, struct answer *out);
int wire_get_tally(struct text body, struct need *need, uint64_t *count);
int wire_get_end(struct text body, struct end *out);
int wire_get_start(struct arena *arena, struct text body, struct start *out);	/* descriptors -1; -ENOMEM too */

#endif
