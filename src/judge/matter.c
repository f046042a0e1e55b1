/*
 * matter.c - needs under way: a matter that somebody is asked about waits on the heap,
 * with its objects open, until the reply comes, the asker is lost or nobody wants it
 * any longer.
 *
 * Who asks for the same thing as one that waits is not asked about again: it waits,
 * too, and is weighed again when something was decided (decisions.md 7.1).
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

/* ---- one matter ---- */

static int need_copy(struct matter *m, const struct need *need)
{
	m->own = *need;
	m->own.name = arena_text(&m->arena, need->name);
	m->own.target = arena_text(&m->arena, need->target);
	m->need = &m->own;
	return m->own.name.at && m->own.target.at ? 0 : -ENOMEM;
}

struct matter *matter_new(struct judge *j, const struct need *need)
{
	struct matter *m = j->spare ? j->spare : mem_raw(sizeof *m);	/* what is large in it may never be used */

	if (!m)
		return NULL;
	if (!j->spare)
		m->arena = (struct arena){ 0 };
	j->spare = NULL;
	m->judge = j;
	m->next = NULL;
	m->n = m->strictest = 0;
	m->ticket = 0;
	m->question = (struct question){ 0 };
	m->done = false;
	m->answer = ANSWER_NO;
	m->out = &m->answer;
	m->end = (struct end_of){ 0 };
	if (need_copy(m, need) == 0)
		return m;
	matter_free(m);
	return NULL;
}

void matter_free(struct matter *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++) {
		object_done(&m->side[i].object);
		sys_close(m->side[i].dirfd);
	}
	for (int i = 0; i < ANSWER_FDS; i++)
		sys_close(m->answer.fds[i]);
	arena_done(&m->arena);
	if (m->judge->spare) {
		mem_free(m);
		return;
	}
	m->n = 0;
	m->answer = ANSWER_NO;
	m->judge->spare = m;
}

void matters_done(struct judge *j)
{
	struct matter *m;

	while ((m = j->waiting)) {
		j->waiting = m->next;
		matter_free(m);
	}
	matter_free(j->last);
	mem_free(j->spare);
	j->last = j->spare = NULL;
}

static bool need_is_sound(const struct need *need)
{
	return need->kind == KIND_FILE && need->call < CALLS && need->reserved == 0 && !(need->flags & ~(uint32_t)NEED_FLAGS);
}

/* ---- asking ---- */

static bool same_side(const struct side *a, const struct side *b)
{
	if (a->changing != b->changing || a->act != b->act)
		return false;
	if (a->object.exists || b->object.exists)
		return a->object.exists && b->object.exists && file_id_eq(a->object.id, b->object.id) && a->access == b->access;
	return text_eq(a->object.path, b->object.path);
}

/* Is the very question open already? Then there is nothing to be asked. */
static bool is_asked_already(const struct judge *j, const struct matter *m)
{
	for (const struct matter *other = j->waiting; other; other = other->next) {
		bool same = other != m && !other->done && other->question.number && other->n == m->n && other->need->call == m->need->call;

		for (size_t i = 0; same && i < m->n; i++)
			same = same_side(&m->side[i], &other->side[i]);
		if (same)
			return true;
	}
	return false;
}

static void unavailable(struct matter *m)
{
	matter_refuse(m, (struct end_of){ OUTCOME_UNAVAILABLE, ORIGIN_NOBODY });
}

/* Puts the question. False: the reply comes later. */
static bool matter_ask(struct matter *m)
{
	struct reply reply = { 0 };

	if (question_put(m, &reply) < 0) {
		unavailable(m);
		return true;
	}
	if (reply.kind == REPLY_PENDING)
		return false;
	if (reply_take(m, &reply))
		unavailable(m);			/* a reply that cannot be given is none */
	return true;
}

/* ---- what waits ---- */

static void matter_finish(struct matter *m)
{
	m->done = true;
	matter_record(m);
}

