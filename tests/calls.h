/*
 * calls.h - every call of preview1.def (and what unstable.def has besides) with good
 * arguments, on a guest with a regular file and a socket that may do anything: for
 * tests that then spoil one thing. What a call left behind is struct effects.
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "guest.h"

enum { SIZE = 8192, PATH = 100, OTHER = 120, IOV = 200, BUF = 2048, OUT = 400, FILE_FD = 5, SOCKET_FD = 6, SUBS = 1024 };

/*
 * What each argument is: '.' a value; a digit: that many bytes; f fdstat, s filestat
 * (o: wasi_unstable's), p prestat; b bytes, v iovecs, u subscriptions (w: wasi_unstable's),
 * e events, as many as a later argument says (the first '#'; for b another with each b);
 * a and t: argv and its bytes.
 */
static const struct {
	const char *name, *what;
	uint64_t args[FAKE_ARGS];
} calls[] = {
	{ "args_get", "at", { OUT, BUF } },
	{ "args_sizes_get", "44", { OUT, OUT + 4 } },
	{ "environ_get", "yz", { OUT, BUF } },
	{ "environ_sizes_get", "44", { OUT, OUT + 4 } },
	{ "clock_res_get", ".8", { 1, OUT } },
	{ "clock_time_get", "..8", { 1, 0, OUT } },
	{ "fd_advise", "....", { FILE_FD, 0, 0, 0 } },
	{ "fd_allocate", "...", { FILE_FD, 0, 0 } },
	{ "fd_close", ".", { 99 } },
	{ "fd_datasync", ".", { FILE_FD } },
	{ "fd_fdstat_get", ".f", { FILE_FD, OUT } },
	{ "fd_fdstat_set_flags", "..", { FILE_FD, 0 } },
	{ "fd_fdstat_set_rights", "...", { 99, 0, 0 } },
	{ "fd_filestat_get", ".s", { FILE_FD, OUT } },
	{ "fd_filestat_set_size", "..", { FILE_FD, 5 } },
	{ "fd_filestat_set_times", "....", { FILE_FD, 0, 0, 0 } },
	{ "fd_pread", ".v#.4", { FILE_FD, IOV, 1, 0, OUT } },
	{ "fd_prestat_get", ".p", { 3, OUT } },
	{ "fd_prestat_dir_name", ".b#", { 3, BUF, 1 } },
	{ "fd_pwrite", ".v#.4", { FILE_FD, IOV, 1, 0, OUT } },
	{ "fd_read", ".v#4", { FILE_FD, IOV, 1, OUT } },
	{ "fd_readdir", ".b#.4", { 3, BUF, 100, 0, OUT } },
	{ "fd_renumber", "..", { 99, 99 } },
	{ "fd_seek", "...8", { FILE_FD, 1, WASI_SEEK_CUR, OUT } },
	{ "fd_sync", ".", { FILE_FD } },
	{ "fd_tell", ".8", { FILE_FD, OUT } },
	{ "fd_write", ".v#4", { FILE_FD, IOV, 1, OUT } },
	{ "path_create_directory", ".b#", { 3, PATH, 5 } },
	{ "path_filestat_get", "..b#s", { 3, 1, PATH, 5, OUT } },
	{ "path_filestat_set_times", "..b#...", { 3, 1, PATH, 5, 0, 0, 2 } },
	{ "path_link", "..b#.b#", { 3, 0, PATH, 5, 3, OTHER, 6 } },
	{ "path_open", "..b#....4", { 3, 1, PATH, 5, 0, RIGHT_FD_READ, 0, 0, OUT } },
	{ "path_readlink", ".b#b#4", { 3, PATH, 5, BUF, 100, OUT } },
	{ "path_remove_directory", ".b#", { 3, PATH, 5 } },
	{ "path_rename", ".b#.b#", { 3, PATH, 5, 3, OTHER, 6 } },
	{ "path_symlink", "b#.b#", { OTHER, 6, 3, PATH, 5 } },
	{ "path_unlink_file", ".b#", { 3, PATH, 5 } },
	{ "poll_oneoff", "ue#4", { SUBS, BUF, 2, OUT } },
	{ "proc_exit", ".", { 0 } },
	{ "proc_raise", ".", { 6 } },
	{ "sched_yield", "", { 0 } },
	{ "random_get", "b#", { BUF, 100 } },
	{ "sock_accept", "..4", { SOCKET_FD, 0, OUT } },
	{ "sock_recv", ".v#.42", { SOCKET_FD, IOV, 1, 0, OUT, OUT + 8 } },
	{ "sock_send", ".v#.4", { SOCKET_FD, IOV, 1, 0, OUT } },
	{ "sock_shutdown", "..", { SOCKET_FD, 0 } },
	{ "unstable_fd_filestat_get", ".o", { FILE_FD, OUT } },
	{ "unstable_fd_seek", "...8", { FILE_FD, 1, 0, OUT } },
	{ "unstable_path_filestat_get", "..b#o", { 3, 1, PATH, 5, OUT } },
	{ "unstable_poll_oneoff", "we#4", { SUBS, BUF, 2, OUT } },
};
enum { CALLS_N = sizeof calls / sizeof *calls };

