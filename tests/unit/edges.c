/*
 * Every function of preview1.def: each pointer at the edges of memory (an errno, and
 * nothing happened), hostile values in every argument, and no grants at all.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "guest.h"

enum { SIZE = 8192, PATH = 100, OTHER = 120, IOV = 200, BUF = 2048, OUT = 400, FILE_FD = 5, SOCKET_FD = 6, SUBS = 1024 };

/*
 * What each argument is: '.' a value; a digit: that many bytes; f fdstat, s filestat,
 * p prestat; b bytes, v iovecs, u subscriptions, e events, as many as a later
 * argument says (the first '#'; for b another with each b); a and t: argv and its bytes.
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
			   &(struct file){ .kind = FILE_SOCKET, .fd = pair[0], .filetype = WASI_FT_STREAM, .base = RIGHTS_ALL, .access = ACCESS_ALL });
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
					    ['u'] = 48, ['e'] = 32, ['a'] = 12, ['t'] = 10, ['y'] = 8, ['z'] = 27 };
	const char *what = calls[call].what;
	uint64_t n = each[(unsigned char)what[arg]];

	return strchr("bvue", what[arg]) ? n * calls[call].args[strchr(what + arg, '#') - what] : n;
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

/* One pointer outside, all else as good as can be. */
static bool outside(struct test_guest *t, size_t call, size_t arg, uint32_t ptr)
{
	static struct effects before, after;
	uint64_t args[FAKE_ARGS];
	uint32_t error;

	memcpy(args, calls[call].args, sizeof args);
	args[arg] = ptr;
	prepare(t);
	look(t, &before);
	error = fake_call(t->fake, calls[call].name, args);
	look(t, &after);
	if (error != WASI_FAULT)
		printf("# %s, argument %zu at %u: errno %u\n", calls[call].name, arg, ptr, error);
	return error == WASI_FAULT && same(&before, &after);
}

static void pointers(struct test_guest *t, size_t call)
{
	for (size_t arg = 0; calls[call].what[arg]; arg++) {
		uint64_t n = need_bytes(call, arg);
		uint64_t args[FAKE_ARGS];
		const uint32_t at[] = { (uint32_t)(SIZE - n + 1), SIZE, SIZE + 1, INT32_MAX, UINT32_C(1) << 31, (uint32_t)(0 - n), UINT32_MAX };
		bool ok = true;

		if (n == 0)
			continue;
		for (size_t i = 0; i < sizeof at / sizeof *at; i++)
			ok = outside(t, call, arg, at[i]) && ok;
		test_row(ok, "W13 %s, argument %zu outside memory: an errno, and nothing happened", calls[call].name, arg);
		prepare(t);
		memcpy(args, calls[call].args, sizeof args);
		args[arg] = SIZE - n;
		test_row(fake_call(t->fake, calls[call].name, args) != WASI_FAULT, "%s, argument %zu at the very end of memory", calls[call].name, arg);
	}
}

static void lengths(struct test_guest *t, size_t call)
{
	static struct effects before, after;

	for (size_t arg = 0; calls[call].what[arg]; arg++) {
		uint64_t args[FAKE_ARGS];
		uint32_t error;

		if (calls[call].what[arg] != '#')
			continue;
		memcpy(args, calls[call].args, sizeof args);
		args[arg] = UINT32_MAX;
		prepare(t);
		look(t, &before);
		error = fake_call(t->fake, calls[call].name, args);
		look(t, &after);
		test_row(error != WASI_SUCCESS && same(&before, &after), "W05 %s, argument %zu is 2^32-1", calls[call].name, arg);
	}
}

/* In every path that a function takes. The name before the NUL is one that would be asked about. */
static void nul_in_path(struct test_guest *t, size_t call)
{
	static const struct { const char *bytes; uint32_t n; } rows[] = { { "etc\0x", 5 }, { "etc/x\0", 6 }, { "\0etc/x", 6 }, { "a\0/../x", 7 } };

	for (size_t arg = 0; calls[call].what[arg]; arg++) {
		uint64_t args[FAKE_ARGS], ptr = calls[call].args[arg];
		bool ok = true;

		if (strncmp(calls[call].name, "path_", 5) || calls[call].what[arg] != 'b' || (ptr != PATH && ptr != OTHER))
			continue;
		memcpy(args, calls[call].args, sizeof args);
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			prepare(t);
			put_bytes(t, (uint32_t)ptr, rows[i].bytes, rows[i].n);
			args[arg + 1] = rows[i].n;
			t->needs = 0;
			ok = fake_call(t->fake, calls[call].name, args) == WASI_INVAL && t->needs == 0 && ok;
		}
		test_row(ok, "W16 path with NUL: inval, before any need: %s, argument %zu", calls[call].name, arg);
	}
}

