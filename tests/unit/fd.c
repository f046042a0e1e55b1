/* Descriptors: rights, offsets, numbers, standard streams, and the bytes of every structure. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "guest.h"

enum { RW = RIGHT_FD_READ | RIGHT_FD_WRITE | RIGHT_FD_SEEK | RIGHT_FD_TELL | RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_ALLOCATE |
	    RIGHT_FD_ADVISE | RIGHT_FD_SYNC | RIGHT_FD_DATASYNC | RIGHT_FD_FILESTAT_GET | RIGHT_FD_FILESTAT_SET_SIZE |
	    RIGHT_FD_FILESTAT_SET_TIMES | RIGHT_POLL_FD_READWRITE,
       RO = RW & ~(RIGHT_FD_WRITE | RIGHT_FD_FILESTAT_SET_SIZE | RIGHT_FD_ALLOCATE),
       IOV = 0, OUT = 64, BUF = 1024 };

static const int closed[3] = { -1, -1, -1 };

static uint32_t io(struct test_guest *t, const char *call, uint32_t fd, uint32_t len)
{
	put_iovec(t, IOV, BUF, len);
	return fake_run(t->fake, call, fd, IOV, 1, OUT);
}

static uint32_t io_at(struct test_guest *t, const char *call, uint32_t fd, uint32_t len, uint64_t at)
{
	put_iovec(t, IOV, BUF, len);
	return fake_run(t->fake, call, fd, IOV, 1, at, OUT);
}

static void reading_and_writing(struct test_guest *t)
{
	int host = test_file("0123456789"), kept = fcntl(host, F_DUPFD_CLOEXEC, 3);
	uint32_t fd = test_put_file(t, host, RW, ACCESS_ALL, 0);

	CHECK(io(t, "fd_read", fd, 4) == 0 && get_u32(t, OUT) == 4 && memory_is(t, BUF, "0123", 4));
	CHECK(io(t, "fd_read", fd, 100) == 0 && get_u32(t, OUT) == 6 && memory_is(t, BUF, "456789", 6));
	CHECK(io(t, "fd_read", fd, 100) == 0 && get_u32(t, OUT) == 0);
	CHECK(fake_run(t->fake, "fd_seek", fd, (uint64_t)-8, WASI_SEEK_END, OUT) == 0 && get_u64(t, OUT) == 2);
	put_bytes(t, BUF, "abc", 3);
	CHECK(io(t, "fd_write", fd, 3) == 0 && get_u32(t, OUT) == 3);
	CHECK(fake_run(t->fake, "fd_tell", fd, OUT) == 0 && get_u64(t, OUT) == 5);
	CHECK(io_at(t, "fd_pread", fd, 10, 0) == 0 && get_u32(t, OUT) == 10 && memory_is(t, BUF, "01abc56789", 10));
	put_bytes(t, BUF, "Z", 1);
	CHECK(io_at(t, "fd_pwrite", fd, 1, 9) == 0 && fake_run(t->fake, "fd_tell", fd, OUT) == 0 && get_u64(t, OUT) == 5);
	test_row(lseek(kept, 0, SEEK_CUR) == 0, "the kernel's offset of a regular file is never used");
	CHECK(fake_run(t->fake, "fd_filestat_set_size", fd, 3) == 0 && fake_run(t->fake, "fd_allocate", fd, 0, 20) == 0);
	struct stat st;
	CHECK(fstat(kept, &st) == 0 && st.st_size == 20);
	CHECK(fake_run(t->fake, "fd_sync", fd) == 0 && fake_run(t->fake, "fd_datasync", fd) == 0);
	CHECK(fake_run(t->fake, "fd_close", fd) == 0 && fake_run(t->fake, "fd_close", fd) == WASI_BADF);
	close(kept);
}

static void seeking(struct test_guest *t)
{
	static const struct { uint64_t from, by; uint32_t whence, want; uint64_t at; } rows[] = {
		{ 0, 5, WASI_SEEK_SET, 0, 5 }, { 5, (uint64_t)-5, WASI_SEEK_CUR, 0, 0 }, { 5, (uint64_t)-6, WASI_SEEK_CUR, WASI_INVAL, 5 },
		{ 0, INT64_MAX, WASI_SEEK_SET, 0, INT64_MAX }, { 1, INT64_MAX, WASI_SEEK_CUR, WASI_INVAL, 1 },
		{ 0, (uint64_t)INT64_MIN, WASI_SEEK_END, WASI_INVAL, 0 }, { 0, UINT64_MAX, WASI_SEEK_SET, WASI_INVAL, 0 },
		{ 0, 0, 3, WASI_INVAL, 0 }, { 0, 0, UINT32_MAX, WASI_INVAL, 0 }, { 0, 7, WASI_SEEK_END, 0, 10 },
	};
	uint32_t fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fake_run(t->fake, "fd_seek", fd, rows[i].from, WASI_SEEK_SET, OUT);
		uint32_t got = fake_run(t->fake, "fd_seek", fd, rows[i].by, rows[i].whence, OUT);
		fake_run(t->fake, "fd_tell", fd, OUT);
		test_row(got == rows[i].want && get_u64(t, OUT) == rows[i].at, "seek row %zu", i);
	}
}

static void offsets(struct test_guest *t)
{
	static const uint64_t at[] = { INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	uint32_t fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);

	for (size_t i = 0; i < 3; i++) {
		uint32_t read = io_at(t, "fd_pread", fd, 4, at[i]), write = io_at(t, "fd_pwrite", fd, 4, at[i]);
		uint32_t none = io_at(t, "fd_pread", fd, 0, at[i]);

		test_row(i ? read == WASI_INVAL && write == WASI_INVAL && none == WASI_INVAL
			   : (read == 0 || read == WASI_INVAL) && write != 0, "W15 offset %llu", (unsigned long long)at[i]);
	}
	CHECK(io_at(t, "fd_pread", fd, 4, 0) == 0 && get_u32(t, OUT) == 3);
}

static void appending(struct test_guest *t)
{
	int host = test_file("old"), kept = fcntl(host, F_DUPFD_CLOEXEC, 3);
	uint32_t fd;

	fcntl(host, F_SETFL, O_APPEND);
	fd = test_put_file(t, host, RW, ACCESS_APPEND, WASI_FD_APPEND);
	put_bytes(t, BUF, "new", 3);
	CHECK(io(t, "fd_write", fd, 3) == 0 && get_u32(t, OUT) == 3);
	CHECK(fake_run(t->fake, "fd_tell", fd, OUT) == 0 && get_u64(t, OUT) == 6);
	test_row(fake_run(t->fake, "fd_fdstat_set_flags", fd, 0) == WASI_NOTCAPABLE, "append alone cannot clear APPEND");
	test_row(io_at(t, "fd_pwrite", fd, 1, 0) == WASI_NOTCAPABLE, "append alone has no offset");
	test_row(io(t, "fd_read", fd, 1) == WASI_NOTCAPABLE, "append alone does not read");
	test_row(fake_run(t->fake, "fd_filestat_set_size", fd, 0) == WASI_NOTCAPABLE, "append alone does not truncate");
	fake_run(t->fake, "fd_close", fd);

	fd = test_put_file(t, kept, RW, ACCESS_READ | ACCESS_WRITE, WASI_FD_APPEND);
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", fd, 0) == 0 && !(fcntl(kept, F_GETFL) & O_APPEND));
	CHECK(io(t, "fd_write", fd, 3) == 0 && io_at(t, "fd_pread", fd, 9, 0) == 0 && get_u32(t, OUT) == 6);
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", fd, WASI_FD_APPEND) == 0 && (fcntl(kept, F_GETFL) & O_APPEND));
}

/* Every way to change a file, on a descriptor that was opened for reading, and under a grant that only reads. */
static void read_only(struct test_guest *t)
{
	static const struct { uint64_t base; access_set access; const char *what; } opened[] = {
		{ RO, ACCESS_ALL, "opened for reading" },
		{ RW, ACCESS_READ | ACCESS_STAT, "under a grant that reads" },
		{ RIGHT_FD_READ, ACCESS_READ, "with nothing but fd_read" },
	};

	for (size_t i = 0; i < sizeof opened / sizeof *opened; i++) {
		int host = test_file("abc"), kept = fcntl(host, F_DUPFD_CLOEXEC, 3);
		struct stat before, after;
		uint32_t fd = test_put_file(t, host, opened[i].base, opened[i].access, 0);
		const struct { const char *call; uint64_t args[FAKE_ARGS]; } rows[] = {
			{ "fd_filestat_set_times", { fd, 1, 1, WASI_FST_ATIM | WASI_FST_MTIM } },
			{ "fd_filestat_set_times", { fd, 0, 0, WASI_FST_MTIM_NOW } },
			{ "fd_filestat_set_size", { fd, 0 } },
			{ "fd_filestat_set_size", { fd, 3 } },
			{ "fd_allocate", { fd, 0, 100 } },
			{ "fd_allocate", { fd, 0, 0 } },
			{ "fd_fdstat_set_flags", { fd, WASI_FD_APPEND } },
			{ "fd_fdstat_set_flags", { fd, 0 } },
			{ "fd_write", { fd, IOV, 1, OUT } },
			{ "fd_pwrite", { fd, IOV, 1, 0, OUT } },
			{ "fd_write", { fd, IOV, 0, OUT } },
			{ "fd_pwrite", { fd, IOV, 0, 0, OUT } },
		};

		put_iovec(t, IOV, BUF, 3);
		fstat(kept, &before);
		for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
			test_row(fake_call(t->fake, rows[j].call, rows[j].args) == WASI_NOTCAPABLE, "W33 %s, row %zu: %s", opened[i].what, j, rows[j].call);
		fstat(kept, &after);
		test_row(memcmp(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim) == 0 &&
			 memcmp(&before.st_ctim, &after.st_ctim, sizeof before.st_ctim) == 0 && before.st_size == after.st_size,
			 "W33 %s: size and times are as before", opened[i].what);
		fake_run(t->fake, "fd_close", fd);
		close(kept);
	}
	uint32_t fd = test_put_file(t, test_file("abc"), RIGHT_FD_WRITE, ACCESS_WRITE, 0);
	test_row(fake_run(t->fake, "fd_read", fd, IOV, 0, OUT) == WASI_NOTCAPABLE, "W35 a read of nothing is checked first");
}

