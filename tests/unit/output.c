/* Guest output to a terminal: what passes, what is shown, and that no sequence comes together otherwise. */
#include <signal.h>

#include "guest.h"

struct made {
	struct test_guest t;
	int in[2];		/* what the terminal would get comes out of IN[0] */
};

static void made_new(struct made *m, bool sanitise)
{
	const int stdio[3] = { -1, -1, -1 };
	struct file file = { .kind = FILE_STDIO, .borrowed = true, .sanitise = sanitise, .filetype = WASI_FT_CHAR,
			     .base = RIGHT_FD_WRITE | RIGHT_FD_FDSTAT_SET_FLAGS, .access = ACCESS_WRITE };

	memset(m, 0, sizeof *m);
	if (pipe2(m->in, O_CLOEXEC) < 0)
		exit(1);
	test_guest_new(&m->t, stdio, GUEST_MEMORY);
	file.fd = m->in[1];
	descriptors_put_at(test_state(&m->t)->descriptors, 1, &file);
}

static void made_free(struct made *m)
{
	test_guest_free(&m->t);
	close(m->in[0]);
	if (m->in[1] >= 0)
		close(m->in[1]);
}

/* One fd_write; its errno, and the count when it succeeded. */
static uint32_t say(struct made *m, const char *bytes, size_t n, uint32_t *count)
{
	uint32_t error;

	put_bytes(&m->t, 1024, bytes, n);
	put_iovec(&m->t, 0, 1024, (uint32_t)n);
	error = fake_run(m->t.fake, "fd_write", 1, 0, 1, 16);
	if (!error)
		*count = get_u32(&m->t, 16);
	return error;
}

static size_t shown(struct made *m, char *out, size_t size)
{
	ssize_t n;

	fcntl(m->in[0], F_SETFL, O_NONBLOCK);
	n = read(m->in[0], out, size);
	return n < 0 ? 0 : (size_t)n;
}

/* All at once, byte by byte, and byte by byte with the rest of the program in between: the same bytes appear. */
static void row(const char *id, const char *bytes, size_t n, const char *want)
{
	char out[8192];
	uint32_t count = 0;
	struct made m;
	size_t got;

	made_new(&m, true);
	bool ok = say(&m, bytes, n, &count) == WASI_SUCCESS && count == n;
	fake_run(m.t.fake, "proc_exit", 0);
	got = shown(&m, out, sizeof out);
	test_row(ok && got == strlen(want) && memcmp(out, want, got) == 0, "%s: at once", id);
	made_free(&m);
	made_new(&m, true);
	ok = true;
	for (size_t i = 0; i < n; i++)
		ok = say(&m, bytes + i, 1, &count) == WASI_SUCCESS && count == 1 && ok;
	fake_run(m.t.fake, "proc_exit", 0);
	got = shown(&m, out, sizeof out);
	test_row(ok && got == strlen(want) && memcmp(out, want, got) == 0, "%s: byte by byte", id);
	made_free(&m);
}

#define ROW(id, bytes, want) row(id, bytes, sizeof(bytes) - 1, want)

