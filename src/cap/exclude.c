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
	bool home;			/* PARTS begin at any home */
	access_set access;
	uint32_t flags;
};

struct object {
	const struct object *next;
	struct excluded_object of;
};

enum { OBJECT_CHAINS = 1024, CHAINS = 128 };

struct exclude_set {
	struct arena *arena;
	const struct exclude_set *base;	/* counts as well */
	struct texts homes;
	const struct entry **by_first, **by_last, *others;	/* chains: CHAINS of them each; NULL: none are there */
	const struct entry *fixed;	/* those that do not float */
	const struct entry *plain;
	const struct object **objects;	/* OBJECT_CHAINS of them; NULL: there are none */
	size_t n;
};

struct exclude_set *exclude_new(struct arena *arena, const struct exclude_set *base)
{
	struct exclude_set *set = arena_new(arena, 1, sizeof *set);

	if (!set)
		return NULL;
	set->arena = arena;
	set->base = base;
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
		chain = &set->by_first[glob_lower(leaf->pattern.at[0]) % CHAINS];
	else if (!entry->ends_open)
		chain = &set->by_last[entry->last % CHAINS];
	entry->next = *chain;
	*chain = entry;
	if (!entry->floats && !(entry->flags & EXCLUDE_PLAIN)) {
		entry->next_fixed = set->fixed;
		set->fixed = entry;
	}
	set->n++;
}

static bool chains_make(struct exclude_set *set)
{
	if (!set->by_first)
		set->by_first = arena_new(set->arena, CHAINS, sizeof(struct entry *));
	if (!set->by_last)
		set->by_last = arena_new(set->arena, CHAINS, sizeof(struct entry *));
	return set->by_first && set->by_last;
}

static int entry_add(struct exclude_set *set, const struct exclude *from, struct text pattern, const char *literal)
{
	bool home = text_starts(pattern, TEXT("~/"));
	struct entry *entry = arena_new(set->arena, 1, sizeof *entry);
	struct glob *parts = arena_new(set->arena, count_parts(pattern), sizeof *parts);

	if (!entry || !parts || !chains_make(set))
		return -ENOMEM;
	if (home) {
		pattern = text_from(pattern, 1);
		literal = literal ? literal + 1 : NULL;
	}
	*entry = (struct entry){ .parts = parts, .access = from->access, .flags = from->flags, .floats = pattern.at[0] != '/', .home = home };
	if (!parts_add(entry, parts, pattern, literal, from->flags & EXCLUDE_SECRET) || entry->nparts == 0)
		return -EINVAL;
	if (from->flags & EXCLUDE_PLAIN && (!entry->floats || entry->nparts != 1))
		return -EINVAL;
	entry_know_leaf(entry);
	entry_link(set, entry);
	return 0;
}

static int exclude_add_one(struct exclude_set *set, const struct exclude *from)
{
	struct text pattern = arena_text(set->arena, from->pattern), literal = from->literal;

	if (literal.len)
		literal = arena_text(set->arena, literal);
	if (!pattern.at || (literal.len && !literal.at))
		return -ENOMEM;
	if (!pattern.len || pattern.len > LIMIT_PATH || (literal.len && literal.len != pattern.len))
		return -EINVAL;
	if (set->n == LIMIT_EXCLUDES)
		return -ENOSPC;
	return entry_add(set, from, pattern, literal.len ? literal.at : NULL);
}

static bool has_text(struct texts list, struct text t)
{
	for (size_t i = 0; i < list.n; i++)
		if (text_eq(list.at[i], t))
			return true;
	return false;
}

static int homes_add(struct exclude_set *set, struct texts more)
{
	struct texts all = { more.n ? arena_new(set->arena, set->homes.n + more.n, sizeof(struct text)) : NULL, 0 };

	if (!more.n)
		return 0;
	if (!all.at)
		return -ENOMEM;
	for (; all.n < set->homes.n; all.n++)
		all.at[all.n] = set->homes.at[all.n];
	for (size_t i = 0; i < more.n; i++) {
		struct text home = more.at[i];

		if (!home.len || has_text(all, home))
			continue;
		all.at[all.n] = arena_text(set->arena, home);
		if (!all.at[all.n++].at)
			return -ENOMEM;
	}
	set->homes = all;
	return 0;
}

static const struct object **chain_of(const struct exclude_set *set, struct file_id id)
{
	return &set->objects[(id.dev * 31 + id.ino) % OBJECT_CHAINS];
}

static int object_add(struct exclude_set *set, struct excluded_object of)
{
	struct object *made = arena_new(set->arena, 1, sizeof *made);

	if (set->n == LIMIT_EXCLUDES)
		return -ENOSPC;
	if (!set->objects)
		set->objects = arena_new(set->arena, OBJECT_CHAINS, sizeof(struct object *));
	if (!made || !set->objects)
		return -ENOMEM;
	*made = (struct object){ *chain_of(set, of.id), of };
	*chain_of(set, of.id) = made;
	set->n++;
	return 0;
}

