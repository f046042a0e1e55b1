/*
 * sequence - makes the file calls that standard input lists, a line each, and says
 * a line about each. For tests/fuzz: compiled twice, as a guest and, with
 * tests/fuzz/model.c in place of a host, for this machine.
 *
 *     OP SLOT [WORD]...        "open 1 0 rwc a/b", "write 1 100 7", "stat 0 1 a"
 *
 * Descriptors stand in slots, so that a line means the same whatever number a host
 * gives out; slot 0 is the directory whose number argv[1] tells. For words see words.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p1.h"
#include "words.h"

enum { SLOTS = 8, MOST = 1 << 17 };
enum { ALL_BUT_READ_WRITE = P1_ALL & ~(P1_READ | P1_WRITE) };

static char line[MOST], data[MOST];
static uint32_t slot[SLOTS];

static uint32_t fd_at(unsigned i)
{
	return slot[number(i) % SLOTS];
}

static int say(int error)
{
	printf("%s", p1_name(error));
	return error;
}

/* What was read: its length, a sum and how it starts. */
static void say_data(const char *at, uint32_t n)
{
	uint32_t sum = 2166136261u;

	for (uint32_t i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)at[i]) * 16777619u;
	printf(" %u %08x", n, sum);
}

static void say_text(const char *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (at[i] > 0x20 && at[i] < 0x7f && at[i] != '%')
			putchar(at[i]);
		else
			printf("%%%02x", (unsigned char)at[i]);
}

/* Times of today are not compared. */
static void say_stat(int error, const struct p1_filestat *st)
{
	if (say(error))
		return;
	printf(" type %u", st->type);
	if (st->type != 3)
		printf(" size %llu nlink %llu", (unsigned long long)st->size, (unsigned long long)st->nlink);
	if (st->mtim < 1500000000000000000ull)
		printf(" mtim %llu", (unsigned long long)st->mtim);
}

/* Three pieces, one of them often empty. */
static uint32_t cut(struct p1_iovec iov[3], uint32_t n)
{
	n = n < MOST ? n : MOST;
	iov[0] = (struct p1_iovec){ data, n / 3 };
	iov[1] = (struct p1_iovec){ data + n / 3, n % 2 ? n / 3 : 0 };
	iov[2] = (struct p1_iovec){ data + n / 3 + iov[1].len, n - n / 3 - iov[1].len };
	return n;
}

static void pattern(uint32_t n, uint64_t seed)
{
	for (uint32_t i = 0; i < n && i < MOST; i++)
		data[i] = (char)((i * 31u + i / 251u + (uint32_t)seed * 7u) & 0xff);
}

/* open SLOT AT LETTERS PATH: r w, c create x exclusive t truncate d directory, f follow, a append n nonblock s sync, l little: no other rights */
static void op_open(void)
{
	uint32_t oflags = 0, fdflags = 0, opened, to = (uint32_t)number(1) % SLOTS;
	uint64_t base = has(3, 'l') ? 0 : ALL_BUT_READ_WRITE;
	struct p1_fdstat st;
	int error;

	oflags |= has(3, 'c') ? P1_CREAT : 0;
	oflags |= has(3, 'x') ? P1_EXCL : 0;
	oflags |= has(3, 't') ? P1_TRUNC : 0;
	oflags |= has(3, 'd') ? P1_DIRECTORY : 0;
	fdflags |= has(3, 'a') ? P1_APPEND : 0;
	fdflags |= has(3, 'n') ? P1_NONBLOCK : 0;
	fdflags |= has(3, 's') ? P1_SYNC : 0;
	base |= has(3, 'r') ? P1_READ : 0;
	base |= has(3, 'w') ? P1_WRITE : 0;
	error = p1_path_open(fd_at(2), has(3, 'f'), word[4].at, word[4].len, oflags, base, P1_ALL, fdflags, &opened);
	if (say(error))
		return;
	if (to && slot[to] != UINT32_MAX)
		p1_fd_close(slot[to]);
	slot[to ? to : 1] = opened;
	if (!p1_fd_fdstat_get(opened, &st))
		printf(" type %u base %llx", st.type, (unsigned long long)(st.base & (P1_READ | P1_WRITE)));
}

