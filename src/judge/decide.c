/*
 * decide.c - a matter to its answer (decisions.md 3, "Order").
 *
 * The names are weighed one by one, the strictest cell holds, and only then is
 * somebody asked. Whatever goes wrong on the way leaves ANSWER_NO.
 */
#include <errno.h>

#include "base/sys.h"
#include "cap/flags.h"
#include "judge/inside.h"

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
	memset(s, 0, offsetof(struct side, object));
	object_none(&s->object);
	s->dirfd = -1;
	s->act = act;
	s->access = access;
	s->changing = act == ACT_CREATE || act == ACT_CHANGE || act == ACT_LINK;
	return route_find(m->judge, &m->arena, name, &s->route);
}

int matter_begin(struct matter *m)
{
	const struct need *need = m->need;
	enum call call = need->call;
	int error;

	error = rules_bind_rest(m->judge);
	if (error < 0)
		return error;
	m->n = 1;
	error = side_init(m, &m->side[0], need->name, act_of_call(call, need->flags), access_of_call(call, need->flags));
	m->side[0].follow = call_follows(need);
	if (error < 0 || call != CALL_PATH_RENAME)
		return error;
	m->n = 2;
	return side_init(m, &m->side[1], need->target, ACT_CREATE, ACCESS_CREATE);
}

enum cell matter_weigh(struct matter *m, bool again)
{
	enum cell cell = CELL_TRUTH;

	m->strictest = 0;
	for (size_t i = 0; i < m->n; i++) {
		struct side *s = &m->side[i];

		if (again)
			side_weigh_again(m, s);
		else
			side_weigh(m, s);
		if (s->refused) {
			m->strictest = i;
			return CELL_NO;
		}
		if (s->error < 0 && s->cell >= CELL_YES && cell > CELL_HIDE)
			return CELL_TRUTH;		/* it cannot succeed: no question about it */
		if (s->cell < cell) {
			cell = s->cell;
			m->strictest = i;
		}
		if (cell <= CELL_HIDE)
			break;
	}
	return cell;
}

/* ---- refusals ---- */

/* Refused for want of anybody, or by the table for the target of a rename: as a look at the source says (I10). */
static enum verdict refusal_of(const struct matter *m)
{
	return table_refusal(m->side[0].act, m->side[0].shown);
}

