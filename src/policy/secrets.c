/*
 * secrets.c - which names are secret: secrets.def against each component.
 *
 * Letters compare without case (ASCII, as the patterns are): a file system may do
 * so too. Nothing here allocates or recurses.
 */
#include <stdint.h>

#include "policy/class.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum when { BOTH, CHANGE, ITSELF };

static const struct secret { enum when when; struct text pattern; } secrets[] = {
#define SECRET(when, pattern) { when, { pattern, sizeof(pattern) - 1 } },
#define PLAIN(name)
#include "policy/secrets.def"
#undef SECRET
#undef PLAIN
};

static const struct text plains[] = {
#define SECRET(when, pattern)
#define PLAIN(name) { name, sizeof(name) - 1 },
#include "policy/secrets.def"
#undef SECRET
#undef PLAIN
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does one component fit one component of a pattern? Goes back to the last "*" only. */
static bool part_fits(struct text part, struct text pattern)
{
	size_t i = 0, p = 0, star = SIZE_MAX, from = 0;

	while (i < part.len) {
		if (p < pattern.len && pattern.at[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.len && lower(pattern.at[p]) == lower(part.at[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.at[p] == '*')
		p++;
	return p == pattern.len;
}

/* Do the first components of REST fit PATTERN? EXACT: and nothing is left. */
static bool parts_fit(struct text rest, struct text pattern, bool exact)
{
	struct text want;

	while ((want = text_component(&pattern)).len) {
		struct text part = text_component(&rest);

		if (part.len == 0 || !part_fits(part, want))
			return false;
	}
	return !exact || text_component(&rest).len == 0;
}

static bool part_is_plain(struct text part)
{
	for (size_t i = 0; i < COUNT(plains); i++)
		if (part_fits(part, plains[i]))
			return true;
	return false;
}

static bool fits_anywhere(struct text name, struct text pattern, bool exact)
{
	while (name.len) {
		struct text rest = name, part = text_component(&rest);

		if (part.len && !part_is_plain(part) && parts_fit(name, pattern, exact))
			return true;
		name = rest;
	}
	return false;
}

static bool secret_fits(const struct secret *secret, struct text name, const struct text *homes, size_t nhomes)
{
	struct text pattern = secret->pattern;
	bool exact = secret->when == ITSELF;

	if (text_starts(pattern, TEXT("/")))
		return parts_fit(name, pattern, exact);
	if (!text_starts(pattern, TEXT("~/")))
		return fits_anywhere(name, pattern, exact);
	for (size_t i = 0; i < nhomes; i++)
		if (parts_fit(text_from(name, homes[i].len), text_from(pattern, 2), exact))
			return true;
	return false;
}

bool name_is_secret(const struct evidence *e, struct text name, bool changing)
{
	struct text homes[HOMES];
	size_t nhomes = name_homes(e, name, homes);

	for (size_t i = 0; i < COUNT(secrets); i++)
		if ((changing || secrets[i].when == BOTH) && secret_fits(&secrets[i], name, homes, nhomes))
			return true;
	return false;
}
