/*
 * grant.h - a live capability: object, access words, lifetime, origin, number.
 * Narrowed, derived, revoked; never widened.
 */
#ifndef CAP_GRANT_H
#define CAP_GRANT_H

#include "cap/need.h"

/* Who gave it (design/protocols.md 4, "by"). */
enum origin {
#define ORIGIN(name, word) ORIGIN_##name,
#include "cap/origins.def"
#undef ORIGIN
};

/* What came of a need, in the record and the report. */
enum outcome {
	OUTCOME_DENIED,
	OUTCOME_HIDDEN,
	OUTCOME_UNAVAILABLE,		/* would have been asked, and nobody was there */
	OUTCOME_GRANTED,
};

const char *origin_word(enum origin origin);
const char *outcome_word(enum outcome outcome);

#endif
