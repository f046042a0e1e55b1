/* print.c - a rule as a line that parses to the same rule again; see rules.h. */
#include "base/escape.h"
#include "policy/match.h"
#include "policy/rules.h"

static const char *const verbs[] = {
	[VERB_DENY] = "deny", [VERB_HIDE] = "hide", [VERB_ASK] = "ask", [VERB_ALLOW] = "allow",
};
static const char *const lifetimes[] = {
	[LIFE_RUN] = "run", [LIFE_ONCE] = "once", [LIFE_ALWAYS] = "always",
};

/* The root itself is "/" in quotes: bare it is all there is. */
static void print_object(struct buf *out, struct text path)
{
	if (path.len == 1)
		buf_str(out, "\"/\"");
	else
		escape_token(out, path);
}

static void print_subtree(struct buf *out, struct text path)
{
	if (path.len > 1)
		escape_token(out, path);
	buf_char(out, '/');
}

static void print_pattern(struct buf *out, const struct rule *rule)
{
	size_t from = 0;

	print_subtree(out, rule->path);
	for (size_t i = 0; i <= rule->pattern.len; i++) {
		if (i < rule->pattern.len && rule->literal.at[i] == '1')
			continue;
		if (i > from)
			escape_token(out, (struct text){ rule->pattern.at + from, i - from });
		if (i < rule->pattern.len)
			buf_char(out, '*');
		from = i + 1;
	}
}

static void print_net(struct buf *out, const struct rule *rule)
{
	buf_str(out, "net ");
	buf_text(out, rule->name);
	if (rule->port[0])
		buf_print(out, ":%u", rule->port[0]);
	if (rule->port[1] != rule->port[0])
		buf_print(out, "-%u", rule->port[1]);
}

static void print_what(struct buf *out, const struct rule *rule)
{
	switch (rule->what) {
	case WHAT_OBJECT:
		print_object(out, rule->path);
		break;
	case WHAT_SUBTREE:
		print_subtree(out, rule->path);
		break;
	case WHAT_PATTERN:
		print_pattern(out, rule);
		break;
	case WHAT_ENV:
		buf_str(out, "env ");
		escape_token(out, rule->name);
		break;
	case WHAT_NET:
		print_net(out, rule);
		break;
	case WHAT_REQUEST:
		buf_str(out, "request");
		break;
	}
}

void rule_print(struct buf *out, const struct rule *rule)
{
	buf_str(out, verbs[rule->verb]);
	buf_char(out, ' ');
	if (rule->access) {
		access_print(out, rule->access);
		buf_char(out, ' ');
	}
	print_what(out, rule);
	if (rule->at.len) {
		buf_str(out, " at ");
		escape_token(out, rule->at);
	}
	buf_print(out, " for %s", lifetimes[rule->lifetime]);
}

const char *verb_word(enum verb verb)
{
	return (size_t)verb < sizeof verbs / sizeof *verbs ? verbs[verb] : "?";
}

void ruling_explain(struct buf *out, const struct ruling *ruling)
{
	const struct rule_source *source = &ruling->source;

	buf_str(out, verb_word(ruling->rule.verb));
	buf_char(out, ' ');
	if (source->from == RULE_ANSWER) {
		buf_print(out, "%llu", (unsigned long long)source->number);
		return;
	}
	escape_plain(out, source->file);
	if (source->from != RULE_FLAG)
		buf_print(out, ":%zu", source->line);
}
