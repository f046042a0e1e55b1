/*
 * parse.c - one line into one rule (design/protocols.md 1); see rules.h.
 *
 * Everything is expanded and made absolute here, so that whoever applies a rule
 * needs to know neither home nor cwd.
 */
#include <errno.h>

#include "base/limits.h"
#include "policy/lex.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { ACCESS_NET = ACCESS_CONNECT | ACCESS_LISTEN, ACCESS_FILE = ACCESS_ALL & ~ACCESS_NET };

struct parser {
	struct lexer lexer;
	struct arena *arena;
	const struct rule_places *places;
	struct token token;		/* the one at hand */
	bool more;			/* there is one at hand */
	bool all;			/* access was "all", or left out: what fits */
	bool has_access;
};

static int parse_next(struct parser *p)
{
	int got = lexer_next(&p->lexer, p->arena, &p->token);

	if (got < 0)
		return got;
	p->more = got;
	return 0;
}

static int fail(struct parser *p, const char *message)
{
	return lexer_fail(&p->lexer, p->more ? p->token.column : p->lexer.line.len + 1, message);
}

static int parse_verb(struct parser *p, struct rule *rule)
{
	static const char *const verbs[] = {
		[VERB_DENY] = "deny", [VERB_HIDE] = "hide", [VERB_ASK] = "ask", [VERB_ALLOW] = "allow",
	};

	for (size_t i = 0; p->more && i < COUNT(verbs); i++)
		if (token_is(&p->token, verbs[i])) {
			rule->verb = (enum verb)i;
			return parse_next(p);
		}
	return fail(p, "a rule begins with allow, deny, ask or hide");
}

/* Is the token at hand what the rule is about, and not its access words? */
static bool is_what(const struct token *t)
{
	return token_is(t, "env") || token_is(t, "net") || token_is(t, "request") ||
	       (t->at.len && memchr("/~$", t->at.at[0], 3)) || !t->bare;
}

static int parse_access(struct parser *p, struct rule *rule)
{
	struct text rest, word;

	if (!p->more || is_what(&p->token))
		return 0;
	for (rest = p->token.at; ; rest = text_from(rest, word.len + 1)) {
		const char *comma = rest.len ? memchr(rest.at, ',', rest.len) : NULL;
		access_set bits;

		word = (struct text){ rest.at, comma ? (size_t)(comma - rest.at) : rest.len };
		bits = access_parse(word);
		if (!bits)
			return fail(p, "not an access word, nor a path, env, net or request");
		if (bits == ACCESS_ALL)
			p->all = true;
		else
			rule->access |= bits;
		if (!comma)
			break;
	}
	p->has_access = true;
	return parse_next(p);
}

/* Settles the access words, now that it is known what they are for. */
static int access_fit(struct parser *p, access_set fits, struct rule *rule)
{
	bool given = p->has_access, lax = rule->verb == VERB_DENY || rule->verb == VERB_HIDE;

	if (!given && !lax)
		return fail(p, "access words are missing: read, write, ...");
	if (!access_covers(fits, rule->access))
		return fail(p, "these access words do not fit");
	if (!given || p->all)
		rule->access = fits;
	return 0;
}

/* Replaces "~" or "$CWD" at the start of the token at hand. */
static int path_expand(struct parser *p, struct text *path, struct text *literal)
{
	struct { const char *word; struct text place; } known[] = {
		{ "~/", p->places->home }, { "$CWD/", p->places->cwd },
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		size_t n = strlen(known[i].word) - 1, skip = known[i].place.len > 1 ? known[i].place.len : 0;
		char *ones;

		if (!text_starts(*path, text_of(known[i].word)) || memchr(literal->at, 1, n))
			continue;
		if (!known[i].place.len)
			return fail(p, "it is not known what this stands for");
		ones = arena_new(p->arena, skip + literal->len + 1, 1);
		*path = arena_join(p->arena, (struct text){ known[i].place.at, skip }, text_from(*path, n), TEXT(""));
		if (!ones || !path->at)
			return -ENOMEM;
		memset(ones, 1, skip);
		memcpy(ones + skip, literal->at + n, literal->len - n);
		*literal = (struct text){ ones, path->len };
		return 0;
	}
	return 0;
}

static bool has_star(struct text at, struct text literal)
{
	for (size_t i = 0; i < at.len; i++)
		if (at.at[i] == '*' && !literal.at[i])
			return true;
	return false;
}

