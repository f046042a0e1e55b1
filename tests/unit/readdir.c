/* fd_readdir: cookies, short buffers, changes between the calls; what may be listed and what is asked. */
#include "guest.h"

enum { BUF = 1024, OUT = 64, HEAD = 24, FILES = 300 };

static const int closed[3] = { -1, -1, -1 };

/* A host directory with FILES files, made for this program. */
static char where[] = "/tmp/wask-readdir-XXXXXX";

static void file_name(char out[48], int i)
{
	snprintf(out, 48, "file-%d-%.*s", i, i % 20, "xxxxxxxxxxxxxxxxxxxx");
}

static void make_files(bool make)
{
	int dirfd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[48];

	for (int i = 0; i < FILES; i++) {
		file_name(name, i);
		if (make)
			close(openat(dirfd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		else
			unlinkat(dirfd, name, 0);
	}
	close(dirfd);
}

/* As path_open beneath a mount would put it. */
static uint32_t put_dir(struct test_guest *t, int flags, access_set access)
{
	static struct mount mount;
	struct file file = { .kind = FILE_DIRECTORY, .filetype = WASI_FT_DIR, .base = RIGHTS_ALL, .inheriting = RIGHTS_ALL, .access = access };
	uint32_t fd = UINT32_MAX;

	file.fd = open(where, flags | O_DIRECTORY | O_CLOEXEC);
	mount = (struct mount){ .at = TEXT("/given"), .fd = file.fd, .access = access };
	file.dir = (struct names_dir){ .kind = DIR_COVERED, .mount = &mount, .fd = file.fd };
	descriptors_put(test_state(t)->descriptors, &file, &fd);
	return fd;
}

static uint32_t list(struct test_guest *t, uint32_t fd, uint32_t len, uint64_t cookie)
{
	return fake_run(t->fake, "fd_readdir", fd, BUF, len, cookie, OUT);
}

struct listed {
	int n, files;
	uint64_t last, inode_sum;
	char names[FILES + 10][64];
};

/* Lists all as a libc does: until a call gives less than it has room for. False: some call failed or went nowhere. */
static bool list_all(struct test_guest *t, uint32_t fd, uint32_t room, struct listed *out)
{
	uint32_t used = room;

	memset(out, 0, sizeof *out);
	while (used == room) {
		uint32_t at = 0;

		if (list(t, fd, room, out->last) != WASI_SUCCESS)
			return false;
		used = get_u32(t, OUT);
		while (at + HEAD <= used && at + HEAD + get_u32(t, BUF + at + 16) <= used) {
			uint32_t len = get_u32(t, BUF + at + 16);

			if (out->n == FILES + 10 || len > 60 || get_u64(t, BUF + at) != out->last + 1)
				return false;
			memcpy(out->names[out->n++], fake_memory(t->fake) + BUF + at + HEAD, len);
			out->last = get_u64(t, BUF + at);
			out->files += fake_memory(t->fake)[BUF + at + 20] == WASI_FT_REG;
			out->inode_sum += get_u64(t, BUF + at + 8);
			at += HEAD + len;
		}
		if (at == 0 && used == room)
			return false;
	}
	return true;
}

static bool has(const struct listed *listed, const char *name)
{
	for (int i = 0; i < listed->n; i++)
		if (strcmp(listed->names[i], name) == 0)
			return true;
	return false;
}

static void whole(struct test_guest *t, int flags, const char *how)
{
	static const uint32_t rooms[] = { 85, 128, 1000, 4096, 60000 };
	uint32_t fd = put_dir(t, flags, ACCESS_DIR_RO);
	struct listed listed, again;
	char name[48];

	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		bool ok = list_all(t, fd, rooms[i], &listed), all = true;

		for (int f = 0; f < FILES; f++) {
			file_name(name, f);
			all = all && has(&listed, name);
		}
		test_row(ok && all && listed.n == FILES + 2 && listed.files == FILES && strcmp(listed.names[0], ".") == 0 &&
			 strcmp(listed.names[1], "..") == 0, "%s: every name once, %u bytes at a time", how, rooms[i]);
	}
	CHECK(list_all(t, fd, 500, &again) && again.inode_sum == listed.inode_sum);
	fake_run(t->fake, "fd_close", fd);
}

static void cookies(struct test_guest *t)
{
	static const uint64_t far[] = { FILES + 2, FILES + 3, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX };
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO);
	struct listed listed;
	bool ok = list_all(t, fd, 4096, &listed);

	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		test_row(list(t, fd, 4096, far[i]) == 0 && get_u32(t, OUT) == 0, "W24 cookie %llu is the end", (unsigned long long)far[i]);
	for (uint64_t i = 0; i < FILES + 2; i++) {	/* every index, in an order that goes back and forth */
		uint64_t cookie = i * 7 % (FILES + 2);

		ok = ok && list(t, fd, 200, cookie) == 0 && get_u64(t, BUF) == cookie + 1 &&
		     memory_is(t, BUF + HEAD, listed.names[cookie], strlen(listed.names[cookie]));
	}
	test_row(ok, "W24 every cookie leads to its entry, in any order");
	fake_run(t->fake, "fd_close", fd);
}

