/*
 * ask.h - what askers have in common: a question, a reply, and who may be asked.
 *
 * A question is a list of needs with options that are rules. An asker blocks until
 * it is answered; whatever goes wrong, the reply stays zeroed, and that is no.
 * An asker decides nothing else: it neither opens nor grants nor remembers.
 */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include "cap/grant.h"

struct question_need {
	enum kind kind;
	enum act act;
	enum call call;
	access_set access;
	struct text path;		/* true path of the opened object; of a new name: true parent, "/", name. Raw bytes */
	struct text guest;		/* the name as the guest reached for it, absolute. Raw bytes, the program's words */
	struct text second;		/* rename: the true path of its target; else empty */
	const char *class;		/* class_word */
	const char *why;		/* why it asks, a few words, static */
	bool exists;
	bool replaces;			/* create or rename: what is there would be changed or replaced */
	mode_t mode;			/* st_mode, when it exists */
	uint64_t size;
};

struct option {
	const char *id;			/* "run", "no", ...: the words of design/protocols.md 2 */
	const char *label;		/* for a person */
	struct texts rules;		/* what choosing it means, in the rule language */
};

struct question {
	uint64_t number;		/* from 1, in the order of asking */
	struct text program;		/* file name of the module */
	const struct question_need *needs;
	size_t nneeds;
	const struct option *options;
	size_t noptions;
};

enum reply_kind {
	REPLY_NO = 0x00,		/* somebody said no */
	REPLY_UNAVAILABLE = 0x0c,	/* nobody said anything: end of file, hang-up, time, budget */
	REPLY_INTERRUPTED = 0x53,	/* Ctrl-C: the run ends */
	REPLY_OPTION = 0x35,
};

struct reply {
	uint8_t kind;			/* enum reply_kind */
	size_t option;			/* index into the question's options */
};

struct asker {
	enum origin origin;		/* PERSON, BROKER, EMBEDDER, NOBODY */
	void *self;
	void (*ask)(void *self, const struct question *question, struct reply *out);
	void (*free)(void *self);	/* NULL: nothing to free */
};

/* Zeroed with origin NOBODY and ask NULL: nobody is there; the judge then never asks. */

#endif
