/* prompt.c - the options of a question: the prompt, what they mean, what came of them; see draw.h. */
#include "ask/draw.h"

#include "ask/fit.h"

enum { DECISION_RULE = 1000 };		/* bytes of a rule that is still worth repeating */

/* Is line I of OPTION about something open, and not the same as an earlier one? */
static bool is_shown(const struct talk *talk, const struct option *option, size_t i)
{
	if (talk->said[talk_item_of(talk, option->of[i])] != TALK_OPEN)
		return false;
	for (size_t j = 0; j < i; j++)
		if (talk->said[talk_item_of(talk, option->of[j])] == TALK_OPEN && text_eq(option->rules.at[i], option->rules.at[j]))
			return false;
	return true;
}

size_t draw_rules(struct buf *out, const struct talk *talk, const struct option *option, const char *indent)
{
	size_t n = 0;

	for (size_t i = 0; i < option->rules.n; i++) {
		if (!is_shown(talk, option, i))
			continue;
		n++;
		if (!out)
			continue;
		buf_str(out, indent);
		fit_rule(out, option->rules.at[i]);
		buf_char(out, '\n');
	}
	return n;
}

/* The label without the word before it: "once: this call alone" is "this call alone". */
static struct text label_meaning(enum option_id id)
{
	struct text label = text_of(option_label(id)), word = text_of(option_word(id));

	if (text_starts(label, word) && text_starts(text_from(label, word.len), TEXT(": ")))
		return text_from(label, word.len + 2);
	return label;
}

static struct text label_short(enum option_id id)
{
	struct text label = text_of(option_label(id));
	const char *colon = memchr(label.at, ':', label.len);

	return (struct text){ label.at, colon ? (size_t)(colon - label.at) : label.len };
}

static void draw_option(struct buf *out, const struct talk *talk, enum option_id id)
{
	if (talk_must_type_out(talk, id)) {
		buf_print(out, "  type %s", option_word(id));
		if (id == OPTION_DIRS)			/* it has a line of its own */
			return;
		buf_str(out, ": ");
		buf_text(out, label_meaning(id));
	} else {
		buf_print(out, "  %c ", option_letter(id));
		buf_text(out, label_short(id));
	}
	if (id == OPTION_NO)
		buf_str(out, " (Enter)");
}

/* What is more than what was asked for is said in front of everybody. */
static void draw_dirs(struct buf *out, const struct talk *talk, const struct option *option)
{
	enum { FEW = 3 };
	const size_t n = draw_rules(NULL, talk, option, "");

	if (n > FEW)
		buf_print(out, "     dirs: %zu rules (? shows them)\n", n);
	else
		draw_rules(out, talk, option, "     dirs: ");
}

/* "1 y alone", "1,3 y some": with numbers that are open. */
static void draw_example(struct buf *out, const struct talk *talk)
{
	size_t open[3] = { 0 }, n = 0;

	for (size_t i = 0; i < talk->nitems; i++)
		if (talk->said[i] == TALK_OPEN && n++ < 3)
			open[n - 1] = i + 1;
	if (n == 2)
		buf_print(out, "  %zu y alone", open[0]);
	if (n > 2)
		buf_print(out, "  %zu,%zu y some", open[0], open[2]);
}

void draw_prompt(struct buf *out, const struct talk *talk)
{
	const struct question *question = talk->question;

	for (size_t i = 0; i < question->noptions; i++)
		if (question->options[i].id == OPTION_DIRS)
			draw_dirs(out, talk, &question->options[i]);
	buf_str(out, "allow?");
	for (size_t i = 0; i < question->noptions; i++)
		draw_option(out, talk, question->options[i].id);
	draw_example(out, talk);
	buf_str(out, "  ? help  > ");
}

static void draw_why(struct buf *out, const struct talk *talk, size_t item)
{
	const struct question_need *need = talk_need(talk, item);
	bool other = false;

	buf_print(out, "%3zu  asked because: %s", item + 1, need->why ? need->why : "it is not granted");
	if (need->class)
		buf_print(out, " (%s)", need->class);
	buf_char(out, '\n');
	for (size_t i = 0; i < need->path.len; i++)
		other |= (unsigned char)need->path.at[i] >= 0x80;
	if (!other)
		return;
	buf_str(out, "     its bytes: ");
	fit_bytes(out, need->path);
	buf_char(out, '\n');
}

