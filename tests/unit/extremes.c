/*
 * The far ends: every flags argument with every unknown bit, offsets at 2^63, lengths
 * in a memory of 4 GiB, one limit after another, structures that lie over one another.
 */
#include <sys/mman.h>

#include "calls.h"

static const char *name_of(size_t call)
{
	return calls[call].name;
}

static size_t call_of(const char *name)
{
	size_t call = 0;

	while (strcmp(name_of(call), name))
		call++;
	return call;
}

/* The call NAME with one argument changed; *CLEAN: nothing happened. */
static uint32_t with(struct test_guest *t, const char *name, size_t arg, uint64_t value, bool *clean)
{
	static struct effects before, after;
	uint64_t args[FAKE_ARGS];
	uint32_t got;

	memcpy(args, calls[call_of(name)].args, sizeof args);
	args[arg] = value;
	prepare(t);
	look(t, &before);
	got = fake_call(t->fake, name, args);
	look(t, &after);
	*clean = same(&before, &after);
	return got;
}

/* ---- flags ---- */

static void unknown_bits(struct test_guest *t)
{
	static const struct { const char *call; size_t arg; uint32_t known; } rows[] = {
		{ "fd_advise", 3, 7 }, { "fd_fdstat_set_flags", 1, WASI_FD_ALL }, { "fd_filestat_set_times", 3, WASI_FST_ALL },
		{ "path_filestat_get", 1, 1 }, { "path_filestat_set_times", 1, 1 }, { "path_filestat_set_times", 6, WASI_FST_ALL },
		{ "path_link", 1, 1 }, { "path_open", 1, 1 }, { "path_open", 4, WASI_O_ALL }, { "path_open", 7, WASI_FD_ALL },
		{ "sock_accept", 1, WASI_FD_NONBLOCK }, { "sock_recv", 3, WASI_RI_PEEK | WASI_RI_WAITALL }, { "sock_send", 3, 0 },
		{ "sock_shutdown", 1, WASI_SD_RD | WASI_SD_WR }, { "fd_seek", 2, 3 }, { "unstable_fd_seek", 2, 3 },
		{ "unstable_path_filestat_get", 1, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool ok = true, clean;

		for (unsigned bit = 0; bit < 32; bit++) {
			if (rows[i].known >> bit & 1)
				continue;
			ok = with(t, rows[i].call, rows[i].arg, UINT64_C(1) << bit, &clean) == WASI_INVAL && clean && ok;
			ok = with(t, rows[i].call, rows[i].arg, (UINT64_C(1) << bit) | rows[i].known, &clean) == WASI_INVAL && clean && ok;
		}
		test_row(ok, "W34 %s, argument %zu: each unknown bit is inval, before anything is asked or done", rows[i].call, rows[i].arg);
	}
}

static void fstflags(struct test_guest *t)
{
	for (uint32_t flags = 0; flags < 16; flags++) {
		bool both = (flags & 3) == 3 || (flags & 12) == 12, clean;
		uint32_t got = with(t, "path_filestat_set_times", 6, flags, &clean);

		test_row(both ? got == WASI_INVAL && clean : got == WASI_ACCES && t->needs == 1, "W34 fstflags %u of a path: %s", flags, both ? "inval" : "asked");
		t->needs = 0;
	}
}

/* ---- offsets and sizes ---- */

static void around_2_63(struct test_guest *t)
{
	static const struct { const char *call; size_t arg; uint32_t want; } rows[] = {
		{ "fd_advise", 1, WASI_INVAL }, { "fd_advise", 2, WASI_INVAL }, { "fd_allocate", 2, WASI_FBIG },
		{ "fd_filestat_set_size", 1, WASI_INVAL }, { "fd_pread", 3, WASI_INVAL }, { "fd_pwrite", 3, WASI_INVAL },
	};
	static const uint64_t beyond[] = { UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, UINT64_MAX };
	bool clean;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t j = 0; j < sizeof beyond / sizeof *beyond; j++)
			test_row(with(t, rows[i].call, rows[i].arg, beyond[j], &clean) == rows[i].want && clean, "W15 %s, argument %zu is %llu", rows[i].call, rows[i].arg,
				 (unsigned long long)beyond[j]);
	test_row(with(t, "fd_filestat_set_size", 1, INT64_MAX, &clean) != 0 && clean, "W15 a size of 2^63-1");
	test_row(with(t, "fd_pwrite", 3, INT64_MAX, &clean) != 0 && clean, "W15 a write at 2^63-1");
	test_row(with(t, "fd_allocate", 2, INT64_MAX, &clean) != 0 && clean, "W15 2^63-1 bytes allocated");
	test_row(with(t, "fd_advise", 2, INT64_MAX, &clean) == 0, "W15 advice on 2^63-1 bytes");
	test_row(fake_run(t->fake, "fd_allocate", FILE_FD, UINT64_MAX, 1) == WASI_FBIG && fake_run(t->fake, "fd_allocate", FILE_FD, INT64_MAX, 1) == WASI_FBIG &&
		 fake_run(t->fake, "fd_allocate", FILE_FD, UINT64_C(1) << 62, UINT64_C(1) << 62) == WASI_FBIG, "W15 an allocation whose end is beyond 2^63-1");
	fake_run(t->fake, "fd_seek", FILE_FD, INT64_MAX, WASI_SEEK_SET, OUT);
	prepare(t);
	test_row(fake_run(t->fake, "fd_write", FILE_FD, IOV, 1, OUT) != 0 && fake_run(t->fake, "fd_read", FILE_FD, IOV, 1, OUT) != UINT32_MAX &&
		 get_u32(t, OUT) == 0, "W15 reading and writing where a file cannot be");
	fake_run(t->fake, "fd_seek", FILE_FD, 0, WASI_SEEK_SET, OUT);
}

