/*
 * order.c - stages of the order of decisions.md 3, for one name and one access word
 * at a time: what rules forbid, what live grants give, what rules and memory permit.
 *
 * Who is asked about what is missing then, the table says. A grant of a directory does
 * not cover what decisions.md 4.8 takes out: is_excluded is the only place that knows.
 */
#include "judge/inside.h"

enum {
	OWN = ACCESS_READ | ACCESS_WRITE | ACCESS_APPEND | ACCESS_DELETE | ACCESS_LIST | ACCESS_STAT | ACCESS_META,
	ABOVE = LIMIT_PATH / 2,
};

static struct known known_of(const struct side *s)
{
	const struct object *o = &s->object;

	return (struct known){
		.written = s->route.host, .link = o->link_path, .path = o->path,
		.ids = { o->exists ? o->id : (struct file_id){ 0 }, o->link }, .above = s->above, .nabove = s->nabove,
	};
}

void side_know(struct matter *m, struct side *s)
{
	struct file_id *above;

	if (!rules_want_above(m->judge->rules) || s->object.error < 0)
		return;
	if (s->object.exists && !S_ISDIR(s->object.st.st_mode))
		object_parent(&s->object);
	above = arena_new(&m->arena, ABOVE, sizeof *above);
	s->unknown = !above;
	s->nabove = above ? object_above(&s->object, above, ABOVE) : 0;
	s->above = above;
}

/* ---- deny and hide ---- */

static enum cell cell_forbidden(const struct judge *j, struct side *s, access_set word)
{
	const struct known known = known_of(s);
	const struct ruling *r = rules_match(j->rules, STAGE_FORBID, &known, word);

	if (!r)
		return CELL_TRUTH;
	s->ruling = r;
	s->by = r->source.from == RULE_ANSWER ? j->asker.origin : ORIGIN_RULE;
	return r->rule.verb == VERB_HIDE ? CELL_HIDE : CELL_NO;
}

enum cell side_forbidden(const struct judge *j, struct side *s, access_set words)
{
	enum cell strictest = CELL_TRUTH;

	if (!rules_at(j->rules, 0))
		return CELL_TRUTH;
	for (access_set word = 1; word && word <= words; word <<= 1) {
		enum cell cell = words & word ? cell_forbidden(j, s, word) : CELL_TRUTH;

		strictest = cell < strictest ? cell : strictest;
	}
	return strictest;
}

/* ---- live grants ---- */

/* An ask rule for something in the directory that nobody has answered yet. */
static bool asks_within(const struct judge *j, const struct side *s, struct text dir, access_set word)
{
	const struct known known = known_of(s);
	const struct ruling *r = rules_match(j->rules, STAGE_PERMIT, &known, word);
	struct text path;

	if (!r || r->rule.verb != VERB_ASK)
		return false;
	path = r->object.path.len ? r->object.path : r->rule.path;
	return text_beneath(path, dir) && !(r->rule.what == WHAT_SUBTREE && text_eq(path, dir));
}

/* Is there a word that a rule forbids for it? */
static bool is_forbidden_in_part(const struct judge *j, const struct side *s)
{
	const struct known known = known_of(s);

	for (access_set word = 1; word && word <= ACCESS_ALL; word <<= 1)
		if (rules_match(j->rules, STAGE_FORBID, &known, word))
			return true;
	return false;
}

/* Would it, or something in it, be free of a rule by another name, or by being gone? */
static bool takes_forbidden(const struct matter *m, const struct side *s)
{
	enum call call = m->need->call;
	const struct ruling *r;
	size_t i = 0;

	if (call == CALL_PATH_RENAME && s == &m->side[0] && is_forbidden_in_part(m->judge, s))
		return true;
	if ((call != CALL_PATH_RENAME && call != CALL_PATH_REMOVE_DIRECTORY) || !s->object.exists || !S_ISDIR(s->object.st.st_mode))
		return false;
	while ((r = rules_beneath(m->judge->rules, s->object.path, ACCESS_ALL, &i)))
		if (r->rule.verb != VERB_ASK)
			return true;
	return false;
}

/* Is it a secret, or to be moved with one in it, and neither the directory's own nor, by an argument, the answer's? */
static bool is_excluded_secret(const struct judge *j, const struct side *s, const struct branch *b, access_set word)
{
	bool spelled = b->narrow && s->class >= CLASS_SECRET_NAMED;
	bool secret = s->secret & word && !spelled;

	return (secret || (s->holds && word & ACCESS_ANY_CHANGE)) && !branch_has_secrets(j, b);
}

static bool is_excluded(const struct matter *m, const struct side *s, const struct branch *b, access_set word)
{
	const struct judge *j = m->judge;

	if (is_excluded_secret(j, s, b, word) || (b->narrow && s->class == CLASS_QUIET))
		return true;
	return asks_within(j, s, b->host, word) || takes_forbidden(m, s);
}

