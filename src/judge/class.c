/*
 * class.c - what sort of hole a name is: by name, and again by the true path of the
 * opened object; the stricter holds (decisions.md 5). A socket is a secret.
 */
#include "cap/flags.h"
#include "judge/inside.h"

static enum class stricter(enum class a, enum class b)
{
	return a < b ? a : b;
}

/* Does the name go through a link that the command line named and that still leads where it did? */
static bool is_linked(const struct judge *j, const struct side *s)
{
	for (size_t i = 0; i < j->nlinks; i++)
		if (text_beneath(s->route.host, j->links[i].name) && text_beneath(s->object.path, j->links[i].path))
			return true;
	return false;
}

/* What such a link leads to: near is named then, anything else may be looked at and asks. */
static enum class by_link(enum class target)
{
	if (target >= CLASS_NAMED)
		return target;
	return target == CLASS_NEAR ? CLASS_NAMED : CLASS_SECRET_NAMED;
}

static enum class class_by_both(enum class name, enum class target, bool linked)
{
	if (linked && name >= CLASS_NAMED)
		return by_link(target);
	return stricter(name, target);
}

/* PATH is one of its names. */
static void know_secret(const struct matter *m, struct side *s, struct text path)
{
	const struct exclude_set *set = m->judge->evidence.secrets;

	s->secret |= set ? exclude_at(set, path, 0, true).self : (access_set)ACCESS_ALL;
	s->holds |= call_moves(m->need->call) && (!set || exclude_is_above(set, path, true));
}

static void classify_object(const struct matter *m, struct side *s)
{
	const struct evidence *e = &m->judge->evidence;
	struct text path = s->object.path;
	bool linked = is_linked(m->judge, s);
	enum class target = class_of(e, path, s->changing);

	know_secret(m, s, path);
	s->word = stricter(s->word, target);
	s->class = class_by_both(s->class, target, linked);
	s->look_class = class_by_both(s->look_class, class_of(e, path, false), linked);
}

void side_classify(const struct matter *m, struct side *s)
{
	const struct evidence *e = &m->judge->evidence;
	const struct object *o = &s->object;

	s->secret = 0;
	s->holds = false;
	s->class = s->word = class_of(e, s->route.host, s->changing);
	s->look_class = class_of(e, s->route.host, false);
	know_secret(m, s, s->route.host);
	if (o->path.len)
		classify_object(m, s);
	if (o->exists && S_ISSOCK(o->st.st_mode)) {
		s->secret = ACCESS_ALL;
		s->class = s->look_class = s->word = s->class >= CLASS_NAMED || s->class == CLASS_SECRET_NAMED ? CLASS_SECRET_NAMED : CLASS_SECRET;
	}
	if (s->route.passes_secret) {
		s->secret = ACCESS_ALL;
		s->class = s->look_class = s->word = CLASS_SECRET;
	}
}
