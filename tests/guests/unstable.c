/*
 * unstable - a program from before 2020: it imports wasi_unstable, whose whence,
 * filestat and subscription are laid out in another way. By itself it writes text
 * through that module alone; what the libc's start and end import, test_unstable.py
 * renames too.
 *     unstable    works on the file "u.txt" beneath descriptor 3
 */
#include <stddef.h>
#include <stdint.h>

#define P0(name) __attribute__((import_module("wasi_unstable"), import_name(#name)))

struct p0_iovec { const void *at; uint32_t len; };
struct p0_filestat { uint64_t dev, ino; uint8_t type; uint32_t nlink; uint64_t size, atim, mtim, ctim; };
struct p0_clock { uint64_t identifier; uint32_t id; uint64_t timeout, precision; uint16_t flags; };
struct p0_subscription { uint64_t userdata; uint8_t tag; union { uint32_t fd; struct p0_clock clock; } u; };
struct p0_event { uint64_t userdata; uint16_t error; uint8_t type; uint64_t nbytes; uint16_t flags; };

_Static_assert(sizeof(struct p0_filestat) == 56 && offsetof(struct p0_filestat, nlink) == 20, "filestat");
_Static_assert(sizeof(struct p0_subscription) == 56 && offsetof(struct p0_subscription, u) == 16, "subscription");
_Static_assert(sizeof(struct p0_event) == 32, "event");

P0(fd_write) int fd_write(uint32_t fd, const struct p0_iovec *iov, uint32_t n, uint32_t *out);
P0(fd_read) int fd_read(uint32_t fd, const struct p0_iovec *iov, uint32_t n, uint32_t *out);
P0(fd_seek) int fd_seek(uint32_t fd, int64_t by, uint32_t whence, uint64_t *out);
P0(fd_tell) int fd_tell(uint32_t fd, uint64_t *out);
P0(fd_close) int fd_close(uint32_t fd);
P0(fd_filestat_get) int fd_filestat_get(uint32_t fd, struct p0_filestat *out);
P0(fd_prestat_get) int fd_prestat_get(uint32_t fd, uint32_t out[2]);
P0(fd_readdir) int fd_readdir(uint32_t fd, void *buf, uint32_t len, uint64_t cookie, uint32_t *out);
P0(path_open) int path_open(uint32_t fd, uint32_t look, const char *at, uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting, uint32_t flags, uint32_t *out);
P0(path_filestat_get) int path_filestat_get(uint32_t fd, uint32_t look, const char *at, uint32_t len, struct p0_filestat *out);
P0(path_unlink_file) int path_unlink_file(uint32_t fd, const char *at, uint32_t len);
P0(poll_oneoff) int poll_oneoff(const struct p0_subscription *in, struct p0_event *out, uint32_t n, uint32_t *nevents);
P0(clock_time_get) int clock_time_get(uint32_t clock, uint64_t precision, uint64_t *out);
P0(random_get) int random_get(void *at, uint32_t len);
P0(args_sizes_get) int args_sizes_get(uint32_t *count, uint32_t *size);

enum { CUR, END, SET };		/* whence, in the order of that time */
enum { FROM = 3, RIGHTS = 0x200000 | 0x2 | 0x40 | 0x4 | 0x20 | 0x8000000 };

static void put(const char *text)
{
	struct p0_iovec iov = { text, 0 };
	uint32_t n;

	while (text[iov.len])
		iov.len++;
	fd_write(1, &iov, 1, &n);
}

static void row(const char *name, int error, uint64_t value)
{
	char digits[21] = "", *at = digits + 20;

	put(name);
	put(": ");
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	if (error) {
		at = digits + 18;
		at[0] = (char)('0' + error / 10);
		at[1] = (char)('0' + error % 10);
		put("errno ");
	}
	put(at);
	put("\n");
}

