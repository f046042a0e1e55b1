/*
 * record.c - every need of this run, once, with a count (I8). A guest cannot read it.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "cap/flags.h"
#include "judge/inside.h"

enum { BUCKETS = sizeof ((struct record *)0)->heads / sizeof (uint32_t) };

static uint32_t *bucket_of(struct record *record, struct text name)
{
	return &record->heads[hash_text(name, (uint64_t)(uintptr_t)record) % BUCKETS];
}

/* The row with this name and act, and OUTCOME; negative: any that was not granted. */
static struct record_row *row_find(struct record *r, struct text name, const struct need *need, enum act act, int outcome)
{
	for (uint32_t i = *bucket_of(r, name); i; i = r->next[i - 1]) {
		struct record_row *row = &r->rows[i - 1];

		if (row->act != act || row->kind != need->kind || !text_eq(row->name, name))
			continue;
		if (outcome < 0 ? row->outcome != OUTCOME_GRANTED : row->outcome == (enum outcome)outcome)
			return row;
	}
	return NULL;
}

static bool record_room(struct record *r)
{
	size_t size = r->size ? 2 * r->size : 64;
	struct record_row *rows;
	uint32_t *next;

	if (r->n < r->size)
		return true;
	rows = mem_grow(r->rows, r->size, size, sizeof *rows);
	if (rows)
		r->rows = rows;
	next = mem_grow(r->next, r->size, size, sizeof *next);
	if (next)
		r->next = next;
	if (!rows || !next)
		return false;
	r->size = size;
	return true;
}

void record_add(struct judge *judge, const struct event *e)
{
	struct record *r = &judge->record;
	struct record_row *row = row_find(r, e->name, e->need, e->act, (int)e->outcome);
	uint32_t *bucket;
	struct text name, path;

	if (row) {
		row->count++;
		return;
	}
	if (r->n == LIMIT_RECORD) {		/* before anything is kept of it */
		r->omitted++;
		return;
	}
	name = arena_text(&judge->arena, e->name);
	path = arena_text(&judge->arena, e->path);
	if (!name.at || !path.at || !record_room(r)) {
		r->omitted++;
		return;
	}
	r->rows[r->n] = (struct record_row){
		.kind = e->need->kind, .act = e->act, .call = e->need->call, .access = e->access,
		.name = name, .path = path, .class = class_word(e->class),
		.outcome = e->outcome, .by = e->by, .count = 1, .verb = e->verb, .asked = e->asked,
	};
	bucket = bucket_of(r, name);
	r->next[r->n] = *bucket;
	*bucket = (uint32_t)++r->n;
}

static bool is_synthetic(const struct judge *judge, struct text name)
{
	for (size_t i = 0; i < judge->synthetic.n; i++)
		if (text_eq(judge->synthetic.at[i], name))
			return true;
	return false;
}

/* A directory that stands for itself was listed: no need, but recorded (decisions.md 4.3). */
static void record_listing(struct judge *judge, const struct need *need, const struct route *route)
{
	record_add(judge, &(struct event){
		.need = need, .act = ACT_LIST, .access = ACCESS_LIST, .name = route->guest,
		.verb = act_verb(ACT_LIST), .class = class_of(&judge->evidence, route->host, false), .outcome = OUTCOME_GRANTED, .by = ORIGIN_TABLE,
	});
}

/* The row of what the worker was refused; of a rename by its target, when that was the reason. */
static struct record_row *row_refused(struct judge *judge, const struct need *need, struct route *route)
{
	enum act act = act_of_call(need->call, need->flags);
	struct record_row *row = row_find(&judge->record, route->guest, need, act, -1);

	if (row || need->call != CALL_PATH_RENAME || route_find(judge, need->target, route) < 0)
		return row;
	return row_find(&judge->record, route->guest, need, ACT_CREATE, -1);
}

void record_tally(struct judge *judge, const struct tally *tally)
{
	const struct need *need = tally->need;
	struct route route;
	struct record_row *row;

	arena_done(&judge->call);
	if (need->call >= CALLS || tally->count == 0 || route_find(judge, need->name, &route) < 0)
		return;
	row = row_refused(judge, need, &route);
	if (!row && need->call == CALL_FD_READDIR && is_synthetic(judge, route.guest)) {
		record_listing(judge, need, &route);
		row = row_find(&judge->record, route.guest, need, ACT_LIST, OUTCOME_GRANTED);
		if (row)
			row->count--;		/* the one that record_add counted */
	}
	if (row && UINT64_MAX - row->count >= tally->count)
		row->count += tally->count;
}

void record_done(struct record *r)
{
	mem_free(r->rows);
	mem_free(r->next);
	*r = (struct record){ 0 };
}
