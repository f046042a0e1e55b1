/*
 * agent - does what standard input says, a line at a time, and answers with a line.
 *
 *     FD OP [WORD]...      for instance "4 open rf notes.txt", "5 read 10"
 *
 * so that a test decides step by step what a guest does, without its arguments
 * naming anything. For words see words.h. The answer is the line as it came, ": ",
 * the errno's name and what else there is to say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p1.h"
#include "words.h"

enum { LINE = 1 << 17 };

static char line[LINE], said[LINE], data[1 << 16];

static const char *type_of(uint8_t type)
{
	static const char *const names[] = { "unknown", "block", "char", "directory", "file", "dgram", "stream", "link" };

	return type < 8 ? names[type] : "?";
}

/* Prints bytes so that they stay on the line. */
static void show(const void *bytes, uint32_t n)
{
	const unsigned char *at = bytes;

	putchar(' ');
	for (uint32_t i = 0; i < n; i++)
		if (at[i] > 0x20 && at[i] < 0x7f && at[i] != '%')
			putchar(at[i]);
		else
			printf("%%%02x", at[i]);
}

static int do_stat_of(int error, const struct p1_filestat *st)
{
	printf("%s", p1_name(error));
	if (!error)
		printf(" %s size %llu nlink %llu", type_of(st->type), st->type == 4 ? (unsigned long long)st->size : 0,
			st->type == 3 ? 0 : (unsigned long long)st->nlink);
	return error;
}

static void do_read(uint32_t fd, uint32_t most)
{
	struct p1_iovec iov = { data, most < sizeof data ? most : sizeof data };
	uint32_t n = 0;
	int error = p1_fd_read(fd, &iov, 1, &n);

	printf("%s", p1_name(error));
	if (!error)
		show(data, n);
}

static void do_write(uint32_t fd, const char *at, uint32_t len)
{
	struct p1_iovec iov = { at, len };
	uint32_t n = 0;
	int error = p1_fd_write(fd, &iov, 1, &n);

	printf("%s", p1_name(error));
	if (!error)
		printf(" %u", n);
}

static void do_readdir(uint32_t fd)
{
	uint32_t n = 0;
	uint64_t cookie = 0;
	int error = p1_fd_readdir(fd, data, sizeof data, cookie, &n);

	printf("%s", p1_name(error));
	for (uint32_t i = 0; !error && i + sizeof(struct p1_dirent) <= n;) {
		struct p1_dirent entry;

		memcpy(&entry, data + i, sizeof entry);
		i += sizeof entry;
		if (entry.namelen > n - i)
			break;
		show(data + i, entry.namelen);
		i += entry.namelen;
	}
}

/* open FLAGS PATH: r read, w write, c create, x exclusive, t truncate, d directory, f follow, a append, n nonblock, k keep */
static void op_open(uint32_t fd)
{
	uint32_t opened, oflags = 0, flags = 0;
	struct p1_fdstat dir = { 0, 0, 0, 0 };
	uint64_t rights;
	int error;

	/* As libc does: all that the directory hands on, but reading and writing only where wanted. */
	p1_fd_fdstat_get(fd, &dir);
	rights = dir.inheriting & ~(uint64_t)(P1_READ | P1_WRITE);

	oflags |= has(2, 'c') ? P1_CREAT : 0;
	oflags |= has(2, 'x') ? P1_EXCL : 0;
	oflags |= has(2, 't') ? P1_TRUNC : 0;
	oflags |= has(2, 'd') ? P1_DIRECTORY : 0;
	flags |= has(2, 'a') ? P1_APPEND : 0;
	flags |= has(2, 'n') ? P1_NONBLOCK : 0;
	rights |= has(2, 'r') ? P1_READ : 0;
	rights |= has(2, 'w') ? P1_WRITE : 0;
	error = p1_path_open(fd, has(2, 'f'), word[3].at, word[3].len, oflags, rights, dir.inheriting, flags, &opened);
	printf("%s", p1_name(error));
	if (error)
		return;
	if (has(2, 'k')) {
		printf(" %u", opened);
		return;
	}
	struct p1_fdstat st;

	if (!p1_fd_fdstat_get(opened, &st))
		printf(" %s", type_of(st.type));
	if (has(2, 'r') && st.type != 3) {
		putchar(' ');
		do_read(opened, 40);
	}
	if (has(2, 'w') && st.type != 3) {
		putchar(' ');
		do_write(opened, "agent", 5);
	}
	p1_fd_close(opened);
}

static void op_list(uint32_t fd)
{
	uint32_t opened;
	struct p1_fdstat dir = { 0, 0, 0, 0 };
	int error;

	p1_fd_fdstat_get(fd, &dir);
	error = p1_path_open(fd, 1, word[2].at, word[2].len, P1_DIRECTORY,
		dir.inheriting & ~(uint64_t)P1_WRITE, dir.inheriting, 0, &opened);

	if (error) {
		printf("%s", p1_name(error));
		return;
	}
	do_readdir(opened);
	p1_fd_close(opened);
}

