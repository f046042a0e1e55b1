/*
 * Calls on paths: what reaches the judge and what comes of its answers, what stands
 * for itself, what rights and access words allow, and two names at once. What the
 * kernel does beneath a mount is in path_host.c.
 */
#include "cap/flags.h"
#include "guest.h"

enum { PATH = 4096, OTHER = 12288, BUF = 20480, OUT = 64, READ = RIGHT_FD_READ, WRITE = RIGHT_FD_WRITE,
       FOLLOW = WASI_LOOKUP_FOLLOW, ROOT_FD = 3, CWD_FD = 4 };

#define ALL_BUT_WRITE (RIGHTS_ALL & ~(uint64_t)WRITE)

static const int closed[3] = { -1, -1, -1 };
static struct test_guest guest, *const t = &guest;
static char base[64];
static int basefd;

static struct text tops[] = { { "dev", 3 }, { "etc", 3 }, { "mnt", 3 } };
static struct start_dir dirs[] = { { .name = { "/", 1 } }, { .name = { "/mnt", 4 } }, { .name = { "/dev", 4 } } };

enum { MOUNTS = 8 };
static struct start_mount mounts[MOUNTS];

static void add_mount(const char *at, const char *host, access_set access, uint32_t flags)
{
	mkdirat(basefd, host, 0700);
	mounts[t->start.nmounts++] = (struct start_mount){ .at = text_of(at), .access = access, .flags = flags, .grant = 7,
							   .fd = openat(basefd, host, O_PATH | O_DIRECTORY | O_CLOEXEC) };
}

/* A guest in /mnt/cwd, which nothing covers. */
static void begin(void)
{
	*t = (struct test_guest){ 0 };
	t->argv[0] = TEXT("x");
	t->start = (struct start){ .mode = MODE_NEEDS, .cwd = TEXT("/mnt/cwd"), .tops = { tops, 3 }, .dirs = dirs, .ndirs = 3,
				   .generation_fd = -1, .argv = { t->argv, 1 }, .mounts = mounts };
}

static uint32_t path(const char *s)
{
	put_bytes(t, PATH, s, strlen(s));
	return (uint32_t)strlen(s);
}

static uint32_t other(const char *s)
{
	put_bytes(t, OTHER, s, strlen(s));
	return (uint32_t)strlen(s);
}

static uint32_t open_at(uint32_t fd, const char *name, uint32_t oflags, uint64_t rights, uint32_t fdflags)
{
	return fake_run(t->fake, "path_open", fd, FOLLOW, PATH, path(name), oflags, rights, RIGHTS_ALL, fdflags, OUT);
}

static uint32_t do_open(const char *name, uint32_t oflags, uint64_t rights, uint32_t fdflags)
{
	return open_at(CWD_FD, name, oflags, rights, fdflags);
}

static uint32_t do_stat(const char *name)
{
	return fake_run(t->fake, "path_filestat_get", CWD_FD, FOLLOW, PATH, path(name), OUT);
}

static uint32_t do_mkdir(const char *name)
{
	return fake_run(t->fake, "path_create_directory", CWD_FD, PATH, path(name));
}

static uint32_t do_unlink(const char *name)
{
	return fake_run(t->fake, "path_unlink_file", CWD_FD, PATH, path(name));
}

static uint32_t do_rename(const char *from, const char *to)
{
	return fake_run(t->fake, "path_rename", CWD_FD, PATH, path(from), CWD_FD, OTHER, other(to));
}

static uint32_t do_link(const char *from, const char *to)
{
	return fake_run(t->fake, "path_link", CWD_FD, 0, PATH, path(from), CWD_FD, OTHER, other(to));
}

static void do_close(uint32_t fd)
{
	fake_run(t->fake, "fd_close", fd);
}

static void answer(uint8_t verdict, int error)
{
	t->answer = ANSWER_NO;
	t->answer.verdict = verdict;
	t->answer.error = error;
}