static void seeking(uint32_t fd)
{
	static const struct { const char *name; int64_t by; uint32_t whence; } rows[] = {
		{ "seek, 3 from the start", 3, SET }, { "seek, 2 on", 2, CUR }, { "seek, 4 before the end", -4, END },
		{ "seek, nowhere", 0, CUR }, { "seek, before the start", -1, SET }, { "seek, back to the start", 0, SET },
	};
	char bytes[4] = "";
	struct p0_iovec iov = { bytes, 1 };
	uint64_t at;
	uint32_t n;

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		int error = fd_seek(fd, rows[i].by, rows[i].whence, &at);

		row(rows[i].name, error, at);
	}
	row("read", fd_read(fd, &iov, 1, &n), (uint64_t)bytes[0]);
	row("tell", fd_tell(fd, &at), at);
}

static void stats(uint32_t fd, const char *name, uint32_t len)
{
	struct { struct p0_filestat stat; uint8_t guard[8]; } a, b;
	int error;

	__builtin_memset(&a, 0xaa, sizeof a);
	__builtin_memset(&b, 0xaa, sizeof b);
	error = fd_filestat_get(fd, &a.stat);
	row("stat of the descriptor, type", error, a.stat.type);
	row("stat of the descriptor, links", error, a.stat.nlink);
	row("stat of the descriptor, size", error, a.stat.size);
	error = path_filestat_get(FROM, 1, name, len, &b.stat);
	row("stat of the name, size", error, b.stat.size);
	row("both are the same", 0, __builtin_memcmp(&a.stat, &b.stat, 16) == 0 && a.stat.mtim == b.stat.mtim && a.stat.ctim == b.stat.ctim);
	row("56 bytes and no more", 0, a.guard[0] == 0xaa && b.guard[0] == 0xaa);
	row("times are of this century", 0, a.stat.mtim > 1500000000000000000u && a.stat.ctim > 1500000000000000000u);
}

static void polling(uint32_t fd)
{
	struct p0_subscription subs[2] = {
		{ .userdata = 7, .tag = 0, .u.clock = { .identifier = 1, .id = 1, .timeout = 20000000 } },
		{ .userdata = 8, .tag = 1, .u.fd = fd },
	};
	struct p0_event events[2] = { 0 };
	uint64_t before, after;
	uint32_t n = 0;
	int error;

	clock_time_get(1, 1, &before);
	error = poll_oneoff(subs, events, 1, &n);
	clock_time_get(1, 1, &after);
	row("a clock alone, events", error, n);
	row("a clock alone, whose", error, events[0].userdata);
	row("it took its time", error, after - before >= 19000000 && after - before < 10000000000u);
	subs[0].u.clock.timeout = 1000000000000u;
	error = poll_oneoff(subs, events, 2, &n);
	row("a file and a clock far away, events", error, n);
	row("a file and a clock far away, whose", error, events[0].userdata);
	row("a file and a clock far away, bytes", error, events[0].nbytes);
	subs[0].u.clock = (struct p0_clock){ .identifier = 1, .id = 0, .timeout = 1000, .flags = 1 };
	error = poll_oneoff(subs, events, 1, &n);
	row("long past, events", error, n);
	row("long past, its errno", error, events[0].error);
}

int main(void)
{
	static const char name[] = "u.txt";
	struct p0_iovec iov = { "0123456789", 10 };
	uint32_t fd, n, prestat[2], sizes[2];
	uint64_t zero[2] = { 0, 0 };
	char entries[512];

	row("arguments", args_sizes_get(&sizes[0], &sizes[1]), sizes[0]);
	row("preopen", fd_prestat_get(FROM, prestat), prestat[0]);
	row("create", path_open(FROM, 1, name, 5, 1, RIGHTS, 0, 0, &fd), 0);
	row("write", fd_write(fd, &iov, 1, &n), n);
	seeking(fd);
	stats(fd, name, 5);
	polling(fd);
	row("list", fd_readdir(FROM, entries, sizeof entries, 0, &n), n > 24);
	row("random", random_get(zero, sizeof zero), zero[0] != zero[1]);
	row("close", fd_close(fd), 0);
	row("remove", path_unlink_file(FROM, name, 5), 0);
	return 0;
}
