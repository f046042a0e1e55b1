/*
 * rule.h - one rule of the one language (design/protocols.md section 1): a plain value.
 *
 * policy/parse.c makes it, policy/print.c writes it, the judge applies it. Texts
 * are absolute and live as long as the arena they were parsed into.
 */
#ifndef CAP_RULE_H
#define CAP_RULE_H

#include "cap/need.h"

/* Zero is the one that gives nothing. */
enum verb {
	VERB_DENY,
	VERB_HIDE,
	VERB_ASK,
	VERB_ALLOW,
};

enum what {
	WHAT_OBJECT,			/* "/a/b": that one object */
	WHAT_SUBTREE,			/* "/a/b/": it and what is beneath */
	WHAT_PATTERN,			/* "/a/PATTERN": names in one directory */
	WHAT_ENV,
	WHAT_NET,
	WHAT_REQUEST,			/* the right to use the request API */
};

struct rule {
	enum verb verb;
	access_set access;		/* 0 only where the kind has none (env, request) */
	enum what what;
	struct text path;		/* folded, absolute, without a final slash ("/" for the root); of a pattern the directory; else empty */
	struct text pattern;		/* last component, raw; only "*" from outside quotes matches: see LITERAL */
	struct text literal;		/* as long as PATTERN: '1' where the byte stands for itself */
	struct text name;		/* env: the variable; net: the host */
	uint16_t port[2];		/* net: 0, 0: any */
	struct text at;			/* guest path; empty: its own */
	enum lifetime lifetime;
};

/* Where a rule stands. What comes first speaks before EVERY, whatever is more specific. */
enum rule_from {
	RULE_FLAG,			/* --allow and the like; FILE is the flag's name */
	RULE_ANSWER,			/* what somebody answered; NUMBER is the grant's */
	RULE_PROGRAM,			/* the program's own section of a policy file */
	RULE_EVERY,			/* [*], also what stands before any section */
};

struct rule_source {
	enum rule_from from;
	struct text file;
	size_t line, column;		/* from 1; of the rule's first word */
	uint64_t number;
};

#endif
