/*
 * question.c - a matter as a question: what would be done, to which object, and
 * the rules that its options stand for (decisions.md 7).
 */
#include <errno.h>

#include "ask/draw.h"
#include "judge/inside.h"
#include "policy/rules.h"

enum {
	/* Opening for writing or making a file: that one name (decisions.md 6), and what a program does to it next. */
	GIFT_FILE = ACCESS_READ | ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_STAT | ACCESS_META,
	GIFT_NAME = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE,
};

static const char *const whys[CLASSES] = {
	[CLASS_SECRET] = "a secret name",
	[CLASS_QUIET] = "a place of the system or a dotfile",
	[CLASS_OTHER] = "not named, and outside of where it stands",
	[CLASS_SECRET_NAMED] = "a secret that the command line names",
	[CLASS_NEAR] = "not named on the command line",
	[CLASS_NAMED] = "named only to be read",
	[CLASS_MAKER] = "it exists already",
};

access_set side_gift(const struct matter *m, const struct side *s)
{
	switch (m->need->call) {
	case CALL_PATH_OPEN:
		if (s->act == ACT_CREATE || s->act == ACT_CHANGE)
			return GIFT_FILE;
		return s->act == ACT_READ ? (access_set)ACCESS_READ : (access_set)(ACCESS_LIST | ACCESS_STAT);
	case CALL_FD_READDIR:
		return ACCESS_LIST | ACCESS_STAT;
	case CALL_PATH_UNLINK_FILE:
	case CALL_PATH_REMOVE_DIRECTORY:
	case CALL_PATH_RENAME:
		return GIFT_NAME;
	default:
		return s->access;
	}
}

static struct question_need need_of(const struct matter *m, size_t i)
{
	const struct side *s = &m->side[i];
	const struct object *o = &s->object;
	bool renames = m->n > 1;

	return (struct question_need){
		.kind = m->need->kind, .act = s->act, .call = m->need->call, .access = s->access,
		.path = o->path.len ? o->path : s->route.host, .guest = s->route.guest,
		.second = renames && i == 0 ? m->side[1].object.path : TEXT(""),
		.class = class_word(s->class), .why = whys[s->class],
		.exists = o->exists,
		.replaces = renames ? m->side[1].object.exists : s->act == ACT_CREATE && o->exists,
		.mode = o->exists ? o->st.st_mode : 0,
		.size = o->exists && o->st.st_size > 0 ? (uint64_t)o->st.st_size : 0,
	};
}

const char *side_verb(const struct matter *m, size_t side)
{
	struct question_need need = need_of(m, side);

	return question_verb(&need);
}

/* The rule "VERB words path for run" for each side, into OUT. */
static int rules_of(const struct matter *m, enum verb verb, struct text out[2])
{
	for (size_t i = 0; i < m->n; i++) {
		const struct side *s = &m->side[i];
		struct rule rule = {
			.verb = verb, .access = side_gift(m, s), .what = WHAT_OBJECT, .lifetime = LIFE_RUN,
			.path = s->object.path.len ? s->object.path : s->route.host,
		};
		struct buf line = { .limit = 16 * LIMIT_PATH };

		rule_print(&line, &rule);
		out[i] = arena_text(&m->judge->call, buf_view(&line));
		buf_done(&line);
		if (!out[i].len)
			return -ENOMEM;
	}
	return 0;
}

int question_put(struct matter *m, struct reply *out)
{
	struct judge *j = m->judge;
	struct text yes[2], no[2];
	struct question_need needs[2];
	struct option options[2];
	struct question question;
	int error = rules_of(m, VERB_ALLOW, yes);

	if (error == 0)
		error = rules_of(m, VERB_DENY, no);
	if (error < 0)
		return error;
	for (size_t i = 0; i < m->n; i++)
		needs[i] = need_of(m, i);
	options[0] = (struct option){ "run", "yes, this run", { yes, m->n } };
	options[1] = (struct option){ "no", "no", { no, m->n } };
	question = (struct question){
		.number = ++j->questions, .program = j->program,
		.needs = needs, .nneeds = m->n, .options = options, .noptions = 2,
	};
	j->asker.ask(j->asker.self, &question, out);
	if (out->kind == REPLY_OPTION && out->option != 0)	/* "no", or none that was offered */
		out->kind = REPLY_NO;
	return 0;
}