static void set_times(struct test_guest *t)
{
	int host = test_file(""), kept = fcntl(host, F_DUPFD_CLOEXEC, 3);
	uint32_t fd = test_put_file(t, host, RW, ACCESS_ALL, 0), got;
	struct stat st;

	for (uint32_t flags = 0; flags < 32; flags++) {
		bool bad = flags > 15 || (flags & 3) == 3 || (flags & 12) == 12;

		got = fake_run(t->fake, "fd_filestat_set_times", fd, 1000000001, 2000000002, flags);
		test_row(got == (bad ? (uint32_t)WASI_INVAL : 0u), "W34 fstflags %u", flags);
	}
	CHECK(fake_run(t->fake, "fd_filestat_set_times", fd, 1000000001, 2000000002, WASI_FST_ATIM | WASI_FST_MTIM) == 0);
	CHECK(fstat(kept, &st) == 0 && st.st_atim.tv_sec == 1 && st.st_atim.tv_nsec == 1 && st.st_mtim.tv_sec == 2 && st.st_mtim.tv_nsec == 2);
	CHECK(fake_run(t->fake, "fd_filestat_set_times", fd, UINT64_MAX, UINT64_MAX, WASI_FST_ATIM | WASI_FST_MTIM) == 0);
	test_row(fake_run(t->fake, "fd_filestat_get", fd, BUF) == 0 && get_u64(t, BUF + 40) > INT64_MAX / 2, "W07 the latest time there is");
	futimens(kept, (const struct timespec[]){ { -1000, 5 }, { INT64_MIN / 2, 0 } });
	test_row(fake_run(t->fake, "fd_filestat_get", fd, BUF) == 0 && get_u64(t, BUF + 40) == 0, "W07 a time before 1970 is 0");
	futimens(kept, (const struct timespec[]){ { INT64_MAX / 2, 5 }, { INT64_MAX / 2, 0 } });
	CHECK(fake_run(t->fake, "fd_filestat_get", fd, BUF) == 0);
	close(kept);
}