/* PATH without its final slash: absolute, no ".", "..", "//", and "*" in the last component only. */
static const char *path_wrong(struct text path, struct text literal)
{
	struct text rest = path, part;

	if (!text_starts(path, TEXT("/")))
		return "a path is absolute, or begins with ~/ or $CWD/";
	if (path.len > LIMIT_PATH)
		return "the path is too long";
	if (memchr(path.at, '\0', path.len))
		return "NUL in a path";
	while (rest.len > 1 || (rest.len && path.len > 1)) {
		size_t at = (size_t)(rest.at - path.at);

		part = text_component(&rest);
		if (part.len == 0 || (size_t)(part.at - path.at) != at + 1)
			return "an empty component";
		if (text_eq(part, TEXT(".")) || text_eq(part, TEXT("..")))
			return "\".\" and \"..\" are not allowed";
		if (rest.len && has_star(part, text_from(literal, at + 1)))
			return "\"*\" only in the last component";
	}
	return NULL;
}

static int parse_pattern(struct parser *p, struct text path, struct text literal, struct rule *rule)
{
	struct text leaf = text_leaf(path);
	char *ones = arena_new(p->arena, leaf.len + 1, 1);

	if (!ones)
		return -ENOMEM;
	for (size_t i = 0; i < leaf.len; i++)
		ones[i] = leaf.at[i] == '*' && !literal.at[path.len - leaf.len + i] ? '0' : '1';
	rule->what = WHAT_PATTERN;
	rule->path = text_parent(path);
	rule->pattern = leaf;
	rule->literal = (struct text){ ones, leaf.len };
	return 0;
}

static int parse_path(struct parser *p, struct rule *rule)
{
	struct text path = p->token.at, literal = p->token.literal;
	bool subtree;
	const char *wrong;
	int error = path_expand(p, &path, &literal);

	if (error < 0)
		return error;
	subtree = text_ends(path, TEXT("/")) && !literal.at[path.len - 1];
	if (subtree && path.len > 1)
		path.len--;
	wrong = path_wrong(path, literal);
	if (!wrong && subtree && has_star(path, literal))
		wrong = "\"*\" only in the last component";
	if (!wrong && subtree && text_eq(p->token.at, TEXT("//")))
		wrong = "an empty component";
	if (wrong)
		return fail(p, wrong);
	error = access_fit(p, ACCESS_FILE, rule);
	if (error < 0)
		return error;
	if (!subtree && has_star(text_leaf(path), text_from(literal, path.len - text_leaf(path).len)))
		error = parse_pattern(p, path, literal, rule);
	else
		rule->what = subtree ? WHAT_SUBTREE : WHAT_OBJECT, rule->path = path;
	return error < 0 ? error : parse_next(p);
}

static int parse_env(struct parser *p, struct rule *rule)
{
	int error;

	if (p->has_access)
		return fail(p, "env has no access words");
	error = parse_next(p);
	if (error < 0)
		return error;
	if (!p->more || p->token.at.len == 0 || text_has(p->token.at, '='))
		return fail(p, "the name of a variable is missing");
	rule->what = WHAT_ENV;
	rule->name = p->token.at;
	return parse_next(p);
}

/* Digits up to 65535 off the start of *REST; 0: none, or too large. */
static uint16_t port_of(struct text *rest)
{
	unsigned long value = 0;
	size_t n = 0;

	for (; n < rest->len && n < 6 && rest->at[n] >= '0' && rest->at[n] <= '9'; n++)
		value = value * 10 + (unsigned long)(rest->at[n] - '0');
	*rest = text_from(*rest, n);
	return value > 65535 ? 0 : (uint16_t)value;
}

/* What follows the host: "", ":PORT" or ":PORT-PORT". */
static bool ports_of(struct text rest, uint16_t port[2])
{
	if (rest.len == 0)
		return true;
	rest = text_from(rest, 1);
	port[0] = port[1] = port_of(&rest);
	if (text_starts(rest, TEXT("-"))) {
		rest = text_from(rest, 1);
		port[1] = port_of(&rest);
	}
	return rest.len == 0 && port[0] > 0 && port[0] <= port[1];
}

static bool is_host(struct text host)
{
	bool six = text_starts(host, TEXT("[")) && text_ends(host, TEXT("]"));

	for (size_t i = six; i + six < host.len; i++) {
		char c = host.at[i], low = (char)(c | 0x20);

		if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != (six ? ':' : '-'))
			return false;
	}
	return host.len > 2 * (size_t)six;
}

