/*
 * secrets.c - which names are secret: secrets.def as values that cap/exclude.h matches.
 *
 * Letters compare without case (ASCII, as the patterns are): a file system may do
 * so too.
 */
#include "policy/class.h"

#define BOTH	ACCESS_ALL, EXCLUDE_SECRET | EXCLUDE_UNLISTED
#define CHANGE	ACCESS_ANY_CHANGE, EXCLUDE_SECRET
#define ITSELF	ACCESS_ANY_CHANGE, EXCLUDE_SECRET | EXCLUDE_ITSELF

static const struct exclude secrets[] = {
#define SECRET(when, pattern) { { pattern, sizeof(pattern) - 1 }, { 0 }, when },
#define PLAIN(name) { { name, sizeof(name) - 1 }, { 0 }, 0, EXCLUDE_SECRET | EXCLUDE_PLAIN },
#include "policy/secrets.def"
#undef SECRET
#undef PLAIN
};

struct excludes secrets_of(struct texts homes)
{
	return (struct excludes){ homes, secrets, sizeof secrets / sizeof *secrets };
}

bool name_is_secret(const struct evidence *e, struct text name, bool changing)
{
	access_set words = changing ? ACCESS_ANY_CHANGE : ACCESS_STAT;

	return !e->secrets || (exclude_at(e->secrets, name, 0, true).self & words) != 0;
}