/* Any cookie and any room: it never fails, never goes beyond the room, and what it tells is right. */
static void random_cookies(struct test_guest *t)
{
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO), room;
	struct listed listed;
	uint64_t seed = 24, cookie;
	bool ok = list_all(t, fd, 4096, &listed);

	for (int i = 0; i < 5000 && ok; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		cookie = seed >> (seed >> 58);			/* of every size */
		if (seed & 1)
			cookie %= FILES + 4;
		room = (uint32_t)(seed >> 33) % 200;
		memset(fake_memory(t->fake) + BUF, 0xaa, 256);
		put_u32(t, OUT, UINT32_MAX);
		ok = list(t, fd, room, cookie) == WASI_SUCCESS && get_u32(t, OUT) <= room && fake_memory(t->fake)[BUF + room] == 0xaa &&
		     fake_memory(t->fake)[BUF + get_u32(t, OUT)] == 0xaa;
		if (ok && cookie >= FILES + 2)
			ok = get_u32(t, OUT) == 0;
		if (ok && cookie < FILES + 2 && room >= HEAD)
			ok = get_u64(t, BUF) == cookie + 1 && get_u32(t, BUF + 16) == strlen(listed.names[cookie]);
	}
	test_row(ok, "W24 5000 random cookies and rooms");
	fake_run(t->fake, "fd_close", fd);
}

