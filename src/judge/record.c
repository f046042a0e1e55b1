/*
 * record.c - every need of this run, once, with a count (I8). A guest cannot read it.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "cap/flags.h"
#include "judge/inside.h"

enum { BUCKETS = 1024 };

static uint32_t *bucket_of(struct record *record, struct text name)
{
	return &record->heads[hash_text(name, (uint64_t)(uintptr_t)record) % BUCKETS];
}

/* The row with this name and act, and OUTCOME; negative: any that was not granted. */
static struct record_row *row_find(struct record *r, struct text name, const struct need *need, enum act act, int outcome)
{
	for (uint32_t i = r->heads ? *bucket_of(r, name) : 0; i; i = r->next[i - 1]) {
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

	if (!r->heads)
		r->heads = mem_new(BUCKETS, sizeof *r->heads);
	if (!r->heads || r->n < r->size)
		return r->heads != NULL;
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

/* As the program spelled it: mostly an end of NAME, and then no copy of its own. */
static struct text spelled_of(struct judge *judge, const struct event *e, struct text name)
{
	struct text raw = need_spelled(judge, e->raw);

	if (name.at && text_ends(name, raw))
		return text_from(name, name.len - raw.len);
	return arena_text(&judge->arena, raw);
}

void record_add(struct judge *judge, const struct event *e)
{
	struct record *r = &judge->record;
	struct record_row *row = row_find(r, e->name, e->need, e->act, (int)e->outcome);
	uint32_t *bucket;
	struct text name, path, spelled;

	if (row) {
		row->count++;
		row->gift |= e->gift;
		return;
	}
	if (r->n == LIMIT_RECORD) {		/* before anything is kept of it */
		r->omitted++;
		return;
	}
	name = arena_text(&judge->arena, e->name);
	path = arena_text(&judge->arena, e->path);
	spelled = spelled_of(judge, e, name);
	if (!name.at || !path.at || !spelled.at || !record_room(r)) {
		r->omitted++;
		return;
	}
	r->rows[r->n] = (struct record_row){
		.kind = e->need->kind, .act = e->act, .call = e->need->call, .access = e->access,
		.name = name, .spelled = spelled, .path = path, .gift = e->gift, .class = class_word(e->class),
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
		.need = need, .act = ACT_LIST, .access = ACCESS_LIST, .name = route->guest, .raw = need->name,
		.verb = act_verb(ACT_LIST), .class = class_of(&judge->evidence, route->host, false), .outcome = OUTCOME_GRANTED, .by = ORIGIN_TABLE,
	});
}

/* The row of what the worker was refused; of a rename by its target, when that was the reason. */
static struct record_row *row_refused(struct judge *judge, const struct need *need, struct route *route)
{
	enum act act = act_of_call(need->call, need->flags);
	struct record_row *row = row_find(&judge->record, route->guest, need, act, -1);

	if (row || need->call != CALL_PATH_RENAME || route_find(judge, &judge->call, need->target, route) < 0)
		return row;
	return row_find(&judge->record, route->guest, need, ACT_CREATE, -1);
}

void record_tally(struct judge *judge, const struct tally *tally)
{
	const struct need *need = tally->need;
	struct route route;
	struct record_row *row;

	arena_done(&judge->call);
	if (need->call >= CALLS || tally->count == 0 || route_find(judge, &judge->call, need->name, &route) < 0)
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
	mem_free(r->heads);
	mem_free(r->rows);
	mem_free(r->next);
	*r = (struct record){ 0 };
}

void judge_row_rule(const struct record_row *row, struct buf *out)
{
	struct rule rule = { .verb = VERB_ALLOW, .access = row->gift, .what = WHAT_OBJECT, .path = row->path.len ? row->path : row->name, .lifetime = LIFE_RUN };

	if (row->gift)
		rule_print(out, &rule);
}