static void answer_refuse(struct matter *m, enum verdict verdict, uint64_t sticks_ns)
{
	*m->out = ANSWER_NO;
	m->out->verdict = (uint8_t)verdict;
	m->out->generation = m->judge->generation.grants;
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

/* Remembers a refusal by somebody, so that the question is put once (I6). */
void matter_refuse(struct matter *m, struct end_of end)
{
	enum verdict verdict = end.outcome == OUTCOME_UNAVAILABLE ? refusal_of(m) : VERDICT_DENY;

	for (size_t i = 0; i < m->n; i++) {
		const struct side *s = &m->side[i];
		struct refused refused = {
			.name = s->route.host, .changing = s->changing, .verdict = verdict,
			.outcome = end.outcome, .by = end.by, .sticks_ns = STICKS_RUN,
		};

		if (s->cell != CELL_ASK)
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
	m->end = end;
}

/* ---- what was allowed ---- */

/* A branch that the worker has not been told of comes along with the first answer beneath it. */
static int answer_mount(struct matter *m)
{
	const struct side *s = &m->side[0];
	struct branch *branch = s->route.branch;
	access_set words;

	if (m->n > 1)
		return 0;
	if (s->ruling && s->ruling->rule.verb == VERB_ALLOW && s->ruling->rule.what == WHAT_SUBTREE && !s->ruling->rule.at.len)
		branch = branch_of_rule(m->judge, s->ruling);
	if (!branch || branch->kind == BRANCH_START)
		return 0;
	words = branch_words(m->judge, branch);
	if (!words || !access_covers(words, s->access))
		return 0;
	news_of_branch(m->judge, branch);
	m->out->fds[1] = sys_dup(branch->fd, 0);
	if (m->out->fds[1] < 0)
		return m->out->fds[1];
	m->out->mount = branch->at;
	m->out->access = words;
	m->out->grant = branch->grant;
	m->out->mount_flags = (uint8_t)(branch->flags | (branch_has_secrets(m->judge, branch) ? MOUNT_SECRETS : 0));
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
	const struct side *s = &m->side[0];
	struct answer *out = m->out;
	int error;

	*out = ANSWER_NO;
	out->access = s->access;
	out->grant = s->grant;
	out->lifetime = s->once ? LIFE_ONCE : LIFE_RUN;
	if (s->act == ACT_OPENDIR && table_cell(m->judge->mode, ACT_OPENDIR, s->class, true) != CELL_TRUTH)
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
	out->generation = m->judge->generation.grants;
	return 0;
}

void matter_allow_all(struct matter *m, struct end_of end)
{
	m->end = end;
	if (matter_allow(m) == 0)
		return;
	answer_refuse(m, VERDICT_DENY, STICKS_NOT);
	m->end = (struct end_of){ OUTCOME_DENIED, ORIGIN_NOBODY };
}

/* Absent, and a look may say so: the worker repeats it for a moment, unless a mount comes with it. */
static bool is_absence(const struct matter *m)
{
	return m->n == 1 && m->side[0].error == -ENOENT && m->side[0].act != ACT_CREATE &&
	       !branch_covers(&m->side[0].route, m->side[0].access);
}

static enum origin giver(const struct side *s)
{
	if (s->by == ORIGIN_TABLE && (s->class == CLASS_NAMED || s->class == CLASS_MAKER))
		return ORIGIN_ARGUMENT;
	return s->by;
}

static void decide_yes(struct matter *m)
{
	m->end = (struct end_of){ OUTCOME_GRANTED, giver(&m->side[0]) };
	if (is_absence(m)) {
		answer_refuse(m, VERDICT_HIDE, STICKY_ABSENT_NS);
		return;
	}
	if (matter_allow(m) == 0)
		return;
	answer_refuse(m, VERDICT_DENY, STICKS_NOT);
	m->end = (struct end_of){ OUTCOME_DENIED, ORIGIN_TABLE };
}

static void decide_hide(struct matter *m)
{
	const struct side *s = &m->side[0];

	answer_refuse(m, VERDICT_HIDE, sticks(m));
	m->end = (struct end_of){ OUTCOME_HIDDEN, m->side[m->strictest].by };
	if (s->touched && !s->object.exists && !s->ruling && table_shows(m->judge->mode, s->look_class, true))
		m->end.outcome = OUTCOME_GRANTED;	/* an absent file is not a need */
}

/* Refused without anybody: a rename as its source is shown, unless the name itself is forbidden. */
static void decide_no(struct matter *m)
{
	const struct side *s = &m->side[m->strictest];

	if (s->refused) {
		answer_refuse(m, m->strictest > 0 ? refusal_of(m) : s->refused->verdict, s->refused->sticks_ns);
		m->end = (struct end_of){ s->refused->outcome, s->refused->by };
		return;
	}
	answer_refuse(m, m->n > 1 && !s->guarded && !s->ruling ? refusal_of(m) : VERDICT_DENY, sticks(m));
	m->end = (struct end_of){ OUTCOME_DENIED, s->by };
}

static void decide_unavailable(struct matter *m)
{
	m->judge->failed_fast |= m->judge->fail_fast;
	answer_refuse(m, refusal_of(m), sticks(m));
	m->end = (struct end_of){ OUTCOME_UNAVAILABLE, ORIGIN_NOBODY };
}

bool matter_decide(struct matter *m, bool again)
{
	switch (matter_weigh(m, again)) {
	case CELL_ASK:
		if (judge_can_ask(m->judge) || m->question.number)
			return false;
		decide_unavailable(m);
		break;
	case CELL_YES:
	case CELL_TRUTH:
		decide_yes(m);
		break;
	case CELL_HIDE:
		decide_hide(m);
		break;
	case CELL_NO:
		decide_no(m);
		break;
	}
	return true;
}

/* ---- the record ---- */

/* Hidden secrets, quiet names only looked at, what was denied, and where none was needed: no rule (protocols.md 4). */
static access_set gift_recorded(const struct matter *m, const struct side *s, struct end_of end)
{
	bool asked = end.by == ORIGIN_PERSON || end.by == ORIGIN_BROKER || end.by == ORIGIN_EMBEDDER;

	if (s->act == ACT_LINK || s->guarded || (s->ruling && s->ruling->rule.verb != VERB_ASK && s->ruling->rule.verb != VERB_ALLOW))
		return 0;
	if (end.outcome == OUTCOME_UNAVAILABLE || (end.outcome == OUTCOME_GRANTED && asked))
		return side_gift(m, s);
	if (end.outcome != OUTCOME_HIDDEN || s->class == CLASS_SECRET || (s->touched && !s->object.exists))
		return 0;
	return s->word == CLASS_QUIET && s->act == ACT_LOOK ? 0 : side_gift(m, s);
}

/* About this very need, or, when it is a repeat, about the first. */
static bool was_asked(const struct matter *m)
{
	return m->question.number || m->side[m->strictest].refused;
}

static void side_record(struct matter *m, const struct side *s)
{
	struct text path = s->touched ? s->object.path : TEXT("");
	bool first = s == &m->side[0];

	if (!path.len && (s->route.branch || s->left))
		path = s->route.host;
	record_add(m->judge, &(struct event){
		.need = m->need, .act = s->act, .access = s->access, .name = s->route.guest, .raw = first ? m->need->name : m->need->target,
		.path = path, .verb = side_verb(m, first ? 0 : 1), .class = s->word, .outcome = m->end.outcome, .by = m->end.by,
		.gift = gift_recorded(m, s, m->end), .asked = was_asked(m),
	});
}

/* What was done goes by its source; what was refused by the name that was the reason; what is asked about by both. */
void matter_record(struct matter *m)
{
	size_t reason = m->end.outcome == OUTCOME_GRANTED ? 0 : m->strictest;
	bool both = m->n > 1 && gift_recorded(m, &m->side[1 - reason], m->end) &&
		    (m->end.outcome == OUTCOME_UNAVAILABLE ? m->side[1 - reason].cell == CELL_ASK : m->question.number != 0);

	side_record(m, &m->side[reason]);
	if (both)
		side_record(m, &m->side[1 - reason]);
}