static int parse_net(struct parser *p, struct rule *rule)
{
	const char *end, *from;
	struct text t;
	int error = access_fit(p, ACCESS_NET, rule);

	if (error < 0 || (error = parse_next(p)) < 0)
		return error;
	t = p->token.at;
	if (!p->more || t.len == 0)
		return fail(p, "a host is missing");
	from = t.at[0] == '[' ? memchr(t.at, ']', t.len) : t.at;
	end = from ? memchr(from, ':', t.len - (size_t)(from - t.at)) : NULL;
	rule->what = WHAT_NET;
	rule->name = (struct text){ t.at, end ? (size_t)(end - t.at) : t.len };
	if (!is_host(rule->name))
		return fail(p, "not a host");
	if (!ports_of(text_from(t, rule->name.len), rule->port))
		return fail(p, "ports are 1 to 65535, or LOW-HIGH");
	return parse_next(p);
}

static int parse_what(struct parser *p, struct rule *rule)
{
	if (!p->more)
		return fail(p, "what it is about is missing");
	if (token_is(&p->token, "env"))
		return parse_env(p, rule);
	if (token_is(&p->token, "net"))
		return parse_net(p, rule);
	if (!token_is(&p->token, "request"))
		return parse_path(p, rule);
	if (p->has_access)
		return fail(p, "request has no access words");
	rule->what = WHAT_REQUEST;
	return parse_next(p);
}

static int parse_at(struct parser *p, struct rule *rule)
{
	struct text path;
	const char *wrong;
	int error;

	if (!p->more || !token_is(&p->token, "at"))
		return 0;
	if (rule->verb != VERB_ALLOW || (rule->what != WHAT_OBJECT && rule->what != WHAT_SUBTREE))
		return fail(p, "\"at\" goes with allow and one path");
	error = parse_next(p);
	if (error < 0)
		return error;
	if (!p->more)
		return fail(p, "a guest path is missing");
	path = p->token.at;
	if (path.len > 1 && text_ends(path, TEXT("/")))
		path.len--;
	wrong = path_wrong(path, p->token.literal);
	if (!wrong && has_star(path, p->token.literal))
		wrong = "no \"*\" in a guest path";
	if (wrong)
		return fail(p, wrong);
	rule->at = path;
	return parse_next(p);
}

static int parse_lifetime(struct parser *p, bool flag, struct rule *rule)
{
	static const char *const words[] = { [LIFE_RUN] = "run", [LIFE_ONCE] = "once", [LIFE_ALWAYS] = "always" };
	int error;

	rule->lifetime = flag ? LIFE_RUN : LIFE_ALWAYS;
	if (!p->more || !token_is(&p->token, "for"))
		return 0;
	error = parse_next(p);
	if (error < 0)
		return error;
	for (size_t i = 0; p->more && i < COUNT(words); i++) {
		if (!token_is(&p->token, words[i]))
			continue;
		if (flag && i == LIFE_ALWAYS)
			return fail(p, "\"for always\" cannot be given here");
		rule->lifetime = (enum lifetime)i;
		return parse_next(p);
	}
	return fail(p, "a lifetime is once, run or always");
}

int rule_parse_kept(struct arena *arena, struct text line, const struct rule_places *places, bool flag, struct rule *out, struct rule_error *error)
{
	struct parser p = { .arena = arena, .places = places };
	struct rule rule = { 0 };
	int failed = lexer_init(&p.lexer, line, error);

	if (failed == 0)
		failed = parse_next(&p);
	if (failed == 0)
		failed = parse_verb(&p, &rule);
	if (failed == 0)
		failed = parse_access(&p, &rule);
	if (failed == 0)
		failed = parse_what(&p, &rule);
	if (failed == 0)
		failed = parse_at(&p, &rule);
	if (failed == 0)
		failed = parse_lifetime(&p, flag, &rule);
	if (failed == 0 && p.more)
		failed = fail(&p, "something is left over");
	if (failed == -ENOMEM)
		*error = (struct rule_error){ 0, "no memory" };
	if (failed == 0)
		*out = rule;
	return failed;
}

int rule_parse(struct arena *arena, struct text line, const struct rule_places *places, bool flag, struct rule *out, struct rule_error *error)
{
	struct rule_error unheard;
	struct text copy = line.len > LIMIT_RULE_LINE ? line : arena_text(arena, line);	/* too long: it is refused and not kept */

	if (!error)
		error = &unheard;
	if (copy.at)
		return rule_parse_kept(arena, copy, places, flag, out, error);
	*error = (struct rule_error){ 0, "no memory" };
	return -ENOMEM;
}
