/*
 * exclude.c - see exclude.h.
 *
 * An entry is found by its last component: by the first byte of that, or, when it
 * begins with a star, by the last. So an ordinary name costs a look into two tables
 * a component. Only then are the components before it compared, backwards.
 */
#include "cap/exclude.h"

#include <errno.h>

#include "base/limits.h"
#include "cap/glob.h"

struct entry {
	const struct entry *next;	/* in its chain */
	const struct entry *next_fixed;
	const struct glob *parts;
	size_t nparts;
	size_t least;			/* bytes of the last part that are no star */
	bool stars;			/* it has some */
	bool ends_open;			/* it ends with one */
	unsigned char last;		/* else its last byte, made small */
	bool floats;
	access_set access;
	uint32_t flags;
};

struct exclude_set {
	struct arena *arena;
	const struct entry *by_first[256], *by_last[256], *others;	/* chains */
	const struct entry *fixed;	/* those that do not float */
	const struct entry *plain;
	size_t n;
};

struct exclude_set *exclude_new(struct arena *arena)
{
	struct exclude_set *set = arena_new(arena, 1, sizeof *set);

	if (set)
		set->arena = arena;
	return set;
}

/* ---- compiling ---- */

static size_t count_parts(struct text path)
{
	size_t n = 0;

	while (text_component(&path).len)
		n++;
	return n;
}

static bool part_sound(const struct glob *part)
{
	return !text_eq(part->pattern, TEXT(".")) && !text_eq(part->pattern, TEXT("..")) && !text_has(part->pattern, '\0');
}

/* The components of PATH, whose literal bytes are LITERAL's (NULL: each "*" is a star). False: it is no pattern. */
static bool parts_add(struct entry *entry, struct glob *parts, struct text path, const char *literal, bool fold)
{
	struct text rest = path, part;

	while ((part = text_component(&rest)).len) {
		struct glob *made = &parts[entry->nparts++];

		*made = (struct glob){ .pattern = part, .literal = literal ? literal + (part.at - path.at) : NULL, .fold = fold,
				       .shy = !(entry->flags & EXCLUDE_SECRET) };
		if (!part_sound(made))
			return false;
	}
	return true;
}

static void entry_know_leaf(struct entry *entry)
{
	const struct glob *leaf = &entry->parts[entry->nparts - 1];
	size_t len = leaf->pattern.len;

	for (size_t i = 0; i < len; i++)
		entry->least += !glob_is_star(leaf, i);
	entry->stars = entry->least < len;
	entry->ends_open = glob_is_star(leaf, len - 1);
	entry->last = glob_lower(leaf->pattern.at[len - 1]);
}

static void entry_link(struct exclude_set *set, struct entry *entry)
{
	const struct glob *leaf = &entry->parts[entry->nparts - 1];
	const struct entry **chain = &set->others;

	if (entry->flags & EXCLUDE_PLAIN)
		chain = &set->plain;
	else if (!glob_is_star(leaf, 0))
		chain = &set->by_first[glob_lower(leaf->pattern.at[0])];
	else if (!entry->ends_open)
		chain = &set->by_last[entry->last];
	entry->next = *chain;
	*chain = entry;
	if (!entry->floats && !(entry->flags & EXCLUDE_PLAIN)) {
		entry->next_fixed = set->fixed;
		set->fixed = entry;
	}
	set->n++;
}

/* ROOT: what the pattern begins at, each byte of it literal but a star when ANY; .at NULL: it floats. */
static int entry_add(struct exclude_set *set, const struct exclude *from, struct text root, bool any, struct text pattern, const char *literal)
{
	struct entry *entry;
	struct glob *parts;
	char *ones;

	if (set->n == LIMIT_EXCLUDES)
		return -ENOSPC;
	entry = arena_new(set->arena, 1, sizeof *entry);
	parts = arena_new(set->arena, count_parts(root) + count_parts(pattern), sizeof *parts);
	root = arena_text(set->arena, root);
	ones = arena_new(set->arena, root.len + 1, 1);
	if (!entry || !parts || !root.at || !ones)
		return -ENOMEM;
	memset(ones, '1', root.len);
	*entry = (struct entry){ .parts = parts, .access = from->access, .flags = from->flags, .floats = pattern.at[0] != '/' };
	if (!parts_add(entry, parts, root, any ? NULL : ones, false) ||
	    !parts_add(entry, parts, pattern, literal, from->flags & EXCLUDE_SECRET) || entry->nparts == 0)
		return -EINVAL;
	if (from->flags & EXCLUDE_PLAIN && (!entry->floats || entry->nparts != 1))
		return -EINVAL;
	entry_know_leaf(entry);
	entry_link(set, entry);
	return 0;
}

/* Is HOME one of those that are homes anyway? */
static bool home_is_known(struct text home)
{
	return text_eq(home, TEXT("/root")) || text_eq(text_parent(home), TEXT("/home"));
}

static int homes_add(struct exclude_set *set, const struct exclude *from, struct texts homes, struct text pattern, const char *literal)
{
	int failed = entry_add(set, from, TEXT("/root"), false, pattern, literal);

	if (!failed)
		failed = entry_add(set, from, TEXT("/home/*"), true, pattern, literal);
	for (size_t i = 0; !failed && i < homes.n; i++)
		if (homes.at[i].len && !home_is_known(homes.at[i]) && !(i && text_eq(homes.at[i], homes.at[i - 1])))
			failed = entry_add(set, from, homes.at[i], false, pattern, literal);
	return failed;
}

