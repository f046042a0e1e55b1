/*
 * answer.c - what a line typed at a question says: talk_hear.
 *
 *     line    = "" | "?" | [ numbers ] option
 *     numbers = number [ "-" number ] { "," number [ "-" number ] }
 *
 * Only a word that stands in the prompt gives anything (U21). A number that is not
 * that of an open line makes the whole line no answer.
 */
#include "ask/talk.h"

enum { DIGITS = 3 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text skip_blanks(struct text t)
{
	while (t.len > 0 && is_blank(t.at[0]))
		t = text_from(t, 1);
	return t;
}

static struct text trim(struct text t)
{
	t = skip_blanks(t);
	while (t.len > 0 && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(struct text said, struct text want)
{
	if (said.len != want.len)
		return false;
	for (size_t i = 0; i < want.len; i++)
		if (lower(said.at[i]) != want.at[i])
			return false;
	return true;
}

static bool names_option(const struct talk *talk, enum option_id id, struct text said)
{
	char letter = option_letter(id);

	if (is_word(said, text_of(option_word(id))))
		return true;
	if (talk_must_type_out(talk, id))
		return false;
	return is_word(said, (struct text){ &letter, 1 }) || (id == OPTION_RUN && is_word(said, TEXT("yes")));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the number of an open line off *REST, as its index. */
static bool take_number(const struct talk *talk, struct text *rest, size_t *item)
{
	size_t number = 0, n = 0;

	for (; n < rest->len && n < DIGITS && is_digit(rest->at[n]); n++)
		number = number * 10 + (size_t)(rest->at[n] - '0');
	if (n == 0 || number == 0 || number > talk->nitems || talk->said[number - 1] != TALK_OPEN)
		return false;
	*rest = text_from(*rest, n);
	*item = number - 1;
	return true;
}

/* "3" or "3-7": every line of it is open. */
static bool take_range(const struct talk *talk, struct text *rest, uint32_t *items)
{
	size_t from, to;

	if (!take_number(talk, rest, &from))
		return false;
	to = from;
	if (text_starts(*rest, TEXT("-"))) {
		*rest = text_from(*rest, 1);
		if (!take_number(talk, rest, &to) || to < from)
			return false;
	}
	for (size_t i = from; i <= to; i++) {
		if (talk->said[i] != TALK_OPEN)
			return false;
		*items |= UINT32_C(1) << i;
	}
	return true;
}

/* The numbers before a word, with the blanks after them. None: ITEMS stays as it is. */
static bool take_numbers(const struct talk *talk, struct text *rest, uint32_t *items)
{
	uint32_t named = 0;
	struct text t = *rest;

	if (t.len == 0 || !is_digit(t.at[0]))
		return true;
	for (;;) {
		if (!take_range(talk, &t, &named))
			return false;
		*rest = t;
		t = skip_blanks(t);
		if (!text_starts(t, TEXT(",")))
			break;
		t = skip_blanks(text_from(t, 1));
	}
	if (t.len == rest->len)			/* "1y" */
		return false;
	*rest = t;
	*items = named;
	return true;
}

/* To stop is to say no to all that is open: it takes no numbers. */
static enum heard hear_option(struct talk *talk, uint32_t items, size_t option)
{
	const enum option_id id = talk->question->options[option].id;

	if (id == OPTION_STOP && items != TALK_ALL)
		return HEARD_NOTHING;
	talk_say(talk, items, id == OPTION_NO ? TALK_REFUSED : (uint8_t)(option + 1));
	return id == OPTION_NO && items == TALK_ALL ? HEARD_NO : HEARD_ANSWER;
}

enum heard talk_hear(struct talk *talk, struct text line)
{
	const struct question *question = talk->question;
	struct text said = trim(line);
	uint32_t items = TALK_ALL;

	if (said.len == 0) {
		talk_say(talk, TALK_ALL, TALK_REFUSED);
		return HEARD_NO;
	}
	if (text_eq(said, TEXT("?")))
		return HEARD_HELP;
	if (!take_numbers(talk, &said, &items))
		return HEARD_NOTHING;
	for (size_t i = 0; i < question->noptions; i++)
		if (names_option(talk, question->options[i].id, said))
			return hear_option(talk, items, i);
	return HEARD_NOTHING;
}