/* Names that are no text: bytes come as they are, also a few at a time. */
static void names_are_bytes(struct test_guest *t)
{
	static const char *const names[] = { "\xff\xfe", "\xe2\x82", "a\x80 b\nc", "\xf0\x9f\x98\x80" };
	enum { NAMES = sizeof names / sizeof *names };
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO);
	int dirfd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listed listed;
	bool ok = true;

	for (size_t i = 0; i < NAMES; i++)
		close(openat(dirfd, names[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CHECK(list_all(t, fd, 1000, &listed));
	for (size_t i = 0; i < NAMES; i++)
		ok = ok && has(&listed, names[i]);
	test_row(ok && listed.n == FILES + 2 + NAMES, "W30 names that are not UTF-8");
	for (uint64_t cookie = 0; cookie < (uint64_t)listed.n; cookie++)
		for (uint32_t room = HEAD; room < HEAD + 5; room++)	/* cut inside of a character */
			ok = ok && list(t, fd, room, cookie) == 0 && get_u32(t, OUT) <= room &&
			     strncmp((const char *)fake_memory(t->fake) + BUF + HEAD, listed.names[cookie], get_u32(t, OUT) - HEAD < strlen(listed.names[cookie])
				     ? get_u32(t, OUT) - HEAD : strlen(listed.names[cookie])) == 0;
	test_row(ok, "W30 and when they are cut");
	for (size_t i = 0; i < NAMES; i++)
		unlinkat(dirfd, names[i], 0);
	close(dirfd);
	fake_run(t->fake, "fd_close", fd);
}

/* Files come and go while it is listed: those that stay are there once each, as far as the kernel keeps to that too. */
static void changes_meanwhile(struct test_guest *t)
{
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO), used = 200;
	int dirfd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t cookie = 0, n = 0;
	char name[48];
	bool ok = true;

	while (ok && used == 200) {
		snprintf(name, sizeof name, "passing-%d", (int)(n % 7));
		close(openat(dirfd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		ok = list(t, fd, 200, cookie) == 0 && n < 10 * FILES;
		used = get_u32(t, OUT);
		for (uint32_t at = 0; at + HEAD <= used && at + HEAD + get_u32(t, BUF + at + 16) <= used; n++) {
			ok = ok && get_u64(t, BUF + at) == cookie + 1;
			cookie = get_u64(t, BUF + at);
			at += HEAD + get_u32(t, BUF + at + 16);
		}
		snprintf(name, sizeof name, "passing-%d", (int)((n + 3) % 7));
		unlinkat(dirfd, name, 0);
	}
	test_row(ok && cookie >= FILES + 2, "W24 a directory that changes between the calls: %llu entries, cookies in order", (unsigned long long)cookie);
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof name, "passing-%d", i);
		unlinkat(dirfd, name, 0);
	}
	close(dirfd);
	fake_run(t->fake, "fd_close", fd);
}

/* Removed under it: an errno or the end, and then no more. */
static void removed(struct test_guest *t)
{
	char path[] = "/tmp/wask-gone-XXXXXX";
	struct file file = { .kind = FILE_DIRECTORY, .filetype = WASI_FT_DIR, .base = RIGHTS_ALL, .access = ACCESS_DIR_RO };
	struct mount mount = { .at = TEXT("/gone"), .access = ACCESS_DIR_RO };
	uint32_t fd = 0, got;

	if (!mkdtemp(path))
		exit(1);
	mount.fd = file.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file.dir = (struct names_dir){ .kind = DIR_COVERED, .mount = &mount, .fd = file.fd };
	descriptors_put(test_state(t)->descriptors, &file, &fd);
	rmdir(path);
	put_u32(t, OUT, 99);
	got = list(t, fd, 1000, 0);
	test_row((got == WASI_SUCCESS && get_u32(t, OUT) == 2 * HEAD + 3) || (got == WASI_NOENT && get_u32(t, OUT) == 0),
		 "W24 a directory that was removed: the end or noent, and how much was written is told");
	fake_run(t->fake, "fd_close", fd);
}

static void short_buffers(struct test_guest *t)
{
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO);

	put_u32(t, OUT, 99);
	test_row(list(t, fd, 0, 0) == 0 && get_u32(t, OUT) == 0, "W24 no room");
	for (uint32_t room = 1; room < 26; room++) {
		memset(fake_memory(t->fake) + BUF, 0xaa, 64);
		test_row(list(t, fd, room, 0) == 0 && get_u32(t, OUT) == room && fake_memory(t->fake)[BUF + room] == 0xaa, "W24 room for %u bytes", room);
	}
	CHECK(list(t, fd, 100, 0) == 0 && memory_is(t, BUF + HEAD, ".", 1));
	test_row(list(t, 99, 100, 0) == WASI_BADF, "no such descriptor");
	test_row(fake_run(t->fake, "fd_readdir", fd, GUEST_MEMORY - 50, 50, 0, OUT) == 0 &&
		 fake_run(t->fake, "fd_readdir", fd, GUEST_MEMORY - 50, 51, 0, OUT) == WASI_FAULT, "a buffer at the end of memory");
	test_row(fake_run(t->fake, "fd_readdir", fd, BUF, UINT32_MAX, 0, OUT) == WASI_FAULT, "W05 a buffer of 2^32-1 bytes");
	fake_run(t->fake, "fd_close", fd);
}

