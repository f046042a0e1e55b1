/*
 * tty.c - the mechanics of a terminal while somebody is asked; see tty.h.
 *
 * T1  Nothing typed before a prompt is ever part of a line: modes that hide a
 *     half-typed line (canonical) are set only after silence, and then flushed.
 * T2  Modes are put back only where they are still ours.
 */
#include "ask/tty.h"

#include <errno.h>

#include "base/sys.h"

#define TICK_NS UINT64_C(250000000)	/* how often we look whether the terminal is still ours */
#define LOCK_NS UINT64_C(50000000)	/* and whether another has finished asking */
#define NEVER UINT64_MAX

enum { CTRL_C = 0x03, CTRL_D = 0x04, CTRL_U = 0x15, CTRL_BACKSLASH = 0x1c, DELETE = 0x7f, DISABLED = 0 };

static bool tty_is_ours(const struct tty *tty)
{
	uint64_t dev;

	return sys_tty_dev(tty->fd, &dev) == 0 && dev == tty->dev
	       && sys_tcgetsid(tty->fd) == tty->session
	       && sys_tcgetpgrp(tty->fd) == sys_getpgrp();
}

int tty_init(struct tty *tty, int fd)
{
	struct tty made = { .fd = fd, .signalfd = -1, .lockfd = -1 };
	struct termios modes;
	int flags, err = sys_tcgetattr(fd, &modes);

	if (err == 0)
		err = sys_tty_dev(fd, &made.dev);
	if (err < 0)
		return err;
	made.session = sys_tcgetsid(fd);
	if (made.session < 0)
		return made.session;
	flags = sys_get_flags(fd);
	err = flags < 0 ? flags : sys_set_flags(fd, flags | O_NONBLOCK);
	if (err < 0)
		return err;
	*tty = made;
	return 0;
}

static cc_t key(cc_t own, cc_t usual)
{
	return own == DISABLED ? usual : own;
}

/* Every byte as it comes. Stopping (VSUSP) stays the terminal's business, interrupting becomes ours. */
static struct termios quiet_modes(struct termios m)
{
	m.c_iflag &= (tcflag_t)~(INLCR | IGNCR | ISTRIP | PARMRK | IXOFF);
	m.c_iflag |= ICRNL | BRKINT;
	m.c_oflag &= (tcflag_t)~(OLCUC | OCRNL | ONOCR | ONLRET);
	m.c_oflag |= OPOST | ONLCR;
	m.c_lflag &= (tcflag_t)~(ICANON | ECHO | ECHONL | NOFLSH | TOSTOP | EXTPROC);
	m.c_lflag |= ISIG | IEXTEN;
	m.c_cc[VINTR] = m.c_cc[VQUIT] = m.c_cc[VLNEXT] = m.c_cc[VDISCARD] = DISABLED;
	m.c_cc[VMIN] = 1;
	m.c_cc[VTIME] = 0;
	return m;
}

/* Whole lines that can be corrected; the interrupt character ends one, so that it is seen at once. */
static struct termios line_modes(struct termios m, cc_t interrupt, cc_t quit)
{
	m.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	m.c_cc[VEOL] = interrupt;
	m.c_cc[VEOL2] = quit;
	m.c_cc[VEOF] = key(m.c_cc[VEOF], CTRL_D);
	m.c_cc[VERASE] = key(m.c_cc[VERASE], DELETE);
	m.c_cc[VKILL] = key(m.c_cc[VKILL], CTRL_U);
	return m;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag
	       && a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

/* Did somebody else set modes meanwhile? What cannot be told counts as no: ours are then put back. */
static bool modes_are_others(const struct tty *tty)
{
	struct termios now;

	return tty->now && sys_tcgetattr(tty->fd, &now) == 0 && !same_modes(&now, tty->now);
}

/* What the device makes of the modes counts; that it can do what we rely on is checked. */
static int tty_set(struct tty *tty, struct termios *modes)
{
	const tcflag_t relied = ICANON | ECHO;
	struct termios wanted = *modes;
	int err = sys_tcsetattr(tty->fd, modes);

	if (err < 0)
		return err;
	tty->now = modes;
	err = sys_tcgetattr(tty->fd, modes);
	if (err < 0)
		return err;
	if ((wanted.c_lflag & relied) != (modes->c_lflag & relied) || memcmp(wanted.c_cc, modes->c_cc, sizeof wanted.c_cc) != 0)
		return -ENOTSUP;
	return 0;
}

/*
 * Blocks what would stop or end us, and makes what waits readable. The two that a
 * background process gets for touching its terminal are blocked for good: EIO
 * then tells what they would have told. What is ignored stays ignored.
 */
static int hold_signals(struct tty *tty)
{
	static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP };
	sigset_t watched, held;
	int err;