/* The flags and words of a need, for each call. */
static void needs_raised(void)
{
	static const struct { uint32_t oflags; uint64_t rights; uint32_t fdflags; enum act act; uint32_t flags; access_set access; } opens[] = {
		{ 0, READ, 0, ACT_READ, NEED_READ, ACCESS_READ },
		{ 0, 0, 0, ACT_LOOK, 0, ACCESS_STAT },
		{ WASI_O_DIRECTORY, READ, 0, ACT_OPENDIR, NEED_READ | NEED_DIRECTORY, ACCESS_STAT },
		{ 0, WRITE, 0, ACT_CHANGE, NEED_WRITE, ACCESS_WRITE },
		{ 0, READ | WRITE, 0, ACT_CHANGE, NEED_READ | NEED_WRITE, ACCESS_READ | ACCESS_WRITE },
		{ 0, WRITE, WASI_FD_APPEND, ACT_CHANGE, NEED_WRITE | NEED_APPEND, ACCESS_APPEND },
		{ WASI_O_TRUNC, READ, 0, ACT_CHANGE, NEED_READ | NEED_TRUNC, ACCESS_READ | ACCESS_WRITE },
		{ WASI_O_TRUNC, WRITE, WASI_FD_APPEND, ACT_CHANGE, NEED_WRITE | NEED_APPEND | NEED_TRUNC, ACCESS_APPEND | ACCESS_WRITE },
		{ WASI_O_CREAT, READ, 0, ACT_CREATE, NEED_READ | NEED_CREAT, ACCESS_READ | ACCESS_CREATE },
		{ WASI_O_CREAT | WASI_O_EXCL, WRITE, 0, ACT_CREATE, NEED_WRITE | NEED_CREAT | NEED_EXCL, ACCESS_CREATE },
		{ WASI_O_CREAT | WASI_O_TRUNC, WRITE, WASI_FD_SYNC | WASI_FD_NONBLOCK, ACT_CREATE, NEED_WRITE | NEED_CREAT | NEED_TRUNC | NEED_SYNC | NEED_NONBLOCK, ACCESS_CREATE | ACCESS_WRITE },
		{ WASI_O_EXCL, READ, 0, ACT_READ, NEED_READ | NEED_EXCL, ACCESS_READ },
	};
	uint32_t error;

	begin();
	test_guest_new(t, closed, 65536);
	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
		error = do_open("a/b", opens[i].oflags, opens[i].rights, opens[i].fdflags);
		test_row(error == WASI_ACCES && t->needs == i + 1 && t->last.call == CALL_PATH_OPEN && t->last.act == opens[i].act
			 && t->last.flags == (opens[i].flags | NEED_FOLLOW) && t->last.access == opens[i].access && strcmp(t->name, "/mnt/cwd/a/b") == 0,
			 "path_open, row %zu: act %u flags %#x access %#x", i, t->last.act, t->last.flags, t->last.access);
	}
	do_open("a/", 0, READ, 0);
	test_row(strcmp(t->name, "/mnt/cwd/a/") == 0 && (t->last.flags & NEED_DIRECTORY), "P22 a slash at the end reaches the judge");
	do_stat("x");
	test_row(t->last.act == ACT_LOOK && t->last.access == ACCESS_STAT && t->last.call == CALL_PATH_FILESTAT_GET, "stat");
	do_mkdir("x");
	test_row(t->last.act == ACT_CREATE && t->last.access == ACCESS_CREATE, "mkdir");
	do_unlink("x");
	test_row(t->last.act == ACT_CHANGE && t->last.access == ACCESS_DELETE, "unlink");
	fake_run(t->fake, "path_filestat_set_times", CWD_FD, 0, PATH, path("x"), 5, 0, WASI_FST_ATIM | WASI_FST_MTIM_NOW);
	test_row(t->last.access == ACCESS_META && t->last.times[0].tv_nsec == 5 && t->last.times[1].tv_nsec == UTIME_NOW, "set_times");
	do_rename("x", "/mnt/cwd/y");
	test_row(t->last.access == ACCESS_DELETE && t->last.target.len == strlen("/mnt/cwd/y"), "rename carries both names");
	test_row(do_link("x", "y") == WASI_ACCES && t->last.act == ACT_LINK, "link");
	test_row(fake_run(t->fake, "path_symlink", OTHER, other("to"), CWD_FD, PATH, path("x")) == WASI_ACCES && t->last.act == ACT_LINK && t->last.target.len == 2, "symlink");
	test_guest_free(t);
}

