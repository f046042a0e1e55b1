/*
 * draw.h - a question as text for a person: what is open of it, its prompt, its help.
 *
 * Pure: knows no terminal and no time. What the guest or the host named is escaped
 * here, at the last step, and never cut where it is what will be opened. Lines are
 * ended by LF; one that continues another begins with five spaces.
 */
#ifndef ASK_DRAW_H
#define ASK_DRAW_H

#include "ask/talk.h"

/*
 * The open items, without the prompt. ENDS[item] is how many bytes of OUT show it;
 * of what was answered it is 0. A failed buffer: something cannot be shown whole.
 */
void draw_question(struct buf *out, const struct talk *talk, size_t ends[QUESTION_NEEDS]);

void draw_prompt(struct buf *out, const struct talk *talk);	/* "allow?  y ...  n ...  > ", without a newline */
void draw_help(struct buf *out, const struct talk *talk);	/* what each option means, as rules; why it asks */
void draw_decision(struct buf *out, const struct talk *talk);	/* one line: what came of it all */

/* The rules of OPTION for what is open, each once, a line each with INDENT; how many there are. OUT may be NULL. */
size_t draw_rules(struct buf *out, const struct talk *talk, const struct option *option, const char *indent);

/* "read", "change or replace", ...: what the need would do to its object. Static. */
const char *question_verb(const struct question_need *need);

#endif