static void unknown_flags(struct test_guest *t)
{
	uint32_t fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);

	for (uint32_t bit = 5; bit < 32; bit++)
		if (fake_run(t->fake, "fd_fdstat_set_flags", fd, UINT32_C(1) << bit) != WASI_INVAL)
			test_row(false, "W34 fdflags bit %u", bit);
	test_row(fake_run(t->fake, "fd_fdstat_set_flags", fd, WASI_FD_SYNC) == WASI_NOTSUP, "W34 SYNC cannot be set later");
	CHECK(fake_run(t->fake, "fd_advise", fd, 0, 0, 6) == WASI_INVAL);
	CHECK(fake_run(t->fake, "fd_advise", fd, 0, UINT64_MAX, 0) == WASI_INVAL);
	for (uint32_t advice = 0; advice < 6; advice++)
		CHECK(fake_run(t->fake, "fd_advise", fd, 0, 10, advice) == 0);
	CHECK(fake_run(t->fake, "fd_allocate", fd, 0, 0) == WASI_INVAL);
	CHECK(fake_run(t->fake, "fd_allocate", fd, UINT64_MAX, UINT64_MAX) == WASI_FBIG);
	CHECK(fake_run(t->fake, "fd_allocate", fd, INT64_MAX, 1) == WASI_FBIG);
	CHECK(fake_run(t->fake, "fd_filestat_set_size", fd, UINT64_MAX) == WASI_INVAL);
}

static void rights(struct test_guest *t)
{
	uint32_t fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);

	CHECK(fake_run(t->fake, "fd_fdstat_get", fd, BUF) == 0);
	test_row(get_u64(t, BUF + 8) == RW && get_u64(t, BUF + 16) == 0 && fake_memory(t->fake)[BUF] == WASI_FT_REG,
		 "W32 fdstat shows what was opened, not the grant");
	CHECK(fake_run(t->fake, "fd_fdstat_set_rights", fd, RIGHT_FD_READ | RIGHT_FD_TELL, 0) == 0);
	test_row(fake_run(t->fake, "fd_fdstat_set_rights", fd, RW, 0) == WASI_NOTCAPABLE, "C06 rights do not come back");
	test_row(fake_run(t->fake, "fd_fdstat_set_rights", fd, RIGHT_FD_READ, RIGHT_FD_READ) == WASI_NOTCAPABLE, "C06 nor inheriting ones");
	test_row(fake_run(t->fake, "fd_fdstat_set_rights", fd, UINT64_MAX, 0) == WASI_NOTCAPABLE, "C06 nor unknown ones");
	CHECK(io(t, "fd_read", fd, 1) == 0);
	CHECK(fake_run(t->fake, "fd_seek", fd, 0, WASI_SEEK_CUR, OUT) == 0);
	CHECK(fake_run(t->fake, "fd_seek", fd, 0, WASI_SEEK_SET, OUT) == WASI_NOTCAPABLE);
	CHECK(fake_run(t->fake, "fd_fdstat_set_rights", fd, 0, 0) == 0);
	CHECK(io(t, "fd_read", fd, 1) == WASI_NOTCAPABLE && fake_run(t->fake, "fd_tell", fd, OUT) == WASI_NOTCAPABLE);
	CHECK(fake_run(t->fake, "fd_filestat_get", fd, BUF) == WASI_NOTCAPABLE);
}

