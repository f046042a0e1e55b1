/*
 * lex.c - a line into tokens; see lex.h.
 *
 * Quotes may cover part of a token, and what they cover is literal. Outside them a
 * backslash is an error, so no escape is ever taken for a byte or the other way.
 */
#include "policy/lex.h"

#include <errno.h>
#include <stdint.h>

#include "base/limits.h"

int lexer_fail(struct lexer *lexer, size_t column, const char *message)
{
	*lexer->error = (struct rule_error){ column, message };
	return -EINVAL;
}

/* Length of the UTF-8 sequence at T[I]; 0: it is none (RFC 3629: no overlong, no surrogates). */
static size_t sequence(struct text t, size_t i)
{
	const unsigned char *b = (const unsigned char *)t.at + i;
	size_t left = t.len - i, n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t k = 1; k < n; k++)
		if ((b[k] & 0xc0) != 0x80)
			return 0;
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
	    (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return n;
}

static bool is_control(const char *at)
{
	unsigned char a = (unsigned char)at[0], b = a == 0xc2 ? (unsigned char)at[1] : 0;

	return (a < 0x20 && a != '\t') || a == 0x7f || (a == 0xc2 && b < 0xa0);
}

int lexer_init(struct lexer *lexer, struct text line, struct rule_error *error)
{
	size_t n;

	*lexer = (struct lexer){ .line = line, .error = error };
	if (line.len > LIMIT_RULE_LINE)
		return lexer_fail(lexer, LIMIT_RULE_LINE + 1, "the line is too long");
	if (text_starts(line, TEXT("\xef\xbb\xbf")))
		return lexer_fail(lexer, 1, "a byte order mark");
	for (size_t i = 0; i < line.len; i += n) {
		n = 1;
		if (line.at[i] >= ' ' && line.at[i] < 0x7f)
			continue;
		n = sequence(line, i);
		if (n == 0)
			return lexer_fail(lexer, i + 1, "not UTF-8");
		if (is_control(line.at + i))
			return lexer_fail(lexer, i + 1, "a control character");
	}
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that the escape at the lexer's place stands for; negative: error. Moves past it. */
static int lex_escape(struct lexer *lexer)
{
	struct text rest = text_from(lexer->line, lexer->next);
	size_t column = lexer->next + 1;
	int high, low;

	if (rest.len >= 2 && (rest.at[1] == '"' || rest.at[1] == '\\')) {
		lexer->next += 2;
		return rest.at[1];
	}
	if (rest.len < 4 || rest.at[1] != 'x' || (high = hex_digit(rest.at[2])) < 0 || (low = hex_digit(rest.at[3])) < 0)
		return lexer_fail(lexer, column, "after a backslash: \", \\ or xNN");
	if (high == 0 && low == 0)
		return lexer_fail(lexer, column, "\\x00 is not allowed");
	lexer->next += 4;
	return high << 4 | low;
}

/* One byte of a token into TO; flips *QUOTED at a quote. 1: a byte; 0: none; negative: error. */
static int lex_byte(struct lexer *lexer, bool *quoted, char *to)
{
	char c = lexer->line.at[lexer->next];
	int escaped;

	if (c == '"') {
		*quoted = !*quoted;
		lexer->next++;
		return 0;
	}
	if (c != '\\') {
		*to = c;
		lexer->next++;
		return 1;
	}
	if (!*quoted)
		return lexer_fail(lexer, lexer->next + 1, "a backslash outside quotes");
	escaped = lex_escape(lexer);
	*to = (char)escaped;
	return escaped < 0 ? escaped : 1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* The token that begins at START, when it has neither quote nor backslash: as it stands. */
static bool lex_bare(struct lexer *lexer, size_t start, struct token *out)
{
	static const char none[LIMIT_RULE_LINE];
	struct text line = lexer->line;
	size_t end = start;

	while (end < line.len && !is_space(line.at[end])) {
		if (line.at[end] == '"' || line.at[end] == '\\')
			return false;
		end++;
	}
	lexer->next = end;
	*out = (struct token){ { line.at + start, end - start }, { none, end - start }, start + 1, true };
	return true;
}

int lexer_next(struct lexer *lexer, struct arena *arena, struct token *out)
{
	struct text line = lexer->line;
	bool quoted = false;
	size_t n = 0, start;
	char *at, *literal;

	while (lexer->next < line.len && is_space(line.at[lexer->next]))
		lexer->next++;
	start = lexer->next;
	if (start == line.len || line.at[start] == '#')
		return 0;
	if (lex_bare(lexer, start, out))
		return 1;
	at = arena_new(arena, line.len - start + 1, 1);
	literal = arena_new(arena, line.len - start + 1, 1);
	if (!at || !literal)
		return -ENOMEM;
	while (lexer->next < line.len && (quoted || !is_space(line.at[lexer->next]))) {
		bool was = quoted;
		int made = lex_byte(lexer, &quoted, at + n);

		if (made < 0)
			return made;
		literal[n] = was;
		n += (size_t)made;
	}
	if (quoted)
		return lexer_fail(lexer, start + 1, "a quote without its end");
	*out = (struct token){ { at, n }, { literal, n }, start + 1, false };
	return 1;
}
