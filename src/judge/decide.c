/*
 * decide.c - one need to one answer (decisions.md 3, "Order").
 *
 * The names are weighed one by one, the strictest cell holds, and only then is
 * somebody asked. Whatever goes wrong on the way leaves ANSWER_NO.
 */
#include <errno.h>

#include "base/sys.h"
#include "cap/flags.h"
#include "judge/inside.h"

/* What the matter came to, for the record. */
struct end_of {
	enum outcome outcome;
	enum origin by;
	bool asked;			/* a question was put */
};

/* A slash behind the name (NEED_DIRECTORY) follows a link that is looked at; what is opened says so itself. */
static bool call_follows(const struct need *need)
{
	switch (need->call) {
	case CALL_FD_READDIR:
		return true;
	case CALL_PATH_OPEN:
		return (need->flags & NEED_FOLLOW) && !(need->flags & NEED_CREAT && need->flags & NEED_EXCL);
	case CALL_PATH_FILESTAT_GET:
	case CALL_PATH_FILESTAT_SET_TIMES:
	case CALL_PATH_READLINK:
		return need->flags & (need->call == CALL_PATH_READLINK ? NEED_DIRECTORY : NEED_FOLLOW | NEED_DIRECTORY);
	default:
		return false;
	}
}

static int side_init(struct matter *m, struct side *s, struct text name, enum act act, access_set access)
{
	*s = (struct side){ .act = act, .access = access, .object = OBJECT_NONE };
	s->changing = act == ACT_CREATE || act == ACT_CHANGE || act == ACT_LINK;
	return route_find(m->judge, name, &s->route);
}

static int matter_init(struct matter *m)
{
	const struct need *need = m->need;
	enum call call = need->call;
	int error = side_init(m, &m->side[0], need->name, act_of_call(call, need->flags), access_of_call(call, need->flags));

	m->n = 1;
	m->side[0].follow = call_follows(need);
	if (error < 0 || call != CALL_PATH_RENAME)
		return error;
	m->n = 2;
	return side_init(m, &m->side[1], need->target, ACT_CREATE, ACCESS_CREATE);
}

static bool need_is_sound(const struct need *need)
{
	return need->kind == KIND_FILE && need->call < CALLS && need->reserved == 0 && !(need->flags & ~(uint32_t)NEED_FLAGS);
}

/* Refused for want of anybody, or by the table for the target of a rename: as a look at the source says (I10). */
static enum verdict refusal_of(const struct matter *m)
{
	const struct side *s = &m->side[0];

	return table_refusal(s->act, s->shown);
}

static void answer_refuse(struct matter *m, enum verdict verdict, uint64_t sticks_ns)
{
	*m->out = ANSWER_NO;
	m->out->verdict = (uint8_t)verdict;
	m->out->generation = m->judge->generation;
	m->out->sticks_ns = sticks_ns;
}

/* What the worker may answer by itself: for ever where the name alone decided. */
static uint64_t sticks(const struct matter *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->side[i].touched)
			return STICKY_ABSENT_NS;
	return STICKS_RUN;
}

/* A branch that the worker has not been told of comes along with the first answer beneath it. */
static int answer_mount(struct matter *m)
{
	const struct branch *branch = m->side[0].route.branch;

	if (!branch || branch->kind == BRANCH_START || m->n > 1 || !branch_covers(&m->side[0].route, m->side[0].access))
		return 0;
	m->out->fds[1] = sys_dup(branch->fd, 0);
	if (m->out->fds[1] < 0)
		return m->out->fds[1];
	m->out->mount = branch->at;
	m->out->access = branch->access;
	m->out->grant = branch->grant;
	m->out->mount_flags = (uint8_t)branch->flags;
	return 0;
}

static void answer_drop(struct answer *out)
{
	sys_close(out->fds[0]);
	sys_close(out->fds[1]);
	*out = ANSWER_NO;
}