static void op_close(void)
{
	uint32_t *at = &slot[number(1) % SLOTS];

	if (!say(p1_fd_close(*at)))
		*at = UINT32_MAX;
}

/* renumber FROM TO: what stood in TO is closed, and FROM is gone. */
static void op_renumber(void)
{
	uint32_t *from = &slot[number(1) % SLOTS], *to = &slot[number(2) % SLOTS];

	if (!say(p1_fd_renumber(*from, *to)) && from != to)
		*from = UINT32_MAX;
}

static void op_read(void)
{
	struct p1_iovec iov[3];
	uint32_t n = 0;

	cut(iov, (uint32_t)number(2));
	if (!say(p1_fd_read(fd_at(1), iov, 3, &n)))
		say_data(data, n);
}

static void op_pread(void)
{
	struct p1_iovec iov[3];
	uint32_t n = 0;

	cut(iov, (uint32_t)number(2));
	if (!say(p1_fd_pread(fd_at(1), iov, 3, number(3), &n)))
		say_data(data, n);
}

static void op_write(void)
{
	struct p1_iovec iov[3];
	uint32_t n = 0;

	pattern(cut(iov, (uint32_t)number(2)), number(3));
	if (!say(p1_fd_write(fd_at(1), iov, 3, &n)))
		printf(" %u", n);
}

static void op_pwrite(void)
{
	struct p1_iovec iov[3];
	uint32_t n = 0;

	pattern(cut(iov, (uint32_t)number(2)), number(3));
	if (!say(p1_fd_pwrite(fd_at(1), iov, 3, number(4), &n)))
		printf(" %u", n);
}

static void op_seek(void)
{
	uint64_t at = 0;

	if (!say(p1_fd_seek(fd_at(1), (int64_t)number(2), (uint32_t)number(3), &at)))
		printf(" %llu", (unsigned long long)at);
}

static void op_tell(void)
{
	uint64_t at = 0;

	if (!say(p1_fd_tell(fd_at(1), &at)))
		printf(" %llu", (unsigned long long)at);
}

static void op_fdstat(void)
{
	struct p1_fdstat st;

	if (!say(p1_fd_fdstat_get(fd_at(1), &st)))
		printf(" type %u flags %u base %llx", st.type, st.flags, (unsigned long long)(st.base & (P1_READ | P1_WRITE)));
}

static void op_fstat(void)
{
	struct p1_filestat st;

	say_stat(p1_fd_filestat_get(fd_at(1), &st), &st);
}

static void op_stat(void)
{
	struct p1_filestat st;

	say_stat(p1_path_filestat_get(fd_at(1), (uint32_t)number(2), word[3].at, word[3].len, &st), &st);
}

static void op_readlink(void)
{
	uint32_t n = 0;

	if (say(p1_path_readlink(fd_at(1), word[3].at, word[3].len, data, (uint32_t)number(2) % MOST, &n)))
		return;
	putchar(' ');
	say_text(data, n);
}

/* ---- directories ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The whole entries of a buffer, added to NAMES; how far they reach, and the last one's cookie. */
static unsigned take_entries(char **names, unsigned n, const char *at, uint32_t len, uint64_t *cookie)
{
	struct p1_dirent entry;

	while (len >= sizeof entry) {
		memcpy(&entry, at, sizeof entry);
		if (entry.namelen > len - sizeof entry || n == 512)
			break;
		names[n] = malloc(entry.namelen + 3);
		memcpy(names[n], at + sizeof entry, entry.namelen);
		sprintf(names[n++] + entry.namelen, ":%u", entry.type);
		*cookie = entry.next;
		at += sizeof entry + entry.namelen;
		len -= (uint32_t)sizeof entry + entry.namelen;
	}
	return n;
}

/* readdir SLOT SIZE: all of it, through a buffer of that size, in order of names. */
static void op_readdir(void)
{
	static char *names[512];
	uint32_t size = (uint32_t)number(2) % MOST, used;
	uint64_t cookie = 0;
	unsigned n = 0, before;
	int error;

	do {
		error = p1_fd_readdir(fd_at(1), data, size, cookie, &used);
		before = n;
		if (!error)
			n = take_entries(names, n, data, used, &cookie);
		if (n == before)
			size *= 2;
	} while (!error && (used == size || (n == before && used == size / 2)) && size < MOST && n < 512);
	say(error);
	qsort(names, n, sizeof *names, by_text);
	for (unsigned i = 0; i < n; i++) {
		putchar(' ');
		say_text(names[i], (uint32_t)strlen(names[i]));
		free(names[i]);
	}
}