	sigemptyset(&watched);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!sys_is_ignored(ends[i]))
			sigaddset(&watched, ends[i]);
	held = watched;
	sigaddset(&held, SIGTTIN);
	sigaddset(&held, SIGTTOU);
	err = sys_hold_signals(&held, &tty->signals);
	if (err < 0)
		return err;
	tty->signalfd = sys_signalfd(&watched);
	if (tty->signalfd < 0)
		sys_set_signals(&tty->signals);
	return tty->signalfd < 0 ? tty->signalfd : 0;
}

/* A signal waits: what will it do to us? */
static enum tty_event signal_event(void)
{
	sigset_t waiting;

	if (sys_pending_signals(&waiting) < 0 || sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGHUP))
		return TTY_GONE;
	if (sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGQUIT))
		return TTY_INTERRUPT;
	return TTY_AGAIN;
}

/* TTY_OK: one of EVENTS; TTY_TIME: UNTIL has come. */
static enum tty_event tty_wait(struct tty *tty, short events, uint64_t until)
{
	for (;;) {
		struct pollfd fds[] = { { tty->fd, events, 0 }, { tty->signalfd, POLLIN, 0 } };
		struct timespec tick = { 0 };
		uint64_t now;
		int ready;

		if (!tty_is_ours(tty) || sys_clock(CLOCK_MONOTONIC, &now) < 0)
			return TTY_GONE;
		if (now >= until)
			return TTY_TIME;
		tick.tv_nsec = (long)(until - now < TICK_NS ? until - now : TICK_NS);
		ready = sys_ppoll(fds, 2, &tick);
		if (ready < 0 && ready != -EINTR)
			return TTY_GONE;
		if (modes_are_others(tty))
			return TTY_AGAIN;
		if (ready <= 0)
			continue;
		if (fds[1].revents)
			return signal_event();
		return fds[0].revents & (POLLERR | POLLHUP | POLLNVAL) ? TTY_GONE : TTY_OK;
	}
}

/* Two that ask at one terminal at once would take each other's answers, and modes (U15). */
static enum tty_event take_lock(struct tty *tty)
{
	tty->lockfd = sys_open_tty(tty->dev);
	while (tty->lockfd >= 0 && sys_try_lock(tty->lockfd) == -EAGAIN) {
		enum tty_event event;
		uint64_t now;

		if (sys_clock(CLOCK_MONOTONIC, &now) < 0)
			return TTY_GONE;
		event = tty_wait(tty, 0, now + LOCK_NS);
		if (event != TTY_TIME)
			return event;
	}
	return TTY_OK;
}

static enum tty_event take_modes(struct tty *tty)
{
	if (sys_tcgetattr(tty->fd, &tty->saved) < 0)
		return TTY_GONE;
	tty->interrupt = key(tty->saved.c_cc[VINTR], CTRL_C);
	tty->quit = key(tty->saved.c_cc[VQUIT], CTRL_BACKSLASH);
	tty->quiet = quiet_modes(tty->saved);
	tty->lines = line_modes(tty->quiet, tty->interrupt, tty->quit);
	tty->now = &tty->quiet;
	return tty_set(tty, &tty->quiet) < 0 ? TTY_GONE : TTY_OK;
}

enum tty_event tty_enter(struct tty *tty)
{
	enum tty_event event;

	if (!tty_is_ours(tty) || hold_signals(tty) < 0)
		return TTY_GONE;
	event = take_lock(tty);
	if (event == TTY_OK)
		event = take_modes(tty);
	if (event != TTY_OK)
		tty_leave(tty);
	return event;
}

void tty_leave(struct tty *tty)
{
	if (tty->now && !modes_are_others(tty))			/* T2 */
		sys_tcsetattr(tty->fd, &tty->saved);
	tty->now = NULL;
	sys_close(tty->lockfd);
	sys_close(tty->signalfd);
	tty->lockfd = tty->signalfd = -1;
	sys_set_signals(&tty->signals);
}

enum { CHUNK = 1024 };

/* Output that was stopped (Ctrl-S) goes on, as it does where the terminal itself interrupts. */
static void start_output(struct tty *tty)
{
	struct termios modes = *tty->now;

	modes.c_iflag &= (tcflag_t)~IXON;
	if (sys_tcsetattr(tty->fd, &modes) == 0)
		sys_tcsetattr(tty->fd, tty->now);
}

/* Reads once. TTY_OK with *n 0: nothing there after all. */
static enum tty_event tty_read(struct tty *tty, char at[CHUNK], size_t *n)
{
	ssize_t got = sys_read(tty->fd, at, CHUNK);