static void rows(void)
{
	ROW("text passes", "plain \\ text\n\ttab\rcr\bbs", "plain \\ text\n\ttab\rcr\bbs");
	ROW("UTF-8 passes", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
	ROW("SGR passes", "\x1b[1;31mred\x1b[0m\x1b[m\x1b[38:2:1:2:3m", "\x1b[1;31mred\x1b[0m\x1b[m\x1b[38:2:1:2:3m");
	ROW("U04 query of the cursor", "a\x1b[6nb", "a\\x1b[6nb");
	ROW("U04 device attributes, DECRQSS", "\x1b[c\x1bP$qm\x1b\\", "\\x1b[c\\x1bP$qm\\x1b\\");
	ROW("U09 clear, home, scroll region, alternate screen", "\x1b[2J\x1b[H\x1b[2;5r\x1b[?1049h", "\\x1b[2J\\x1b[H\\x1b[2;5r\\x1b[?1049h");
	ROW("U09 SetColors of iTerm2", "\x1b]1337;SetColors=fg=000\a", "\\x1b]1337;SetColors=fg=000\\x07");
	ROW("U18 title and clipboard", "\x1b]0;t\x07\x1b]52;c;eA==\x1b\\", "\\x1b]0;t\\x07\\x1b]52;c;eA==\\x1b\\");
	ROW("U18 private SGR", "\x1b[>4;1m\x1b[?4m\x1b[1 m", "\\x1b[>4;1m\\x1b[?4m\\x1b[1 m");
	ROW("U02 C1, raw and as UTF-8", "\x9b" "6n\xc2\x9b" "6n\x90\xc2\x85", "\\x9b6n\\xc2\\x9b6n\\x90\\xc2\\x85");
	ROW("U02 other controls", "\x00\x01\x07\x0b\x0c\x0e\x7f", "\\x00\\x01\\x07\\x0b\\x0c\\x0e\\x7f");
	ROW("bidi and zero width", "\xe2\x80\xae\xe2\x80\x8b", "\\xe2\\x80\\xae\\xe2\\x80\\x8b");
	ROW("UTF-8 that is none", "\xc0\xaf\xed\xa0\x80\xf5\xff\xe2\x82x\xc3", "\\xc0\\xaf\\xed\\xa0\\x80\\xf5\\xff\\xe2\\x82x\\xc3");
	ROW("a sequence in a sequence", "\x1b\x1b[31m\x1b[3\x1b[1m", "\\x1b\x1b[31m\\x1b[3\x1b[1m");
	ROW("ESC that is the last byte", "text\x1b", "text\\x1b");
}

static void endless_sgr(void)
{
	char bytes[200] = "\x1b[", want[210] = "\\x1b[", out[400];
	uint32_t count;
	struct made m;

	memset(bytes + 2, '1', 150);
	memset(want + 5, '1', 150);
	made_new(&m, true);
	say(&m, bytes, 152, &count);
	size_t got = shown(&m, out, sizeof out);
	test_row(got == strlen(want) && memcmp(out, want, got) == 0, "a sequence without end is not held without end");
	made_free(&m);
}

/* Half a sequence on stdout, the other half on stderr: the terminal never sees them together. */
static void two_streams(void)
{
	struct file file = { .kind = FILE_STDIO, .borrowed = true, .sanitise = true, .base = RIGHT_FD_WRITE, .access = ACCESS_WRITE };
	uint32_t count;
	char out[100];
	struct made m;
	int second;

	made_new(&m, true);
	second = file.fd = fcntl(m.in[1], F_DUPFD_CLOEXEC, 3);
	descriptors_put_at(test_state(&m.t)->descriptors, 2, &file);
	say(&m, "\x1b]0;", 2, &count);
	put_bytes(&m.t, 2048, "\x1b[", 2);
	put_iovec(&m.t, 0, 2048, 2);
	fake_run(m.t.fake, "fd_write", 1, 0, 1, 16);
	put_bytes(&m.t, 2048, "6n", 2);
	fake_run(m.t.fake, "fd_write", 2, 0, 1, 16);
	fake_run(m.t.fake, "proc_exit", 0);
	size_t got = shown(&m, out, sizeof out);
	test_row(!memchr(out, 0x1b, got) && got > 2, "U18 two streams make no sequence together");
	made_free(&m);
	close(second);
}

static void large(void)
{
	static char bytes[40000], out[160000];
	uint32_t count = 0;
	struct made m;
	size_t got;

	memset(bytes, 1, 8000);
	memset(bytes + 8000, 'x', 32000);
	made_new(&m, true);
	fcntl(m.in[1], F_SETPIPE_SZ, 1 << 20);
	CHECK(say(&m, bytes, sizeof bytes, &count) == WASI_SUCCESS && count == sizeof bytes);
	got = shown(&m, out, sizeof out);
	test_row(got == 8000 * 4 + 32000, "a large write counts the guest's bytes");
	made_free(&m);
}

static void reader_gone(bool sanitise)
{
	uint32_t count;
	struct made m;

	made_new(&m, sanitise);
	close(m.in[0]);
	m.in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	test_row(say(&m, "hello", 5, &count) == WASI_PIPE, "a reader that is gone is `pipe`%s", sanitise ? " (terminal)" : "");
	made_free(&m);
}

/* Blocking for the guest although somebody made the descriptor non-blocking: a child drains it, nothing is lost. */
static void waits(bool sanitise)
{
	enum { MUCH = 60000 };
	static char bytes[MUCH];
	uint32_t count = 0, sum = 0;
	struct made m;
	int status = -1;
	pid_t child;

	memset(bytes, 'w', sizeof bytes);
	made_new(&m, sanitise);
	fcntl(m.in[1], F_SETPIPE_SZ, 4096);
	fcntl(m.in[1], F_SETFL, O_NONBLOCK);
	child = fork();
	if (child == 0) {
		char drain[512];
		size_t all = 0;

		close(m.in[1]);
		for (ssize_t n; (n = read(m.in[0], drain, sizeof drain)) > 0; all += (size_t)n)
			;
		_exit(all == MUCH ? 0 : 1);
	}
	while (sum < MUCH && say(&m, bytes, MUCH - sum, &count) == WASI_SUCCESS)
		sum += count;
	close(m.in[1]);
	m.in[1] = -1;
	waitpid(child, &status, 0);
	test_row(sum == MUCH && status == 0, "a full pipe that is O_NONBLOCK is waited for%s", sanitise ? " (terminal)" : "");
	made_free(&m);
}

static void guest_nonblock(void)
{
	uint32_t error = WASI_SUCCESS, count;
	struct made m;

	made_new(&m, false);
	fcntl(m.in[1], F_SETPIPE_SZ, 4096);
	CHECK(fake_run(m.t.fake, "fd_fdstat_set_flags", 1, WASI_FD_NONBLOCK) == WASI_SUCCESS);
	test_row(!(fcntl(m.in[1], F_GETFL) & O_NONBLOCK), "NONBLOCK of a standard descriptor stays the guest's own");
	for (int i = 0; i < 100 && !error; i++)
		error = say(&m, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 80, &count);
	test_row(error == WASI_AGAIN, "a full pipe is `again` for a guest that does not wait");
	made_free(&m);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_begin();
	rows();
	endless_sgr();
	two_streams();
	large();
	reader_gone(false);
	reader_gone(true);
	waits(false);
	waits(true);
	guest_nonblock();
	return test_end();
}