/* For each call its right: drop exactly that one, and it fails. */
static void one_right_less(struct test_guest *t)
{
	static const struct { const char *call; uint64_t right; uint64_t args[FAKE_ARGS]; } rows[] = {
		{ "fd_read", RIGHT_FD_READ, { 0, IOV, 1, OUT } }, { "fd_pread", RIGHT_FD_READ, { 0, IOV, 1, 0, OUT } },
		{ "fd_write", RIGHT_FD_WRITE, { 0, IOV, 1, OUT } }, { "fd_pwrite", RIGHT_FD_WRITE, { 0, IOV, 1, 0, OUT } },
		{ "fd_seek", RIGHT_FD_SEEK, { 0, 0, WASI_SEEK_SET, OUT } }, { "fd_tell", RIGHT_FD_TELL, { 0, OUT } },
		{ "fd_sync", RIGHT_FD_SYNC, { 0 } }, { "fd_datasync", RIGHT_FD_DATASYNC, { 0 } }, { "fd_advise", RIGHT_FD_ADVISE, { 0 } },
		{ "fd_allocate", RIGHT_FD_ALLOCATE, { 0, 0, 4 } }, { "fd_filestat_get", RIGHT_FD_FILESTAT_GET, { 0, BUF } },
		{ "fd_filestat_set_size", RIGHT_FD_FILESTAT_SET_SIZE, { 0, 4 } },
		{ "fd_filestat_set_times", RIGHT_FD_FILESTAT_SET_TIMES, { 0 } },
		{ "fd_fdstat_set_flags", RIGHT_FD_FDSTAT_SET_FLAGS, { 0 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t args[FAKE_ARGS];
		uint32_t with, without;

		put_iovec(t, IOV, BUF, 4);
		memcpy(args, rows[i].args, sizeof args);
		args[0] = test_put_file(t, test_file("abcd"), RW, ACCESS_ALL, 0);
		with = fake_call(t->fake, rows[i].call, args);
		fake_run(t->fake, "fd_fdstat_set_rights", args[0], RW & ~rows[i].right, 0);
		without = fake_call(t->fake, rows[i].call, args);
		test_row(with == 0 && without == WASI_NOTCAPABLE, "W26 %s needs its right", rows[i].call);
		fake_run(t->fake, "fd_close", args[0]);
	}
}

static int host_fds(void)
{
	return test_open_fds();
}

static void numbers(struct test_guest *t)
{
	uint32_t a = test_put_file(t, test_file("a"), RW, ACCESS_ALL, 0), b = test_put_file(t, test_file("b"), RW, ACCESS_ALL, 0);
	int before;

	test_row(fake_run(t->fake, "fd_renumber", a, a) == 0 && io(t, "fd_read", a, 1) == 0, "W03 renumber onto itself");
	test_row(fake_run(t->fake, "fd_renumber", a, 999) == WASI_BADF && fake_run(t->fake, "fd_renumber", 999, a) == WASI_BADF,
		 "W03 renumber from and onto closed numbers");
	test_row(fake_run(t->fake, "fd_renumber", UINT32_MAX, UINT32_MAX) == WASI_BADF && fake_run(t->fake, "fd_renumber", a, 1024) == WASI_BADF,
		 "W03 renumber beyond the table");
	before = host_fds();
	CHECK(fake_run(t->fake, "fd_renumber", a, b) == 0 && fake_run(t->fake, "fd_close", a) == WASI_BADF);
	test_row(host_fds() == before - 1, "W04 what is renumbered over is closed");
	before = host_fds();
	for (int i = 0; i < 20000; i++) {
		a = test_put_file(t, fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), RW, ACCESS_ALL, 0);
		fake_run(t->fake, "fd_renumber", a, b);
	}
	test_row(host_fds() == before, "W04 20000 renumberings leave no descriptor");
	fake_run(t->fake, "fd_close", b);
}

static void flood(struct test_guest *t)
{
	struct descriptors *table = test_state(t)->descriptors;
	struct file made = { .kind = FILE_DEVICE, .fd = -1 };
	uint32_t n = 0, got;

	for (uint32_t fd = 0; fd < LIMIT_DESCRIPTORS; fd++)
		descriptors_close(table, fd);
	while (n <= LIMIT_DESCRIPTORS && descriptors_put(table, &made, &got) == WASI_SUCCESS)
		n++;
	test_row(n == LIMIT_DESCRIPTORS && descriptors_full(table), "W05 %d descriptors, and then mfile", LIMIT_DESCRIPTORS);
	CHECK(descriptors_put(table, &made, &got) == WASI_MFILE);
	CHECK(descriptors_close(table, 500) == 0 && descriptors_put(table, &made, &got) == 0 && got == 500);
}

static void structures(struct test_guest *t)
{
	static const uint8_t fdstat[24] = { 4, 0, 1, 0, 0, 0, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0 };
	int host = test_file("hello");
	uint32_t fd = test_put_file(t, host, RIGHT_FD_READ | RIGHT_FD_WRITE, ACCESS_ALL, WASI_FD_APPEND);
	struct stat st;

	memset(fake_memory(t->fake) + BUF, 0xaa, 100);
	CHECK(fake_run(t->fake, "fd_fdstat_get", fd, BUF) == 0);
	test_row(memory_is(t, BUF, fdstat, sizeof fdstat) && fake_memory(t->fake)[BUF + 24] == 0xaa, "W14 fdstat, to the byte");
	fake_run(t->fake, "fd_close", fd);
	host = test_file("hello");
	fstat(host, &st);
	fd = test_put_file(t, host, RW, ACCESS_ALL, 0);
	memset(fake_memory(t->fake) + BUF, 0xaa, 100);
	CHECK(fake_run(t->fake, "fd_filestat_get", fd, BUF) == 0);
	test_row(get_u64(t, BUF + 16) == WASI_FT_REG && get_u64(t, BUF + 24) == st.st_nlink && get_u64(t, BUF + 32) == 5 &&
		 get_u64(t, BUF + 48) == (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec &&
		 fake_memory(t->fake)[BUF + 64] == 0xaa, "W14 filestat, to the byte");
	test_row(get_u64(t, BUF) != st.st_dev && get_u64(t, BUF + 8) != st.st_ino, "device and inode are not the host's");
}

static void standard(struct test_guest *t)
{
	static const uint64_t never = RIGHT_FD_SEEK | RIGHT_FD_TELL;
	int pipes[2], dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), file = test_file("abcdef");
	char rest[8] = "";

	test_guest_free(t);
	if (pipe2(pipes, O_CLOEXEC) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pipes[0], file, dir }, GUEST_MEMORY);
	for (uint32_t fd = 0; fd < 2; fd++) {
		CHECK(fake_run(t->fake, "fd_fdstat_get", fd, BUF) == 0);
		test_row(!(get_u64(t, BUF + 8) & never), "standard descriptor %u reports neither seek nor tell", fd);
		CHECK(fake_run(t->fake, "fd_seek", fd, 0, WASI_SEEK_CUR, OUT) == WASI_SPIPE);
		CHECK(fake_run(t->fake, "fd_prestat_get", fd, BUF) == WASI_BADF);
	}
	test_row(fake_run(t->fake, "fd_fdstat_get", 2, BUF) == WASI_BADF, "a directory as 2 is closed for the guest");
	CHECK(write(pipes[1], "ab\ncd\n", 6) == 6);
	CHECK(io(t, "fd_read", 0, 2) == 0 && get_u32(t, OUT) == 2 && memory_is(t, BUF, "ab", 2));
	test_row(read(pipes[0], rest, sizeof rest) == 4 && memcmp(rest, "\ncd\n", 4) == 0, "W37 nothing is read ahead");
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", 0, WASI_FD_NONBLOCK) == 0);
	test_row(io(t, "fd_read", 0, 2) == WASI_AGAIN && !(fcntl(pipes[0], F_GETFL) & O_NONBLOCK), "an empty pipe is `again`, by the guest's own flag");
	CHECK(io(t, "fd_write", 0, 1) == WASI_NOTCAPABLE && io(t, "fd_read", 1, 1) == WASI_NOTCAPABLE);
	put_bytes(t, BUF, "XY", 2);
	CHECK(io(t, "fd_write", 1, 2) == 0);
	test_row(lseek(file, 0, SEEK_CUR) == 2, "a regular file as 1 is written at the kernel's offset");
	CHECK(fake_run(t->fake, "fd_close", 0) == 0 && fake_run(t->fake, "fd_close", 1) == 0 && io(t, "fd_read", 0, 1) == WASI_BADF);
	test_row(fcntl(pipes[0], F_GETFD) >= 0 && fcntl(file, F_GETFD) >= 0, "W28 host descriptors of 0 to 2 are never closed by the guest");
	CHECK(fake_run(t->fake, "fd_prestat_get", 3, BUF) == 0 && fake_run(t->fake, "fd_prestat_get", 4, BUF) == 0);
	close(pipes[0]), close(pipes[1]), close(dir), close(file);
}