/* Does what was allowed, and says how that went. */
static int matter_allow(struct matter *m)
{
	struct answer *out = m->out;
	int error;

	*out = ANSWER_NO;
	out->access = m->side[0].access;
	out->grant = m->side[0].grant;
	if (m->side[0].act == ACT_OPENDIR && table_cell(m->judge->mode, ACT_OPENDIR, m->side[0].class, true) != CELL_TRUTH)
		out->access |= ACCESS_LIST;
	error = answer_mount(m);
	if (error == 0)
		error = matter_carry(m);
	if (error == -ESTALE) {
		answer_drop(out);
		return error;
	}
	if (error < 0) {
		sys_close(out->fds[0]);
		out->fds[0] = -1;
		out->has_stat = 0;
		out->error = -error;
	}
	out->verdict = VERDICT_ALLOW;
	out->generation = m->judge->generation;
	return 0;
}

/* Absent, and a look may say so: the worker repeats it for a moment, unless a mount comes with it. */
static bool is_absence(const struct matter *m)
{
	return m->n == 1 && m->side[0].error == -ENOENT && m->side[0].act != ACT_CREATE &&
	       !branch_covers(&m->side[0].route, m->side[0].access);
}

/* Keeps what a yes gives: an object, or a name in its opened parent. */
static int side_give(struct matter *m, struct side *s)
{
	struct judge *j = m->judge;
	struct given given = { .number = ++j->grants, .access = side_gift(m, s), .origin = j->asker.origin, .name = s->route.host };
	bool by_name = s->changing && m->need->call != CALL_PATH_FILESTAT_SET_TIMES;

	s->grant = given.number;
	s->by = given.origin;
	if (given.access & ACCESS_WRITE)
		given.access |= ACCESS_APPEND;
	if (by_name && (!s->object.exists || object_parent(&s->object) == 0)) {
		given.fd = s->object.parentfd;
		given.id = s->object.parent;
		given.leaf = text_of(s->object.leaf);
	} else {
		given.fd = s->object.fd;
		given.id = s->object.id;
	}
	if (given.fd < 0)			/* the parent is missing: there is nothing to be given */
		return 0;
	given.fd = sys_dup(given.fd, 0);
	return given.fd < 0 ? given.fd : ledger_give(j, &given);
}

static int matter_give(struct matter *m)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < m->n; i++)
		error = side_give(m, &m->side[i]);
	return error;
}

/* Remembers a refusal by somebody, so that the question is put once (I6). */
static void matter_refuse(struct matter *m, enum verdict verdict, struct end_of end)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct side *s = &m->side[i];
		struct refused refused = {
			.name = s->route.host, .changing = s->changing, .verdict = verdict,
			.outcome = end.outcome, .by = end.by, .sticks_ns = STICKS_RUN,
		};

		if (s->cell > CELL_ASK)
			continue;		/* this side was not in question */
		if (s->object.exists)
			refused.id = s->object.id;
		if (s->object.parentfd >= 0) {
			refused.parent = s->object.parent;
			refused.leaf = text_of(s->object.leaf);
		}
		ledger_refuse(m->judge, &refused);
	}
	answer_refuse(m, verdict, STICKS_RUN);
}

static struct end_of matter_ask(struct matter *m)
{
	struct judge *j = m->judge;
	struct end_of nobody = { OUTCOME_UNAVAILABLE, ORIGIN_NOBODY, false }, somebody = { OUTCOME_DENIED, j->asker.origin, true };
	struct reply reply = { 0 };
	size_t had;

	if (!judge_can_ask(j)) {
		answer_refuse(m, refusal_of(m), sticks(m));
		return nobody;
	}
	if (question_put(m, &reply) < 0) {
		answer_refuse(m, VERDICT_DENY, STICKS_NOT);
		return nobody;
	}
	nobody.asked = true;
	had = j->ledger.ngiven;
	if (reply.kind == REPLY_OPTION && matter_give(m) == 0 && matter_allow(m) == 0)
		return (struct end_of){ OUTCOME_GRANTED, j->asker.origin, true };
	if (reply.kind == REPLY_OPTION) {
		ledger_take_back(j, had);
		answer_refuse(m, VERDICT_DENY, STICKS_NOT);
		return (struct end_of){ OUTCOME_DENIED, ORIGIN_NOBODY, true };
	}
	j->interrupted |= reply.kind == REPLY_INTERRUPTED;
	if (reply.kind == REPLY_NO) {
		matter_refuse(m, VERDICT_DENY, somebody);
		return somebody;
	}
	matter_refuse(m, refusal_of(m), nobody);
	return nobody;
}

