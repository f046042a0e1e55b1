/*
 * match.c - which rule speaks; see match.h. Nothing here allocates or can fail.
 *
 * Of all rules that fit, one is best: what stands before [*], then the exact, then
 * a pattern, then the longer subtree, then the stricter verb.
 */
#include <stdint.h>

#include "cap/glob.h"
#include "policy/index.h"

enum fit {
	FIT_SUBTREE,
	FIT_PATTERN,
	FIT_EXACT,			/* also by object */
};

struct search {
	const struct rules *rules;
	enum rule_stage stage;
	access_set word;		/* 0: what is looked for has no words */
	bool own;			/* rules that permit, by their own path where the true one is another */
	const struct ruling *best;
	enum fit fit;			/* how BEST fits, and the length of its subtree */
	size_t length;
};

/* What is looked up. */
struct wanted {
	enum key key;
	uint64_t hash;
	enum fit fit;
	struct text text;		/* path, variable or host */
	struct text leaf;		/* patterns: the name in the directory */
	struct file_id id;
	uint16_t port;
};

bool rule_leaf_fits(struct text pattern, struct text literal, struct text leaf)
{
	return leaf.len && glob_fits(&(struct glob){ .pattern = pattern, .literal = literal.at, .shy = true }, leaf);
}

static bool host_eq(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (host_char(a.at[i]) != host_char(b.at[i]))
			return false;
	return true;
}

static bool entry_fits(const struct ruling *r, enum place place, const struct wanted *w)
{
	struct text path = place == PLACE_WRITTEN ? r->rule.path : r->object.path;

	switch (w->key) {
	case KEY_OBJECT:
	case KEY_SUBTREE:
		return text_eq(path, w->text);
	case KEY_PATTERN:
		return text_eq(path, w->text) && rule_leaf_fits(r->rule.pattern, r->rule.literal, w->leaf);
	case KEY_OBJECT_ID:
	case KEY_SUBTREE_ID:
		return id_eq(place == PLACE_SELF ? r->object.self : r->object.target, w->id);
	case KEY_PATTERN_ID:
		return id_eq(place == PLACE_SELF ? r->object.self : r->object.target, w->id) &&
		       rule_leaf_fits(r->rule.pattern, r->rule.literal, w->leaf);
	case KEY_ENV:
		return text_eq(r->rule.name, w->text);
	case KEY_NET:
		return host_eq(r->rule.name, w->text) &&
		       (r->rule.port[0] == 0 || (w->port >= r->rule.port[0] && w->port <= r->rule.port[1]));
	default:
		return w->key == KEY_REQUEST;
	}
}

/* The fewer ports the longer. */
static size_t length_of(const struct ruling *r, const struct wanted *w)
{
	if (w->key == KEY_NET)
		return r->rule.port[0] ? (size_t)UINT16_MAX - (size_t)(r->rule.port[1] - r->rule.port[0]) : 0;
	return w->fit == FIT_SUBTREE ? (w->text.len ? w->text.len : r->object.path.len) : 0;
}

static bool is_better(const struct search *s, const struct ruling *r, enum fit fit, size_t length)
{
	bool every = r->source.from == RULE_EVERY, best_every;

	if (!s->best)
		return true;
	best_every = s->best->source.from == RULE_EVERY;
	if (every != best_every)
		return best_every;
	if (fit != s->fit)
		return fit > s->fit;
	if (length != s->length)
		return length > s->length;
	return r->rule.verb < s->best->rule.verb;
}

static bool speaks(const struct search *s, const struct rule *rule)
{
	bool forbids = rule->verb != VERB_ALLOW && rule->verb != VERB_ASK;

	return forbids == (s->stage == STAGE_FORBID) && (s->word == 0 || access_covers(rule->access, s->word));
}

static void search_for(struct search *s, const struct wanted *w)
{
	enum key key = s->own ? key_own(w->key) : w->key;
	uint32_t hash = hash_end(w->hash, key), number;

	if (!s->rules->count[key])
		return;
	for (number = s->rules->buckets[hash & (s->rules->nbuckets - 1)]; number;) {
		const struct entry *e = rules_entry(s->rules, number - 1);
		enum place place = (enum place)((number - 1) % PLACES);
		const struct ruling *r = &rules_slot(s->rules, (number - 1) / PLACES)->ruling;
		size_t length;

		number = e->next;
		if (e->hash != hash || e->key != key || !speaks(s, &r->rule) || !entry_fits(r, place, w))
			continue;
		length = length_of(r, w);
		if (!is_better(s, r, w->fit, length))
			continue;
		s->best = r;
		s->fit = w->fit;
		s->length = length;
	}
}