static void verdicts(void)
{
	unsigned needs;

	begin();
	test_guest_new(t, closed, 65536);
	answer(VERDICT_HIDE, 0);
	test_row(do_open("a", 0, READ, 0) == WASI_NOENT, "hidden is noent");
	answer(VERDICT_DENY, 0);
	test_row(do_open("a", 0, READ, 0) == WASI_ACCES, "denied is acces");
	answer(VERDICT_ABSTAIN, 0);
	test_row(do_open("a", 0, READ, 0) == WASI_ACCES, "a verdict that never leaves the judge refuses");
	answer(0x34, 0);
	test_row(do_open("a", 0, READ, 0) == WASI_ACCES, "a flipped bit does not allow");
	answer(VERDICT_ALLOW, EISDIR);
	test_row(do_open("a", 0, WRITE, 0) == WASI_ISDIR, "allowed, and the call's own error");
	answer(VERDICT_ALLOW, EXDEV);
	test_row(do_rename("a", "b") == WASI_XDEV, "rename says xdev");
	answer(VERDICT_ALLOW, EXDEV);
	test_row(do_open("a", 0, READ, 0) == WASI_PERM, "open says perm");
	answer(VERDICT_ALLOW, 0);
	test_row(do_open("a", 0, READ, 0) == WASI_ACCES, "allowed without an object is nothing");
	answer(VERDICT_ALLOW, 0);
	t->answer.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	test_row(do_open("a", 0, READ, 0) == WASI_ACCES, "nor is a device");
	answer(VERDICT_ALLOW, 0);
	test_row(do_mkdir("a") == WASI_SUCCESS, "mkdir needs no object");
	answer(VERDICT_HIDE, 0);
	t->answer.sticks_ns = STICKS_RUN;
	do_open("sticky", 0, READ, 0);
	needs = t->needs;
	test_row(do_open("sticky", 0, READ, 0) == WASI_NOENT && t->needs == needs, "what sticks is answered here");
	test_guest_free(t);
}

