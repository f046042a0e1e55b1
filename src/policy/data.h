/*
 * data.h - the files `secrets` and `companions` beside the policy file: what users
 * add to secrets.def and companions.def, as plain values. Read with policy_file_read,
 * and not with --ask=off.
 *
 *   secrets      read PATTERN       nobody reads or changes it unless it is named
 *                change PATTERN     nobody changes it
 *                itself PATTERN     nobody changes the name itself; what is beneath it is free
 *                not NAME           a component like this is no secret
 *   companions   PATH               relative: .npmignore, .git/info/exclude
 *
 * Patterns are those of secrets.def. Lines are lexed like rules: comments, quotes.
 */
#ifndef POLICY_DATA_H
#define POLICY_DATA_H

#include "base/arena.h"
#include "policy/policy.h"

enum secret_when {
	SECRET_READ,
	SECRET_CHANGE,
	SECRET_ITSELF,
	SECRET_NOT,
};

struct secret_line {
	enum secret_when when;
	struct text pattern;		/* "~/a/b*", "/a", or of any component on */
};

struct secret_lines {
	struct secret_line *at;
	size_t n;
};

/* Texts live in ARENA. Negative: OUT untouched, ERROR filled in. */
int secrets_parse(struct arena *arena, struct text text, struct secret_lines *out, struct policy_error *error);
int companions_parse(struct arena *arena, struct text text, struct texts *out, struct policy_error *error);

#endif