static int file_kept, null_fd, pair[2];		/* PAIR[0] is the guest's SOCKET_FD, with bytes to read */

/* Guest memory as every call finds it. */
static void prepare(struct test_guest *t)
{
	memset(fake_memory(t->fake), 0, SIZE);
	put_bytes(t, PATH, "etc/x", 5);
	put_bytes(t, OTHER, "etc/yy", 6);
	put_iovec(t, IOV, BUF, 10);
}

/* Regular file at FILE_FD, socket at SOCKET_FD, both with all rights. */
static void opened(struct test_guest *t, struct rlimit *before)
{
	int fd = test_file("hello");

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	memset(t, 0, sizeof *t);
	test_guest_new(t, (const int[]){ null_fd, -1, -1 }, SIZE);
	file_kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	descriptors_put_at(test_state(t)->descriptors, FILE_FD,
			   &(struct file){ .kind = FILE_REGULAR, .fd = fd, .filetype = WASI_FT_REG, .base = RIGHTS_ALL, .access = ACCESS_ALL });
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0 || write(pair[1], "0123456789", 10) != 10)
		exit(1);
	descriptors_put_at(test_state(t)->descriptors, SOCKET_FD,
			   &(struct file){ .kind = FILE_SOCKET, .fd = pair[0], .filetype = WASI_FT_STREAM, .flags = WASI_FD_NONBLOCK, .base = RIGHTS_ALL, .access = ACCESS_ALL });
	getrlimit(RLIMIT_FSIZE, before);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1 << 20, before->rlim_max });
}

static void closed(struct test_guest *t, const struct rlimit *before)
{
	setrlimit(RLIMIT_FSIZE, before);
	test_guest_free(t);
	close(file_kept);
	close(null_fd);
	close(pair[1]);
}

static uint64_t need_bytes(size_t call, size_t arg)
{
	static const uint64_t each[256] = { ['2'] = 2, ['4'] = 4, ['8'] = 8, ['f'] = 24, ['s'] = 64, ['p'] = 8, ['b'] = 1, ['v'] = 8,
					    ['u'] = 48, ['w'] = 56, ['o'] = 56, ['e'] = 32, ['a'] = 12, ['t'] = 10, ['y'] = 8, ['z'] = 27 };
	const char *what = calls[call].what;
	uint64_t n = each[(unsigned char)what[arg]];

	return strchr("bvuwe", what[arg]) ? n * calls[call].args[strchr(what + arg, '#') - what] : n;
}

struct effects {
	int host_fds;
	unsigned guest_fds, needs;
	uint64_t pos;
	int received, sent;		/* bytes waiting at either end of the socket */
	struct stat st;
	char file[8];
	uint8_t memory[SIZE];
};

static void look(struct test_guest *t, struct effects *out)
{
	struct file *file;

	memset(out, 0, sizeof *out);
	for (uint32_t fd = 0; fd < LIMIT_DESCRIPTORS; fd++)
		out->guest_fds += descriptors_get(test_state(t)->descriptors, fd, 0, &file) == WASI_SUCCESS;
	descriptors_get(test_state(t)->descriptors, FILE_FD, 0, &file);
	out->pos = file->pos;
	out->needs = t->needs;
	ioctl(pair[0], FIONREAD, &out->received);
	ioctl(pair[1], FIONREAD, &out->sent);
	out->host_fds = test_open_fds();
	fstat(file_kept, &out->st);
	(void)!pread(file_kept, out->file, sizeof out->file, 0);
	memcpy(out->memory, fake_memory(t->fake), SIZE);
}

static bool same(const struct effects *a, const struct effects *b)
{
	return a->host_fds == b->host_fds && a->guest_fds == b->guest_fds && a->needs == b->needs && a->pos == b->pos &&
	       a->received == b->received && a->sent == b->sent && a->st.st_size == b->st.st_size && memcmp(&a->st.st_ctim, &b->st.st_ctim, sizeof a->st.st_ctim) == 0 &&
	       memcmp(a->file, b->file, sizeof a->file) == 0 && memcmp(a->memory, b->memory, SIZE) == 0;
}

/* Not every test uses every helper. */
static inline void calls_uses(void)
{
	(void)opened, (void)closed, (void)need_bytes, (void)look, (void)same;
}

#endif