static void preopens(struct test_guest *t)
{
	CHECK(fake_run(t->fake, "fd_prestat_get", 3, BUF) == 0 && get_u32(t, BUF) == 0 && get_u32(t, BUF + 4) == 1);
	memset(fake_memory(t->fake) + BUF, 0xaa, 4);
	test_row(fake_run(t->fake, "fd_prestat_dir_name", 3, BUF, 0) == WASI_NAMETOOLONG, "W31 a buffer one too short for a preopen's name");
	test_row(fake_run(t->fake, "fd_prestat_dir_name", 3, BUF, 1) == 0 && memory_is(t, BUF, "/\xaa", 2), "W31 one that fits");
	test_row(fake_run(t->fake, "fd_prestat_dir_name", 4, BUF, 2) == 0 && memory_is(t, BUF, ".\xaa", 2), "W31 one too long");
	CHECK(fake_run(t->fake, "fd_prestat_get", 5, BUF) == WASI_BADF);
	CHECK(fake_run(t->fake, "fd_fdstat_get", 4, BUF) == 0 && get_u64(t, BUF + 8) == RIGHTS_ALL && get_u64(t, BUF + 16) == RIGHTS_ALL);
	uint32_t fd = test_put_file(t, test_file("x"), RW, ACCESS_ALL, 0);
	CHECK(fake_run(t->fake, "fd_prestat_get", fd, BUF) == WASI_BADF && fake_run(t->fake, "fd_prestat_dir_name", fd, BUF, 9) == WASI_BADF);
	CHECK(io(t, "fd_read", 3, 1) == WASI_ISDIR && fake_run(t->fake, "fd_filestat_set_size", 3, 0) == WASI_BADF);
}

static void arguments(struct test_guest *t)
{
	CHECK(fake_run(t->fake, "args_sizes_get", OUT, OUT + 4) == 0 && get_u32(t, OUT) == 3 && get_u32(t, OUT + 4) == 10);
	memset(fake_memory(t->fake) + BUF, 0xaa, 64);
	CHECK(fake_run(t->fake, "args_get", OUT, BUF) == 0 && memory_is(t, BUF, "prog\0\0a b\0\xaa", 11));
	CHECK(get_u32(t, OUT) == BUF && get_u32(t, OUT + 4) == BUF + 5 && get_u32(t, OUT + 8) == BUF + 6);
	CHECK(fake_run(t->fake, "environ_sizes_get", OUT, OUT + 4) == 0 && get_u32(t, OUT) == 2 && get_u32(t, OUT + 4) == 27);
	CHECK(fake_run(t->fake, "environ_get", OUT, BUF) == 0 && memory_is(t, BUF, "LANG=C\0PWD=/nowhere/at/all\0", 27));
	test_row(fake_run(t->fake, "args_get", OUT, GUEST_MEMORY - 10) == 0 && fake_run(t->fake, "args_get", OUT, GUEST_MEMORY - 9) == WASI_FAULT,
		 "W31 arguments that fit and that are one too long");
	test_row(fake_run(t->fake, "args_get", GUEST_MEMORY - 8, BUF) == WASI_FAULT, "W31 pointers one too many");
}

static void clocks_and_random(struct test_guest *t)
{
	static const uint8_t zero[300];
	uint64_t first;

	for (uint32_t clock = 0; clock < 4; clock++) {
		CHECK(fake_run(t->fake, "clock_time_get", clock, 0, OUT) == 0 && get_u64(t, OUT) > 0);
		CHECK(fake_run(t->fake, "clock_res_get", clock, OUT) == 0 && get_u64(t, OUT) > 0);
	}
	CHECK(fake_run(t->fake, "clock_time_get", 4, 0, OUT) == WASI_INVAL && fake_run(t->fake, "clock_res_get", UINT32_MAX, OUT) == WASI_INVAL);
	fake_run(t->fake, "clock_time_get", 1, 0, OUT);
	first = get_u64(t, OUT);
	fake_run(t->fake, "clock_time_get", 1, 0, OUT);
	CHECK(get_u64(t, OUT) >= first);
	CHECK(fake_run(t->fake, "sched_yield", 0) == 0 && fake_run(t->fake, "proc_raise", 6) == WASI_NOSYS);

	CHECK(fake_run(t->fake, "random_get", BUF, 16) == 0 && fake_run(t->fake, "random_get", BUF + 16, 16) == 0);
	test_row(memcmp(fake_memory(t->fake) + BUF, fake_memory(t->fake) + BUF + 16, 16) != 0, "random bytes differ");
	CHECK(fake_run(t->fake, "random_get", BUF, 0) == 0 && fake_run(t->fake, "random_get", GUEST_MEMORY, 0) == 0);
	CHECK(fake_run(t->fake, "random_get", BUF, UINT32_MAX) == WASI_FAULT);
	for (int i = 0; i < 400; i++)		/* through more than one buffer */
		fake_run(t->fake, "random_get", BUF, 47);
	for (uint32_t n = 250; n < 260; n++) {
		memset(fake_memory(t->fake) + BUF, 0, 300);
		CHECK(fake_run(t->fake, "random_get", BUF, n) == 0 && !memory_is(t, BUF, zero, n) && memory_is(t, BUF + n, zero, 300 - n));
	}
	CHECK(fake_grow(t->fake, LIMIT_RANDOM_BYTES + 4096) == 0);
	test_row(fake_run(t->fake, "random_get", 0, LIMIT_RANDOM_BYTES) == 0 && fake_run(t->fake, "random_get", 0, LIMIT_RANDOM_BYTES + 1) == WASI_INVAL,
		 "W05 random_get up to its limit");
}