	*n = 0;
	if (got == -EAGAIN || got == -EINTR)
		return TTY_OK;
	if (got <= 0)
		return TTY_GONE;
	if (memchr(at, tty->interrupt, (size_t)got) || memchr(at, tty->quit, (size_t)got)) {
		start_output(tty);
		return TTY_INTERRUPT;
	}
	*n = (size_t)got;
	return TTY_OK;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

enum tty_event tty_quiet(struct tty *tty, uint64_t not_before)
{
	char chunk[CHUNK];
	bool heard = false;
	uint64_t now, limit;

	if (tty_set(tty, &tty->quiet) < 0 || sys_clock(CLOCK_MONOTONIC, &now) < 0)
		return TTY_GONE;
	limit = later(now, not_before) + NOISE_NS;
	for (uint64_t silent = now; now < limit; ) {
		enum tty_event event = tty_wait(tty, POLLIN, later(silent + QUIET_NS, not_before));
		size_t n;

		if (event == TTY_TIME)
			return heard ? TTY_NOISE : TTY_OK;
		if (event == TTY_OK)
			event = tty_read(tty, chunk, &n);
		if (event != TTY_OK)
			return event;
		if (sys_clock(CLOCK_MONOTONIC, &now) < 0)
			return TTY_GONE;
		heard = heard || n > 0;
		silent = n > 0 ? now : silent;
	}
	return TTY_GONE;
}

enum tty_event tty_put(struct tty *tty, struct text text)
{
	char chunk[CHUNK];
	size_t n;

	while (text.len > 0) {
		ssize_t put = sys_write(tty->fd, text.at, text.len);
		enum tty_event event = TTY_OK;

		if (put >= 0)
			text = text_from(text, (size_t)put);
		else if (put == -EAGAIN)
			event = tty_wait(tty, POLLOUT | POLLIN, NEVER);
		else if (put != -EINTR)
			return TTY_GONE;
		if (put == -EAGAIN && event == TTY_OK)
			event = tty_read(tty, chunk, &n);
		if (event != TTY_OK)
			return event;
	}
	return TTY_OK;
}

void tty_put_last(struct tty *tty, struct text text)
{
	sys_write(tty->fd, text.at, text.len);
}

void tty_size(const struct tty *tty, size_t *rows, size_t *columns)
{
	unsigned short got[2];

	*rows = 24;
	*columns = 80;
	if (sys_tty_size(tty->fd, got) < 0 || got[0] == 0 || got[1] == 0)
		return;
	*rows = got[0];
	*columns = got[1];
}

static enum tty_event read_line(struct tty *tty, struct tty_line *out)
{
	char chunk[CHUNK];
	bool too_long = false, whole = false;

	for (out->len = 0; !whole; ) {
		enum tty_event event = tty_wait(tty, POLLIN, NEVER);
		size_t n;

		if (event == TTY_OK)
			event = tty_read(tty, chunk, &n);
		if (event != TTY_OK)
			return event;
		whole = n > 0 && chunk[n - 1] == '\n';
		n -= whole;
		too_long = too_long || n > sizeof out->at - out->len;
		if (!too_long) {
			memcpy(out->at + out->len, chunk, n);
			out->len += n;
		}
	}
	return too_long ? TTY_NOISE : TTY_OK;
}

enum tty_event tty_ask_line(struct tty *tty, struct text prompt, struct tty_line *out)
{
	enum tty_event event;

	if (tty_set(tty, &tty->lines) < 0 || sys_tcflush(tty->fd) < 0)	/* T1 */
		return TTY_GONE;
	event = tty_put(tty, prompt);
	return event == TTY_OK ? read_line(tty, out) : event;
}

enum tty_event tty_ask_key(struct tty *tty, struct text prompt, struct text keys, char *out)
{
	char chunk[CHUNK];
	enum tty_event event;

	if (tty_set(tty, &tty->quiet) < 0 || sys_tcflush(tty->fd) < 0)
		return TTY_GONE;
	event = tty_put(tty, prompt);
	while (event == TTY_OK) {
		size_t n = 0;

		event = tty_wait(tty, POLLIN, NEVER);
		if (event == TTY_OK)
			event = tty_read(tty, chunk, &n);
		for (size_t i = 0; event == TTY_OK && i < n; i++) {
			if (chunk[i] == (char)tty->lines.c_cc[VEOF])
				return TTY_GONE;
			if (text_has(keys, chunk[i])) {
				*out = chunk[i];
				return TTY_OK;
			}
		}
	}
	return event;
}