/* One pass over what waits: was something settled? */
static bool settle_pass(struct judge *j)
{
	bool settled = false;

	for (struct matter *m = j->waiting; m; m = m->next) {
		if (m->done)
			continue;
		if (!matter_decide(m, true)) {
			if (m->question.number || is_asked_already(j, m) || !matter_ask(m))
				continue;
		} else if (m->question.number && j->asker.cancel) {
			j->asker.cancel(j->asker.self, m->question.number);
		}
		matter_finish(m);
		settled = true;
	}
	return settled;
}

void matters_settle(struct judge *j)
{
	while (settle_pass(j))
		;
}

static struct matter *matter_of(struct judge *j, uint64_t ticket, uint64_t question)
{
	struct matter *m = j->waiting;

	while (m && (ticket ? m->ticket != ticket : m->question.number != question || m->done))
		m = m->next;
	return m;
}

static void matter_unlink(struct judge *j, struct matter *m)
{
	struct matter **at = &j->waiting;

	while (*at && *at != m)
		at = &(*at)->next;
	if (*at)
		*at = m->next;
	m->next = NULL;
}

static void matter_wait(struct judge *j, struct matter *m)
{
	struct matter **at = &j->waiting;

	while (*at)
		at = &(*at)->next;
	*at = m;
	m->ticket = ++j->tickets;
}

/* ---- the door ---- */

/* What the worker has to know besides comes along with the answer. */
static void answer_give(struct judge *j, struct matter *m, struct answer *out)
{
	*out = m->answer;
	m->answer = ANSWER_NO;
	news_give(j, &m->arena, &out->exclusions);
	j->last = m;
}

static void last_done(struct judge *j)
{
	struct matter *m = j->last;

	j->last = NULL;
	matter_free(m);
}

int judge_put(struct judge *j, const struct need *need, struct answer *out, uint64_t *ticket)
{
	struct matter *m;
	int error = 0;

	last_done(j);
	*out = ANSWER_NO;
	if (!need_is_sound(need))
		return -EINVAL;
	if (j->mode == MODE_OFF) {
		out->sticks_ns = STICKS_RUN;
		return 0;
	}
	m = matter_new(j, need);
	if (m)
		error = matter_begin(m);
	if (!m || error < 0) {
		matter_free(m);
		return m ? error : -ENOMEM;
	}
	if (!matter_decide(m, false) && (is_asked_already(j, m) || !matter_ask(m))) {
		matter_wait(j, m);
		*ticket = m->ticket;
		return 1;
	}
	matter_finish(m);
	answer_give(j, m, out);
	matters_settle(j);
	return 0;
}

int judge_take(struct judge *j, uint64_t ticket, struct answer *out)
{
	struct matter *m = ticket ? matter_of(j, ticket, 0) : NULL;

	if (!m)
		return -EPROTO;
	if (!m->done)
		return 1;
	last_done(j);
	matter_unlink(j, m);
	answer_give(j, m, out);
	return 0;
}

void judge_cancel(struct judge *j, uint64_t ticket)
{
	struct matter *m = ticket ? matter_of(j, ticket, 0) : NULL;

	if (!m)
		return;
	if (!m->done && m->question.number && j->asker.cancel)
		j->asker.cancel(j->asker.self, m->question.number);
	if (!m->done) {
		m->end = (struct end_of){ OUTCOME_UNAVAILABLE, ORIGIN_NOBODY };
		matter_record(m);
	}
	matter_unlink(j, m);
	matter_free(m);
	matters_settle(j);		/* who waited for the same is asked about now */
}

/* ---- the asker ---- */

static const char *sink_reply(void *self, uint64_t number, const struct reply *reply)
{
	struct judge *j = self;
	struct matter *m = number ? matter_of(j, 0, number) : NULL;
	const char *why = m ? reply_take(m, reply) : "no such question is open";

	if (why)
		return why;
	matter_finish(m);
	matters_settle(j);
	return NULL;
}

static void sink_revoke(void *self, uint64_t grant)
{
	judge_revoke(self, grant);
}

static void sink_lost(void *self)
{
	struct judge *j = self;

	j->lost = true;
	for (struct matter *m = j->waiting; m; m = m->next) {
		if (m->done)
			continue;
		unavailable(m);
		matter_finish(m);
	}
}

void matters_init(struct judge *j)
{
	j->sink = (struct asker_sink){ j, sink_reply, sink_revoke, sink_lost };
}