/* ---- as much memory as there can be ---- */

enum { WHOLE_OUT = 64, WHOLE_IOV = 128, WHOLE_PATH = 4096 };
#define WHOLE (UINT64_C(1) << 32)

/* Lengths of 2^32-1 and the like that do fit: a limit answers, or a short count, and at once. */
static void whole_memory(struct test_guest *t)
{
	struct guest *guest = fake_guest(t->fake);
	uint8_t *own = guest->base, *at = mmap(NULL, WHOLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	void (*own_refresh)(struct guest *) = guest->refresh;
	uint64_t own_len = guest->len;
	uint32_t out = 7;
	char many[8];
	const struct { const char *what, *call; uint64_t args[FAKE_ARGS]; uint32_t want; } rows[] = {
		{ "W05 a path of 2^32-1 bytes", "path_open", { 3, 1, 1, UINT32_MAX, 0, RIGHT_FD_READ, 0, 0, WHOLE_OUT }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_filestat_get", { 3, 1, 1, UINT32_MAX, WHOLE_OUT }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_unlink_file", { 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_create_directory", { 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_remove_directory", { 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_readlink", { 3, 1, UINT32_MAX, 1, 1, WHOLE_OUT }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_rename", { 3, 1, UINT32_MAX, 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_link", { 3, 0, 1, UINT32_MAX, 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_symlink", { 1, UINT32_MAX, 3, 1, UINT32_MAX }, WASI_NAMETOOLONG },
		{ "W05 a path of 2^32-1 bytes", "path_filestat_set_times", { 3, 1, 1, UINT32_MAX, 0, 0, 2 }, WASI_NAMETOOLONG },
		{ "L06 random over all of memory", "random_get", { 1, UINT32_MAX }, WASI_INVAL },
		{ "L05 2^26 subscriptions that fit", "poll_oneoff", { 0, 0, 1 << 26, WHOLE_OUT }, WASI_INVAL },
		{ "L05 2^20 subscriptions", "poll_oneoff", { 0, 0, 1 << 20, WHOLE_OUT }, WASI_INVAL },
		{ "L05 2^16 subscriptions", "poll_oneoff", { 0, 0, 1 << 16, WHOLE_OUT }, WASI_INVAL },
		{ "L05 2^31 subscriptions", "poll_oneoff", { 0, 0, UINT64_C(1) << 31, WHOLE_OUT }, WASI_FAULT },
		{ "W05 2^28 iovecs that fit", "fd_write", { FILE_FD, 0, 1 << 28, WHOLE_OUT }, WASI_INVAL },
		{ "W05 2^29-1 iovecs that fit", "fd_read", { FILE_FD, 0, (1 << 29) - 1, WHOLE_OUT }, WASI_INVAL },
		{ "W05 2^29-1 iovecs that fit", "sock_recv", { SOCKET_FD, 0, (1 << 29) - 1, 0, WHOLE_OUT, WHOLE_OUT }, WASI_INVAL },
		{ "W05 a listing of 2^32-1 bytes", "fd_readdir", { 3, 1, UINT32_MAX, 0, WHOLE_OUT }, WASI_ACCES },
		{ "W05 a name of 2^32-1 bytes", "fd_prestat_dir_name", { 3, 1, UINT32_MAX }, WASI_SUCCESS },
		{ "W05 a write of 2^32-1 bytes", "fd_pwrite", { FILE_FD, WHOLE_IOV, 1, 0, WHOLE_OUT }, WASI_SUCCESS },
		{ "W05 a read of 2^32-1 bytes", "fd_pread", { FILE_FD, WHOLE_IOV, 1, 0, WHOLE_OUT }, WASI_SUCCESS },
	};

	if (!CHECK(at != MAP_FAILED))
		return;
	guest->refresh = NULL;		/* what does not fit would bring the own memory back */
	guest->base = at;
	guest->len = WHOLE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memcpy(at + WHOLE_IOV, (const uint32_t[]){ WHOLE_PATH, UINT32_MAX - WHOLE_PATH }, 8);
		uint32_t got = fake_call(t->fake, rows[i].call, rows[i].args);
		test_row(got == rows[i].want, "%s: %s", rows[i].what, rows[i].call);
	}
	memcpy(&out, at + WHOLE_OUT, sizeof out);
	test_row(out == 1 << 20, "W05 and what was read is what the file could be, and no more: %u", out);
	test_row(pread(file_kept, many, sizeof many, 0) == sizeof many && fake_run(t->fake, "fd_filestat_set_size", FILE_FD, 5) == 0, "and it goes on");
	guest->base = own;
	guest->len = own_len;
	guest->refresh = own_refresh;
	munmap(at, WHOLE);
}

/* ---- copied once ---- */

/* What is read lands on the structure that says where to read to: the copy is what counts. */
static void overlapping(struct test_guest *t)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(0xf0 + i);
	if (pwrite(file_kept, bytes, sizeof bytes, 0) != sizeof bytes)
		exit(1);
	prepare(t);
	put_iovec(t, IOV, IOV, 8);
	put_iovec(t, IOV + 8, BUF, 8);
	test_row(fake_run(t->fake, "fd_pread", FILE_FD, IOV, 2, 0, OUT) == 0 && get_u32(t, OUT) == 16 && memory_is(t, IOV, bytes, 8) &&
		 memory_is(t, BUF, bytes + 8, 8), "W29 a read over its own iovecs");
	prepare(t);
	put_iovec(t, IOV, BUF, 4);
	put_iovec(t, IOV + 8, BUF + 4, 4);
	test_row(fake_run(t->fake, "fd_pread", FILE_FD, IOV, 2, 0, IOV + 8) == 0 && get_u32(t, IOV + 8) == 8 && memory_is(t, BUF, bytes, 8),
		 "W29 the count over the iovecs");
	prepare(t);
	test_row(fake_run(t->fake, "path_filestat_get", 3, 1, PATH, 5, PATH) == WASI_ACCES && strcmp(t->name, "/nowhere/at/all/etc/x") == 0 && memory_is(t, PATH, "etc/x", 5),
		 "W29 a filestat over the path");
	memset(fake_memory(t->fake) + SUBS, 0, 96);
	put_u64(t, SUBS, 11);
	put_u32(t, SUBS + 16, 1);
	put_u64(t, SUBS + 48, 12);
	put_u32(t, SUBS + 48 + 16, 1);
	test_row(fake_run(t->fake, "poll_oneoff", SUBS, SUBS, 2, SUBS + 4) == 0 && get_u32(t, SUBS + 4) == 2 && get_u64(t, SUBS + 32) == 12,
		 "W29 events over the subscriptions, and their number over an event");
	prepare(t);
	test_row(fake_run(t->fake, "sock_recv", SOCKET_FD, IOV, 1, WASI_RI_PEEK, IOV, IOV + 4) == 0 && get_u32(t, IOV) == 10 && memory_is(t, BUF, "0123456789", 10),
		 "W29 what sock_recv tells, over its iovec");
	fake_run(t->fake, "fd_filestat_set_size", FILE_FD, 5);
}

/* ---- a name and its room ---- */

static void readlink_room(void)
{
	static const char text[] = "some/where";
	enum { LEN = sizeof text - 1 };
	static const int none[3] = { -1, -1, -1 };
	char base[] = "/tmp/wask-link-XXXXXX";
	struct test_guest t = { 0 };
	struct start_mount mount = { .at = TEXT("."), .access = ACCESS_DIR, .flags = MOUNT_PREOPEN };
	int basefd;

	if (!mkdtemp(base))
		exit(1);
	basefd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(symlinkat(text, basefd, "l") == 0);
	mount.fd = fcntl(basefd, F_DUPFD_CLOEXEC, 3);
	t.argv[0] = TEXT("x");
	t.start = (struct start){ .mode = MODE_OFF, .cwd = TEXT("/"), .generation_fd = -1, .argv = { t.argv, 1 }, .mounts = &mount, .nmounts = 1 };
	test_guest_new(&t, none, SIZE);
	for (uint32_t room = 0; room < LEN + 3; room++) {
		uint32_t want = room < LEN ? room : (uint32_t)LEN;

		memset(fake_memory(t.fake) + BUF, 0xaa, 64);
		put_bytes(&t, PATH, "l", 1);
		test_row(fake_run(t.fake, "path_readlink", 3, PATH, 1, BUF, room, OUT) == 0 && get_u32(&t, OUT) == want &&
			 memory_is(&t, BUF, text, want) && fake_memory(t.fake)[BUF + want] == 0xaa, "W31 readlink of %d bytes into %u: cut, and no NUL", LEN, room);
	}
	test_guest_free(&t);
	unlinkat(basefd, "l", 0);
	close(basefd);
	rmdir(base);
}

/* Memory ends with the last byte of the list, one before, one after. */
static void lists_room(struct test_guest *t)
{
	static const struct { const char *call; uint32_t bytes; } rows[] = { { "args_get", 10 }, { "environ_get", 27 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint32_t more = 0; more < 3; more++) {
			uint32_t at = SIZE - rows[i].bytes + 1 - more;

			prepare(t);
			test_row(fake_run(t->fake, rows[i].call, OUT, at) == (more ? (uint32_t)WASI_SUCCESS : (uint32_t)WASI_FAULT), "W31 %s with room for %u of %u bytes",
				 rows[i].call, rows[i].bytes - 1 + more, rows[i].bytes);
		}
}

/* ---- limits, each at one less, at itself, at one more ---- */

static uint32_t open_numbers(struct test_guest *t)
{
	struct file *file;
	uint32_t n = 0;

	for (uint32_t fd = 0; fd < 2 * LIMIT_DESCRIPTORS; fd++)
		n += descriptors_get(test_state(t)->descriptors, fd, 0, &file) == WASI_SUCCESS;
	return n;
}

/* sock_accept is the one call that opens without a name. */
static void descriptors_limit(struct test_guest *t)
{
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client[3], before;
	struct file file = { .kind = FILE_DEVICE, .fd = -1, .base = RIGHTS_ALL, .access = ACCESS_ALL };
	uint32_t fd, got[3];

	CHECK(listening >= 0 && listen(listening, 8) == 0);
	descriptors_put(test_state(t)->descriptors, &(struct file){ .kind = FILE_SOCKET, .fd = listening, .filetype = WASI_FT_STREAM, .base = RIGHTS_ALL,
			.inheriting = RIGHTS_ALL, .access = ACCESS_ALL }, &fd);
	while (open_numbers(t) < LIMIT_DESCRIPTORS - 2)
		descriptors_put(test_state(t)->descriptors, &file, &got[0]);
	before = test_open_fds();
	for (int i = 0; i < 3; i++) {
		struct sockaddr_storage name;
		socklen_t len = sizeof name;

		client[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		CHECK(getsockname(listening, (struct sockaddr *)&name, &len) == 0 && connect(client[i], (struct sockaddr *)&name, len) == 0);
		got[i] = fake_run(t->fake, "sock_accept", fd, 0, OUT);
	}
	test_row(got[0] == 0, "L01 one descriptor less than %d", LIMIT_DESCRIPTORS);
	test_row(got[1] == 0 && open_numbers(t) == LIMIT_DESCRIPTORS, "L01 %d descriptors", LIMIT_DESCRIPTORS);
	test_row(got[2] == WASI_MFILE && test_open_fds() == before + 2 + 3, "L01 one more is mfile, and nothing was taken for it");
	for (int i = 0; i < 3; i++)
		close(client[i]);
}

static void sizes_limit(struct test_guest *t)
{
	enum { FAR = 1 << 20 };
	static const uint32_t iovecs[] = { LIMIT_IOVECS - 1, LIMIT_IOVECS, LIMIT_IOVECS + 1 };
	static const uint32_t lengths[] = { LIMIT_CALL_BYTES - 1, LIMIT_CALL_BYTES, LIMIT_CALL_BYTES + 1 };
	static const uint32_t random[] = { LIMIT_RANDOM_BYTES - 1, LIMIT_RANDOM_BYTES, LIMIT_RANDOM_BYTES + 1 };
	static const uint32_t subs[] = { LIMIT_SUBSCRIPTIONS - 1, LIMIT_SUBSCRIPTIONS, LIMIT_SUBSCRIPTIONS + 1 };
	static const uint32_t paths[] = { LIMIT_PATH - 1, LIMIT_PATH, LIMIT_PATH + 1 };
	static const uint32_t components[] = { LIMIT_COMPONENT - 1, LIMIT_COMPONENT, LIMIT_COMPONENT + 1 };
	uint64_t args[FAKE_ARGS] = { FILE_FD, FAR, 1, OUT };

	CHECK(fake_grow(t->fake, LIMIT_RANDOM_BYTES + 2 * FAR) == 0);
	memset(fake_memory(t->fake) + FAR, 0, FAR);
	for (int i = 0; i < 3; i++) {
		args[2] = iovecs[i];
		test_row(fake_call(t->fake, "fd_read", args) == (i < 2 ? (uint32_t)WASI_SUCCESS : (uint32_t)WASI_INVAL), "L01 %u iovecs", iovecs[i]);
	}
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
	for (int i = 0; i < 3; i++) {
		put_iovec(t, FAR, 2 * FAR, lengths[i]);
		test_row(fake_run(t->fake, "fd_pwrite", FILE_FD, FAR, 1, 0, OUT) == 0 && get_u32(t, OUT) == (i < 2 ? lengths[i] : LIMIT_CALL_BYTES),
			 "L01 a write of %u bytes: at most %d are taken", lengths[i], LIMIT_CALL_BYTES);
		fake_run(t->fake, "fd_filestat_set_size", FILE_FD, 0);
		test_row(fake_run(t->fake, "random_get", FAR, random[i]) == (i < 2 ? (uint32_t)WASI_SUCCESS : (uint32_t)WASI_INVAL), "L01 %u random bytes", random[i]);
		memset(fake_memory(t->fake) + FAR, 0, FAR);
		test_row(fake_run(t->fake, "poll_oneoff", FAR, FAR, subs[i], OUT) == (i < 2 ? (uint32_t)WASI_SUCCESS : (uint32_t)WASI_INVAL) &&
			 (i == 2 || get_u32(t, OUT) == subs[i]), "L01 %u subscriptions", subs[i]);
		memset(fake_memory(t->fake) + FAR, 'x', FAR);
		test_row((fake_run(t->fake, "path_unlink_file", 3, FAR, components[i]) == WASI_NAMETOOLONG) == (i == 2), "L01 a component of %u bytes", components[i]);
		for (uint32_t at = 0; at < LIMIT_PATH + 1; at += 100)
			put_bytes(t, FAR + at, "/", 1);
		test_row((fake_run(t->fake, "path_unlink_file", 3, FAR, paths[i]) == WASI_NAMETOOLONG) == (i == 2), "L01 a path of %u bytes", paths[i]);
	}
}

int main(void)
{
	void (*const each[])(struct test_guest *) = { unknown_bits, fstflags, around_2_63, whole_memory, overlapping, lists_room, descriptors_limit, sizes_limit };
	struct test_guest t;
	struct rlimit before;

	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	test_begin();
	calls_uses();
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		opened(&t, &before);
		each[i](&t);
		closed(&t, &before);
	}
	readlink_room();
	return test_end();
}