static void op_prestat(uint32_t fd)
{
	struct p1_prestat pre;
	int error = p1_fd_prestat_get(fd, &pre);

	if (!error)
		error = p1_fd_prestat_dir_name(fd, data, pre.len);
	printf("%s", p1_name(error));
	if (!error)
		show(data, pre.len);
}

static void op_fdstat(uint32_t fd)
{
	struct p1_fdstat st;
	int error = p1_fd_fdstat_get(fd, &st);

	printf("%s", p1_name(error));
	if (!error)
		printf(" %s flags %u base %llx inheriting %llx", type_of(st.type), st.flags,
			(unsigned long long)st.base, (unsigned long long)st.inheriting);
}

static void op_stat(uint32_t fd, uint32_t look)
{
	struct p1_filestat st;

	do_stat_of(p1_path_filestat_get(fd, look, word[2].at, word[2].len, &st), &st);
}

static void op_readlink(uint32_t fd)
{
	uint32_t n = 0;
	int error = p1_path_readlink(fd, word[2].at, word[2].len, data, sizeof data, &n);

	printf("%s", p1_name(error));
	if (!error)
		show(data, n);
}

/* Writes until it is refused: how much fitted depends on the other end. */
static void op_flood(uint32_t fd)
{
	struct p1_iovec iov = { data, 4096 };
	uint32_t n;
	int error;

	memset(data, '.', 4096);
	while (!(error = p1_fd_write(fd, &iov, 1, &n)))
		;
	fprintf(stderr, "flood ended: %s\n", p1_name(error));
	printf("%s", p1_name(error));
}

/* Whatever can be done to an opened file or directory. */
static void change_opened(uint32_t fd)
{
	struct p1_iovec iov = { "changed", 7 };
	uint32_t n;

	p1_fd_write(fd, &iov, 1, &n);
	p1_fd_pwrite(fd, &iov, 1, 3, &n);
	p1_fd_filestat_set_size(fd, 1);
	p1_fd_allocate(fd, 0, 100000);
	p1_fd_filestat_set_times(fd, 1, 1, 5);
	p1_fd_fdstat_set_flags(fd, P1_APPEND);
	p1_fd_write(fd, &iov, 1, &n);
}

/* Opens it with every set of oflags, fdflags, rights and lookup flags, and changes what was opened. */
static void op_ways(uint32_t fd)
{
	static const uint64_t rights[] = { 0, P1_READ, P1_WRITE, P1_READ | P1_WRITE };
	unsigned opened = 0, refused = 0;
	uint32_t got;

	for (unsigned way = 0; way < 16 * 32 * 4 * 2; way++) {
		if (p1_path_open(fd, way & 1, word[2].at, word[2].len, way >> 1 & 15,
				 (P1_ALL & ~(uint64_t)(P1_READ | P1_WRITE)) | rights[way >> 5 & 3], P1_ALL, way >> 7, &got)) {
			refused++;
			continue;
		}
		opened++;
		change_opened(got);
		p1_fd_close(got);
	}
	printf("ok opened %u refused %u", opened, refused);
}

/* opens N PATH: opens and reads it N times; how it went, by the first letter that was read or the errno. */
static void op_opens(uint32_t fd)
{
	static unsigned errors[80], letters[256];
	struct p1_iovec iov = { data, 1 };
	uint32_t got, n;

	memset(errors, 0, sizeof errors);
	memset(letters, 0, sizeof letters);
	for (uint64_t i = number(2); i; i--) {
		int error = p1_path_open(fd, 1, word[3].at, word[3].len, 0, P1_READ, P1_READ, 0, &got);

		errors[error]++;
		if (error)
			continue;
		data[0] = '?';
		p1_fd_read(got, &iov, 1, &n);
		letters[(unsigned char)data[0]]++;
		p1_fd_close(got);
	}
	printf("ok");
	for (unsigned i = 1; i < 80; i++)
		if (errors[i])
			printf(" %s=%u", p1_name((int)i), errors[i]);
	for (unsigned i = 0; i < 256; i++)
		if (letters[i])
			printf(" %c=%u", (char)i, letters[i]);
}

/* How many entries a directory has. */
static void op_count(uint32_t fd)
{
	struct p1_dirent entry;
	uint64_t cookie = 0, n = 0;
	uint32_t used, at;
	int error;

	do {
		error = p1_fd_readdir(fd, data, sizeof data, cookie, &used);
		for (at = 0; !error && at + sizeof entry <= used; at += (uint32_t)sizeof entry + entry.namelen) {
			memcpy(&entry, data + at, sizeof entry);
			if (entry.namelen > used - at - sizeof entry)
				break;
			cookie = entry.next;
			n++;
		}
	} while (!error && used == sizeof data);
	printf("%s %llu", p1_name(error), (unsigned long long)n);
}