static void devices(struct test_guest *t)
{
	static const uint8_t zero[64];
	uint32_t fds[3];

	for (uint32_t i = 0; i < 3; i++) {
		struct file file = { .kind = FILE_DEVICE, .fd = -1, .device = (enum device)i, .filetype = WASI_FT_CHAR, .base = RW,
				     .access = ACCESS_READ | ACCESS_WRITE };
		descriptors_put(test_state(t)->descriptors, &file, &fds[i]);
	}
	memset(fake_memory(t->fake) + BUF, 7, 64);
	CHECK(io(t, "fd_read", fds[0], 64) == 0 && get_u32(t, OUT) == 0);
	CHECK(io(t, "fd_read", fds[1], 64) == 0 && get_u32(t, OUT) == 64 && memory_is(t, BUF, zero, 64));
	CHECK(io(t, "fd_read", fds[2], 64) == 0 && get_u32(t, OUT) == 64 && !memory_is(t, BUF, zero, 64));
	CHECK(io_at(t, "fd_pread", fds[1], 64, 5) == 0 && get_u32(t, OUT) == 64);
	for (size_t i = 0; i < 3; i++) {
		CHECK(io(t, "fd_write", fds[i], 64) == 0 && get_u32(t, OUT) == 64);
		CHECK(fake_run(t->fake, "fd_seek", fds[i], 9, WASI_SEEK_SET, OUT) == 0 && get_u64(t, OUT) == 0);
		CHECK(fake_run(t->fake, "fd_filestat_get", fds[i], BUF) == 0 && fake_memory(t->fake)[BUF + 16] == WASI_FT_CHAR);
		CHECK(fake_run(t->fake, "fd_filestat_set_size", fds[i], 0) == WASI_BADF);
	}
}

static void sockets(struct test_guest *t)
{
	uint32_t fd = test_put_file(t, test_file("x"), RW, ACCESS_ALL, 0);
	int pair[2];

	CHECK(fake_run(t->fake, "sock_recv", fd, IOV, 1, 0, OUT, OUT + 8) == WASI_NOTSOCK && fake_run(t->fake, "sock_accept", 77, 0, OUT) == WASI_BADF);
	CHECK(fake_run(t->fake, "sock_send", fd, IOV, 1, 0, OUT) == WASI_NOTSOCK && fake_run(t->fake, "sock_shutdown", fd, 1) == WASI_NOTSOCK);
	test_guest_free(t);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pair[0], -1, -1 }, GUEST_MEMORY);
	put_iovec(t, IOV, BUF, 4);
	put_bytes(t, BUF, "ping", 4);
	CHECK(fake_run(t->fake, "sock_send", 0, IOV, 1, 0, OUT) == 0 && get_u32(t, OUT) == 4);
	CHECK(fake_run(t->fake, "sock_send", 0, IOV, 1, 1, OUT) == WASI_INVAL);
	char got[8];
	CHECK(read(pair[1], got, sizeof got) == 4 && write(pair[1], "pong", 4) == 4);
	CHECK(fake_run(t->fake, "sock_recv", 0, IOV, 1, WASI_RI_PEEK, OUT, OUT + 8) == 0 && get_u32(t, OUT) == 4);
	CHECK(fake_run(t->fake, "sock_recv", 0, IOV, 1, 0, OUT, OUT + 8) == 0 && memory_is(t, BUF, "pong", 4));
	CHECK(fake_run(t->fake, "sock_recv", 0, IOV, 1, 4, OUT, OUT + 8) == WASI_INVAL && fake_run(t->fake, "sock_shutdown", 0, 0) == WASI_INVAL);
	CHECK(fake_run(t->fake, "sock_shutdown", 0, 4) == WASI_INVAL && fake_run(t->fake, "sock_shutdown", 0, 2) == 0 && read(pair[1], got, 1) == 0);
	close(pair[1]);
	CHECK(fake_run(t->fake, "sock_send", 0, IOV, 1, 0, OUT) == WASI_PIPE);
	close(pair[0]);
}

/* Pieces that leave one by one would be packets of their own; a packet that is read piece by piece loses its rest. */
static void one_system_call(struct test_guest *t)
{
	int pipes[2], pair[2];
	char got[16] = "";

	test_guest_free(t);
	if (pipe2(pipes, O_CLOEXEC | O_DIRECT) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pair[0], pipes[1], -1 }, GUEST_MEMORY);
	put_bytes(t, BUF, "abcdef", 6);
	for (uint32_t i = 0; i < 3; i++)
		put_iovec(t, IOV + i * 8, BUF + i * 2, 2);
	CHECK(fake_run(t->fake, "fd_write", 1, IOV, 3, OUT) == 0 && get_u32(t, OUT) == 6);
	test_row(read(pipes[0], got, sizeof got) == 6 && memcmp(got, "abcdef", 6) == 0, "three pieces leave in one write");
	CHECK(write(pair[1], "ghijkl", 6) == 6);
	test_row(fake_run(t->fake, "fd_read", 0, IOV, 3, OUT) == 0 && get_u32(t, OUT) == 6 && memory_is(t, BUF, "ghijkl", 6), "and are filled by one read");
	CHECK(fake_run(t->fake, "sock_send", 0, IOV, 3, 0, OUT) == 0 && write(pair[1], "mnopqr", 6) == 6);
	test_row(read(pair[1], got, sizeof got) == 6 && fake_run(t->fake, "sock_recv", 0, IOV, 3, 0, OUT, OUT + 8) == 0 && get_u32(t, OUT) == 6 &&
		 memory_is(t, BUF, "mnopqr", 6), "sockets too");
	close(pipes[0]), close(pipes[1]), close(pair[0]), close(pair[1]);
}

/* Sums of lengths above 2^32, on a file and on a socket. */
static void long_sums(struct test_guest *t)
{
	enum { MANY = 257, EACH = LIMIT_CALL_BYTES, AT = 4096, TO = 16384 };
	int pair[2], host = test_file(""), kept = fcntl(host, F_DUPFD_CLOEXEC, 3);
	struct stat st;
	uint32_t fd;

	test_guest_free(t);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pair[0], -1, -1 }, GUEST_MEMORY);
	fd = test_put_file(t, host, RW, ACCESS_ALL, 0);
	CHECK(fake_grow(t->fake, EACH + 65536) == 0);
	for (uint32_t i = 0; i < MANY; i++)
		put_iovec(t, AT + i * 8, TO, EACH);
	CHECK(write(pair[1], "pong", 4) == 4);
	test_row(fake_run(t->fake, "sock_recv", 0, AT, MANY, 0, OUT, OUT + 8) == 0 && get_u32(t, OUT) == 4 && memory_is(t, TO, "pong", 4),
		 "W12 sock_recv into 2^32 + 2^24 bytes: what came");
	test_row(fake_run(t->fake, "fd_pwrite", fd, AT, MANY, 0, OUT) == 0 && get_u32(t, OUT) == EACH && fstat(kept, &st) == 0 && st.st_size == EACH,
		 "W12 fd_pwrite of 2^32 + 2^24 bytes: a short write, and its size is told");
	test_row(fake_run(t->fake, "fd_pread", fd, AT, MANY, 0, OUT) == 0 && get_u32(t, OUT) == EACH, "W12 fd_pread into them");
	close(kept), close(pair[0]), close(pair[1]);
}

