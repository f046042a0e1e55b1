/*
 * sticky.c - refusals that the worker gives again by itself (decisions.md 7.4).
 *
 * An entry is exactly one need with its answer, until its time or the generation of
 * the grants has passed. Bounded in number and bytes; what does not fit is judged
 * each time. How often an entry was used is kept until the judge was told.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"

struct entry {
	uint64_t hash;
	struct need need;	/* texts in TEXT; times are not part of it */
	char *text;		/* NULL: a free slot */
	uint64_t generation, until;	/* CLOCK_MONOTONIC_COARSE; STICKS_RUN: no end */
	uint64_t count;		/* used, and not yet told */
	uint8_t verdict;
};

struct sticky {
	struct entry *slots;
	size_t n, size;		/* SIZE: a power of two, or 0; N at most half of it */
	size_t bytes;
	uint64_t key;
	uint64_t due, built;	/* before this time, and in this generation, throwing out what is over gains nothing */
};

/* The calendar of the table: cheap, and exact enough for a tenth of a second. */
static uint64_t now(void)
{
	uint64_t t;

	return sys_clock(CLOCK_MONOTONIC_COARSE, &t) < 0 ? UINT64_MAX : t;
}

struct sticky *sticky_new(void)
{
	struct sticky *table = mem_new(1, sizeof *table);

	if (table && sys_random(&table->key, sizeof table->key) < 0) {
		mem_free(table);
		return NULL;
	}
	return table;
}

void sticky_free(struct sticky *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->size; i++)
		mem_free(table->slots[i].text);
	mem_free(table->slots);
	mem_free(table);
}

static uint64_t hash_need(const struct sticky *table, const struct need *need)
{
	uint64_t fixed = need->kind | (uint64_t)need->act << 8 | (uint64_t)need->call << 16
			 | (uint64_t)need->access << 24 | (uint64_t)need->flags << 44;
	uint64_t hash = hash_text(need->name, table->key + fixed * UINT64_C(0x9e3779b97f4a7c15));

	return need->target.len ? hash_text(need->target, hash) : hash;
}

static bool same_need(const struct need *a, const struct need *b)
{
	return a->kind == b->kind && a->act == b->act && a->call == b->call && a->access == b->access
	       && a->flags == b->flags && text_eq(a->name, b->name) && text_eq(a->target, b->target);
}

/* The entry of NEED, or the free slot where it belongs. The table has slots. */
static struct entry *slot_find(const struct sticky *table, const struct need *need, uint64_t hash)
{
	size_t i = (size_t)hash & (table->size - 1);

	while (table->slots[i].text && !(table->slots[i].hash == hash && same_need(&table->slots[i].need, need)))
		i = (i + 1) & (table->size - 1);
	return &table->slots[i];
}

static bool is_live(const struct entry *entry, uint64_t generation, uint64_t at)
{
	return entry->generation == generation && (entry->until == STICKS_RUN || at < entry->until);
}

bool names_sticky(struct names *names, const struct need *need, uint8_t *out)
{
	struct sticky *table = names->sticky;
	struct entry *entry;

	if (!table->n)
		return false;
	entry = slot_find(table, need, hash_need(table, need));
	if (!entry->text || !is_live(entry, names_generation(names), entry->until == STICKS_RUN ? 0 : now()))
		return false;
	entry->count++;
	*out = entry->verdict;
	return true;
}

/* Into SIZE slots, without what is over; what was used and not told stays. */
static int rebuild(struct sticky *table, size_t size, uint64_t generation)
{
	struct sticky fresh = { .size = size, .key = table->key, .due = UINT64_MAX, .built = generation };
	uint64_t at = now();

	fresh.slots = mem_new(size, sizeof *fresh.slots);
	if (!fresh.slots)
		return -ENOMEM;
	for (size_t i = 0; i < table->size; i++) {
		struct entry *entry = &table->slots[i];

		if (!entry->text)
			continue;
		if (!entry->count && !is_live(entry, generation, at)) {
			mem_free(entry->text);
			continue;
		}
		*slot_find(&fresh, &entry->need, entry->hash) = *entry;
		fresh.n++;
		fresh.bytes += entry->need.name.len + entry->need.target.len;
		if (entry->until < fresh.due)
			fresh.due = entry->until;
	}
	mem_free(table->slots);
	*table = fresh;
	return 0;
}

static bool has_room(const struct sticky *table, size_t bytes)
{
	return table->n < LIMIT_STICKY && bytes <= LIMIT_STICKY_BYTES - table->bytes;
}

/* Room for one more of BYTES. -ENOSPC: full of what still counts. */
static int make_room(struct sticky *table, size_t bytes, uint64_t generation)
{
	int failed;

	if (!has_room(table, bytes)) {
		if (now() < table->due && generation == table->built)
			return -ENOSPC;
		failed = rebuild(table, table->size, generation);
		if (failed < 0)
			return failed;
		if (!has_room(table, bytes))
			return -ENOSPC;
	}
	return 2 * (table->n + 1) > table->size ? rebuild(table, table->size ? table->size * 2 : 64, generation) : 0;
}

static int entry_fill(struct entry *entry, const struct need *need)
{
	char *text = mem_new(need->name.len + need->target.len + 1, 1);

	if (!text)
		return -ENOMEM;
	memcpy(text, need->name.at, need->name.len);
	if (need->target.len)
		memcpy(text + need->name.len, need->target.at, need->target.len);
	*entry = (struct entry){ .text = text, .need = *need };
	entry->need.name = (struct text){ text, need->name.len };
	entry->need.target = (struct text){ text + need->name.len, need->target.len };
	return 0;
}

static uint64_t end_of(uint64_t sticks_ns)
{
	uint64_t at = now();

	if (sticks_ns == STICKS_RUN)
		return STICKS_RUN;
	return at < STICKS_RUN - 1 - sticks_ns ? at + sticks_ns : at;
}

int sticky_learn(struct names *names, const struct need *need, const struct answer *answer)
{
	struct sticky *table = names->sticky;
	uint64_t hash = hash_need(table, need);
	struct entry *entry = table->size ? slot_find(table, need, hash) : NULL;
	int failed;

	if (answer->sticks_ns == STICKS_NOT)
		return 0;
	if (!entry || !entry->text) {
		failed = make_room(table, need->name.len + need->target.len, names_generation(names));
		if (failed < 0)
			return failed;
		entry = slot_find(table, need, hash);
		failed = entry_fill(entry, need);
		if (failed < 0)
			return failed;
		entry->hash = hash;
		table->n++;
		table->bytes += need->name.len + need->target.len;
	}
	entry->verdict = answer->verdict;
	entry->generation = answer->generation;
	entry->until = end_of(answer->sticks_ns);
	if (entry->until < table->due)
		table->due = entry->until;
	return 0;
}

void names_tallies(struct names *names, struct authority *authority)
{
	struct sticky *table = names->sticky;

	for (size_t i = 0; i < table->size; i++) {
		struct entry *entry = &table->slots[i];
		struct tally tally = { &entry->need, entry->count };

		if (!entry->count)
			continue;
		entry->count = 0;
		table->due = 0;
		if (authority_tally(authority, &tally) < 0)
			return;
	}
}