static void op_mtim(uint32_t fd)
{
	struct p1_filestat st;
	int error = p1_path_filestat_get(fd, 0, word[2].at, word[2].len, &st);

	printf("%s", p1_name(error));
	if (!error)
		printf(" %llu", (unsigned long long)st.mtim);
}

static void op_spin(void)
{
	for (volatile unsigned i = 0;; i++)
		;
}

/* Every descriptor that is open, by type. */
static void op_fds(void)
{
	struct p1_fdstat st;

	printf("ok");
	for (uint32_t fd = 0; fd < 2000; fd++)
		if (!p1_fd_fdstat_get(fd, &st))
			printf(" %u:%s", fd, type_of(st.type));
}

static int one(const char *op, uint32_t fd)
{
	const char *a = word[2].at, *b = word[3].at;
	uint32_t la = word[2].len, lb = word[3].len;
	struct p1_filestat st;
	uint64_t where = 0;

#define OP(name) if (!strcmp(op, name))
#define SIMPLE(name, call) OP(name) { printf("%s", p1_name(call)); return 1; }
	OP("open")	{ op_open(fd); return 1; }
	OP("list")	{ op_list(fd); return 1; }
	OP("stat")	{ op_stat(fd, 1); return 1; }
	OP("lstat")	{ op_stat(fd, 0); return 1; }
	OP("readlink")	{ op_readlink(fd); return 1; }
	OP("prestat")	{ op_prestat(fd); return 1; }
	OP("fdstat")	{ op_fdstat(fd); return 1; }
	OP("read")	{ do_read(fd, (uint32_t)number(2)); return 1; }
	OP("write")	{ do_write(fd, a, la); return 1; }
	OP("readdir")	{ do_readdir(fd); return 1; }
	OP("flood")	{ op_flood(fd); return 1; }
	OP("fds")	{ op_fds(); return 1; }
	OP("spin")	{ op_spin(); return 1; }
	OP("ways")	{ op_ways(fd); return 1; }
	OP("opens")	{ op_opens(fd); return 1; }
	OP("count")	{ op_count(fd); return 1; }
	OP("mtim")	{ op_mtim(fd); return 1; }
	OP("trap")	{ __builtin_trap(); }
	OP("exit")	{ p1_proc_exit((uint32_t)number(2)); }
	OP("filestat")	{ do_stat_of(p1_fd_filestat_get(fd, &st), &st); return 1; }
	SIMPLE("close", p1_fd_close(fd))
	SIMPLE("mkdir", p1_path_create_directory(fd, a, la))
	SIMPLE("rmdir", p1_path_remove_directory(fd, a, la))
	SIMPLE("unlink", p1_path_unlink_file(fd, a, la))
	SIMPLE("rename", p1_path_rename(fd, a, la, fd, b, lb))
	SIMPLE("renameto", p1_path_rename(fd, b, lb, (uint32_t)number(2), word[4].at, word[4].len))
	SIMPLE("link", p1_path_link(fd, 0, a, la, fd, b, lb))
	SIMPLE("linkto", p1_path_link(fd, 0, b, lb, (uint32_t)number(2), word[4].at, word[4].len))
	SIMPLE("symlink", p1_path_symlink(a, la, fd, b, lb))
	SIMPLE("times", p1_path_filestat_set_times(fd, 1, a, la, 0, 1000000000, 4))
	SIMPLE("ltimes", p1_path_filestat_set_times(fd, 0, a, la, 0, 1000000000, 4))
	SIMPLE("settimes", p1_path_filestat_set_times(fd, 1, a, la, number(3), number(3), 5))
	SIMPLE("ftimes", p1_fd_filestat_set_times(fd, 0, 1000000000, 4))
	SIMPLE("size", p1_fd_filestat_set_size(fd, number(2)))
	SIMPLE("allocate", p1_fd_allocate(fd, 0, number(2)))
	SIMPLE("setflags", p1_fd_fdstat_set_flags(fd, (uint32_t)number(2)))
	SIMPLE("setrights", p1_fd_fdstat_set_rights(fd, number(2), number(3)))
	SIMPLE("renumber", p1_fd_renumber(fd, (uint32_t)number(2)))
	SIMPLE("seek", p1_fd_seek(fd, (int64_t)number(2), (uint32_t)number(3), &where))
	return 0;
}

int main(void)
{
	setvbuf(stdin, NULL, _IONBF, 0);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		strcpy(said, line);
		split(line);
		printf("%s: ", said);
		if (!word[1].at || !one(word[1].at, (uint32_t)number(0)))
			printf("no such op");
		putchar('\n');
		fflush(stdout);
	}
	return 0;
}
