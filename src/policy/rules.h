/*
 * rules.h - the one language for permissions: text to value and back.
 *
 * Who parses does not judge. Parsing a line that rules.h printed gives the same
 * rule again (a fixed point, tested).
 */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "base/arena.h"
#include "cap/rule.h"

/* What "~" and "$CWD" stand for; absolute and folded, or empty: then their use is an error. */
struct rule_places {
	struct text home, cwd;
};

/* Where and why a line is no rule; columns are bytes from 1. */
struct rule_error {
	size_t column;
	const char *message;		/* static */
};

/*
 * Parses one LINE (no newline) into OUT, whose texts live in ARENA. FLAG: "for
 * always" is an error and the default lifetime is run; else it is always.
 * Negative: OUT untouched, ERROR filled in.
 */
int rule_parse(struct arena *arena, struct text line, const struct rule_places *places, bool flag, struct rule *out, struct rule_error *error);

/* Adds RULE as a line without newline: absolute, words in the order of access.def. */
void rule_print(struct buf *out, const struct rule *rule);

#endif