int exclude_add(struct exclude_set *set, const struct excludes *more)
{
	int failed = homes_add(set, more->homes);

	for (size_t i = 0; !failed && i < more->n; i++)
		failed = exclude_add_one(set, &more->at[i]);
	for (size_t i = 0; !failed && i < more->nobjects; i++)
		failed = object_add(set, more->objects[i]);
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

	for (; set; set = set->base) {
		const struct entry *of_first = set->by_first ? set->by_first[first % CHAINS] : NULL, *of_last = set->by_last ? set->by_last[last % CHAINS] : NULL;

		if (chain_find(of_first, part, last) || chain_find(of_last, part, last) || chain_find(set->others, part, last))
			return true;
	}
	return false;
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
	for (; set; set = set->base)
		for (const struct entry *entry = set->plain; entry; entry = entry->next)
			if (glob_fits(entry->parts, part))
				return true;
	return false;
}

/* ALL: whoever is built on a set says which homes there are besides. */
static bool is_home(const struct exclude_set *all, struct text dir)
{
	struct text up = text_parent(dir);

	if (text_eq(dir, TEXT("/root")) || (text_eq(up, TEXT("/home")) && dir.len > up.len + 1))
		return true;
	while (all && !has_text(all->homes, dir))
		all = all->base;
	return all != NULL;
}

struct query {
	const struct exclude_set *all, *set;	/* SET: of ALL, the one whose entries are compared */
	struct text path;
	bool secrets;
};

/* Are the last components of the path's first END bytes those of ENTRY, and, unless it floats, all there are from the root or a home on? */
static bool entry_fits(const struct query *query, const struct entry *entry, size_t end)
{
	struct text path = query->path, part = { 0 };

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
		return !(entry->flags & EXCLUDE_SECRET) || !is_plain(query->all, part);
	while (entry->home && end > 1 && path.at[end - 1] == '/')
		end--;
	return entry->home ? is_home(query->all, end ? (struct text){ path.at, end } : TEXT("/")) : end <= 1;
}

access_set exclude_object(const struct exclude_set *set, struct file_id id)
{
	access_set access = 0;

	for (; set; set = set->base)
		for (const struct object *at = set->objects ? *chain_of(set, id) : NULL; at; at = at->next)
			if (at->of.id.dev == id.dev && at->of.id.ino == id.ino)
				access |= at->of.access;
	return access;
}

/* All of CHAIN that end with PART of the path, which is its last component or not. */
static void chain_match(const struct query *query, const struct entry *chain, struct text part, bool is_last, struct excluded *out)
{
	unsigned char last = glob_lower(part.at[part.len - 1]);
	size_t end = (size_t)(part.at - query->path.at) + part.len;

	for (const struct entry *entry = chain; (entry = chain_find(entry, part, last)); entry = entry->next) {
		if ((entry->flags & EXCLUDE_SECRET && !query->secrets) || (entry->flags & EXCLUDE_ITSELF && !is_last))
			continue;
		if (!entry_fits(query, entry, end))
			continue;
		out->self |= entry->access;
		out->unlisted |= (entry->flags & EXCLUDE_UNLISTED) != 0;
		if (!(entry->flags & EXCLUDE_ITSELF))
			out->beneath |= entry->access;
	}
}

/* All that end with PART. */
static void part_match(const struct query *query, struct text part, bool is_last, struct excluded *out)
{
	const struct exclude_set *set = query->set;

	if (!set->by_first || !set->by_last)
		return;
	chain_match(query, set->by_first[glob_lower(part.at[0]) % CHAINS], part, is_last, out);
	chain_match(query, set->by_last[glob_lower(part.at[part.len - 1]) % CHAINS], part, is_last, out);
	chain_match(query, set->others, part, is_last, out);
}

struct excluded exclude_at(const struct exclude_set *set, struct text path, size_t from, bool secrets)
{
	struct query query = { set, set, path, secrets };
	struct excluded out = { 0 };
	struct text rest = text_from(path, from), part;

	while ((part = text_component(&rest)).len)
		for (query.set = set; query.set; query.set = query.set->base)
			part_match(&query, part, rest.len == 0, &out);
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

/* Does PATH begin an entry of SET that begins at the root, or (HOME) at a home? */
static bool set_begins(const struct exclude_set *set, bool home, struct text path, bool secrets)
{
	size_t n = count_parts(path);

	for (const struct entry *entry = set->fixed; entry; entry = entry->next_fixed)
		if (entry->home == home && (secrets || !(entry->flags & EXCLUDE_SECRET)) && entry_begins(entry, path, n))
			return true;
	return false;
}

/* Is DIR a home, or above one? */
static bool has_home(const struct exclude_set *all, struct text dir)
{
	if (dir.len <= 1 || text_eq(dir, TEXT("/home")) || is_home(all, dir))
		return true;
	for (; all; all = all->base)
		for (size_t i = 0; i < all->homes.n; i++)
			if (text_beneath(all->homes.at[i], dir))
				return true;
	return false;
}

static bool set_is_above(const struct exclude_set *all, const struct exclude_set *set, struct text path, bool secrets)
{
	if (set_begins(set, false, path, secrets) || (has_home(all, path) && set_begins(set, true, TEXT(""), secrets)))
		return true;
	for (struct text up = path; up.len > 1;) {
		up = text_parent(up);
		if (is_home(all, up) && set_begins(set, true, text_from(path, up.len), secrets))
			return true;
	}
	return false;
}

bool exclude_is_above(const struct exclude_set *set, struct text path, bool secrets)
{
	for (const struct exclude_set *at = set; at; at = at->base)
		if (set_is_above(set, at, path, secrets))
			return true;
	return false;
}