static void changes(struct test_guest *t)
{
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO);
	struct listed listed;
	char path[64];

	CHECK(list(t, fd, 300, 0) == 0);
	snprintf(path, sizeof path, "%s/later", where);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	test_row(list_all(t, fd, 4096, &listed) && has(&listed, "later"), "W24 a new name is there after a rewind");
	unlink(path);
	test_row(list_all(t, fd, 4096, &listed) && !has(&listed, "later") && listed.n == FILES + 2, "W24 and gone after the next");
	fake_run(t->fake, "fd_close", fd);
}

static void allowed(struct test_guest *t)
{
	uint32_t fd = put_dir(t, O_RDONLY, ACCESS_READ | ACCESS_STAT);

	test_row(list(t, fd, 100, 0) == WASI_NOTCAPABLE && get_u32(t, OUT) == 0, "a grant without list is not listed");
	fake_run(t->fake, "fd_close", fd);
	fd = put_dir(t, O_RDONLY, ACCESS_DIR_RO);
	CHECK(fake_run(t->fake, "fd_fdstat_set_rights", fd, RIGHTS_ALL & ~(uint64_t)RIGHT_FD_READDIR, 0) == 0);
	test_row(list(t, fd, 100, 0) == WASI_NOTCAPABLE, "a descriptor without fd_readdir is not listed");
	fake_run(t->fake, "fd_close", fd);
	fd = test_put_file(t, test_file("x"), RIGHTS_ALL, ACCESS_ALL, 0);
	CHECK(list(t, fd, 100, 0) == WASI_NOTDIR);
}

/* The preopen "." leads to nothing that is granted: the first call asks, the answer is what is listed, also later. */
static void asked(struct test_guest *t)
{
	struct listed listed;

	test_row(list(t, 4, 4096, 0) != WASI_SUCCESS && t->needs == 1 && t->last.act == ACT_LIST && t->last.call == CALL_FD_READDIR &&
		 t->last.access == ACCESS_LIST && strcmp(t->name, "/nowhere/at/all") == 0, "W20 a hole is asked about, and refused");
	t->answer = (struct answer){ .verdict = VERDICT_ALLOW, .access = ACCESS_LIST, .fds = { open(where, O_PATH | O_CLOEXEC), -1 } };
	test_row(list_all(t, 4, 4096, &listed) && listed.n == FILES + 2 && t->needs == 2, "a hole that was granted is listed");
	test_row(list_all(t, 4, 4096, &listed) && listed.n == FILES + 2 && t->needs == 2, "once granted, a rewind does not ask again");
}

struct told {
	unsigned n;
	uint64_t count;
	uint8_t act, call;
	access_set access;
	char name[64];
};

static void keep_tally(void *self, const struct tally *tally)
{
	struct told *told = self;

	told->n++;
	told->count = tally->count;
	told->act = tally->need->act;
	told->call = tally->need->call;
	told->access = tally->need->access;
	snprintf(told->name, sizeof told->name, "%.*s", (int)tally->need->name.len, tally->need->name.at);
}

/* Only the listing goes there: nobody is asked, but the record has it. */
static void recorded(struct test_guest *t)
{
	struct told told = { 0 };
	struct listed listed;

	t->server.self = &told;
	t->server.tally = keep_tally;
	CHECK(list_all(t, 3, 1000, &listed) && list_all(t, 3, 30, &listed));
	test_row(told.n == 1 && told.count == 1 && told.act == ACT_LIST && told.call == CALL_FD_READDIR && told.access == ACCESS_LIST &&
		 strcmp(told.name, "/") == 0, "I8 the listing of a synthetic directory is told to the record, once");
	t->server.self = t;
	t->server.tally = test_tally;
}

static uint64_t inode_by_name(struct test_guest *t, const char *name)
{
	put_bytes(t, BUF + 2048, name, strlen(name));
	return fake_run(t->fake, "path_filestat_get", 3, 1, BUF + 2048, strlen(name), BUF + 4096) == 0 ? get_u64(t, BUF + 4096 + 8) : 0;
}