/* Every name in preview1.def is above, with as many arguments. */
static void complete(void)
{
	const char *signature, *name;
	size_t n = 0;

	for (; (name = fake_row(n, &signature)); n++) {
		size_t i = 0;

		while (i < CALLS_N && strcmp(calls[i].name, name))
			i++;
		if (i == CALLS_N || strspn(signature, "iI") != strlen(calls[i].what))
			test_row(false, "%s is not in this test", name);
	}
	test_row(n == CALLS_N && n == 46, "all 46 functions");
}

/* Values from the edges in every argument: nothing to expect but an errno, and that all goes on. */
static void hostile(struct test_guest *t, size_t row)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 4, FILE_FD, 7, 8, 48, PATH, IOV, OUT, BUF, SIZE - 64, SIZE - 8, SIZE - 4, SIZE - 1, SIZE, SIZE + 1, 1024, 1025,
		4095, 4096, INT32_MAX, UINT64_C(1) << 31, UINT32_MAX - 1, UINT32_MAX, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX };
	enum { ROUNDS = 4000, N = sizeof values / sizeof *values };
	const char *signature, *name = fake_row(row, &signature);
	uint64_t args[FAKE_ARGS] = { 0 }, seed = row + 1;
	uint32_t worst = 0;

	for (int i = 0; i < ROUNDS; i++) {
		prepare(t);
		for (size_t a = 0; a < FAKE_ARGS; a++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
			args[a] = values[(seed >> 33) % N];
		}
		uint32_t error = fake_call_row(t->fake, row, args);
		worst = error > worst ? error : worst;
	}
	test_row(worst <= WASI_NOTCAPABLE, "%s: %d calls with hostile values", name, ROUNDS);
}

static bool forbid_path_calls(void)
{
	static const int paths[] = { SYS_openat, SYS_openat2, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_mkdirat,
		SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_utimensat, SYS_fchmodat, SYS_name_to_handle_at,
#ifdef SYS_open
		SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_creat, SYS_truncate,
#endif
	};
	enum { N = sizeof paths / sizeof *paths };
	struct sock_filter code[2 * N + 2] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	struct sock_fprog program = { 2 * N + 2, code };

	for (int i = 0; i < N; i++) {
		code[1 + 2 * i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)paths[i], 0, 1);
		code[2 + 2 * i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	}
	code[2 * N + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a child that dies at the first system call with a path in it. 0: refused, and at most one need, which reached the judge. */
static int refused_without_host(struct test_guest *t, size_t call, uint32_t dirfd, const char *path)
{
	uint64_t args[FAKE_ARGS];
	uint32_t error;

	prepare(t);
	memset(fake_memory(t->fake) + PATH, 0, 20);
	put_bytes(t, PATH, path, strlen(path));
	memcpy(args, calls[call].args, sizeof args);
	for (size_t i = 0; calls[call].what[i]; i++) {
		if (args[i] == PATH)
			args[i + 1] = strlen(path);
		else if (args[i] == 3)
			args[i] = dirfd;
	}
	if (!forbid_path_calls())
		return 9;
	t->needs = 0;
	error = fake_call(t->fake, calls[call].name, args);
	if (error == WASI_SUCCESS)
		return 1;
	return t->needs <= 1 ? 0 : 2;
}

static void no_grants(struct test_guest *t)
{
	static const char *const names[] = { "etc/x", "../x", "x", "/etc/x", "a/../../b/", "root/.ssh" };

	for (size_t call = 0; call < CALLS_N; call++) {
		int status = 0;
		unsigned wrong = 0;

		if (strncmp(calls[call].name, "path_", 5))
			continue;
		for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
			pid_t child = fork();

			if (child == 0)
				_exit(refused_without_host(t, call, 3 + (uint32_t)i % 2, names[i / 2]));
			waitpid(child, &status, 0);
			if (status)
				printf("# %s %s: status %x\n", calls[call].name, names[i / 2], (unsigned)status);
			wrong += status != 0;
		}
		test_row(wrong == 0, "W20 %s with no grants: refused, without one host path call", calls[call].name);
	}
}

int main(void)
{
	struct test_guest t;
	struct rlimit before;

	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	test_begin();
	complete();
	opened(&t, &before);
	no_grants(&t);
	for (size_t call = 0; call < CALLS_N; call++) {
		pointers(&t, call);
		lengths(&t, call);
		nul_in_path(&t, call);
	}
	closed(&t, &before);
	for (size_t row = 0; row < CALLS_N; row++) {
		opened(&t, &before);
		hostile(&t, row);
		closed(&t, &before);
	}
	return test_end();
}
