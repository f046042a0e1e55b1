/*
 * rules.c - a set of rules: what is in it, and where it is found; see match.h.
 *
 * Everything that can fail is done before anything changes, so a rule is either in
 * every place that it belongs in, or as it was.
 */
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "policy/index.h"

struct rules *rules_new(void)
{
	return mem_new(1, sizeof(struct rules));
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	arena_done(&rules->arena);
	mem_free(rules->chunks);
	mem_free(rules->buckets);
	mem_free(rules);
}

struct arena *rules_arena(struct rules *rules)
{
	return &rules->arena;
}

static uint64_t hash_of(struct text t, bool fold)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < t.len; i++)
		hash = hash_step(hash, fold ? host_char(t.at[i]) : t.at[i]);
	return hash;
}

static void entry_link(struct rules *rules, size_t number)
{
	struct entry *e = rules_entry(rules, number);
	uint32_t *bucket = &rules->buckets[e->hash & (rules->nbuckets - 1)];

	e->next = *bucket;
	*bucket = (uint32_t)number + 1;
}

static void entry_add(struct rules *rules, size_t i, enum place place, enum key key, uint64_t hash)
{
	struct entry *e = &rules_slot(rules, i)->at[place];

	e->key = key;
	e->hash = hash_end(hash, key);
	rules->count[key]++;
	entry_link(rules, i * PLACES + place);
}

static void entry_remove(struct rules *rules, size_t i, enum place place)
{
	size_t number = i * PLACES + place;
	struct entry *e = rules_entry(rules, number);
	uint32_t *at;

	if (e->key == KEY_NONE)
		return;
	at = &rules->buckets[e->hash & (rules->nbuckets - 1)];
	while (*at != number + 1)
		at = &rules_entry(rules, *at - 1)->next;
	*at = e->next;
	rules->count[e->key]--;
	e->key = KEY_NONE;
}

/* Buckets for N rules: everything is put in again. */
static int buckets_grow(struct rules *rules, size_t n)
{
	size_t size = rules->nbuckets ? rules->nbuckets : 4 * CHUNK;
	uint32_t *buckets;

	while (size < 2 * n)
		size *= 2;
	if (size == rules->nbuckets)
		return 0;
	buckets = mem_new(size, sizeof *buckets);
	if (!buckets)
		return -ENOMEM;
	mem_free(rules->buckets);
	rules->buckets = buckets;
	rules->nbuckets = size;
	for (size_t number = 0; number < rules->n * PLACES; number++)
		if (rules_entry(rules, number)->key != KEY_NONE)
			entry_link(rules, number);
	return 0;
}

static int chunk_add(struct rules *rules)
{
	size_t want = rules->nchunks ? 2 * rules->nchunks : 16;
	struct slot **chunks, *chunk;

	if (rules->room / CHUNK == rules->nchunks) {
		chunks = mem_grow(rules->chunks, rules->nchunks, want, sizeof(struct slot *));
		if (!chunks)
			return -ENOMEM;
		rules->chunks = chunks;
		rules->nchunks = want;
	}
	chunk = arena_new(&rules->arena, CHUNK, sizeof *chunk);
	if (!chunk)
		return -ENOMEM;
	rules->chunks[rules->room / CHUNK] = chunk;
	rules->room += CHUNK;
	return 0;
}

int rules_expect(struct rules *rules, size_t n)
{
	if (n > LIMIT_RULES - rules->n || buckets_grow(rules, rules->n + n) < 0)
		return -ENOMEM;
	while (rules->n + n > rules->room)
		if (chunk_add(rules) < 0)
			return -ENOMEM;
	return 0;
}

static bool is_permit(const struct rule *rule)
{
	return rule->verb == VERB_ALLOW || rule->verb == VERB_ASK;
}

static const enum key path_keys[] = { [WHAT_OBJECT] = KEY_OBJECT, [WHAT_SUBTREE] = KEY_SUBTREE, [WHAT_PATTERN] = KEY_PATTERN };
static const enum key id_keys[] = { [WHAT_OBJECT] = KEY_OBJECT_ID, [WHAT_SUBTREE] = KEY_SUBTREE_ID, [WHAT_PATTERN] = KEY_PATTERN_ID };

static bool is_path(const struct rule *rule)
{
	return rule->what == WHAT_OBJECT || rule->what == WHAT_SUBTREE || rule->what == WHAT_PATTERN;
}

/* The place under what the rule itself says. */
static void place_written(struct rules *rules, size_t i)
{
	const struct rule *rule = &rules_slot(rules, i)->ruling.rule;

	if (is_path(rule))
		entry_add(rules, i, PLACE_WRITTEN, path_keys[rule->what], hash_of(rule->path, false));
	else if (rule->what == WHAT_ENV)
		entry_add(rules, i, PLACE_WRITTEN, KEY_ENV, hash_of(rule->name, false));
	else if (rule->what == WHAT_NET)
		entry_add(rules, i, PLACE_WRITTEN, KEY_NET, hash_of(rule->name, true));
	else
		entry_add(rules, i, PLACE_WRITTEN, KEY_REQUEST, HASH_START);
}

