/*
 * answer.c - an answer in rules of the asker's own (decisions.md 7.2): allow, deny and
 * hide, only the words that they name; narrower, a subset, wider where that may be, or
 * with "at" for something else under this name. All of them or none.
 *
 * A line is only parsed here, after a person or a program chose it; what may not be
 * given is an error, and the question stays open.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"

enum { RULES = 64 };			/* of one answer */

static const char *complain(struct judge *j, struct text line, const char *message)
{
	buf_reset(&j->message);
	buf_text(&j->message, line);
	buf_str(&j->message, ": ");
	buf_str(&j->message, message);
	return buf_ok(&j->message) ? arena_text(&j->call, buf_view(&j->message)).at : message;
}

/* ---- may it be given? ---- */

/* Something protected: all that nobody gets, and changes to what is never changed. */
static bool is_protected(const struct judge *j, const struct rule *rule)
{
	enum act act = rule->access & ACCESS_ANY_CHANGE && rule->what == WHAT_OBJECT ? ACT_CHANGE : ACT_LOOK;

	return guard_refuses(j, rule->path, NULL, act, CALL_PATH_OPEN);
}

/* "at" is for a name that was asked about, or a directory that it lies in. */
static bool is_for_question(const struct matter *m, const struct rule *rule)
{
	for (size_t i = 0; i < m->n; i++) {
		struct text guest = m->side[i].route.guest;

		if (rule->what == WHAT_SUBTREE ? text_beneath(guest, rule->at) : text_eq(guest, rule->at))
			return true;
	}
	return false;
}

static const char *why_not(const struct matter *m, const struct rule *rule)
{
	const struct judge *j = m->judge;

	if (rule->what > WHAT_PATTERN)
		return "only files are asked about here";
	if (rule->verb == VERB_ASK)
		return "an answer allows, denies or hides";
	if (rule->verb != VERB_ALLOW)
		return rule->at.len ? "\"at\" is for allow" : NULL;
	if (is_protected(j, rule))
		return "it is protected";
	if (rule->what == WHAT_SUBTREE && dir_is_too_broad(j, rule->path))
		return "too much: the command line does not name this directory";
	if (rule->at.len && !is_for_question(m, rule))
		return "\"at\" is not what was asked about";
	return rule->at.len && rule->what == WHAT_PATTERN ? "\"at\" is for one object or directory" : NULL;
}

/* ---- giving it ---- */

static bool pattern_is(const struct rule *rule, struct text path)
{
	return text_eq(text_parent(path), rule->path) && rule_leaf_fits(rule->pattern, rule->literal, text_leaf(path));
}

/* Is the object of S what the rule is about? */
static bool is_about(const struct side *s, const struct rule *rule)
{
	struct text path = s->object.path;

	if (rule->at.len || !path.len)
		return false;
	if (rule->what == WHAT_PATTERN)
		return pattern_is(rule, path);
	return rule->what == WHAT_SUBTREE ? text_beneath(path, rule->path) : text_eq(path, rule->path);
}

/* For this call alone: a directory or pattern gives no secret, as elsewhere. */
static int give_once(struct matter *m, const struct rule *rule)
{
	for (size_t i = 0; i < m->n; i++) {
		struct side *s = &m->side[i];

		if (is_about(s, rule) && (rule->what == WHAT_OBJECT || !name_is_secret(&m->judge->evidence, s->object.path, s->changing)))
			s->once |= rule->access;
	}
	return 0;
}

/* What was shown is what is given (I2), not what has the name by now. */
static int give_allow(struct matter *m, const struct rule *rule)
{
	if (rule->lifetime == LIFE_ONCE && !rule->at.len)
		return give_once(m, rule);
	for (size_t i = 0; i < m->n; i++)
		if (rule->what == WHAT_OBJECT && is_about(&m->side[i], rule))
			return side_give(m, &m->side[i], rule->access, rule->lifetime, false);
	return grant_rule(m->judge, rule, m->judge->asker.origin);
}

static int give_forbid(struct judge *j, struct text line, const struct rule_places *places)
{
	struct rule_source source = { .from = RULE_ANSWER, .number = j->questions };
	struct rule_error error;
	struct rule rule;
	size_t at;
	int i = rule_parse(rules_arena(j->rules), line, places, true, &rule, &error);

	if (i == 0)
		i = rules_add(j->rules, &rule, &source);
	at = i < 0 ? 0 : (size_t)i;
	if (i < 0 || (i = rule_bind(j, at)) < 0)
		return i;
	news_of_rule(j, rules_at(j->rules, at));
	generation_bump(j);
	return 0;
}

/* Where it is asked under another name now: the route is found anew, and the object opened there. */
static int routes_again(struct matter *m)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < m->n; i++) {
		struct side *s = &m->side[i];

		object_done(&s->object);
		s->touched = s->left = false;
		error = route_find(m->judge, &m->arena, i == 0 ? m->need->name : m->need->target, &s->route);
	}
	return error;
}

static const char *word_of(int error)
{
	return error == -ENOENT ? "there is no such thing" : error == -ENOTDIR ? "it is no directory" :
	       error == -E2BIG ? "too much: it leads to a directory that the command line does not name" :
	       error == -EACCES ? "it is protected, or may not be opened" : error == -ENOMEM ? "no memory" : "it cannot be given";
}

const char *answer_rules(struct matter *m, struct texts lines)
{
	struct judge *j = m->judge;
	const struct rule_places places = { j->home, j->cwd };
	struct rule rules[RULES];
	struct rule_error error;
	bool leads = false;
	int failed = 0;

	arena_done(&j->call);
	if (lines.n > RULES)
		return "more rules than an answer may have";
	for (size_t i = 0; i < lines.n; i++) {
		const char *why = rule_parse(&j->call, lines.at[i], &places, true, &rules[i], &error) < 0 ? error.message : why_not(m, &rules[i]);

		if (why)
			return complain(j, lines.at[i], why);
	}
	for (size_t i = 0; i < lines.n; i++) {
		if (rules[i].verb != VERB_ALLOW)
			continue;
		failed = give_allow(m, &rules[i]);
		leads |= rules[i].at.len > 0;
		if (failed < 0)
			return complain(j, lines.at[i], word_of(failed));
	}
	for (size_t i = 0; i < lines.n; i++)	/* last: a rule cannot be taken back */
		if (rules[i].verb != VERB_ALLOW && give_forbid(j, lines.at[i], &places) < 0)
			return complain(j, lines.at[i], "no memory");
	return leads && routes_again(m) < 0 ? "no memory" : NULL;
}
