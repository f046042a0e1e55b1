/*
 * message.h - the lines of design/protocols.md 2: what is said to a broker, and what
 * it may say.
 *
 * Bytes and values only: who is connected, and which questions are open, is broker.c.
 */
#ifndef ASK_MESSAGE_H
#define ASK_MESSAGE_H

#include "ask/ask.h"
#include "ask/json.h"

enum { RUN_ID = 16 };

/* Who runs: what a broker is told first. Raw bytes. */
struct run_facts {
	uint8_t id[RUN_ID];		/* random */
	struct text program;
	const char *sha256;		/* 64 hex digits; NULL: not known */
	struct texts args;		/* with argv[0] */
	struct text cwd;
};

/* Each adds one line without its newline. */
void message_hello(struct buf *out, const struct run_facts *run);
void message_ask(struct buf *out, const struct question *question);
void message_cancel(struct buf *out, const uint8_t id[QUESTION_ID]);
void message_told(struct buf *out, const struct told *told);
void message_error(struct buf *out, const uint8_t id[QUESTION_ID], const char *message);

enum heard_type { HEARD_NONE = 0, HEARD_HELLO, HEARD_ANSWER, HEARD_REVOKE };

struct heard {
	enum heard_type type;
	uint64_t deadline_ns;		/* HELLO: for each question; 0: none */
	bool protocol;			/* HELLO: it speaks ours */
	struct text id;			/* ANSWER */
	const char *wrong;		/* ANSWER: why it is none, to be said back; else NULL */
	struct text option;		/* ANSWER: .at NULL: RULES it is */
	struct texts rules;
	uint64_t grant;			/* REVOKE */
	json_t *root;			/* what the texts point into */
};

/* 0, or -EPROTO: nothing that may be said. heard_done in both cases. */
int heard_read(struct text line, struct heard *out);
void heard_done(struct heard *heard);

/* Does the text ID, as it came, say these bytes? */
bool id_is(struct text text, const uint8_t id[QUESTION_ID]);

#endif