static void draw_meaning(struct buf *out, const struct talk *talk, const struct option *option)
{
	struct text meaning = label_meaning(option->id);

	if (talk_must_type_out(talk, option->id))
		buf_print(out, "%s, typed out: ", option_word(option->id));
	else
		buf_print(out, "%c or %s: ", option_letter(option->id), option_word(option->id));
	buf_text(out, meaning);
	buf_str(out, option->id == OPTION_NO ? "; Enter alone says it too\n" : "\n");
	draw_rules(out, talk, option, "     ");
}

void draw_help(struct buf *out, const struct talk *talk)
{
	const struct question *question = talk->question;

	for (size_t i = 0; i < talk->nitems; i++)
		if (talk->said[i] == TALK_OPEN)
			draw_why(out, talk, i);
	for (size_t i = 0; i < question->noptions; i++)
		draw_meaning(out, talk, &question->options[i]);
	if (talk_open(talk) > 1)
		buf_str(out, "with numbers before it (1,3 or 1-3) an answer is for those alone; what is left is asked again\n");
	if (question->former.n > 0)
		buf_str(out, "another version of this program had:\n");
	for (size_t i = 0; i < question->former.n; i++) {
		buf_str(out, "     ");
		fit_rule(out, question->former.at[i]);
		buf_char(out, '\n');
	}
}

/* ---- what came of it ---- */

static const struct {
	const char *end, *shown;
} lifetimes[] = {
	{ " for run", " for this run" }, { " for once", " for this call alone" }, { " for always", ", remembered" },
};

/* A rule without its verb. */
static void draw_granted(struct buf *out, struct text line)
{
	const char *shown = "";

	line = text_from(line, text_starts(line, TEXT("allow ")) ? sizeof "allow " - 1 : 0);
	for (size_t i = 0; i < sizeof lifetimes / sizeof *lifetimes; i++) {
		struct text end = text_of(lifetimes[i].end);

		if (!text_ends(line, end))
			continue;
		line.len -= end.len;
		shown = lifetimes[i].shown;
		break;
	}
	fit_rule(out, line);
	buf_str(out, shown);
}

static void draw_one(struct buf *out, const struct option *option)
{
	const char *comma = "";
	size_t len = 0;

	for (size_t i = 0; i < option->rules.n; i++)
		len += option->rules.at[i].len;
	if (len == 0 || len > DECISION_RULE) {
		buf_text(out, label_short(option->id));
		return;
	}
	for (size_t i = 0; i < option->rules.n; i++) {
		buf_str(out, comma);
		draw_granted(out, option->rules.at[i]);
		comma = "; ";
	}
}

/* What was said to ITEM in the end; to stop is to say no. */
static enum option_id said_id(const struct talk *talk, size_t item)
{
	const uint8_t said = talk->said[item];
	const bool option = said != TALK_OPEN && said <= talk->question->noptions;

	if (!option || !option_gives(talk->question->options[said - 1].id))
		return OPTION_NO;
	return talk->question->options[said - 1].id;
}

static bool is_stopped(const struct talk *talk)
{
	const size_t stop = option_find(talk->question, TEXT("stop"));

	return stop < talk->question->noptions && memchr(talk->said, (int)stop + 1, talk->nitems);
}

/* The lines that ID was said to, as numbers and ranges: "1,3-5". False: none. */
static bool draw_numbers(struct buf *out, const struct talk *talk, enum option_id id, const char *before)
{
	bool any = false;

	for (size_t from = 0, to; from < talk->nitems; from = to) {
		to = from + 1;
		if (said_id(talk, from) != id)
			continue;
		while (to < talk->nitems && said_id(talk, to) == id)
			to++;
		buf_print(out, "%s%zu", any ? "," : before, from + 1);
		if (to > from + 1)
			buf_print(out, "-%zu", to);
		any = true;
	}
	return any;
}

static bool draw_grants(struct buf *out, const struct talk *talk)
{
	bool any = false;

	for (enum option_id id = 0; id < OPTIONS; id++) {
		if (!option_gives(id) || !draw_numbers(out, talk, id, any ? "; " : "granted: "))
			continue;
		buf_print(out, " (%s)", option_word(id));
		any = true;
	}
	return any;
}

void draw_decision(struct buf *out, const struct talk *talk)
{
	if (talk->nitems == 1 && said_id(talk, 0) != OPTION_NO) {
		buf_str(out, "granted: ");
		draw_one(out, &talk->question->options[talk->said[0] - 1]);
	} else if (talk->nitems == 1 || !draw_grants(out, talk)) {
		buf_str(out, "refused");
	} else {
		draw_numbers(out, talk, OPTION_NO, "; refused: ");
	}
	buf_str(out, is_stopped(talk) ? ", and nothing more is asked in this run\n" : "\n");
}
