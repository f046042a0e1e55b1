/* options.c - the fixed words of options (ask/options.def), and a reply that chooses one. */
#include "ask/ask.h"

static const struct {
	const char *id, *kind, *label;
	char letter;
} options[OPTIONS] = {
#define OPTION(name, id, kind, letter, label) [OPTION_##name] = { id, kind, label, letter },
#include "ask/options.def"
#undef OPTION
};

const char *option_word(enum option_id id)
{
	return options[id].id;
}

const char *option_kind(enum option_id id)
{
	return options[id].kind;
}

const char *option_label(enum option_id id)
{
	return options[id].label;
}

char option_letter(enum option_id id)
{
	return options[id].letter;
}

bool option_gives(enum option_id id)
{
	return id != OPTION_NO && id != OPTION_STOP;
}

size_t option_find(const struct question *question, struct text word)
{
	size_t i = 0;

	while (i < question->noptions && !text_eq(word, text_of(option_word(question->options[i].id))))
		i++;
	return i;
}

struct reply reply_choose(const struct question *question, size_t option)
{
	struct reply reply = { .kind = REPLY_OPTION };

	for (size_t i = 0; i < question->nneeds && i < QUESTION_NEEDS; i++)
		reply.choice[i] = (uint8_t)(option + 1);
	return reply;
}