static void answered_objects(void)
{
	uint32_t fd;

	begin();
	test_guest_new(t, closed, 65536);
	mkdirat(basefd, "given", 0700);
	close(openat(basefd, "given/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	answer(VERDICT_ALLOW, 0);
	t->answer.fds[0] = test_file("hello");
	t->answer.access = ACCESS_READ;
	CHECK(do_open("a", 0, READ | WRITE | RIGHT_PATH_OPEN, 0) == 0);
	fd = get_u32(t, OUT);
	put_iovec(t, BUF, BUF + 16, 16);
	test_row(fake_run(t->fake, "fd_read", fd, BUF, 1, OUT) == 0 && get_u32(t, OUT) == 5 && memory_is(t, BUF + 16, "hello", 5), "the object that came with the answer is read");
	fake_run(t->fake, "fd_fdstat_get", fd, OUT);
	test_row(get_u64(t, OUT + 8) == (READ | WRITE), "W32 it has the rights asked for that a file has, and no others");
	do_close(fd);

	answer(VERDICT_ALLOW, 0);
	t->answer.has_stat = 1;
	t->answer.filestat.st_mode = S_IFDIR | 0700;
	CHECK(do_open("dir", WASI_O_DIRECTORY, ALL_BUT_WRITE, 0) == 0);
	fd = get_u32(t, OUT);
	open_at(fd, "x", 0, READ, 0);
	test_row(strcmp(t->name, "/mnt/cwd/dir/x") == 0, "a directory in a hole hands on its name");
	open_at(fd, "../x", 0, READ, 0);
	test_row(strcmp(t->name, "/mnt/cwd/dir/../x") == 0, "and \"..\" is left to the judge");

	answer(VERDICT_ALLOW, 0);
	t->answer.fds[0] = openat(basefd, "given", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	t->answer.fds[1] = openat(basefd, "given", O_PATH | O_DIRECTORY | O_CLOEXEC);
	t->answer.mount = TEXT("/mnt/cwd/dir");
	t->answer.access = ACCESS_READ | ACCESS_LIST | ACCESS_STAT;
	CHECK(do_open("dir", WASI_O_DIRECTORY, ALL_BUT_WRITE, 0) == 0);
	unsigned needs = t->needs;
	test_row(open_at(get_u32(t, OUT), "f", 0, READ, 0) == 0 && t->needs == needs, "what an answer mounted is opened without the judge");
	test_row(open_at(fd, "f", 0, READ, 0) == 0 && t->needs == needs, "also through a directory that was opened before");
	open_at(fd, "f", 0, WRITE, 0);
	test_row(t->needs == needs + 1, "a word that the mount lacks is asked for");
	test_guest_free(t);
	unlinkat(basefd, "given/f", 0);
	unlinkat(basefd, "given", AT_REMOVEDIR);
}

static void made_things(void)
{
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		abort();
	begin();
	test_guest_new(t, (int[3]){ pipe_fds[0], pipe_fds[1], -1 }, 65536);
	test_row(do_stat("/mnt") == 0 && fake_memory(t->fake)[OUT + 16] == WASI_FT_DIR && get_u64(t, OUT + 24) == 0, "a synthetic directory is one, of no size");
	test_row(do_mkdir("/mnt") == WASI_EXIST && do_mkdir("..") == WASI_EXIST, "mkdir: exist");
	test_row(do_unlink("/mnt") == WASI_ACCES && fake_run(t->fake, "path_remove_directory", CWD_FD, PATH, path("/mnt")) == WASI_ACCES, "changing it: acces");
	test_row(do_rename("/mnt", "x") == WASI_ACCES && do_rename("x", "/mnt") == WASI_ACCES, "renaming it or onto it: acces");
	test_row(do_open("/mnt", 0, WRITE, 0) == WASI_ISDIR && do_open("/mnt", WASI_O_CREAT | WASI_O_EXCL, WRITE, 0) == WASI_EXIST, "opening it for writing: isdir");
	test_row(fake_run(t->fake, "path_readlink", CWD_FD, PATH, path("/mnt"), BUF, 9, OUT) == WASI_INVAL, "it is no link");
	test_row(do_open("/mnt", WASI_O_DIRECTORY, ALL_BUT_WRITE, 0) == 0 && open_at(get_u32(t, OUT), "../dev/null", 0, READ, 0) == 0, "it is opened, and led through");
	test_row(do_stat("/dev/null") == 0 && fake_memory(t->fake)[OUT + 16] == WASI_FT_CHAR, "a device is a character device");
	test_row(do_open("/dev/null/", 0, READ, 0) == WASI_NOTDIR && do_stat("/dev/null/") == WASI_NOTDIR && do_open("/dev/null/x", 0, READ, 0) == WASI_NOTDIR, "and no directory");
	CHECK(do_open("/dev/zero", WASI_O_CREAT | WASI_O_TRUNC, READ | WRITE, 0) == 0);
	put_iovec(t, BUF, BUF + 16, 16);
	put_bytes(t, BUF + 16, "x", 1);
	test_row(fake_run(t->fake, "fd_read", get_u32(t, OUT), BUF, 1, OUT) == 0 && get_u32(t, OUT) == 16 && memory_is(t, BUF + 16, "\0", 1), "zero gives zeros");
	CHECK(do_open("/dev/stdout", 0, WRITE, 0) == 0);
	put_bytes(t, BUF + 16, "hi", 2);
	put_iovec(t, BUF, BUF + 16, 2);
	char got[4];
	test_row(fake_run(t->fake, "fd_write", get_u32(t, OUT), BUF, 1, OUT) == 0 && read(pipe_fds[0], got, 4) == 2, "/dev/stdout is the guest's own 1");
	test_row(do_open("/dev/stderr", 0, WRITE, 0) == WASI_NOENT, "/dev/stderr is not there when 2 is closed");
	do_close(1);
	test_row(do_open("/dev/stdout", 0, WRITE, 0) == WASI_NOENT && fcntl(pipe_fds[1], F_GETFD) >= 0, "W28 closed by the guest, it is gone for the guest alone");
	test_row(t->needs == 0, "nobody was asked about any of these");
	do_open("/dev/tty", 0, READ, 0);
	test_row(t->needs == 1, "P08 /dev/tty is a name like any other");
	test_guest_free(t);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* W16: in every call that takes a path, at the front, in the middle, at the end. */
static void nul_in_paths(void)
{
	static const struct { const char *bytes; uint32_t len; } names[] = { { "\0file", 5 }, { "fi\0/../x", 8 }, { "file\0", 5 } };
	unsigned refused = 0;

	begin();
	add_mount("/mnt/cwd", "nul", ACCESS_DIR, MOUNT_LAUNCHER);
	test_guest_new(t, closed, 65536);
	close(openat(basefd, "nul/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	put_bytes(t, OTHER, "fine", 4);
	for (size_t i = 0; i < 3; i++) {
		uint32_t n = names[i].len;
		put_bytes(t, PATH, names[i].bytes, n);
		refused += fake_run(t->fake, "path_open", CWD_FD, 1, PATH, n, WASI_O_CREAT, READ, 0, 0, OUT) == WASI_INVAL;
		refused += fake_run(t->fake, "path_filestat_get", CWD_FD, 1, PATH, n, OUT) == WASI_INVAL;
		refused += fake_run(t->fake, "path_filestat_set_times", CWD_FD, 1, PATH, n, 0, 0, 0) == WASI_INVAL;
		refused += fake_run(t->fake, "path_readlink", CWD_FD, PATH, n, BUF, 9, OUT) == WASI_INVAL;
		refused += fake_run(t->fake, "path_create_directory", CWD_FD, PATH, n) == WASI_INVAL;
		refused += fake_run(t->fake, "path_remove_directory", CWD_FD, PATH, n) == WASI_INVAL;
		refused += fake_run(t->fake, "path_unlink_file", CWD_FD, PATH, n) == WASI_INVAL;
		refused += fake_run(t->fake, "path_rename", CWD_FD, PATH, n, CWD_FD, OTHER, 4) == WASI_INVAL;
		refused += fake_run(t->fake, "path_rename", CWD_FD, OTHER, 4, CWD_FD, PATH, n) == WASI_INVAL;
		refused += fake_run(t->fake, "path_link", CWD_FD, 0, PATH, n, CWD_FD, OTHER, 4) == WASI_INVAL;
		refused += fake_run(t->fake, "path_link", CWD_FD, 0, OTHER, 4, CWD_FD, PATH, n) == WASI_INVAL;
		refused += fake_run(t->fake, "path_symlink", PATH, n, CWD_FD, OTHER, 4) == WASI_INVAL;
		refused += fake_run(t->fake, "path_symlink", OTHER, 4, CWD_FD, PATH, n) == WASI_INVAL;
	}
	test_row(refused == 39 && t->needs == 0, "W16 path with NUL: inval in every call (%u of 39)", refused);
	test_row(unlinkat(basefd, "nul/file", 0) == 0 && unlinkat(basefd, "nul", AT_REMOVEDIR) == 0, "W16 and nothing was done");
	test_guest_free(t);
}

static void descriptors_and_rights(void)
{
	begin();
	add_mount("/mnt/cwd", "cwd", ACCESS_DIR, MOUNT_LAUNCHER);
	test_guest_new(t, closed, 65536);
	mkdirat(basefd, "cwd/d", 0700);
	CHECK(do_open("f", WASI_O_CREAT, READ | WRITE, 0) == 0);
	test_row(open_at(get_u32(t, OUT), "x", 0, READ, 0) == WASI_NOTDIR, "a file is no directory to open from");
	do_close(get_u32(t, OUT));
	test_row(open_at(UINT32_MAX, "x", 0, READ, 0) == WASI_BADF && open_at(99, "x", 0, READ, 0) == WASI_BADF, "nor is what is not open");
	test_row(fake_run(t->fake, "path_open", CWD_FD, 1, PATH, path("d"), 0, ALL_BUT_WRITE, ALL_BUT_WRITE, 0, OUT) == 0, "a plain open of a directory opens it");
	uint32_t d = get_u32(t, OUT);
	CHECK(open_at(d, "../f", 0, READ | WRITE, 0) == 0);
	fake_run(t->fake, "fd_fdstat_get", get_u32(t, OUT), OUT);
	test_row(get_u64(t, OUT + 8) == READ, "what a directory does not hand on is not given");
	CHECK(fake_run(t->fake, "fd_fdstat_set_rights", d, RIGHT_PATH_OPEN, READ) == 0);
	test_row(open_at(d, "new", WASI_O_CREAT, READ, 0) == WASI_NOTCAPABLE, "creating takes its right");
	test_row(open_at(d, "../f", WASI_O_TRUNC, READ, 0) == WASI_NOTCAPABLE, "truncating takes its right");
	test_row(fake_run(t->fake, "path_unlink_file", d, PATH, path("x")) == WASI_NOTCAPABLE && fake_run(t->fake, "path_filestat_get", d, 1, PATH, path("x"), OUT) == WASI_NOTCAPABLE, "so does every other call");
	test_row(do_open("f", 16, READ, 0) == WASI_INVAL && do_open("f", 0, READ, 32) == WASI_INVAL
		 && fake_run(t->fake, "path_open", CWD_FD, 2, PATH, path("f"), 0, READ, 0, 0, OUT) == WASI_INVAL, "unknown flags: inval");
	test_row(do_open("", 0, READ, 0) == WASI_NOENT && do_mkdir("") == WASI_NOENT, "the empty path: noent");
	unsigned n = 0;
	while (do_open("f", 0, READ, 0) == 0)
		n++;
	test_row(do_open("f", 0, READ, 0) == WASI_MFILE && do_open("made", WASI_O_CREAT, READ, 0) == WASI_MFILE && faccessat(basefd, "cwd/made", F_OK, 0) < 0, "%u more descriptors, then mfile, and nothing is made", n);
	test_guest_free(t);
	unlinkat(basefd, "cwd/f", 0);
	unlinkat(basefd, "cwd/d", AT_REMOVEDIR);
	unlinkat(basefd, "cwd", AT_REMOVEDIR);
}

/* Mounts with fewer words than all: what they lack is asked for, and never done meanwhile. */
static void words(void)
{
	begin();
	add_mount("/mnt/cwd/c", "c", ACCESS_CREATE | ACCESS_STAT, 0);
	add_mount("/mnt/cwd/a", "a", ACCESS_APPEND | ACCESS_STAT, 0);
	add_mount("/mnt/cwd/n", "n", ACCESS_CREATE | ACCESS_DELETE | ACCESS_STAT, 0);
	test_guest_new(t, closed, 65536);
	close(openat(basefd, "a/log", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(basefd, "n/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(basefd, "n/y", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CHECK(do_open("c/new", WASI_O_CREAT, WRITE, 0) == 0 && t->needs == 0);
	uint32_t fd = get_u32(t, OUT);
	put_iovec(t, BUF, BUF + 16, 4);
	test_row(fake_run(t->fake, "fd_write", fd, BUF, 1, OUT) == 0, "create alone: a new file is written");
	test_row(do_open("c/new", WASI_O_CREAT, WRITE, 0) == WASI_ACCES && t->needs == 1, "create alone: an existing one is asked for, not opened");
	test_row(do_open("c/new", WASI_O_CREAT | WASI_O_TRUNC, WRITE, 0) == WASI_ACCES && t->needs == 2, "nor emptied");
	test_row(do_open("c/other", WASI_O_CREAT, READ | WRITE, 0) == WASI_ACCES && t->needs == 3, "create alone does not read");
	test_row(do_open("a/log", 0, WRITE, WASI_FD_APPEND) == 0 && t->needs == 3, "append alone: opened to append");
	test_row(do_open("a/log", 0, WRITE, 0) == WASI_ACCES && t->needs == 4, "append alone: not to write");
	test_row(do_open("a/log", WASI_O_TRUNC, WRITE, WASI_FD_APPEND) == WASI_ACCES && t->needs == 5, "W01 append alone: not emptied");
	test_row(do_rename("n/x", "n/y") == WASI_EXIST && do_rename("n/x", "n/z") == 0, "renaming onto a name takes write on it");
	struct stat st;
	test_row(fstatat(basefd, "c/new", &st, 0) == 0 && st.st_size == 4, "and what is there is as it was");
	test_guest_free(t);
	unlinkat(basefd, "c/new", 0);
	unlinkat(basefd, "a/log", 0);
	unlinkat(basefd, "n/y", 0);
	unlinkat(basefd, "n/z", 0);
	unlinkat(basefd, "c", AT_REMOVEDIR);
	unlinkat(basefd, "a", AT_REMOVEDIR);
	unlinkat(basefd, "n", AT_REMOVEDIR);
}

/* Two names: what goes where, and that nothing gains by moving (W02). */
static void two_mounts(void)
{
	begin();
	add_mount("/mnt/cwd/one", "one", ACCESS_DIR, MOUNT_LAUNCHER);
	add_mount("/mnt/cwd/two", "two", ACCESS_DIR, MOUNT_LAUNCHER);
	add_mount("/mnt/cwd/ro", "ro", ACCESS_DIR_RO, MOUNT_LAUNCHER);
	add_mount("/mnt/cwd/given", "given", ACCESS_DIR, 0);
	add_mount("/mnt/cwd/drop", "drop", ACCESS_DELETE | ACCESS_CREATE | ACCESS_WRITE | ACCESS_LINKS, 0);
	test_guest_new(t, closed, 65536);
	close(openat(basefd, "one/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(basefd, "ro/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(basefd, "drop/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	test_row(do_rename("one/f", "two/f") == WASI_XDEV && do_link("one/f", "two/f") == WASI_XDEV, "two directories of the launcher are two devices");
	test_row(do_link("ro/f", "one/g") == WASI_ACCES && do_rename("ro/f", "one/g") == WASI_ACCES && t->needs == 2, "W02 out of a read-only directory: not ours to say, and refused");
	test_row(do_link("one/f", "ro/g") == WASI_ACCES && do_rename("one/f", "ro/g") == WASI_ACCES && t->needs == 4, "W02 into one");
	test_row(do_link("drop/f", "given/f") == WASI_XDEV && do_rename("drop/f", "given/f") == WASI_XDEV, "W02 nothing becomes readable by moving it");
	test_row(do_rename("one/f", "given/f") == 0 && do_rename("given/f", "one/f") == 0, "what was granted is no device");
	test_row(do_link("one/f", "one/g") == 0 && do_unlink("one/g") == 0 && t->needs == 4, "a hard link inside one");
	test_row(do_link("one/f/", "one/g") == WASI_NOTDIR, "P22 link of a file with a slash");
	test_row(do_rename("one/f", "hole") == WASI_ACCES && t->needs == 5, "into a hole: the judge has both names");
	test_row(do_rename("hole", "one/g") == WASI_ACCES && t->needs == 6, "out of a hole too");
	test_row(do_rename("ro/f", "hole") == WASI_ACCES && t->needs == 7, "out of a read-only directory the judge has both names");
	test_row(do_rename("one/../two/x", "one/g") == WASI_XDEV, "\"..\" through the tree");
	test_row(do_rename("one", "one/x") == WASI_BUSY && do_mkdir("one") == WASI_EXIST
		 && fake_run(t->fake, "path_remove_directory", CWD_FD, PATH, path("one")) == WASI_INVAL, "a mount itself stays");
	test_guest_free(t);
	unlinkat(basefd, "one/f", 0);
	unlinkat(basefd, "ro/f", 0);
	unlinkat(basefd, "drop/f", 0);
	unlinkat(basefd, "one", AT_REMOVEDIR);
	unlinkat(basefd, "two", AT_REMOVEDIR);
	unlinkat(basefd, "ro", AT_REMOVEDIR);
	unlinkat(basefd, "given", AT_REMOVEDIR);
	unlinkat(basefd, "drop", AT_REMOVEDIR);
}

/* The one function: no call needs fewer words than its flags take. */
static void one_function(void)
{
	unsigned wrong = 0;

	for (uint32_t flags = 0; flags <= NEED_FLAGS; flags++) {
		int host = flags_of_need(flags);
		access_set access = access_of_flags(host);
		bool writes = (host & O_ACCMODE) != O_RDONLY || (host & O_TRUNC);
		bool fresh = (host & O_CREAT) && (host & O_EXCL);

		wrong += writes && !fresh && !(access & (ACCESS_WRITE | ACCESS_APPEND));
		wrong += (host & O_TRUNC) && !fresh && !(access & ACCESS_WRITE);
		wrong += (host & O_CREAT) && !(access & ACCESS_CREATE);
		wrong += !(host & (O_PATH | O_DIRECTORY)) && (host & O_ACCMODE) != O_WRONLY && !(access & ACCESS_READ);
		wrong += access == 0;
	}
	test_row(wrong == 0, "W01 the words of all 2048 sets of flags");
}

int main(void)
{
	test_guest_uses();
	test_begin();
	snprintf(base, sizeof base, "/tmp/wask-path-XXXXXX");
	if (!mkdtemp(base))
		abort();
	basefd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	one_function();
	needs_raised();
	verdicts();
	answered_objects();
	made_things();
	nul_in_paths();
	descriptors_and_rights();
	words();
	two_mounts();
	close(basefd);
	test_row(rmdir(base) == 0, "nothing is left");
	return test_end();
}
