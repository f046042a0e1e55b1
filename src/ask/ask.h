/*
 * ask.h - what askers have in common: a question, a reply, and who may be asked.
 *
 * A question is a list of needs with options that are rules; an answer is rules.
 * An asker replies at once (a terminal, a function) or later (a broker, a queue);
 * whatever goes wrong, the reply stays zeroed, and that is no. An asker decides
 * nothing else: it neither opens nor grants nor remembers, nor does it parse rules.
 */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include "cap/grant.h"

enum { QUESTION_NEEDS = 32, QUESTION_ID = 16 };

struct question_need {
	enum kind kind;
	enum act act;
	enum call call;
	access_set access;
	struct text name;		/* as the guest spelled it, raw bytes: the program's words; empty: not known */
	struct text path;		/* true path of the opened object; of a new name: true parent, "/", name. Raw bytes */
	struct text guest;		/* the name as the guest reached for it, absolute. Raw bytes, the program's words */
	struct text second;		/* rename: the true path of its target; a link: the name it was reached by; else empty */
	struct text reason;		/* the program's words; empty: none */
	const char *class;		/* class_word */
	const char *why;		/* why it asks, a few words, static */
	bool looked;			/* the host was looked at: EXISTS, MODE and SIZE are known */
	bool exists;
	bool replaces;			/* create or rename: what is there would be changed or replaced */
	bool secret;			/* an answer other than no needs the option's id typed out */
	mode_t mode;			/* st_mode, when it exists */
	uint64_t size;
};

/* Which of the fixed words an option is: a table of asker and judge (ask/options.def). */
enum option_id {
#define OPTION(name, id, kind, letter, label) OPTION_##name,
#include "ask/options.def"
#undef OPTION
	OPTIONS
};

struct option {
	enum option_id id;
	struct texts rules;		/* what choosing it means, in the rule language: the lines of all needs, in their order */
	const uint8_t *of;		/* parallel to RULES: the index of the need that the line answers */
};

/* Never changes once it is put. Lives until it was replied to or cancelled. */
struct question {
	uint64_t number;		/* from 1, in the order of asking within a run */
	uint8_t id[QUESTION_ID];	/* random: binds an answer to it (D11) */
	struct text program;		/* file name of the module */
	struct text title;		/* the program's words; empty: none */
	const struct question_need *needs;
	size_t nneeds;			/* 1 to QUESTION_NEEDS */
	const struct option *options;
	size_t noptions;
	struct texts former;		/* rules that the same program name with another hash held */
};

enum reply_kind {
	REPLY_NO = 0x00,		/* somebody said no: to all of it */
	REPLY_PENDING = 0x0b,		/* only from ask(): the reply comes through the sink */
	REPLY_UNAVAILABLE = 0x0c,	/* nobody said anything: end of file, hang-up, time, a broken asker */
	REPLY_OPTION = 0x35,		/* CHOICE */
	REPLY_RULES = 0x3a,		/* RULES of the asker's own */
	REPLY_INTERRUPTED = 0x53,	/* Ctrl-C: the run ends */
};

struct reply {
	uint8_t kind;			/* enum reply_kind */
	uint8_t choice[QUESTION_NEEDS];	/* OPTION: for each need the index into the question's options, plus one; 0: not answered, which is refused */
	struct texts rules;		/* RULES: lines as they came; the asker's until the call returns */
};

/* What the judge takes from an asker that replies later. */
struct asker_sink {
	void *self;
	/* NULL: taken. Else why it cannot be given (static or living until the next call): the question stays open. */
	const char *(*reply)(void *self, uint64_t number, const struct reply *reply);
	void (*revoke)(void *self, uint64_t grant);
	void (*lost)(void *self);	/* the asker is gone: every open question is unavailable, and so is every later one */
};

/* What an asker is told of, besides questions. Texts live during the call. */
struct told {
	enum { TOLD_GRANT, TOLD_REVOKED, TOLD_NARROWED, TOLD_END } what;
	uint64_t grant;
	struct text rule;		/* GRANT: what an answer became */
	uint32_t status;		/* END */
	struct text needs;		/* END: the JSON array of design/protocols.md 4 */
};

struct asker {
	enum origin origin;		/* PERSON, BROKER, EMBEDDER, NOBODY */
	void *self;
	void (*ask)(void *self, const struct question *question, struct reply *out);	/* OUT comes zeroed */
	/* The rest may be NULL for an asker that always replies at once. */
	int (*fd)(void *self);		/* to be polled for reading; -1: none, the sink is called from elsewhere */
	void (*step)(void *self, const struct asker_sink *sink);	/* FD is readable, or DEADLINE has passed */
	uint64_t (*deadline)(void *self);	/* monotonic ns of when step wants to be called at the latest; UINT64_MAX: never */
	void (*cancel)(void *self, uint64_t number);		/* the question no longer matters */
	void (*tell)(void *self, const struct told *told);
	void (*free)(void *self);
};

/* Zeroed with origin NOBODY and ask NULL: nobody is there; the judge then never asks. */

/* The words of options.def. */
const char *option_word(enum option_id id);		/* "run" */
const char *option_kind(enum option_id id);		/* "allow_once" */
const char *option_label(enum option_id id);		/* for a person */
char option_letter(enum option_id id);
bool option_gives(enum option_id id);			/* anything but a no */

size_t option_find(const struct question *question, struct text word);	/* index of the option WORD; NOPTIONS: not offered */
struct reply reply_choose(const struct question *question, size_t option);	/* that option for all needs */

#endif