/* The places under what it led to: of what permits the true path alone, instead of its own. */
static void places_bound(struct rules *rules, size_t i)
{
	const struct ruling *r = &rules_slot(rules, i)->ruling;
	const struct rule_object *o = &r->object;

	if (!text_eq(o->path, r->rule.path)) {
		entry_add(rules, i, PLACE_TRUE, path_keys[r->rule.what], hash_of(o->path, false));
		if (is_permit(&r->rule)) {
			entry_remove(rules, i, PLACE_WRITTEN);
			entry_add(rules, i, PLACE_WRITTEN, key_own(path_keys[r->rule.what]), hash_of(r->rule.path, false));
		}
	}
	if (is_permit(&r->rule))
		return;
	if (id_is(o->self))
		entry_add(rules, i, PLACE_SELF, id_keys[r->rule.what], hash_id(o->self));
	if (id_is(o->target))
		entry_add(rules, i, PLACE_TARGET, id_keys[r->rule.what], hash_id(o->target));
}

int rules_add(struct rules *rules, const struct rule *rule, const struct rule_source *source)
{
	size_t i = rules->n;
	struct ruling *r;

	if (rules_expect(rules, 1) < 0)
		return -ENOMEM;
	r = &rules_slot(rules, i)->ruling;
	r->rule = *rule;
	r->source = *source;
	rules->n++;
	place_written(rules, i);
	return (int)i;
}

/* The true path in the slot's own room; one that is the rule's own needs none. */
static int path_keep(struct rules *rules, struct slot *slot, struct text path, struct text *out)
{
	size_t want = 2 * slot->size > path.len ? 2 * slot->size : path.len;

	if (path.len == 0 || text_eq(path, slot->ruling.rule.path)) {
		*out = slot->ruling.rule.path;
		return 0;
	}
	if (path.len > slot->size) {
		char *room = arena_new(&rules->arena, want, 1);

		if (!room)
			return -ENOMEM;
		slot->room = room;
		slot->size = want;
	}
	memmove(slot->room, path.at, path.len);
	*out = (struct text){ slot->room, path.len };
	return 0;
}

static bool object_eq(const struct rule_object *a, const struct rule_object *b)
{
	return text_eq(a->path, b->path) && id_eq(a->self, b->self) && id_eq(a->target, b->target) && a->linked == b->linked;
}

int rules_bind(struct rules *rules, size_t i, const struct rule_object *object)
{
	struct slot *slot = rules_slot(rules, i);
	struct ruling *r = &slot->ruling;
	struct text path;

	if (!is_path(&r->rule) || (r->bound && object_eq(&r->object, object)))
		return 0;
	if (path_keep(rules, slot, object->path, &path) < 0)
		return -ENOMEM;
	for (enum place place = PLACE_WRITTEN; place < PLACES; place++)
		entry_remove(rules, i, place);
	place_written(rules, i);
	r->object = *object;
	r->object.path = path;
	r->bound = true;
	places_bound(rules, i);
	return 0;
}

const struct ruling *rules_at(const struct rules *rules, size_t i)
{
	return i < rules->n ? &rules_slot(rules, i)->ruling : NULL;
}

bool rules_want_above(const struct rules *rules)
{
	return rules->count[KEY_SUBTREE_ID] > 0 || rules->count[KEY_PATTERN_ID] > 0;
}

/* Is what RULE says of PATH about something beneath DIR? A subtree or object at DIR itself is not. */
static bool lies_beneath(const struct rule *rule, struct text path, struct text dir)
{
	return path.len && text_beneath(path, dir) && (rule->what == WHAT_PATTERN || path.len > dir.len);
}

/* Does it speak for one of WORDS? Who may write may append. */
static bool speaks_for(const struct rule *rule, access_set words)
{
	return (rule->access & words) || (words & ACCESS_APPEND && access_covers(rule->access, ACCESS_APPEND));
}

const struct ruling *rules_beneath(const struct rules *rules, struct text dir, access_set words, size_t *i)
{
	while (*i < rules->n) {
		const struct ruling *r = rules_at(rules, (*i)++);

		if (r->rule.verb == VERB_ALLOW || !is_path(&r->rule) || !speaks_for(&r->rule, words))
			continue;
		if (lies_beneath(&r->rule, r->object.path, dir) || r->object.linked)
			return r;
		if (!(r->bound && r->rule.verb == VERB_ASK) && lies_beneath(&r->rule, r->rule.path, dir))
			return r;
	}
	return NULL;
}