/* Nothing is read, written, sent, named or told, at the last address there is. */
static void lengths_of_zero(struct test_guest *t)
{
	int pair[2];
	uint32_t fd;

	test_guest_free(t);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pair[0], -1, -1 }, GUEST_MEMORY);
	fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);
	const struct { const char *call; uint64_t args[FAKE_ARGS]; uint32_t want; } rows[] = {
		{ "fd_read", { fd, GUEST_MEMORY, 0, OUT }, 0 }, { "fd_pread", { fd, GUEST_MEMORY, 0, 0, OUT }, 0 },
		{ "fd_write", { fd, GUEST_MEMORY, 0, OUT }, 0 }, { "fd_pwrite", { fd, GUEST_MEMORY, 0, 0, OUT }, 0 },
		{ "fd_read", { fd, IOV, 2, OUT }, 0 }, { "fd_pwrite", { fd, IOV, 2, 0, OUT }, 0 },
		{ "sock_send", { 0, IOV, 2, 0, OUT }, 0 }, { "sock_send", { 0, GUEST_MEMORY, 0, 0, OUT }, 0 },
		{ "sock_recv", { 0, IOV, 2, 0, OUT, OUT + 8 }, 0 }, { "sock_recv", { 0, GUEST_MEMORY, 0, 0, OUT, OUT + 8 }, 0 },
		{ "random_get", { GUEST_MEMORY, 0 }, 0 }, { "poll_oneoff", { BUF, BUF, 0, OUT }, WASI_INVAL },
		{ "path_open", { 4, 0, GUEST_MEMORY, 0, 0, RIGHT_FD_READ, 0, 0, OUT }, WASI_NOENT },
		{ "path_unlink_file", { 4, GUEST_MEMORY, 0 }, WASI_NOENT }, { "path_create_directory", { 4, GUEST_MEMORY, 0 }, WASI_NOENT },
		{ "path_symlink", { GUEST_MEMORY, 0, 4, BUF, 1 }, WASI_NOENT },
	};

	CHECK(write(pair[1], "pong", 4) == 4);	/* else a socket waits, also for nothing */
	put_bytes(t, BUF, "x", 1);
	put_iovec(t, IOV, GUEST_MEMORY, 0);
	put_iovec(t, IOV + 8, BUF, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_u32(t, OUT, 0);
		uint32_t got = fake_call(t->fake, rows[i].call, rows[i].args);

		test_row(got == rows[i].want && get_u32(t, OUT) == 0, "W12 %s of nothing, row %zu: %u", rows[i].call, i, got);
	}
	test_row(io(t, "fd_read", 0, 8) == 0 && get_u32(t, OUT) == 4 && memory_is(t, BUF, "pong", 4), "W12 and what waits to be read is all there");
	close(pair[0]), close(pair[1]);
}

static void no_arguments(struct test_guest *t)
{
	struct texts argv = t->start.argv, env = t->start.env;

	test_guest_free(t);
	t->start.argv.n = t->start.env.n = 0;
	test_guest_new(t, closed, GUEST_MEMORY);
	test_row(fake_run(t->fake, "args_sizes_get", OUT, OUT + 4) == 0 && get_u32(t, OUT) == 0 && get_u32(t, OUT + 4) == 0 &&
		 fake_run(t->fake, "args_get", GUEST_MEMORY, GUEST_MEMORY) == 0, "W12 no arguments");
	test_row(fake_run(t->fake, "environ_sizes_get", OUT, OUT + 4) == 0 && get_u32(t, OUT) == 0 && get_u32(t, OUT + 4) == 0 &&
		 fake_run(t->fake, "environ_get", GUEST_MEMORY, GUEST_MEMORY) == 0, "W12 no environment");
	test_guest_free(t);
	t->start.argv = argv;
	t->start.env = env;
	test_guest_new(t, closed, GUEST_MEMORY);
}

/* How many descriptors a program that is started now would inherit. */
static int inherited(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		n += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

static void accepting(struct test_guest *t)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int before = inherited();
	socklen_t len = sizeof(sa_family_t);

	test_guest_free(t);	/* an abstract name of the kernel's choice: no file */
	CHECK(bind(listening, (struct sockaddr *)&name, len) == 0 && listen(listening, 1) == 0);
	len = sizeof name;
	CHECK(getsockname(listening, (struct sockaddr *)&name, &len) == 0 && connect(client, (struct sockaddr *)&name, len) == 0);
	test_guest_new(t, (const int[]){ listening, -1, -1 }, GUEST_MEMORY);
	CHECK(fake_run(t->fake, "sock_accept", 0, 1, OUT) == WASI_INVAL);
	CHECK(fake_run(t->fake, "sock_accept", 0, WASI_FD_NONBLOCK, OUT) == 0 && get_u32(t, OUT) == 1);
	test_row(inherited() == before, "P29 what a guest opens is close-on-exec");
	CHECK(io(t, "fd_read", 1, 10) == WASI_AGAIN && write(client, "hi", 2) == 2);
	CHECK(io(t, "fd_read", 1, 10) == 0 && get_u32(t, OUT) == 2 && io(t, "fd_write", 1, 2) == 0);
	CHECK(fake_run(t->fake, "fd_seek", 1, 0, WASI_SEEK_CUR, OUT) == WASI_SPIPE);
	CHECK(fake_run(t->fake, "fd_close", 1) == 0 && recv(client, &len, 8, 0) == 2 && recv(client, &len, 8, 0) == 0);
	close(client), close(listening);
}

