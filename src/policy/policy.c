/*
 * policy.c - a policy file into sections, and out again; see policy.h.
 *
 * All sections are parsed, whoever the program is: a mistake in one that is not
 * ours is a mistake all the same.
 */
#include "policy/policy.h"

#include <errno.h>

#include "base/escape.h"
#include "base/limits.h"
#include "policy/lex.h"

enum { HEX = 64 };

struct reader {
	struct arena *arena;
	const struct rule_places *places;
	struct policy_error *error;
	struct policy_rule *rules;	/* of all sections, one after the other */
	size_t nrules;
	struct policy_section *sections;
	size_t nsections;
	bool has_every;			/* a line [*] was there */
	size_t line;
};

static int reader_fail(struct reader *r, const struct rule_error *error)
{
	*r->error = (struct policy_error){ r->line, error->column, error->message };
	return -EINVAL;
}

/* The text up to the next LF, which is taken off *REST too. */
static struct text line_next(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct text line = { rest->at, end ? (size_t)(end - rest->at) : rest->len };

	*rest = text_from(*rest, line.len + 1);
	return line;
}

static int digits_lower(struct arena *arena, struct text digits, struct text *out)
{
	char *to = arena_new(arena, HEX, 1);

	if (!to)
		return -ENOMEM;
	if (digits.len != HEX)
		return -EINVAL;
	for (size_t i = 0; i < HEX; i++) {
		char c = digits.at[i], low = (char)(c | 0x20);

		if (!(c >= '0' && c <= '9') && !(low >= 'a' && low <= 'f'))
			return -EINVAL;
		to[i] = c >= '0' && c <= '9' ? c : low;
	}
	*out = (struct text){ to, HEX };
	return 0;
}

/* Cuts the "]" that ends a header off TOKEN; false: there is none, or it is quoted. */
static bool token_close(struct token *token)
{
	if (!text_ends(token->at, TEXT("]")) || token->literal.at[token->at.len - 1])
		return false;
	token->at.len--;
	return true;
}

/* "[sha256:HEX]" or "[sha256:HEX "name"]", whose first token is T. */
static int header_parse(struct reader *r, struct lexer *lexer, struct token *t, struct policy_section *out)
{
	struct token name = { .at = TEXT("") };
	size_t column = t->column;
	bool closed = token_close(t);
	int error = closed ? 0 : lexer_next(lexer, r->arena, &name);

	if (error < 0)
		return error;
	if (!t->bare || !text_starts(t->at, TEXT("[sha256:")) || (!closed && error == 0))
		return lexer_fail(lexer, column, "a section is [*] or [sha256:HEX \"name\"]");
	if (!closed && !token_close(&name))
		return lexer_fail(lexer, name.column, "a section ends with ]");
	error = digits_lower(r->arena, text_from(t->at, strlen("[sha256:")), &out->program);
	if (error == -EINVAL)
		return lexer_fail(lexer, column + strlen("[sha256:"), "not a SHA-256: 64 hexadecimal digits");
	out->label = name.at;
	return error;
}

static int header_end(struct reader *r, struct lexer *lexer)
{
	struct token more;
	int got = lexer_next(lexer, r->arena, &more);

	return got > 0 ? lexer_fail(lexer, more.column, "something is left over") : got;
}

/* [*] is the first section, whether its line stands there or not. */
static int section_every(struct reader *r, struct lexer *lexer, size_t column)
{
	if (r->has_every || r->sections[0].n)
		return lexer_fail(lexer, column, "this section was there before");
	r->has_every = true;
	r->sections[0].rules = r->rules + r->nrules;
	return 0;
}

static int section_add(struct reader *r, struct lexer *lexer, struct token *t, struct policy_section **open)
{
	struct policy_section section = { .rules = r->rules + r->nrules };
	size_t column = t->column;
	int error;

	if (token_is(t, "[*]")) {
		error = section_every(r, lexer, column);
		*open = &r->sections[0];
		return error < 0 ? error : header_end(r, lexer);
	}
	error = header_parse(r, lexer, t, &section);
	for (size_t i = 1; error == 0 && i < r->nsections; i++)
		if (text_eq(r->sections[i].program, section.program))
			error = lexer_fail(lexer, column, "this section was there before");
	if (error < 0)
		return error;
	r->sections[r->nsections] = section;
	*open = &r->sections[r->nsections++];
	return header_end(r, lexer);
}

