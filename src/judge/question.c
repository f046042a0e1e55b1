/*
 * question.c - a matter as a question: what would be done, to which object, and why
 * it asks (decisions.md 7).
 */
#include <errno.h>

#include "ask/draw.h"
#include "base/sys.h"
#include "judge/inside.h"

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
		if (s->act == ACT_LOOK)
			return s->access;
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

static bool is_secret(const struct side *s)
{
	return s->word == CLASS_SECRET || s->word == CLASS_SECRET_NAMED;
}

static const char *why_of(const struct side *s)
{
	if (s->ruling && s->ruling->rule.verb == VERB_ASK)
		return "a rule says that it is asked about";
	return s->left || s->class != s->word ? "a link leads there" : whys[s->word];
}

/* As it was spelled, as far as that is known: what the worker joined to the cwd is taken off again. */
struct text need_spelled(const struct judge *j, struct text name)
{
	if (j->cwd.len > 1 && text_starts(name, j->cwd) && text_starts(text_from(name, j->cwd.len), TEXT("/")))
		return text_from(name, j->cwd.len + 1);
	return name;
}

static struct question_need need_of(const struct matter *m, size_t i)
{
	const struct side *s = &m->side[i];
	const struct object *o = &s->object;
	bool renames = m->n > 1, other = o->path.len && !text_eq(o->path, s->route.host);

	return (struct question_need){
		.kind = m->need->kind, .act = s->act, .call = m->need->call, .access = s->access,
		.name = need_spelled(m->judge, i == 0 ? m->need->name : m->need->target),
		.path = o->path.len ? o->path : s->route.host, .guest = s->route.guest,
		.second = renames && i == 0 ? m->side[1].object.path : !renames && other ? s->route.host : TEXT(""),
		.class = class_word(s->word), .why = why_of(s), .secret = is_secret(s),
		.looked = s->touched, .exists = o->exists,
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

int question_put(struct matter *m, struct reply *out)
{
	struct judge *j = m->judge;
	struct question_need *needs = arena_new(&m->arena, m->n, sizeof *needs);
	struct question *q = &m->question;
	int error = needs ? options_make(m) : -ENOMEM;

	if (error == 0)
		error = sys_random(q->id, sizeof q->id);
	if (error < 0)
		return error;
	for (size_t i = 0; i < m->n; i++)
		needs[i] = need_of(m, i);
	q->number = ++j->questions;
	q->program = j->program;
	q->needs = needs;
	q->nneeds = m->n;
	j->asker.ask(j->asker.self, q, out);
	return 0;
}