/* entries SLOT COOKIE: how many there are from there on, rewound first: else what was added meanwhile may be there or not. */
static void op_entries(void)
{
	static char *names[512];
	uint64_t cookie = number(2);
	uint32_t used;

	p1_fd_readdir(fd_at(1), data, MOST, 0, &used);
	if (say(p1_fd_readdir(fd_at(1), data, MOST, cookie, &used)))
		return;
	unsigned n = take_entries(names, 0, data, used, &cookie);

	printf(" %u", n);
	while (n)
		free(names[--n]);
}

/* ---- calls that say no more than how they ended ---- */

#define A(i) word[i].at, word[i].len

static void op_size(void)	{ say(p1_fd_filestat_set_size(fd_at(1), number(2))); }
static void op_allocate(void)	{ say(p1_fd_allocate(fd_at(1), number(2), number(3))); }
static void op_advise(void)	{ say(p1_fd_advise(fd_at(1), number(2), number(3), (uint32_t)number(4))); }
static void op_sync(void)	{ say(p1_fd_sync(fd_at(1))); }
static void op_datasync(void)	{ say(p1_fd_datasync(fd_at(1))); }
static void op_setflags(void)	{ say(p1_fd_fdstat_set_flags(fd_at(1), (uint32_t)number(2))); }
static void op_ftimes(void)	{ say(p1_fd_filestat_set_times(fd_at(1), number(2), number(3), (uint32_t)number(4))); }
static void op_mkdir(void)	{ say(p1_path_create_directory(fd_at(1), A(2))); }
static void op_rmdir(void)	{ say(p1_path_remove_directory(fd_at(1), A(2))); }
static void op_unlink(void)	{ say(p1_path_unlink_file(fd_at(1), A(2))); }
static void op_symlink(void)	{ say(p1_path_symlink(A(2), fd_at(1), A(3))); }
static void op_rename(void)	{ say(p1_path_rename(fd_at(1), A(2), fd_at(3), A(4))); }
static void op_link(void)	{ say(p1_path_link(fd_at(1), (uint32_t)number(2), A(3), fd_at(4), A(5))); }

static void op_times(void)
{
	say(p1_path_filestat_set_times(fd_at(1), (uint32_t)number(2), A(3), number(4), number(5), (uint32_t)number(6)));
}

static const struct op {
	const char *name;
	unsigned words;
	void (*make)(void);
} ops[] = {
	{ "open", 4, op_open }, { "close", 1, op_close }, { "renumber", 2, op_renumber }, { "read", 2, op_read },
	{ "pread", 3, op_pread }, { "write", 3, op_write }, { "pwrite", 4, op_pwrite }, { "seek", 3, op_seek },
	{ "tell", 1, op_tell }, { "fdstat", 1, op_fdstat }, { "fstat", 1, op_fstat }, { "stat", 3, op_stat },
	{ "readlink", 3, op_readlink }, { "readdir", 2, op_readdir }, { "entries", 2, op_entries }, { "size", 2, op_size },
	{ "allocate", 3, op_allocate }, { "advise", 4, op_advise }, { "sync", 1, op_sync }, { "datasync", 1, op_datasync },
	{ "setflags", 2, op_setflags }, { "ftimes", 4, op_ftimes }, { "mkdir", 2, op_mkdir }, { "rmdir", 2, op_rmdir },
	{ "unlink", 2, op_unlink }, { "symlink", 3, op_symlink }, { "rename", 4, op_rename }, { "link", 5, op_link },
	{ "times", 6, op_times },
};

static void do_line(void)
{
	unsigned n = split(line);

	for (unsigned i = 0; i < sizeof ops / sizeof *ops; i++)
		if (!strcmp(ops[i].name, word[0].at) && ops[i].words == n) {
			ops[i].make();
			putchar('\n');
			return;
		}
	printf("no such line\n");
}

int main(int argc, char **argv)
{
	memset(slot, 0xff, sizeof slot);
	slot[0] = argc > 1 ? (uint32_t)atoi(argv[1]) : 3;
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		do_line();
	}
	return 0;
}
