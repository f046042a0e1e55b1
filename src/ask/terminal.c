/*
 * terminal.c - the conversation with a person at a terminal (decisions.md 7.5).
 *
 * Silence, the question, half a second and silence, the prompt, one whole line;
 * and after an answer once more silence, because what goes on was pasted. What was
 * answered holds when nothing is open any more: every other way out is no.
 */
#include "ask/terminal.h"

#include <errno.h>

#include "ask/draw.h"
#include "ask/page.h"
#include "ask/tty.h"
#include "base/mem.h"
#include "base/sys.h"

enum {
	MISSES_MAX = 3,			/* a line that says nothing is asked again twice */
	STARTS_MAX = 100,		/* stopped and continued, or modes changed by others */
	ROWS_KEPT = 4,			/* for the prompt beneath a page */
	ROWS_LEAST = 3,
};

/* Wrapping, scroll region, character set and attributes as they are after power-on; the cursor stays. */
#define RESET "\033[?7h\0337\033[r\0338\033(B\017\033[0m"
#define MORE "-- Enter or space: more   q: enough --"
#define EARLY "(typed before it could be read: not counted)\n"

struct terminal {
	struct tty tty;
	uint64_t ended;			/* when the last question was over */
};

/*
 * TEXT page by page; SHOWN is how much of it was. One need is a page, however many
 * rows it takes; TTY_OK with less SHOWN than there is: the person has seen enough.
 */
static enum tty_event put_pages(struct terminal *t, struct text text, bool one, size_t *shown)
{
	enum tty_event event = TTY_OK;
	char key = ' ';

	*shown = 0;
	while (event == TTY_OK && key != 'q' && key != 'Q' && *shown < text.len) {
		struct page page = { .bytes = LIMIT_QUESTION_TEXT };
		struct text now;

		tty_size(&t->tty, &page.rows, &page.columns);
		page.rows = one ? 0 : page.rows > ROWS_KEPT + ROWS_LEAST ? page.rows - ROWS_KEPT : ROWS_LEAST;
		now = page_first(text_from(text, *shown), &page);
		event = tty_put(&t->tty, now);
		*shown += now.len;
		if (event == TTY_OK && *shown < text.len) {
			/* On a row of its own, which alone is cleared. */
			event = tty_ask_key(&t->tty, text_ends(now, TEXT("\n")) ? TEXT(MORE) : TEXT("\n" MORE), TEXT(" \nqQ"), &key);
			tty_put_last(&t->tty, TEXT("\r\033[K"));
		}
	}
	return event;
}

/* What was not seen is not granted. */
static bool refuse_unseen(struct talk *talk, const size_t ends[QUESTION_NEEDS], size_t shown)
{
	bool any = false;

	for (size_t i = 0; i < talk->nitems; i++) {
		if (ends[i] <= shown)
			continue;
		talk_say(talk, UINT32_C(1) << i, TALK_REFUSED);
		any = true;
	}
	return any;
}

/* Draws what is open, and waits until an answer may count. */
static enum tty_event put_question(struct terminal *t, struct talk *talk)
{
	struct buf text = { 0 };
	size_t ends[QUESTION_NEEDS], shown = 0;
	enum tty_event event = TTY_GONE;
	uint64_t drawn;

	draw_question(&text, talk, ends);
	if (buf_ok(&text))
		event = tty_quiet(&t->tty, t->ended + BETWEEN_NS);
	if (event == TTY_OK || event == TTY_NOISE)
		event = tty_put(&t->tty, TEXT(RESET "\n"));
	if (event == TTY_OK)
		event = put_pages(t, buf_view(&text), talk->nitems == 1, &shown);
	if (event == TTY_OK && refuse_unseen(talk, ends, shown))
		event = tty_put(&t->tty, TEXT("(what was not shown: not allowed)\n"));
	buf_done(&text);
	if (event != TTY_OK)
		return event;
	if (sys_clock(CLOCK_MONOTONIC, &drawn) < 0)
		return TTY_GONE;
	return tty_quiet(&t->tty, drawn + ACTIVE_NS);
}

static enum tty_event put_help(struct terminal *t, const struct talk *talk)
{
	struct buf text = { 0 };
	enum tty_event event = TTY_GONE;
	size_t shown;

	draw_help(&text, talk);
	if (buf_ok(&text))
		event = put_pages(t, buf_view(&text), false, &shown);
	buf_done(&text);
	return event;
}

static enum tty_event ask_line(struct terminal *t, const struct talk *talk, struct tty_line *line)
{
	struct buf prompt = { 0 };
	enum tty_event event = TTY_GONE;

	draw_prompt(&prompt, talk);
	if (buf_ok(&prompt))
		event = tty_ask_line(&t->tty, buf_view(&prompt), line);
	buf_done(&prompt);
	return event;
}

/*
 * One line after the prompt. TTY_OK: TALK has what it says. TTY_NOISE: it said
 * nothing, and REMARK why.
 */
