/*
 * check.c - what would be answered without a guest (`wask check`, design/protocols.md 1):
 * the same stages as for a need, word by word.
 */
#include <errno.h>

#include "judge/inside.h"

/* Which call raises a need for just this word. */
static const struct { access_set word; enum call call; uint32_t flags; } calls[] = {
	{ ACCESS_READ,	 CALL_PATH_OPEN,		 NEED_READ | NEED_FOLLOW },
	{ ACCESS_WRITE,	 CALL_PATH_OPEN,		 NEED_WRITE | NEED_FOLLOW },
	{ ACCESS_APPEND, CALL_PATH_OPEN,		 NEED_WRITE | NEED_APPEND | NEED_FOLLOW },
	{ ACCESS_CREATE, CALL_PATH_CREATE_DIRECTORY,	 0 },
	{ ACCESS_DELETE, CALL_PATH_UNLINK_FILE,		 0 },
	{ ACCESS_LIST,	 CALL_FD_READDIR,		 NEED_DIRECTORY | NEED_FOLLOW },
	{ ACCESS_STAT,	 CALL_PATH_FILESTAT_GET,	 NEED_FOLLOW },
	{ ACCESS_META,	 CALL_PATH_FILESTAT_SET_TIMES,	 NEED_FOLLOW },
	{ ACCESS_LINKS,	 CALL_PATH_SYMLINK,		 0 },
};

static enum verb verb_of(enum cell cell)
{
	static const enum verb verbs[] = {
		[CELL_NO] = VERB_DENY, [CELL_HIDE] = VERB_HIDE, [CELL_ASK] = VERB_ASK, [CELL_YES] = VERB_ALLOW, [CELL_TRUTH] = VERB_ALLOW,
	};

	return verbs[cell];
}

static void explain(const struct judge *j, const struct side *s, enum verb verb, struct buf *from)
{
	buf_reset(from);
	if (s->ruling) {
		ruling_explain(from, s->ruling);
		return;
	}
	buf_print(from, "%s ", verb_word(verb));
	if (s->guarded)
		buf_str(from, "protected");
	else if (s->grant && s->grant <= j->ledger.ngrants)
		buf_print(from, "%llu", (unsigned long long)s->grant);
	else
		buf_print(from, "table %s", class_word(s->word));
}

/* The strictest so far is in OUT and FROM. */
static int check_word(struct judge *j, size_t i, struct text path, struct buf *from, enum verb *out)
{
	const struct need need = { .call = (uint8_t)calls[i].call, .flags = calls[i].flags, .name = path };
	struct matter *m = matter_new(j, &need);
	enum verb verb;
	int error = m ? matter_begin(m) : -ENOMEM;

	if (error == 0) {
		m->side[0].access = calls[i].word;
		verb = verb_of(matter_weigh(m, false));
		if (verb < *out || (verb == *out && !from->len)) {
			*out = verb;
			explain(j, &m->side[0], verb, from);
		}
	}
	matter_free(m);
	return error;
}

static int check_file(struct judge *j, const struct rule *need, struct buf *from, enum verb *out)
{
	enum verb verb = VERB_ALLOW;
	access_set access = need->access;
	int error = judge_look(j);

	if (access == 0 || access & ~(access_set)ACCESS_ALL || access & (ACCESS_CONNECT | ACCESS_LISTEN))
		return -EINVAL;
	for (size_t i = 0; error == 0 && i < sizeof calls / sizeof *calls; i++)
		if (access & calls[i].word)
			error = check_word(j, i, need->path, from, &verb);
	if (error == 0)
		*out = verb;
	return error;
}

static const struct ruling *ruling_of(const struct judge *j, enum rule_stage stage, const struct rule *need, access_set word)
{
	if (need->what == WHAT_ENV)
		return rules_match_env(j->rules, stage, need->name);
	if (need->what == WHAT_REQUEST)
		return rules_match_request(j->rules, stage);
	return rules_match_net(j->rules, stage, need->name, need->port[0], word);
}

/* What has no table: a rule, else variables are hidden and the rest asks. */
static void check_other(struct judge *j, const struct rule *need, access_set word, struct buf *from, enum verb *out)
{
	const struct ruling *r = ruling_of(j, STAGE_FORBID, need, word);
	enum verb verb = need->what == WHAT_ENV ? VERB_HIDE : VERB_ASK;

	if (!r)
		r = ruling_of(j, STAGE_PERMIT, need, word);
	verb = r ? r->rule.verb : verb;
	if (verb > *out || (verb == *out && from->len))
		return;
	*out = verb;
	buf_reset(from);
	if (r)
		ruling_explain(from, r);
	else
		buf_print(from, "%s table other", verb_word(verb));
}

int judge_check(struct judge *j, const struct rule *need, struct buf *from, enum verb *out)
{
	enum verb verb = VERB_ALLOW;

	buf_reset(from);
	if (need->what <= WHAT_PATTERN)
		return check_file(j, need, from, out);
	if (need->what != WHAT_NET)
		check_other(j, need, 0, from, &verb);
	for (access_set word = 1; need->what == WHAT_NET && word && word <= need->access; word <<= 1)
		if (need->access & word)
			check_other(j, need, word, from, &verb);
	*out = verb;
	return 0;
}
