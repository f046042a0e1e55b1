/*
 * draw.h - a question as text for a person, and what a typed line says to it.
 *
 * Pure: knows no terminal and no time. What the guest or the host named is escaped
 * here, at the last step, and never cut where it is what will be opened.
 */
#ifndef ASK_DRAW_H
#define ASK_DRAW_H

#include "ask/ask.h"

/* The question without its prompt, lines ended by LF. A failed buffer: too long to be asked. */
void question_draw(struct buf *out, const struct question *question);

/* "allow?  y ...  n ...  > ", without a newline. */
void question_prompt(struct buf *out, const struct question *question);

/* "read", "change or replace", ...: what the need would do to its object. Static. */
const char *question_verb(const struct question_need *need);

enum said {
	SAID_NO = 0,
	SAID_UNKNOWN,			/* no answer to this question */
	SAID_OPTION,
};

/* What LINE, without its newline, says. OPTION is set with SAID_OPTION only. */
enum said answer_read(const struct question *question, struct text line, size_t *option);

#endif
