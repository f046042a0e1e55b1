/* talk.c - the numbered lines of a question, and what was said to each; see talk.h. */
#include "ask/talk.h"

/* Is need I the target of the rename before it? It is shown, and answered, with its source. */
static bool is_target(const struct question *question, size_t i)
{
	const struct question_need *need = question->needs + i;

	return i > 0 && need->call == CALL_PATH_RENAME && need[-1].call == CALL_PATH_RENAME
	       && need[-1].second.len > 0 && text_eq(need->path, need[-1].second);
}

bool talk_begin(struct talk *talk, const struct question *question)
{
	*talk = (struct talk){ .question = question };
	if (question->nneeds == 0 || question->nneeds > QUESTION_NEEDS)
		return false;
	for (size_t i = 0; i < question->nneeds; i++)
		if (!is_target(question, i))
			talk->first[talk->nitems++] = (uint8_t)i;
	talk->first[talk->nitems] = (uint8_t)question->nneeds;
	return true;
}

size_t talk_open(const struct talk *talk)
{
	size_t n = 0;

	for (size_t i = 0; i < talk->nitems; i++)
		n += talk->said[i] == TALK_OPEN;
	return n;
}

void talk_say(struct talk *talk, uint32_t items, uint8_t said)
{
	for (size_t i = 0; i < talk->nitems; i++)
		if (items >> i & 1 && talk->said[i] == TALK_OPEN)
			talk->said[i] = said;
}

const struct question_need *talk_need(const struct talk *talk, size_t item)
{
	return &talk->question->needs[talk->first[item]];
}

const struct question_need *talk_target(const struct talk *talk, size_t item)
{
	return talk->first[item + 1] - talk->first[item] > 1 ? talk_need(talk, item) + 1 : NULL;
}

size_t talk_item_of(const struct talk *talk, size_t need)
{
	size_t i = 0;

	while (i + 1 < talk->nitems && talk->first[i + 1] <= need)
		i++;
	return i;
}

bool talk_must_type_out(const struct talk *talk, enum option_id id)
{
	if (!option_gives(id))
		return false;
	if (id == OPTION_DIRS)
		return true;
	for (size_t i = 0; i < talk->question->nneeds; i++)
		if (talk->question->needs[i].secret)
			return true;
	return false;
}

static bool is_option(const struct talk *talk, uint8_t said)
{
	return said != TALK_OPEN && said <= talk->question->noptions;
}

struct reply talk_reply(const struct talk *talk)
{
	const struct question *question = talk->question;
	const size_t no = option_find(question, TEXT("no"));
	const uint8_t refused = no < question->noptions ? (uint8_t)(no + 1) : 0;
	struct reply reply = { .kind = REPLY_NO };

	for (size_t i = 0; i < question->nneeds; i++) {
		uint8_t said = talk->said[talk_item_of(talk, i)];

		reply.choice[i] = is_option(talk, said) ? said : refused;
		if (reply.choice[i] != refused)
			reply.kind = REPLY_OPTION;
	}
	return reply.kind == REPLY_NO ? (struct reply){ .kind = REPLY_NO } : reply;
}
