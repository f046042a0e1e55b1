/*
 * policy.h - a policy file: sections of rules (design/protocols.md 1), as plain values.
 *
 * Parsing a printed policy gives the same policy again. There is no include, and an
 * empty policy permits nothing.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/match.h"
#include "policy/rules.h"

struct policy_rule {
	struct rule rule;
	size_t line, column;
};

struct policy_section {
	struct text program;		/* 64 lower-case hex digits; empty: [*] */
	struct text label;		/* what the file calls it */
	const struct policy_rule *rules;
	size_t n;
};

struct policy {
	struct text file;		/* its name, for messages */
	struct policy_section *sections;	/* the first is [*], with or without its line */
	size_t n;
};

struct policy_error {
	size_t line, column;
	const char *message;		/* static */
};

/*
 * Parses TEXT, called FILE, into OUT. All texts live in ARENA, or are FILE itself.
 * Negative: OUT untouched, ERROR filled in.
 */
int policy_parse(struct arena *arena, struct text file, struct text text, const struct rule_places *places,
		 struct policy *out, struct policy_error *error);

/* Adds what holds for PROGRAM (64 lower-case hex digits): its section and [*]. POLICY's arena lives as long as INTO. 0 or -ENOMEM. */
int policy_apply(const struct policy *policy, struct text program, struct rules *into);

void policy_print(struct buf *out, const struct policy *policy);

/* "FILE:LINE:COLUMN: message"; of a flag FILE is its name and the line 1. */
void policy_error_print(struct buf *out, struct text file, const struct policy_error *error);

#endif
