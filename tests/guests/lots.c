/*
 * lots - small calls without end, and other ways to lean on a host:
 *
 *     lots rounds      a number on standard input, then so many rounds of small calls
 *                      on "lots.txt" beneath 3; says "done", takes the next; 0: the end
 *     lots flood       counts upwards on standard output, eight bytes a number, for ever
 *     lots take N      reads N bytes from standard input in one read and repeats them
 *     lots rest        reads standard input to its end and repeats it
 *     lots closed      closes 0 to 2, opens files in their place and writes to them
 *     lots bytes       its arguments, environment and directory, as hexadecimal digits
 */
#include <stdlib.h>
#include <string.h>

#include "p1.h"

P1(poll_oneoff) int p1_poll_oneoff(const void *in, void *out, uint32_t n, uint32_t *nevents);
P1(args_sizes_get) int p1_args_sizes_get(uint32_t *n, uint32_t *size);
P1(args_get) int p1_args_get(char **at, char *bytes);
P1(environ_sizes_get) int p1_environ_sizes_get(uint32_t *n, uint32_t *size);
P1(environ_get) int p1_environ_get(char **at, char *bytes);

struct subscription { uint64_t userdata; uint8_t tag, pad[7]; uint32_t id, pad2; uint64_t timeout, precision; uint16_t flags; };

enum { AT = 3, PAGE = 65536 };

static char data[PAGE];

static void put(uint32_t fd, const void *at, uint32_t n)
{
	struct p1_iovec iov = { at, n };

	p1_fd_write(fd, &iov, 1, &n);
}

static uint32_t get(void *at, uint32_t n)
{
	struct p1_iovec iov = { at, n };

	return p1_fd_read(0, &iov, 1, &n) ? 0 : n;
}

/* Fifteen calls: sleeping for nothing, asking, reading, writing, opening, renumbering, refused ones among them. */
static int one_round(uint32_t fd, uint32_t turn)
{
	struct subscription sub = { .id = 1 };
	struct p1_iovec iov = { data, 8 }, none = { data, 0 };
	struct p1_filestat st;
	struct p1_fdstat fdst;
	uint64_t at, event[4];
	uint32_t n, opened, another;
	int wrong = 0;

	wrong |= p1_poll_oneoff(&sub, event, 1, &n);
	wrong |= p1_clock_time_get(1, 0, &at);
	wrong |= p1_random_get(data, 8);
	wrong |= p1_fd_pwrite(fd, &iov, 1, turn % 4096, &n) || n != 8;
	wrong |= p1_fd_pread(fd, &iov, 1, turn % 4096, &n) || n != 8;
	wrong |= p1_fd_seek(fd, 0, 0, &at);
	wrong |= p1_fd_write(fd, &none, 1, &n);
	wrong |= p1_fd_fdstat_get(fd, &fdst);
	wrong |= p1_fd_filestat_get(fd, &st);
	wrong |= !p1_fd_close(900) || !p1_fd_renumber(900, fd) || !p1_fd_read(901, &iov, 1, &n);
	if (turn % 8)
		return wrong;
	wrong |= p1_path_open(AT, 0, "lots.txt", 8, 0, P1_READ, 0, 0, &opened);
	wrong |= p1_path_open(AT, 0, "lots.txt", 8, 0, P1_READ, 0, 0, &another);
	wrong |= p1_fd_renumber(another, opened);
	wrong |= p1_fd_close(opened);
	wrong |= p1_path_filestat_get(AT, 0, "lots.txt", 8, &st);
	wrong |= !p1_path_open(AT, 0, "absent", 6, 0, P1_READ, 0, 0, &opened);
	wrong |= p1_fd_readdir(AT, data, 64, 0, &n);
	return wrong;
}

static void rounds(void)
{
	char line[32];
	uint32_t fd, n, turn = 0;

	if (p1_path_open(AT, 0, "lots.txt", 8, P1_CREAT, P1_ALL, 0, 0, &fd))
		p1_proc_exit(3);
	while ((n = get(line, sizeof line - 1)) > 0) {
		line[n] = '\0';
		n = (uint32_t)strtoul(line, NULL, 10);
		if (n == 0)
			return;
		for (uint32_t i = 0; i < n; i++)
			if (one_round(fd, turn++))
				p1_proc_exit(4);
		put(1, "done\n", 5);
	}
}

static void flood(void)
{
	uint64_t next = 0;

	for (;;) {
		uint64_t block[512];
		struct p1_iovec iov = { block, sizeof block };
		uint32_t n;

		for (uint32_t i = 0; i < 512; i++)
			block[i] = next++;
		while (iov.len > 0) {
			if (p1_fd_write(1, &iov, 1, &n))
				p1_proc_exit(5);
			iov.at = (const char *)iov.at + n;
			iov.len -= n;
		}
	}
}

static void closed(void)
{
	uint32_t fd, n;
	char name[] = "c0.txt";

	for (fd = 0; fd < 3; fd++)
		p1_fd_close(fd);
	for (uint32_t i = 0; i < 3; i++) {
		name[1] = (char)('0' + i);
		if (p1_path_open(AT, 0, name, 6, P1_CREAT, P1_READ | P1_WRITE, 0, 0, &fd) || fd != i)
			p1_proc_exit(10 + i);
	}
	put(1, "to one\n", 7);
	put(2, "to two\n", 7);
	p1_fd_pwrite(0, &(struct p1_iovec){ "y\ny\nalways\n", 11 }, 1, 0, &n);
	/* Not granted: whoever decides, it is not the guest's new standard input. */
	p1_proc_exit(p1_path_open(AT, 1, "../secret.txt", 13, 0, P1_READ, 0, 0, &fd) ? 20 : 21);
}

static void hex(const char *at, uint32_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (uint32_t i = 0; i < n; i++)
		put(1, (char[]){ digits[(uint8_t)at[i] >> 4], digits[(uint8_t)at[i] & 15] }, 2);
	put(1, "\n", 1);
}

static void bytes(void)
{
	static char *at[64];
	uint32_t n, size;

	p1_args_sizes_get(&n, &size);
	p1_args_get(at, data);
	hex(data, size);
	p1_environ_sizes_get(&n, &size);
	p1_environ_get(at, data);
	hex(data, size);
	p1_fd_readdir(AT, data, sizeof data, 0, &n);
	hex(data, n);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint32_t n;

	if (!strcmp(what, "rounds"))
		rounds();
	if (!strcmp(what, "flood"))
		flood();
	if (!strcmp(what, "closed"))
		closed();
	if (!strcmp(what, "bytes"))
		bytes();
	if (!strcmp(what, "take"))
		put(1, data, get(data, argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1));
	if (!strcmp(what, "rest"))
		while ((n = get(data, sizeof data)) > 0)
			put(1, data, n);
	return 0;
}