/* A synthetic directory in a synthetic one: the numbers in listings are those of stat, up and down. */
static void numbers_agree(struct test_guest *t)
{
	struct text in_root[] = { TEXT("home") }, in_home[] = { TEXT("ada") };
	struct start_dir dirs[] = { { TEXT("/"), { in_root, 1 } }, { TEXT("/home"), { in_home, 1 } }, { TEXT("/home/ada"), { NULL, 0 } } };
	struct text tops[] = { TEXT("home") };
	uint32_t fd;

	test_guest_free(t);
	t->start.dirs = dirs;
	t->start.ndirs = 3;
	t->start.tops = (struct texts){ tops, 1 };
	test_guest_new(t, closed, GUEST_MEMORY);
	CHECK(list(t, 3, 1000, 2) == 0 && get_u32(t, OUT) == HEAD + 4);
	test_row(get_u64(t, BUF + 8) != 0 && get_u64(t, BUF + 8) == inode_by_name(t, "/home"), "a synthetic entry has the number that stat says");
	put_bytes(t, BUF, "/home", 5);
	CHECK(fake_run(t->fake, "path_open", 3, 1, BUF, 5, WASI_O_DIRECTORY, RIGHT_FD_READDIR, RIGHTS_ALL, 0, OUT) == 0);
	fd = get_u32(t, OUT);
	CHECK(list(t, fd, 1000, 0) == 0 && get_u64(t, BUF + 8) == inode_by_name(t, "/home"));
	test_row(list(t, fd, 1000, 1) == 0 && get_u64(t, BUF + 8) == inode_by_name(t, "/"), "\"..\" of it too");
	test_row(list(t, fd, 1000, 2) == 0 && get_u64(t, BUF + 8) == inode_by_name(t, "/home/ada"), "and what is in it");
	t->start.dirs = NULL;
	t->start.ndirs = 0;
	t->start.tops.n = 0;
}

static void synthetic(struct test_guest *t)
{
	struct text names[] = { TEXT("home"), TEXT("a\xff b") };
	struct start_dir dir = { TEXT("/"), { names, 2 } };
	struct listed listed;

	test_guest_free(t);
	t->start.dirs = &dir;
	t->start.ndirs = 1;
	test_guest_new(t, closed, GUEST_MEMORY);
	recorded(t);
	test_row(list_all(t, 3, 1000, &listed) && listed.n == 4 && has(&listed, "home") && has(&listed, "a\xff b") && has(&listed, "..") && t->needs == 0,
		 "a synthetic directory lists what it was given, without a need");
	CHECK(list(t, 3, 1000, 4) == 0 && get_u32(t, OUT) == 0 && list(t, 3, 1000, UINT64_MAX) == 0 && get_u32(t, OUT) == 0);
	CHECK(list(t, 3, 1000, 3) == 0 && get_u32(t, OUT) == HEAD + 4);
	CHECK(list(t, 3, 1000, 0) == 0 && get_u64(t, BUF + 8) == get_u64(t, BUF + HEAD + 1 + 8));
	test_row(get_u64(t, BUF + 8) == inode_by_name(t, "/"), "\".\" and \"..\" of a synthetic root have the number that stat says");
	CHECK(fake_run(t->fake, "fd_filestat_get", 3, BUF) == 0 && fake_memory(t->fake)[BUF + 16] == WASI_FT_DIR && get_u64(t, BUF + 32) == 0);
	t->start.dirs = NULL;
	t->start.ndirs = 0;
}

int main(void)
{
	void (*const each[])(struct test_guest *) = { cookies, random_cookies, short_buffers, changes, changes_meanwhile, removed, names_are_bytes,
		allowed, asked, synthetic, numbers_agree };
	struct test_guest t = { 0 };

	test_begin();
	if (!mkdtemp(where))
		return 1;
	make_files(true);
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		test_guest_new(&t, closed, GUEST_MEMORY);
		each[i](&t);
		test_guest_free(&t);
	}
	test_guest_new(&t, closed, GUEST_MEMORY);
	whole(&t, O_RDONLY, "opened");
	whole(&t, O_PATH, "named only (O_PATH)");
	test_guest_free(&t);
	make_files(false);
	rmdir(where);
	return test_end();
}
