/*
 * glob.h - one component of a path against one pattern: the only thing that knows
 * what "*" means. Nothing here allocates or recurses.
 */
#ifndef CAP_GLOB_H
#define CAP_GLOB_H

#include <stdint.h>

#include "base/text.h"

struct glob {
	struct text pattern;
	const char *literal;		/* as long as PATTERN: '1' where the byte stands for itself; NULL: each "*" is a star */
	bool fold;			/* ASCII letters compare without case */
	bool shy;			/* a star at the start takes no leading dot */
};

/* Does byte I of the pattern stand for any run of bytes, also none? */
static inline bool glob_is_star(const struct glob *glob, size_t i)
{
	return glob->literal ? glob->literal[i] == '0' : glob->pattern.at[i] == '*';
}

/* An ASCII letter made small. */
static inline unsigned char glob_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool glob_fits(const struct glob *glob, struct text part);

#endif
