/*
 * Every function of preview1.def: each pointer at the edges of memory (an errno, and
 * nothing happened), hostile values in every argument, and no grants at all.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "calls.h"

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

/* The array is where it should be, and what it says is not: first, second, wrapping, all of 32 bits. */
static void members(struct test_guest *t, size_t call)
{
	static const struct { uint32_t at[2], len[2]; } rows[] = {
		{ { SIZE, BUF }, { 1, 1 } }, { { BUF, SIZE }, { 1, 1 } }, { { SIZE - 1, BUF }, { 2, 1 } }, { { BUF, UINT32_MAX }, { 1, 1 } },
		{ { UINT32_MAX, BUF }, { UINT32_MAX, 1 } }, { { BUF, BUF }, { 1, UINT32_MAX } }, { { 1, BUF }, { UINT32_MAX, 1 } },
		{ { BUF, UINT32_MAX - 3 }, { 1, 8 } }, { { SIZE + 1, BUF }, { 0, 1 } }, { { BUF, INT32_MAX }, { 4, 0 } },
	};
	static struct effects before, after;
	const char *v = strchr(calls[call].what, 'v');
	uint64_t args[FAKE_ARGS];
	bool ok = true;

	if (!v)
		return;
	memcpy(args, calls[call].args, sizeof args);
	args[v - calls[call].what + 1] = 2;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prepare(t);
		put_iovec(t, IOV, rows[i].at[0], rows[i].len[0]);
		put_iovec(t, IOV + 8, rows[i].at[1], rows[i].len[1]);
		look(t, &before);
		ok = fake_call(t->fake, calls[call].name, args) == WASI_FAULT && ok;
		look(t, &after);
		ok = same(&before, &after) && ok;
	}
	test_row(ok, "W11 %s: iovecs that lead out of memory or wrap: fault, and nothing happened", calls[call].name);
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

		if (!strstr(calls[call].name, "path_") || calls[call].what[arg] != 'b' || (ptr != PATH && ptr != OTHER))
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
	test_row(n == CALLS_N && n == 46 + 4, "all 46 functions, and the 4 that wasi_unstable has of its own");
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

		if (!strstr(calls[call].name, "path_"))
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
		members(&t, call);
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