/* The preopens stand on nothing: what they are and what changes them is asked by name. */
static void virtual_directories(struct test_guest *t)
{
	CHECK(fake_run(t->fake, "fd_filestat_get", 4, BUF) != 0 && t->needs == 1 && t->last.act == ACT_LOOK && t->last.access == ACCESS_STAT &&
	      strcmp(t->name, "/nowhere/at/all") == 0);
	t->answer = (struct answer){ .verdict = VERDICT_ALLOW, .has_stat = 1, .filestat = { .st_mode = S_IFDIR | 0700, .st_nlink = 7 }, .fds = { -1, -1 } };
	CHECK(fake_run(t->fake, "fd_filestat_get", 4, BUF) == 0 && fake_memory(t->fake)[BUF + 16] == WASI_FT_DIR && get_u64(t, BUF + 24) == 7);
	t->answer = (struct answer){ .verdict = VERDICT_ALLOW, .fds = { -1, -1 } };
	CHECK(fake_run(t->fake, "fd_filestat_get", 4, BUF) == WASI_NOENT);
	t->needs = 0;
	CHECK(fake_run(t->fake, "fd_filestat_set_times", 4, 5, 6, WASI_FST_ATIM | WASI_FST_MTIM) == WASI_ACCES && t->needs == 1 &&
	      t->last.act == ACT_CHANGE && t->last.access == ACCESS_META && t->last.times[1].tv_nsec == 6);
	t->answer = (struct answer){ .verdict = VERDICT_ALLOW, .error = EROFS, .fds = { -1, -1 } };
	CHECK(fake_run(t->fake, "fd_filestat_set_times", 4, 5, 6, WASI_FST_ATIM) == WASI_ROFS);
	CHECK(fake_run(t->fake, "fd_sync", 4) == 0 && fake_run(t->fake, "fd_advise", 4, 0, 0, 0) == WASI_BADF);
}

static void covered_directory(struct test_guest *t)
{
	char path[] = "/tmp/wask-fd-XXXXXX";
	struct mount mount = { .at = TEXT("/given"), .access = ACCESS_DIR };
	struct file file = { .kind = FILE_DIRECTORY, .filetype = WASI_FT_DIR, .base = RIGHTS_ALL, .access = ACCESS_DIR };
	uint32_t fd = 0;
	struct stat st;

	if (!mkdtemp(path))
		exit(1);
	mount.fd = file.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fstat(file.fd, &st);
	mount.dev = st.st_dev;
	file.dir = (struct names_dir){ .kind = DIR_COVERED, .mount = &mount, .fd = file.fd };
	descriptors_put(test_state(t)->descriptors, &file, &fd);
	CHECK(fake_run(t->fake, "fd_filestat_get", fd, BUF) == 0 && fake_memory(t->fake)[BUF + 16] == WASI_FT_DIR);
	CHECK(fake_run(t->fake, "fd_sync", fd) == 0 && fake_run(t->fake, "fd_datasync", fd) == 0);
	CHECK(fake_run(t->fake, "fd_filestat_set_times", fd, 0, 7, WASI_FST_MTIM) == 0 && stat(path, &st) == 0 && st.st_mtim.tv_nsec == 7);
	mount.pseudo = true;
	test_row(fake_run(t->fake, "fd_filestat_get", fd, BUF) == WASI_ACCES && fake_run(t->fake, "fd_readdir", fd, BUF, 100, 0, OUT) == WASI_ACCES,
		 "P07 what lies on proc and the like is neither shown nor listed");
	fake_run(t->fake, "fd_close", fd);
	rmdir(path);
}

static void errnos(struct test_guest *t)
{
	(void)t;
	CHECK(errno_wasi(0) == WASI_SUCCESS && errno_wasi(ENOENT) == WASI_NOENT && errno_wasi(-ENOENT) == WASI_NOENT);
	CHECK(errno_wasi(-E2BIG) == WASI_2BIG && errno_wasi(EWOULDBLOCK) == WASI_AGAIN && errno_wasi(EOPNOTSUPP) == WASI_NOTSUP);
	CHECK(errno_wasi(EXDEV) == WASI_XDEV && errno_open(-EXDEV) == WASI_PERM && errno_open(ELOOP) == WASI_LOOP);
	test_row(errno_wasi(EHWPOISON) == WASI_IO && errno_wasi(INT32_MIN) == WASI_IO && errno_wasi(255) == WASI_IO && errno_wasi(INT32_MAX) == WASI_IO,
		 "an errno without a name is io, never success");
}

static void ending(struct test_guest *t)
{
	CHECK(!fake_guest(t->fake)->ended);
	fake_run(t->fake, "proc_exit", 300);
	CHECK(fake_guest(t->fake)->ended && fake_guest(t->fake)->status == 300);
}

static void large(struct test_guest *t)
{
	uint32_t fd = test_put_file(t, test_file("abc"), RW, ACCESS_ALL, 0);

	CHECK(fake_grow(t->fake, LIMIT_CALL_BYTES * 2) == 0);
	for (uint32_t i = 0; i < 3; i++)
		put_iovec(t, IOV + i * 8, 4096, LIMIT_CALL_BYTES);
	CHECK(fake_run(t->fake, "fd_write", fd, IOV, 3, OUT) == 0);
	test_row(get_u32(t, OUT) == LIMIT_CALL_BYTES, "L01 a write of 48 MiB is a short write");
}

int main(void)
{
	void (*const each[])(struct test_guest *) = {
		reading_and_writing, seeking, offsets, appending, read_only, set_times, unknown_flags, rights, one_right_less, numbers,
		flood, structures, standard, preopens, arguments, clocks_and_random, devices, sockets, one_system_call, long_sums, lengths_of_zero, no_arguments, accepting,
		virtual_directories, covered_directory, errnos, ending, large,
	};
	struct test_guest t = { 0 };

	signal(SIGPIPE, SIG_IGN);
	test_begin();
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		test_guest_new(&t, closed, GUEST_MEMORY);
		each[i](&t);
		test_guest_free(&t);
	}
	return test_end();
}