/* Of WORDS, what the directory B gives; every word on something is also a look at it. */
static access_set branch_gives(const struct matter *m, const struct side *s, const struct branch *b, access_set words)
{
	access_set have = b->access | ACCESS_STAT, gives = 0;

	if (!b->access)
		return 0;
	for (access_set word = 1; word && word <= words; word <<= 1)
		if (words & word && access_covers(have, word) && !is_excluded(m, s, b, word))
			gives |= word;
	return gives;
}

access_set side_branch_gives(const struct matter *m, const struct side *s, access_set words)
{
	return s->route.branch ? branch_gives(m, s, s->route.branch, words) : 0;
}

/* What the run may do with what it made itself, and in it. */
static access_set own_access(const struct judge *j, const struct side *s)
{
	const struct object *o = &s->object;
	access_set have = 0;

	if (o->exists && ledger_is_own(&j->ledger, o->id))
		have |= OWN;
	if (o->parentfd >= 0 && ledger_is_own(&j->ledger, o->parent))
		have |= ACCESS_CREATE;
	return s->secret & ACCESS_ANY_CHANGE ? 0 : have;
}

/* What was given of the object or name, by somebody or by having made it. */
static access_set given(const struct judge *j, struct side *s)
{
	const struct given *last = NULL;
	struct object *o = &s->object;
	access_set have;

	if (o->error < 0)
		return s->once;
	if (j->ledger.ngiven && o->exists)
		object_parent(o);			/* without one there is no grant by name */
	have = s->once | ledger_access(&j->ledger, o, s->secret, &last) | own_access(j, s);
	if (last) {
		s->by = last->origin;
		s->grant = last->number;
	}
	return have ? have | ACCESS_STAT : 0;
}

/* The innermost directories that were given and that the object lies in: a narrower grant stays what it is (I4). */
static size_t innermost(const struct judge *j, const struct side *s)
{
	size_t len = s->route.branch && s->route.branch->access ? s->route.branch->host.len : 0;

	for (size_t i = 0; i < j->nbranches; i++) {
		const struct branch *b = j->branches[i];

		if (b->access && b->host.len > len && branch_is_over(b, &s->object))
			len = b->host.len;
	}
	return len;
}

static bool is_way(const struct side *s, const struct branch *b, size_t len)
{
	if (!b->access || b->host.len != len)
		return false;
	return b == s->route.branch || branch_is_over(b, &s->object);
}

access_set side_live(const struct matter *m, struct side *s, access_set words)
{
	const struct judge *j = m->judge;
	access_set have = given(j, s);
	size_t len = access_covers(have, words) ? 0 : innermost(j, s);

	for (size_t i = 0; len && i < j->nbranches && !access_covers(have, words); i++) {
		const struct branch *b = j->branches[i];
		access_set more = is_way(s, b, len) ? branch_gives(m, s, b, words & ~have) : 0;

		if (!more)
			continue;
		have |= more;
		s->by = b->origin;
		s->grant = b->grant;
	}
	if (have & ACCESS_WRITE)
		have |= ACCESS_APPEND;
	return have & words;
}

/* ---- allow, ask, memory ---- */

/* A rule for more than one object gives no secret, unless its own path is one. */
static bool rule_gives(const struct judge *j, const struct side *s, const struct ruling *r, access_set word)
{
	struct text path = r->object.path.len ? r->object.path : r->rule.path;

	if (r->rule.what == WHAT_OBJECT || !(s->secret & word))
		return true;
	return r->rule.what == WHAT_SUBTREE && (name_is_secret(&j->evidence, path, true) || name_is_secret(&j->evidence, r->rule.path, true));
}

/* The rule that speaks for WORD; an allow for any word is one for looking, unless something says otherwise. */
static const struct ruling *ruling_of(const struct judge *j, const struct side *s, access_set word)
{
	const struct known known = known_of(s);
	const struct ruling *r = rules_match(j->rules, STAGE_PERMIT, &known, word);

	for (access_set other = 1; !r && word == ACCESS_STAT && other <= ACCESS_ALL; other <<= 1) {
		r = rules_match(j->rules, STAGE_PERMIT, &known, other);
		if (r && r->rule.verb != VERB_ALLOW)
			r = NULL;
	}
	return r && r->rule.verb == VERB_ALLOW && !rule_gives(j, s, r, word) ? NULL : r;
}

enum cell side_permitted(const struct judge *j, struct side *s, access_set word, enum cell table)
{
	const struct ruling *r = rules_at(j->rules, 0) && s->object.path.len ? ruling_of(j, s, word) : NULL;

	if (r) {
		s->ruling = r;
		if (r->rule.verb == VERB_ALLOW) {
			s->by = ORIGIN_RULE;
			return CELL_YES;
		}
		return s->object.exists || s->act == ACT_CREATE ? CELL_ASK : CELL_HIDE;
	}
	if (j->recall && s->object.path.len && j->recall(j->recall_self, s->object.path, word) == VERDICT_ALLOW) {
		s->by = ORIGIN_MEMORY;
		return CELL_YES;
	}
	return table;
}