static int rule_add(struct reader *r, struct text line, size_t column, struct policy_section *open, struct rule_error *error)
{
	struct policy_rule *rule = &r->rules[r->nrules];
	int failed = rule_parse_kept(r->arena, line, r->places, false, &rule->rule, error);

	if (failed < 0)
		return failed;
	rule->line = r->line;
	rule->column = column;
	r->nrules++;
	open->n++;
	return 0;
}

/* What a line begins with: its column, or 0 when nothing is there but a comment. */
static size_t line_begins(struct text line)
{
	size_t i = 0;

	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	return i == line.len || line.at[i] == '#' ? 0 : i + 1;
}

static int line_read(struct reader *r, struct text line, struct policy_section **open)
{
	struct rule_error error = { 1, "no memory" };
	size_t column = line_begins(line);
	struct lexer lexer;
	struct token token;
	int failed;

	if (column && line.at[column - 1] != '[') {
		failed = rule_add(r, line, column, *open, &error);
		return failed < 0 ? reader_fail(r, &error) : 0;
	}
	failed = lexer_init(&lexer, line, &error);
	if (failed == 0 && column) {
		failed = lexer_next(&lexer, r->arena, &token);
		if (failed > 0)
			failed = section_add(r, &lexer, &token, open);
	}
	return failed < 0 ? reader_fail(r, &error) : 0;
}

/* Room for as many rules and sections as there can be. */
static int reader_room(struct reader *r, struct text text)
{
	size_t nlines = 1, nheads = 1;

	for (struct text rest = text; rest.len;) {
		struct text line = line_next(&rest);
		size_t column = line_begins(line);

		nlines += column > 0;
		nheads += column > 0 && line.at[column - 1] == '[';
	}
	r->rules = arena_new(r->arena, nlines, sizeof *r->rules);
	r->sections = arena_new(r->arena, nheads, sizeof *r->sections);
	r->nsections = 1;
	return r->rules && r->sections ? 0 : -ENOMEM;
}

int policy_parse(struct arena *arena, struct text file, struct text text, const struct rule_places *places,
		 struct policy *out, struct policy_error *error)
{
	struct reader r = { .arena = arena, .places = places, .error = error };
	struct policy_section *open;
	int failed;

	*error = (struct policy_error){ 1, 1, "no memory" };
	text = arena_text(arena, text);
	failed = text.at ? reader_room(&r, text) : -ENOMEM;
	if (failed < 0)
		return failed;
	open = &r.sections[0];
	open->rules = r.rules;
	for (struct text rest = text; rest.len;) {
		struct text line = line_next(&rest);

		r.line++;
		failed = line_read(&r, line, &open);
		if (failed < 0)
			return failed;
	}
	*out = (struct policy){ file, r.sections, r.nsections };
	return 0;
}

int policy_apply(const struct policy *policy, struct text program, struct rules *into)
{
	for (size_t i = 0; i < policy->n; i++) {
		const struct policy_section *section = &policy->sections[i];
		bool every = section->program.len == 0;

		if (!every && !text_eq(section->program, program))
			continue;
		if (rules_expect(into, section->n) < 0)
			return -ENOMEM;
		for (size_t k = 0; k < section->n; k++) {
			const struct policy_rule *rule = &section->rules[k];
			struct rule_source source = { every ? RULE_EVERY : RULE_PROGRAM, policy->file, rule->line, rule->column, 0 };

			if (rules_add(into, &rule->rule, &source) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static void header_print(struct buf *out, const struct policy_section *section)
{
	if (section->program.len == 0) {
		buf_str(out, "[*]\n");
		return;
	}
	buf_str(out, "[sha256:");
	buf_text(out, section->program);
	if (section->label.len) {
		buf_char(out, ' ');
		escape_quoted(out, section->label);
	}
	buf_str(out, "]\n");
}

void policy_print(struct buf *out, const struct policy *policy)
{
	const char *gap = "";

	for (size_t i = 0; i < policy->n; i++) {
		const struct policy_section *section = &policy->sections[i];

		if (section->n == 0 && section->program.len == 0)
			continue;
		buf_str(out, gap);
		header_print(out, section);
		for (size_t k = 0; k < section->n; k++) {
			rule_print(out, &section->rules[k].rule);
			buf_char(out, '\n');
		}
		gap = "\n";
	}
}

void policy_error_print(struct buf *out, struct text file, const struct policy_error *error)
{
	escape_plain(out, file);
	buf_print(out, ":%zu:%zu: %s", error->line, error->column, error->message);
}
