/*
 * secrets.c - which names are secret: secrets.def as values that cap/exclude.h matches.
 *
 * Letters compare without case (ASCII, as the patterns are): a file system may do
 * so too.
 */
#include "policy/class.h"

#include <errno.h>

#include "policy/data.h"

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
	return (struct excludes){ .homes = homes, .at = secrets, .n = sizeof secrets / sizeof *secrets };
}

/* One line of the user's file, in the words of secrets.def. */
static struct exclude secret_of(const struct secret_line *line)
{
	static const struct exclude kinds[] = {
		[SECRET_READ] = { { 0 }, { 0 }, BOTH }, [SECRET_CHANGE] = { { 0 }, { 0 }, CHANGE },
		[SECRET_ITSELF] = { { 0 }, { 0 }, ITSELF }, [SECRET_NOT] = { { 0 }, { 0 }, 0, EXCLUDE_SECRET | EXCLUDE_PLAIN },
	};
	struct exclude exclude = kinds[line->when];

	exclude.pattern = line->pattern;
	return exclude;
}

int secrets_more(struct arena *arena, struct texts homes, const struct secret_lines *more, struct excludes *out)
{
	size_t n = more ? more->n : 0;
	struct exclude *at = arena_new(arena, n, sizeof *at);

	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		at[i] = secret_of(&more->at[i]);
	*out = (struct excludes){ .homes = homes, .at = at, .n = n };
	return 0;
}

int secrets_all(struct arena *arena, const struct excludes *more, struct excludes *out)
{
	size_t n = sizeof secrets / sizeof *secrets;
	struct exclude *at;

	*out = secrets_of(more->homes);
	if (more->n == 0)
		return 0;
	at = arena_new(arena, n + more->n, sizeof *at);
	if (!at)
		return -ENOMEM;
	memcpy(at, secrets, sizeof secrets);
	memcpy(at + n, more->at, more->n * sizeof *at);
	out->at = at;
	out->n = n + more->n;
	return 0;
}

bool name_is_secret(const struct evidence *e, struct text name, bool changing)
{
	access_set words = changing ? ACCESS_ANY_CHANGE : ACCESS_STAT;

	return !e->secrets || (exclude_at(e->secrets, name, 0, true).self & words) != 0;
}
