/*
 * answer.c - the options of a question as a prompt, and what a typed line says.
 *
 * Only a word that stands in the prompt gives anything (U21). Where a secret is
 * asked for, the option's id must be typed out (design/decisions.md 7.5).
 */
#include "ask/draw.h"

/* Options by letter; one that is not here is not offered at a terminal. */
static const struct letter {
	const char *id, *letter, *word;
	bool gives;
} letters[] = {
	{ "run", "y", "yes", true },
	{ "no", "n", "no", false },
};

enum { LETTERS = sizeof letters / sizeof *letters };

static const struct letter *letter_of(const struct option *option)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (text_eq(text_of(option->id), text_of(letters[i].id)))
			return &letters[i];
	return NULL;
}

static bool must_type_out(const struct question *question, const struct letter *letter)
{
	for (size_t i = 0; letter->gives && i < question->nneeds; i++)
		if (question->needs[i].class && text_eq(text_of(question->needs[i].class), TEXT("secret")))
			return true;
	return false;
}

void question_prompt(struct buf *out, const struct question *question)
{
	buf_str(out, "allow?");
	for (size_t i = 0; i < question->noptions; i++) {
		const struct option *option = &question->options[i];
		const struct letter *letter = letter_of(option);

		if (!letter)
			continue;
		if (must_type_out(question, letter))
			buf_print(out, "  type %s: ", letter->id);
		else
			buf_print(out, "  %s ", letter->letter);
		buf_str(out, option->label ? option->label : letter->word);
		if (!letter->gives)
			buf_str(out, " (Enter)");
	}
	buf_str(out, "  > ");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text trim(struct text t)
{
	while (t.len > 0 && is_blank(t.at[0]))
		t = text_from(t, 1);
	while (t.len > 0 && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(struct text said, const char *word)
{
	struct text want = text_of(word);

	if (said.len != want.len)
		return false;
	for (size_t i = 0; i < want.len; i++)
		if (lower(said.at[i]) != want.at[i])
			return false;
	return true;
}

static bool names_option(const struct question *question, const struct letter *letter, struct text said)
{
	if (is_word(said, letter->id))
		return true;
	return !must_type_out(question, letter) && (is_word(said, letter->letter) || is_word(said, letter->word));
}

enum said answer_read(const struct question *question, struct text line, size_t *option)
{
	struct text said = trim(line);

	if (said.len == 0)
		return SAID_NO;
	for (size_t i = 0; i < question->noptions; i++) {
		const struct letter *letter = letter_of(&question->options[i]);

		if (!letter || !names_option(question, letter, said))
			continue;
		if (!letter->gives)
			return SAID_NO;
		*option = i;
		return SAID_OPTION;
	}
	return SAID_UNKNOWN;
}