static enum origin giver(const struct side *s)
{
	if (s->by == ORIGIN_TABLE && (s->class == CLASS_NAMED || s->class == CLASS_MAKER))
		return ORIGIN_ARGUMENT;
	return s->by;
}

static struct end_of matter_settle(struct matter *m, enum cell cell)
{
	struct end_of table = { OUTCOME_DENIED, ORIGIN_TABLE, false };

	switch (cell) {
	case CELL_ASK:
		return matter_ask(m);
	case CELL_YES:
	case CELL_TRUTH:
		if (is_absence(m)) {
			answer_refuse(m, VERDICT_HIDE, STICKY_ABSENT_NS);
			return (struct end_of){ OUTCOME_GRANTED, giver(&m->side[0]), false };
		}
		if (matter_allow(m) == 0)
			return (struct end_of){ OUTCOME_GRANTED, giver(&m->side[0]), false };
		answer_refuse(m, VERDICT_DENY, STICKS_NOT);
		return table;
	case CELL_HIDE:
		answer_refuse(m, VERDICT_HIDE, sticks(m));
		table.outcome = OUTCOME_HIDDEN;
		if (m->side[0].touched && !m->side[0].object.exists &&
		    table_shows(m->judge->mode, m->side[0].look_class, true))
			table.outcome = OUTCOME_GRANTED;	/* an absent file is not a need */
		return table;
	case CELL_NO:
		break;
	}
	answer_refuse(m, m->n > 1 && !m->side[0].guarded && !m->side[1].guarded ? refusal_of(m) : VERDICT_DENY, sticks(m));
	return table;
}

/* What was done goes by its source; what was refused by the name that was the reason. */
static void matter_record(const struct matter *m, struct end_of end)
{
	size_t side = end.outcome == OUTCOME_GRANTED ? 0 : m->strictest;
	const struct side *s = &m->side[side];
	struct text path = s->touched ? s->object.path : TEXT("");

	if (!path.len && s->route.branch)
		path = s->route.host;
	record_add(m->judge, &(struct event){
		.need = m->need, .act = s->act, .access = s->access, .name = s->route.guest,
		.path = path, .verb = side_verb(m, side), .class = s->class,
		.outcome = end.outcome, .by = end.by, .asked = end.asked,
	});
}

static struct end_of matter_decide(struct matter *m)
{
	enum cell cell = CELL_TRUTH;

	for (size_t i = 0; i < m->n; i++) {
		const struct side *s = &m->side[i];

		side_weigh(m, &m->side[i]);
		if (s->refused) {
			m->strictest = i;
			answer_refuse(m, i > 0 ? refusal_of(m) : s->refused->verdict, s->refused->sticks_ns);
			return (struct end_of){ s->refused->outcome, s->refused->by, true };
		}
		if (s->error < 0 && s->cell >= CELL_YES && cell > CELL_HIDE)
			return matter_settle(m, CELL_TRUTH);	/* it cannot succeed: no question about it */
		if (s->cell < cell) {
			cell = s->cell;
			m->strictest = i;
		}
		if (cell <= CELL_HIDE)
			break;
	}
	return matter_settle(m, cell);
}

int judge_need(void *self, const struct need *need, struct answer *out)
{
	struct judge *j = self;
	struct matter m = { .judge = j, .need = need, .out = out };
	int error;

	arena_done(&j->call);
	*out = ANSWER_NO;
	if (!need_is_sound(need))
		return -EINVAL;
	if (j->mode == MODE_OFF) {
		out->sticks_ns = STICKS_RUN;
		return 0;
	}
	error = matter_init(&m);
	if (error < 0)
		return error;
	matter_record(&m, matter_decide(&m));
	for (size_t i = 0; i < m.n; i++)
		object_done(&m.side[i].object);
	return 0;
}