static int exclude_add_one(struct exclude_set *set, const struct exclude *from, struct texts homes)
{
	struct text pattern = arena_text(set->arena, from->pattern), literal = arena_text(set->arena, from->literal);
	size_t cut = text_starts(from->pattern, TEXT("~/")) ? 1 : 0;
	const char *ones = from->literal.len ? literal.at + cut : NULL;

	if (!pattern.at || !literal.at)
		return -ENOMEM;
	if (!pattern.len || pattern.len > LIMIT_PATH || (literal.len && literal.len != pattern.len))
		return -EINVAL;
	if (cut)
		return homes_add(set, from, homes, text_from(pattern, 1), ones);
	return entry_add(set, from, TEXT(""), false, pattern, ones);
}

int exclude_add(struct exclude_set *set, const struct excludes *more)
{
	int failed = 0;

	for (size_t i = 0; !failed && i < more->n; i++)
		failed = exclude_add_one(set, &more->at[i], more->homes);
	return failed;
}

/* ---- matching ---- */

static bool leaf_fits(const struct entry *entry, struct text part, unsigned char last)
{
	if (part.len < entry->least || (!entry->stars && part.len != entry->least) || (!entry->ends_open && last != entry->last))
		return false;
	return glob_fits(&entry->parts[entry->nparts - 1], part);
}

/* The first entry from ENTRY on, in its chain, whose last component PART fits. */
static const struct entry *chain_find(const struct entry *entry, struct text part, unsigned char last)
{
	while (entry && !leaf_fits(entry, part, last))
		entry = entry->next;
	return entry;
}

bool exclude_maybe_part(const struct exclude_set *set, struct text part)
{
	unsigned char first = glob_lower(part.at[0]), last = glob_lower(part.at[part.len - 1]);

	if (!set->by_first[first] && !set->by_last[last] && !set->others)
		return false;
	return chain_find(set->by_first[first], part, last) || chain_find(set->by_last[last], part, last) || chain_find(set->others, part, last);
}

bool exclude_maybe(const struct exclude_set *set, struct text rest)
{
	const char *at = rest.at, *end = rest.at + rest.len;

	while (at < end) {
		const char *from = at;

		while (at < end && *at != '/')
			at++;
		if (at > from && exclude_maybe_part(set, (struct text){ from, (size_t)(at - from) }))
			return true;
		at++;
	}
	return false;
}

static bool is_plain(const struct exclude_set *set, struct text part)
{
	for (const struct entry *entry = set->plain; entry; entry = entry->next)
		if (glob_fits(entry->parts, part))
			return true;
	return false;
}

/* Are the last components of PATH[0, END) those of ENTRY, and, unless it floats, all there are? */
static bool entry_fits(const struct exclude_set *set, const struct entry *entry, struct text path, size_t end)
{
	struct text part = { 0 };

	for (size_t i = entry->nparts; i-- > 0;) {
		size_t from;

		while (end > 0 && path.at[end - 1] == '/')
			end--;
		for (from = end; from > 0 && path.at[from - 1] != '/'; from--)
			;
		part = (struct text){ path.at + from, end - from };
		if (part.len == 0 || !glob_fits(&entry->parts[i], part))
			return false;
		end = from;
	}
	if (entry->floats)
		return !(entry->flags & EXCLUDE_SECRET) || !is_plain(set, part);
	return end <= 1;
}

struct query {
	const struct exclude_set *set;
	struct text path;
	bool secrets;
};

/* All of CHAIN that end with PART of the path, which is its last component or not. */
static void chain_match(const struct query *query, const struct entry *chain, struct text part, bool is_last, struct excluded *out)
{
	unsigned char last = glob_lower(part.at[part.len - 1]);
	size_t end = (size_t)(part.at - query->path.at) + part.len;

	for (const struct entry *entry = chain; (entry = chain_find(entry, part, last)); entry = entry->next) {
		if ((entry->flags & EXCLUDE_SECRET && !query->secrets) || (entry->flags & EXCLUDE_ITSELF && !is_last))
			continue;
		if (!entry_fits(query->set, entry, query->path, end))
			continue;
		out->self |= entry->access;
		out->unlisted |= (entry->flags & EXCLUDE_UNLISTED) != 0;
		if (!(entry->flags & EXCLUDE_ITSELF))
			out->beneath |= entry->access;
	}
}

struct excluded exclude_at(const struct exclude_set *set, struct text path, size_t from, bool secrets)
{
	const struct query query = { set, path, secrets };
	struct excluded out = { 0 };
	struct text rest = text_from(path, from), part;

	while ((part = text_component(&rest)).len) {
		const struct entry *const chains[] = {
			set->by_first[glob_lower(part.at[0])], set->by_last[glob_lower(part.at[part.len - 1])], set->others,
		};

		for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
			chain_match(&query, chains[i], part, rest.len == 0, &out);
	}
	return out;
}

/* Do the components of PATH, N of them, begin ENTRY? */
static bool entry_begins(const struct entry *entry, struct text path, size_t n)
{
	if (n > entry->nparts || (n && !glob_fits(&entry->parts[n - 1], text_leaf(path))))
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if (!glob_fits(&entry->parts[i], text_component(&path)))
			return false;
	return true;
}

bool exclude_is_above(const struct exclude_set *set, struct text path, bool secrets)
{
	size_t n = count_parts(path);

	for (const struct entry *entry = set->fixed; entry; entry = entry->next_fixed)
		if ((secrets || !(entry->flags & EXCLUDE_SECRET)) && entry_begins(entry, path, n))
			return true;
	return false;
}
