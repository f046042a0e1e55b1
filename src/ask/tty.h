/*
 * tty.h - a terminal while somebody is asked: its modes, silence, whole lines.
 *
 * Not what is asked, and not what an answer means. Between tty_enter and tty_leave
 * the terminal has our modes, and signals that would stop or end this thread wait:
 * tty_leave puts back the modes first, then lets them happen. No handler is installed.
 * A terminal other than at the start, or with another foreground, is gone.
 */
#ifndef ASK_TTY_H
#define ASK_TTY_H

#include <signal.h>
#include <stdint.h>
#include <termios.h>

#include "base/limits.h"
#include "base/text.h"

struct tty {
	int fd;
	uint64_t dev;			/* identity at the start: the device and its session */
	int session;
	/* Between tty_enter and tty_leave: */
	int signalfd, lockfd;		/* lockfd -1: the device could not be opened by its name, and is not locked */
	sigset_t signals;		/* the thread's mask before */
	struct termios saved;
	struct termios quiet;		/* every byte at once, nothing echoed */
	struct termios lines;		/* whole lines, echoed; the interrupt character ends one */
	const struct termios *now;	/* which of these was set last */
	cc_t interrupt, quit;		/* the characters that would have raised a signal */
};

enum tty_event {
	TTY_GONE = 0,			/* end of file, hang-up, background, another terminal, an ending signal, an error */
	TTY_AGAIN,			/* stopped and continued, or somebody else set modes: leave, and ask afresh */
	TTY_INTERRUPT,			/* the interrupt or quit character, or their signal */
	TTY_NOISE,			/* typed too early, or too long: thrown away */
	TTY_TIME,			/* inside tty.c only */
	TTY_OK,
};

struct tty_line {
	char at[LIMIT_ANSWER];
	size_t len;			/* without the newline */
};

/* FD must be our controlling terminal. 0, or negative with FD as it was; after 0, FD does not block. */
int tty_init(struct tty *tty, int fd);

/*
 * Waits until no other wask asks at this terminal, then sets our modes. Other than
 * TTY_OK: there is nothing to leave.
 */
enum tty_event tty_enter(struct tty *tty);
void tty_leave(struct tty *tty);	/* a waiting signal may end or stop us here */

/*
 * Throws away what was typed and is being typed, until nothing came for QUIET_NS
 * and it is NOT_BEFORE (CLOCK_MONOTONIC). TTY_NOISE: something was; TTY_OK: nothing.
 */
enum tty_event tty_quiet(struct tty *tty, uint64_t not_before);

/* TTY_OK, or not all of it was written. What is typed while the terminal takes nothing (Ctrl-S) is thrown away. */
enum tty_event tty_put(struct tty *tty, struct text text);
void tty_put_last(struct tty *tty, struct text text);		/* what of it is taken at once: nobody waits any more */

/* Its rows and columns now; 24 and 80 where it has none. */
void tty_size(const struct tty *tty, size_t *rows, size_t *columns);

/* Shows PROMPT and takes the first line typed after it. */
enum tty_event tty_ask_line(struct tty *tty, struct text prompt, struct tty_line *out);

/* Shows PROMPT and waits for one of KEYS, typed after it and not shown. */
enum tty_event tty_ask_key(struct tty *tty, struct text prompt, struct text keys, char *out);

#endif
