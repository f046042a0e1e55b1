/*
 * talk.h - one conversation about one question: its numbered lines, and what was said to each.
 *
 * Pure: knows no terminal and no time. What nobody said anything to is open, and
 * whoever ends the conversation with something open refuses it.
 */
#ifndef ASK_TALK_H
#define ASK_TALK_H

#include "ask/ask.h"

struct talk {
	const struct question *question;
	size_t nitems;				/* numbered lines: a rename and its target are one */
	uint8_t first[QUESTION_NEEDS + 1];	/* item I stands for the needs from first[I] to before first[I + 1] */
	uint8_t said[QUESTION_NEEDS];		/* of each item: TALK_OPEN, TALK_REFUSED, or the index of an option plus one */
};

enum { TALK_OPEN = 0, TALK_REFUSED = 0xff };

/* Nothing is said yet. False: a question without needs, or with more than there may be. */
bool talk_begin(struct talk *talk, const struct question *question);

size_t talk_open(const struct talk *talk);		/* how many items are open */
void talk_say(struct talk *talk, uint32_t items, uint8_t said);	/* to those of ITEMS (bit I: item I) that are open */
#define TALK_ALL UINT32_MAX

const struct question_need *talk_need(const struct talk *talk, size_t item);	/* the first of the item */
const struct question_need *talk_target(const struct talk *talk, size_t item);	/* of a rename; NULL: none */
size_t talk_item_of(const struct talk *talk, size_t need);

bool talk_must_type_out(const struct talk *talk, enum option_id id);	/* no letter will do (design/decisions.md 7.5) */

enum heard {
	HEARD_NOTHING = 0,		/* no answer to this question */
	HEARD_NO,			/* no to all that was open */
	HEARD_ANSWER,			/* an option, to all that was open or to the lines it names */
	HEARD_HELP,
};

/* What LINE, without its newline, says; HEARD_NO and HEARD_ANSWER are entered in TALK. */
enum heard talk_hear(struct talk *talk, struct text line);

/* What is open counts as refused. */
struct reply talk_reply(const struct talk *talk);

#endif
