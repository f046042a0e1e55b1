/* data.c - the data files that users extend, line by line; see data.h. */
#include "policy/data.h"

#include <errno.h>

#include "base/limits.h"
#include "policy/lex.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A file of lines of one kind; LINE makes the next value of a line's first token. */
struct lines {
	struct arena *arena;
	struct lexer lexer;
	struct secret_line *secrets;
	struct text *companions;
	size_t n;
};

/* What is wrong with the components of a pattern or path; NULL: nothing. */
static const char *parts_wrong(struct text path)
{
	struct text rest = path, part;

	if (path.len == 0 || path.len > LIMIT_PATH || memchr(path.at, '\0', path.len))
		return "a path is missing, or too long";
	if (text_starts(rest, TEXT("~/")))
		rest = text_from(rest, 1);
	if (!text_starts(rest, TEXT("/")) && text_has(rest, '/') && rest.at[0] == '~')
		return "~ is any home: ~/...";
	for (bool first = !text_starts(rest, TEXT("/")); ; first = false) {
		const char *slash;

		if (!first)
			rest = text_from(rest, 1);
		slash = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
		part = (struct text){ rest.at, slash ? (size_t)(slash - rest.at) : rest.len };
		if (part.len == 0 || text_eq(part, TEXT(".")) || text_eq(part, TEXT("..")))
			return "empty components, \".\" and \"..\" are not allowed";
		if (!slash)
			return NULL;
		rest = text_from(rest, part.len);
	}
}

static int secret_line(struct lines *l, struct token *token)
{
	static const char *const words[] = {
		[SECRET_READ] = "read", [SECRET_CHANGE] = "change", [SECRET_ITSELF] = "itself", [SECRET_NOT] = "not",
	};
	struct secret_line *secret = &l->secrets[l->n];
	size_t when = 0, end = token->column + token->at.len;
	const char *wrong;
	int got;

	while (when < COUNT(words) && !token_is(token, words[when]))
		when++;
	if (when == COUNT(words))
		return lexer_fail(&l->lexer, token->column, "a line begins with read, change, itself or not");
	got = lexer_next(&l->lexer, l->arena, token);
	if (got <= 0)
		return got < 0 ? got : lexer_fail(&l->lexer, end, "a pattern is missing");
	wrong = parts_wrong(token->at);
	if (!wrong && when == SECRET_NOT && text_has(token->at, '/'))
		wrong = "\"not\" goes with one component";
	if (wrong)
		return lexer_fail(&l->lexer, token->column, wrong);
	secret->when = (enum secret_when)when;
	secret->pattern = arena_text(l->arena, token->at);
	return secret->pattern.at ? 0 : -ENOMEM;
}

static int companion_line(struct lines *l, struct token *token)
{
	const char *wrong = parts_wrong(token->at);

	if (!wrong && (token->at.at[0] == '/' || token->at.at[0] == '~'))
		wrong = "a companion is a relative path";
	if (!wrong && text_has(token->at, '*'))
		wrong = "no \"*\" in a companion";
	if (wrong)
		return lexer_fail(&l->lexer, token->column, wrong);
	l->companions[l->n] = arena_text(l->arena, token->at);
	return l->companions[l->n].at ? 0 : -ENOMEM;
}

static int line_parse(struct lines *l, struct text line, struct rule_error *error)
{
	struct token token;
	int got = lexer_init(&l->lexer, line, error);

	if (got == 0)
		got = lexer_next(&l->lexer, l->arena, &token);
	if (got <= 0)
		return got;
	if (l->n == LIMIT_DATA_LINES)
		return lexer_fail(&l->lexer, token.column, "too many lines");
	got = l->secrets ? secret_line(l, &token) : companion_line(l, &token);
	if (got == 0)
		got = lexer_next(&l->lexer, l->arena, &token);
	if (got > 0)
		return lexer_fail(&l->lexer, token.column, "something is left over");
	l->n += got == 0;
	return got;
}

static int lines_parse(struct lines *l, struct text text, struct policy_error *error)
{
	size_t number = 0;

	*error = (struct policy_error){ 1, 1, "no memory" };
	if (!l->secrets && !l->companions)
		return -ENOMEM;
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		struct text line = { text.at, end ? (size_t)(end - text.at) : text.len };
		struct rule_error wrong = { 1, "no memory" };
		int failed = line_parse(l, line, &wrong);

		number++;
		if (failed < 0) {
			*error = (struct policy_error){ number, wrong.column, wrong.message };
			return failed;
		}
		text = text_from(text, line.len + 1);
	}
	return 0;
}

int secrets_parse(struct arena *arena, struct text text, struct secret_lines *out, struct policy_error *error)
{
	struct lines l = { .arena = arena, .secrets = arena_new(arena, LIMIT_DATA_LINES, sizeof *l.secrets) };
	int failed = lines_parse(&l, text, error);

	if (failed == 0)
		*out = (struct secret_lines){ l.secrets, l.n };
	return failed;
}

int companions_parse(struct arena *arena, struct text text, struct texts *out, struct policy_error *error)
{
	struct lines l = { .arena = arena, .companions = arena_new(arena, LIMIT_DATA_LINES, sizeof *l.companions) };
	int failed = lines_parse(&l, text, error);

	if (failed == 0)
		*out = (struct texts){ l.companions, l.n };
	return failed;
}