static enum tty_event hear(struct terminal *t, struct talk *talk, enum heard *heard, const char **remark)
{
	struct talk before = *talk;
	struct tty_line line;
	enum tty_event event = ask_line(t, talk, &line);

	*heard = HEARD_NOTHING;
	if (event == TTY_OK)
		*heard = talk_hear(talk, (struct text){ line.at, line.len });
	if ((event != TTY_OK && event != TTY_NOISE) || *heard == HEARD_NO)
		return event;
	*remark = "(that is no answer to this)\n";
	event = tty_quiet(&t->tty, 0);
	if (event == TTY_NOISE)
		*remark = "(more came with it, so it was pasted: not counted)\n";
	if (event != TTY_OK)
		*talk = before;
	return event == TTY_OK && *heard == HEARD_NOTHING ? TTY_NOISE : event;
}

/* Until nothing is open. TTY_OK: TALK has all the answers. */
static enum tty_event converse(struct terminal *t, struct talk *talk)
{
	const char *remark = EARLY;
	enum tty_event event = put_question(t, talk);
	int misses = 0;

	while (misses < MISSES_MAX && talk_open(talk) > 0) {
		enum heard heard;

		if (event == TTY_NOISE)
			event = tty_put(&t->tty, text_of(remark));
		if (event != TTY_OK)
			return event;
		event = hear(t, talk, &heard, &remark);
		misses += event == TTY_NOISE;
		if (event != TTY_OK || talk_open(talk) == 0)
			continue;
		if (heard == HEARD_HELP)
			event = put_help(t, talk);
		remark = EARLY;
		if (event == TTY_OK)
			event = put_question(t, talk);
	}
	if (event == TTY_NOISE && talk_open(talk) > 0) {
		talk_say(talk, TALK_ALL, TALK_REFUSED);
		event = tty_put(&t->tty, TEXT("(no answer in three lines: not allowed)\n"));
	}
	return event == TTY_NOISE ? TTY_OK : event;
}

/* All is answered; an interrupt can still take it back. */
static enum tty_event put_decision(struct terminal *t, const struct talk *talk)
{
	struct buf line = { 0 };
	enum tty_event event;

	draw_decision(&line, talk);
	event = tty_put(&t->tty, buf_view(&line));
	buf_done(&line);
	return event == TTY_INTERRUPT ? event : TTY_OK;
}

static struct reply ask(struct terminal *t, const struct question *question)
{
	enum tty_event event = TTY_AGAIN;
	struct talk talk;

	for (int starts = 0; event == TTY_AGAIN && starts < STARTS_MAX; starts++) {
		talk_begin(&talk, question);
		event = tty_enter(&t->tty);
		if (event != TTY_OK)
			continue;
		event = converse(t, &talk);
		if (event == TTY_OK)
			event = put_decision(t, &talk);
		if (event != TTY_OK)
			tty_put_last(&t->tty, event == TTY_GONE ? TEXT("\n(no answer: not allowed)\n") : TEXT("\n"));
		tty_leave(&t->tty);
	}
	if (event == TTY_INTERRUPT)
		return (struct reply){ .kind = REPLY_INTERRUPTED };
	return event == TTY_OK ? talk_reply(&talk) : (struct reply){ .kind = REPLY_UNAVAILABLE };
}

/* Can all of it be shown, and answered? */
static bool is_askable(const struct question *question)
{
	struct talk talk;
	struct buf text = { 0 };
	size_t ends[QUESTION_NEEDS];
	bool ok = talk_begin(&talk, question);

	if (ok) {
		draw_question(&text, &talk, ends);
		draw_prompt(&text, &talk);
		draw_help(&text, &talk);
		ok = buf_ok(&text);
	}
	buf_done(&text);
	return ok;
}

/* Says that there was something that cannot be shown in full, and therefore was not asked. */
static void refuse(struct terminal *t)
{
	if (tty_enter(&t->tty) != TTY_OK)
		return;
	tty_put(&t->tty, TEXT(RESET "\n(a question too long to be shown: not allowed)\n"));
	tty_leave(&t->tty);
}

static void terminal_ask(void *self, const struct question *question, struct reply *out)
{
	struct terminal *t = self;

	*out = (struct reply){ .kind = REPLY_UNAVAILABLE };
	if (is_askable(question))
		*out = ask(t, question);
	else
		refuse(t);
	sys_clock(CLOCK_MONOTONIC, &t->ended);
}

static void terminal_free(void *self)
{
	struct terminal *t = self;

	sys_close(t->tty.fd);
	mem_free(t);
}

int terminal_asker(int fd, struct asker *out)
{
	struct terminal *t = mem_new(1, sizeof *t);
	int err = t ? tty_init(&t->tty, fd) : -ENOMEM;

	if (err < 0) {
		mem_free(t);
		return err;
	}
	*out = (struct asker){ .origin = ORIGIN_PERSON, .self = t, .ask = terminal_ask, .free = terminal_free };
	return 0;
}