static void search_tree(struct search *s, struct text dir, uint64_t hash)
{
	search_for(s, &(struct wanted){ .key = KEY_SUBTREE, .fit = FIT_SUBTREE, .text = dir, .hash = hash });
}

/* One name: each directory that it lies in, and the whole. */
static void search_name(struct search *s, struct text name)
{
	uint64_t hash = HASH_START, up_hash = 0;
	struct text up = { name.at, 0 };

	if (!text_starts(name, TEXT("/")))
		return;
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] == '/' && i > 0) {
			up = (struct text){ name.at, i };
			up_hash = hash;
			search_tree(s, up, hash);
		}
		hash = hash_step(hash, name.at[i]);
		if (i == 0 && name.len > 1) {
			up = (struct text){ name.at, 1 };
			up_hash = hash;
			search_tree(s, up, hash);
		}
	}
	search_tree(s, name, hash);
	search_for(s, &(struct wanted){ .key = KEY_OBJECT, .fit = FIT_EXACT, .text = name, .hash = hash });
	if (up.len)
		search_for(s, &(struct wanted){ .key = KEY_PATTERN, .fit = FIT_PATTERN, .text = up, .leaf = text_leaf(name), .hash = up_hash });
}

static void search_object(struct search *s, struct file_id id)
{
	if (!id_is(id))
		return;
	search_for(s, &(struct wanted){ .key = KEY_OBJECT_ID, .fit = FIT_EXACT, .id = id, .hash = hash_id(id) });
	search_for(s, &(struct wanted){ .key = KEY_SUBTREE_ID, .fit = FIT_EXACT, .id = id, .hash = hash_id(id) });
}

static void search_above(struct search *s, const struct known *k)
{
	const struct text names[] = { k->path, k->link, k->written };

	for (size_t i = 0; i < k->nabove; i++)
		if (id_is(k->above[i]))
			search_for(s, &(struct wanted){ .key = KEY_SUBTREE_ID, .fit = FIT_SUBTREE, .id = k->above[i], .hash = hash_id(k->above[i]) });
	for (size_t i = 0; k->nabove && id_is(k->above[0]) && i < sizeof names / sizeof *names; i++)
		search_for(s, &(struct wanted){ .key = KEY_PATTERN_ID, .fit = FIT_PATTERN, .id = k->above[0],
						.leaf = text_leaf(names[i]), .hash = hash_id(k->above[0]) });
}

const struct ruling *rules_match(const struct rules *rules, enum rule_stage stage, const struct known *known, access_set word)
{
	struct search s = { .rules = rules, .stage = stage, .word = word };

	search_name(&s, known->path);
	if (stage == STAGE_PERMIT)
		return s.best;
	if (!text_eq(known->written, known->path))
		search_name(&s, known->written);
	search_name(&s, known->link);
	for (size_t i = 0; i < sizeof known->ids / sizeof *known->ids; i++)
		search_object(&s, known->ids[i]);
	search_above(&s, known);
	return s.best;
}

bool rules_permit_name(const struct rules *rules, struct text name, access_set words)
{
	for (access_set word = 1; word && word <= words; word <<= 1)
		for (int own = 0; own < 2 && words & word; own++) {
			struct search s = { .rules = rules, .stage = STAGE_PERMIT, .word = word, .own = own };

			search_name(&s, name);
			if (s.best)
				return true;
		}
	return false;
}

const struct ruling *rules_match_env(const struct rules *rules, enum rule_stage stage, struct text name)
{
	struct search s = { .rules = rules, .stage = stage };
	struct wanted w = { .key = KEY_ENV, .fit = FIT_EXACT, .text = name, .hash = HASH_START };

	for (size_t i = 0; i < name.len; i++)
		w.hash = hash_step(w.hash, name.at[i]);
	search_for(&s, &w);
	return s.best;
}

const struct ruling *rules_match_net(const struct rules *rules, enum rule_stage stage, struct text host, uint16_t port, access_set word)
{
	struct search s = { .rules = rules, .stage = stage, .word = word };
	struct wanted w = { .key = KEY_NET, .fit = FIT_EXACT, .text = host, .port = port, .hash = HASH_START };

	for (size_t i = 0; i < host.len; i++)
		w.hash = hash_step(w.hash, host_char(host.at[i]));
	search_for(&s, &w);
	return s.best;
}

const struct ruling *rules_match_request(const struct rules *rules, enum rule_stage stage)
{
	struct search s = { .rules = rules, .stage = stage };

	search_for(&s, &(struct wanted){ .key = KEY_REQUEST, .fit = FIT_EXACT, .hash = HASH_START });
	return s.best;
}
