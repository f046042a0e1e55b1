/*
 * terminal.c - the conversation with a person at a terminal (decisions.md 7.5).
 *
 * Silence, the question, half a second and silence, the prompt, one whole line;
 * and after a yes once more silence, because what goes on was pasted. Only the
 * last step of this sequence sets an option: every other way out is no.
 */
#include "ask/terminal.h"

#include <errno.h>

#include "ask/draw.h"
#include "ask/tty.h"
#include "base/mem.h"
#include "base/sys.h"

enum {
	LINES_MAX = 3,			/* a line that says nothing is asked again twice */
	STARTS_MAX = 100,		/* stopped and continued, or modes changed by others */
};

/* Attributes, character set and scroll region as they are after power-on; the cursor stays. */
#define RESET "\0337\033[r\0338\033(B\017\033[0m"

struct terminal {
	struct tty tty;
	uint64_t ended;			/* when the last question was over */
};

static enum tty_event put_text(struct terminal *t, const struct buf *text)
{
	enum tty_event event = tty_put(&t->tty, TEXT(RESET "\n"));

	return event == TTY_OK ? tty_put(&t->tty, buf_view(text)) : event;
}

/* Draws the question, and waits until an answer may count. */
static enum tty_event draw(struct terminal *t, const struct buf *text)
{
	enum tty_event event = tty_quiet(&t->tty, t->ended + BETWEEN_NS);
	uint64_t drawn;

	if (event != TTY_OK && event != TTY_NOISE)
		return event;
	event = put_text(t, text);
	if (event != TTY_OK)
		return event;
	if (sys_clock(CLOCK_MONOTONIC, &drawn) < 0)
		return TTY_GONE;
	return tty_quiet(&t->tty, drawn + ACTIVE_NS);
}

/*
 * One line after the prompt. TTY_OK: REPLY holds what it says. TTY_NOISE: it said
 * nothing, and REMARK why.
 */
static enum tty_event hear(struct terminal *t, const struct question *question, const struct buf *prompt,
			   struct reply *reply, const char **remark)
{
	struct tty_line line;
	size_t option = 0;
	enum said said = SAID_UNKNOWN;
	enum tty_event event = tty_ask_line(&t->tty, buf_view(prompt), &line);

	if (event == TTY_OK)
		said = answer_read(question, (struct text){ line.at, line.len }, &option);
	if (event != TTY_OK && event != TTY_NOISE)
		return event;
	*remark = "(that is no answer to this)\n";
	if (said == SAID_NO) {
		*reply = (struct reply){ .kind = REPLY_NO };
		return TTY_OK;
	}
	event = tty_quiet(&t->tty, 0);
	if (event == TTY_NOISE)
		*remark = "(more came with it, so it was pasted: not counted)\n";
	if (said == SAID_UNKNOWN && event == TTY_OK)
		return TTY_NOISE;
	if (event == TTY_OK)
		*reply = (struct reply){ .kind = REPLY_OPTION, .option = option };
	return event;
}

static enum tty_event converse(struct terminal *t, const struct question *question, const struct buf *text,
			       const struct buf *prompt, struct reply *reply)
{
	const char *remark = "(typed before it could be read: not counted)\n";
	enum tty_event event = draw(t, text);

	for (int lines = 0; lines < LINES_MAX; lines++) {
		if (event == TTY_NOISE)
			event = tty_put(&t->tty, text_of(remark));
		if (event != TTY_OK)
			return event;
		event = hear(t, question, prompt, reply, &remark);
		if (event != TTY_NOISE)
			return event;
	}
	*reply = (struct reply){ .kind = REPLY_NO };
	tty_put(&t->tty, TEXT("(no answer in three lines: not allowed)\n"));
	return TTY_OK;
}

static struct reply ask(struct terminal *t, const struct question *question, const struct buf *text, const struct buf *prompt)
{
	struct reply reply = { .kind = REPLY_UNAVAILABLE };
	enum tty_event event = TTY_AGAIN;

	for (int starts = 0; event == TTY_AGAIN && starts < STARTS_MAX; starts++) {
		event = tty_enter(&t->tty);
		if (event != TTY_OK)
			continue;
		event = converse(t, question, text, prompt, &reply);
		if (event == TTY_GONE)
			tty_put(&t->tty, TEXT("\n(no answer: not allowed)\n"));
		else if (event != TTY_OK)
			tty_put(&t->tty, TEXT("\n"));
		tty_leave(&t->tty);
	}
	return event == TTY_INTERRUPT ? (struct reply){ .kind = REPLY_INTERRUPTED } : reply;
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
	struct buf text = { .limit = LIMIT_QUESTION_TEXT }, prompt = { .limit = LIMIT_QUESTION_TEXT };
	struct reply reply = { .kind = REPLY_UNAVAILABLE };

	question_draw(&text, question);
	question_prompt(&prompt, question);
	if (buf_ok(&text) && buf_ok(&prompt))
		reply = ask(t, question, &text, &prompt);
	else
		refuse(t);
	sys_clock(CLOCK_MONOTONIC, &t->ended);
	buf_done(&prompt);
	buf_done(&text);
	*out = reply;
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
