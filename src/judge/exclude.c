/*
 * exclude.c - what the worker's mounts do not cover, as the values that it is told
 * (cap/exclude.h): secrets, what rules take out, what was revoked.
 *
 * For all of it the worker comes back to the judge, and order.c says what holds. So
 * too much in it costs time, too little would be a hole: what cannot be told makes the
 * worker give up its mounts.
 */
#include <errno.h>

#include "base/mem.h"
#include "judge/inside.h"

/* About what one rule takes of the start message, beside its path; and how much of that all rules may take. */
enum { TOLD_RULE = 64, TOLD_MOST = LIMIT_MESSAGE / 4 * 3 };

static void news_add(struct judge *j, const struct exclude *exclude)
{
	struct news *news = &j->news;

	if (!exclude->pattern.at || !mem_room((void **)&news->at, news->n, &news->size, sizeof *news->at))
		news->broken = true;
	else
		news->at[news->n++] = *exclude;
}

static void news_add_object(struct judge *j, struct file_id id, access_set access)
{
	struct news *news = &j->news;

	if (!id.dev && !id.ino)
		return;
	if (!mem_room((void **)&news->objects, news->nobjects, &news->objects_size, sizeof *news->objects))
		news->broken = true;
	else
		news->objects[news->nobjects++] = (struct excluded_object){ id, access };
}

/* "/a/b*" of the directory and the last component, each byte of which is literal or not. */
static void add_pattern(struct judge *j, const struct rule *rule, struct text dir, struct exclude *exclude)
{
	struct text slash = dir.len > 1 ? TEXT("/") : TEXT("");
	size_t before = dir.len + slash.len;
	char *literal = arena_new(&j->arena, before + rule->literal.len + 1, 1);

	exclude->pattern = literal ? arena_join(&j->arena, dir, slash, rule->pattern) : (struct text){ 0 };
	if (literal) {
		memset(literal, '1', before);
		memcpy(literal + before, rule->literal.at, rule->literal.len);
		exclude->literal = (struct text){ literal, before + rule->literal.len };
	}
	news_add(j, exclude);
}

/* Texts without a "*" need nobody to say that it is none. */
static void add_path(struct judge *j, struct text path, struct exclude *exclude)
{
	char *literal = NULL;

	exclude->pattern = path;
	if (text_has(path, '*')) {
		literal = arena_new(&j->arena, path.len, 1);
		if (literal)
			memset(literal, '1', path.len);
		else
			exclude->pattern = (struct text){ 0 };
		exclude->literal = (struct text){ literal, literal ? path.len : 0 };
	}
	news_add(j, exclude);
}

/* Who may write may append. */
static access_set words_of(const struct rule *rule)
{
	return rule->access | (rule->access & ACCESS_WRITE ? (access_set)ACCESS_APPEND : 0);
}

static void add_named(struct judge *j, const struct rule *rule, struct text path)
{
	bool listed = rule->verb == VERB_ASK || !(rule->access & ACCESS_STAT);
	struct exclude exclude = {
		.access = words_of(rule),
		.flags = (listed ? 0u : (uint32_t)EXCLUDE_UNLISTED) | (rule->what == WHAT_SUBTREE ? 0u : (uint32_t)EXCLUDE_ITSELF),
	};

	if (rule->what == WHAT_PATTERN)
		add_pattern(j, rule, path, &exclude);
	else
		add_path(j, path, &exclude);
}

void news_of_rule(struct judge *j, const struct ruling *r)
{
	const struct rule *rule = &r->rule;
	struct text path = r->object.path;
	bool other = path.len && !text_eq(path, rule->path);

	if (rule->what > WHAT_PATTERN)
		return;
	if (path.len)
		add_named(j, rule, path);
	if (!path.len || (other && rule->verb != VERB_ASK))
		add_named(j, rule, rule->path);
	if (rule->verb == VERB_ASK || rule->what == WHAT_PATTERN)
		return;
	news_add_object(j, r->object.self, words_of(rule));
	news_add_object(j, r->object.target, words_of(rule));
}

void news_of_path(struct judge *j, struct text path)
{
	struct exclude exclude = { .access = ACCESS_ALL };

	add_path(j, arena_text(&j->arena, path), &exclude);
}

/* What is not answered yet, in a directory that the worker gets. */
void news_of_branch(struct judge *j, struct branch *branch)
{
	const struct ruling *r;
	size_t i = 0;

	if (branch->told)
		return;
	branch->told = true;
	while ((r = rules_beneath(j->rules, branch->host, ACCESS_ALL, &i)))
		if (r->rule.verb == VERB_ASK)
			news_of_rule(j, r);
}

static size_t cost_of(const struct ruling *r)
{
	bool other = !text_eq(r->object.path, r->rule.path), literal = r->rule.what == WHAT_PATTERN || text_has(r->rule.path, '*') || text_has(r->object.path, '*');
	size_t path = r->rule.path.len + (other ? r->object.path.len : 0);

	return (literal ? 2 : 1) * (path + r->rule.pattern.len) + TOLD_RULE;
}

int news_of_start(struct judge *j)
{
	size_t cost = 0;

	for (size_t i = 0; rules_at(j->rules, i); i++) {
		const struct ruling *r = rules_at(j->rules, i);

		if (r->rule.what > WHAT_PATTERN || r->rule.verb == VERB_ALLOW)
			continue;
		cost += cost_of(r);
		if (r->rule.verb != VERB_ASK && r->rule.path.len > 1)
			news_of_rule(j, r);
	}
	return cost > TOLD_MOST ? -E2BIG : 0;
}

/* One that nobody can take: whoever is told of it has no mounts any more. */
static const struct exclude unsound = { .access = ACCESS_ALL };

void news_give(struct judge *j, struct arena *arena, struct excludes *out)
{
	struct news *news = &j->news;
	struct exclude *at = out->n + news->n ? arena_new(arena, out->n + news->n, sizeof *at) : NULL;
	struct excluded_object *objects = news->nobjects ? arena_new(arena, news->nobjects, sizeof *objects) : NULL;

	if (news->broken || (out->n + news->n && !at) || (news->nobjects && !objects)) {
		*out = (struct excludes){ .at = &unsound, .n = 1 };
	} else {
		if (out->n)
			memcpy(at, out->at, out->n * sizeof *at);
		if (news->n)
			memcpy(at + out->n, news->at, news->n * sizeof *at);
		if (news->nobjects)
			memcpy(objects, news->objects, news->nobjects * sizeof *objects);
		out->at = at;
		out->n += news->n;
		out->objects = objects;
		out->nobjects = news->nobjects;
	}
	news->n = news->nobjects = 0;
	news->broken = false;
}

void news_done(struct news *news)
{
	mem_free(news->at);
	mem_free(news->objects);
}
