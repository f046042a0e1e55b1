/*
 * reply.c - what an asker said, applied to the matter that it was asked about.
 *
 * Anything but a clear yes is no; and after a yes the matter is weighed again, so that
 * nothing is carried out that the ledger and the rules do not cover by then.
 */
#include "base/sys.h"
#include "judge/inside.h"

static struct end_of by_asker(const struct matter *m, enum outcome outcome)
{
	return (struct end_of){ outcome, m->judge->asker.origin };
}

static void tell_grants(struct judge *j, size_t had)
{
	for (size_t i = had; i < j->ledger.ngrants; i++)
		judge_tell(j, &(struct told){ .what = TOLD_GRANT, .grant = j->ledger.grants[i].number, .rule = j->ledger.grants[i].rule });
}

/* What was given covers it, and it is carried out; what is still open is refused. */
static void conclude(struct matter *m, size_t given, size_t grants)
{
	struct judge *j = m->judge;
	enum cell cell = matter_weigh(m, true);

	if (cell == CELL_ASK) {
		matter_refuse(m, by_asker(m, OUTCOME_DENIED));
	} else if (cell < CELL_ASK) {
		matter_decide(m, true);
	} else {
		matter_allow_all(m, by_asker(m, OUTCOME_GRANTED));
		if (m->end.outcome != OUTCOME_GRANTED)
			ledger_take_back(j, given, grants);
	}
	tell_grants(j, grants);
}

/* Is the directory given what SIDE needs? Secret and quiet names in it stay out. */
static bool dir_covers(struct matter *m, struct side *s)
{
	side_weigh_again(m, s);
	return s->cell >= CELL_YES;
}

static int option_give(struct matter *m, struct side *s, enum option_id id)
{
	access_set gift = side_gift(m, s);

	if (id == OPTION_ONCE) {
		s->once = gift;
		return 0;
	}
	if (id == OPTION_DIRS && s->dirfd >= 0) {
		int error = side_give_dir(m, s);

		if (error < 0 || dir_covers(m, s))
			return error;
	}
	return side_give(m, s, gift, id == OPTION_ALWAYS ? LIFE_ALWAYS : LIFE_RUN, true);
}

static bool is_yes(const struct matter *m, uint8_t choice)
{
	if (choice == 0 || choice > m->question.noptions)
		return false;
	return m->question.options[choice - 1].id != OPTION_NO && m->question.options[choice - 1].id != OPTION_STOP;
}

static bool is_stop(const struct matter *m, uint8_t choice)
{
	return choice > 0 && choice <= m->question.noptions && m->question.options[choice - 1].id == OPTION_STOP;
}

static void take_option(struct matter *m, const struct reply *reply)
{
	size_t given = m->judge->ledger.ngiven, grants = m->judge->ledger.ngrants;
	bool yes = true;
	int error = 0;

	for (size_t i = 0; i < m->n; i++) {
		yes &= is_yes(m, reply->choice[i]);
		m->judge->stopped |= is_stop(m, reply->choice[i]);
	}
	for (size_t i = 0; yes && error == 0 && i < m->n; i++)
		error = option_give(m, &m->side[i], m->question.options[reply->choice[i] - 1].id);
	if (yes && error == 0) {
		conclude(m, given, grants);
		return;
	}
	ledger_take_back(m->judge, given, grants);
	if (yes)
		matter_refuse(m, (struct end_of){ OUTCOME_UNAVAILABLE, ORIGIN_NOBODY });
	else
		matter_refuse(m, by_asker(m, OUTCOME_DENIED));
}

static const char *take_rules(struct matter *m, const struct reply *reply)
{
	size_t given = m->judge->ledger.ngiven, grants = m->judge->ledger.ngrants;
	const char *why = answer_rules(m, reply->rules);

	if (why) {
		ledger_take_back(m->judge, given, grants);
		return why;
	}
	conclude(m, given, grants);
	return NULL;
}

const char *reply_take(struct matter *m, const struct reply *reply)
{
	switch (reply->kind) {
	case REPLY_OPTION:
		take_option(m, reply);
		return NULL;
	case REPLY_RULES:
		return take_rules(m, reply);
	case REPLY_NO:
		matter_refuse(m, by_asker(m, OUTCOME_DENIED));
		return NULL;
	case REPLY_INTERRUPTED:
		m->judge->interrupted = true;
		break;
	default:
		break;
	}
	matter_refuse(m, (struct end_of){ OUTCOME_UNAVAILABLE, ORIGIN_NOBODY });
	return NULL;
}
