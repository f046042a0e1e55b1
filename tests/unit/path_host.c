/*
 * Calls on paths beneath a mount, against the kernel: the same call on a twin tree
 * must give the same errno and leave the same behind. Then what must not happen:
 * escapes by dots, links and races, special files, pseudo files.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "guest.h"

enum { PATH = 4096, OTHER = 12288, BUF = 20480, OUT = 64, READ = RIGHT_FD_READ, WRITE = RIGHT_FD_WRITE,
       FOLLOW = WASI_LOOKUP_FOLLOW, DIR_FD = 4 };

static const int closed[3] = { -1, -1, -1 };
static struct test_guest guest, *const t = &guest;
static char base[64];
static int basefd;

static struct text tops[] = { { "etc", 3 }, { "mnt", 3 } };
static struct start_mount mounts[2];

/* A guest whose cwd is the directory HOST beneath BASE, under ACCESS; or with --ask=off. */
static void guest_at(const char *host, access_set access, uint32_t flags, bool off)
{
	const char *inner = mounts[1].at.at;

	*t = (struct test_guest){ 0 };
	t->argv[0] = TEXT("x");
	t->start = (struct start){ .mode = off ? MODE_OFF : MODE_NEEDS, .cwd = TEXT("/mnt/cwd"), .tops = { tops, 2 }, .generation_fd = -1,
				   .argv = { t->argv, 1 }, .mounts = mounts, .nmounts = 1 };
	mounts[0] = (struct start_mount){ .at = off ? TEXT(".") : TEXT("/mnt/cwd"), .access = access,
					  .flags = flags | (off ? MOUNT_PREOPEN : 0),
					  .fd = openat(basefd, host, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	if (inner) {
		mounts[1].fd = openat(basefd, host, O_PATH | O_DIRECTORY | O_CLOEXEC);
		t->start.nmounts = 2;
	}
	test_guest_new(t, closed, 65536);
}

static void guest_gone(void)
{
	test_guest_free(t);
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

static uint32_t here(void)
{
	return t->start.mode == MODE_OFF ? 3 : DIR_FD;
}

static uint32_t do_open(const char *name, uint32_t dirflags, uint32_t oflags, uint64_t rights, uint32_t fdflags)
{
	return fake_run(t->fake, "path_open", here(), dirflags, PATH, path(name), oflags, rights, 0, fdflags, OUT);
}

/* Opens and closes again. */
static uint32_t try_open(const char *name, uint32_t dirflags, uint32_t oflags, uint64_t rights, uint32_t fdflags)
{
	uint32_t error = do_open(name, dirflags, oflags, rights, fdflags);

	if (!error)
		fake_run(t->fake, "fd_close", get_u32(t, OUT));
	return error;
}

static uint32_t do_rename(const char *from, const char *to)
{
	return fake_run(t->fake, "path_rename", here(), PATH, path(from), here(), OTHER, other(to));
}

static uint32_t do_link(const char *from, const char *to)
{
	return fake_run(t->fake, "path_link", here(), 0, PATH, path(from), here(), OTHER, other(to));
}

static void make_tree(int at)
{
	close(openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	int fd = openat(at, "full", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (write(fd, "full", 4) != 4)
		abort();
	close(fd);
	mkdirat(at, "dir", 0700);
	mkdirat(at, "dir/sub", 0700);
	mkdirat(at, "empty", 0700);
	symlinkat("full", at, "tofile");
	symlinkat("empty", at, "todir");
	symlinkat("absent-too", at, "dangling");
	symlinkat("loop", at, "loop");
}

static void run(const char *command)
{
	char line[1024];

	snprintf(line, sizeof line, command, base, base);
	if (!fork()) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	while (wait(NULL) > 0)
		;
}

static void clear_dir(int at)
{
	static const char *const files[] = { "file", "full", "tofile", "todir", "dangling", "loop", "absent-too", "absent", "new", "full2", "dir/new", "dir/sub", "empty/new" };
	static const char *const dirs[] = { "new/sub", "dir/sub/new", "dir/sub", "dir/new", "dir/empty", "empty", "dir", "file", "absent", "new", "absent-too" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlinkat(at, files[i], 0);
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
			unlinkat(at, dirs[i], AT_REMOVEDIR);
}

/* What is there now, as text. */
static void describe(int at, char out[1024])
{
	static const char *const names[] = { "file", "full", "dir", "dir/sub", "dir/new", "empty", "empty/new", "tofile", "todir", "dangling", "loop", "absent", "absent-too", "new", "full2" };
	size_t len = 0;
	struct stat st;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (fstatat(at, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			len += (size_t)snprintf(out + len, 1024 - len, "%s %o %lld %lu; ", names[i], st.st_mode & S_IFMT, S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size, (unsigned long)st.st_nlink);
}

static int native_open(int at, const char *name, uint32_t dirflags, int flags)
{
	int fd = openat(at, name, flags | (dirflags & FOLLOW ? 0 : O_NOFOLLOW) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
	int error = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

static int native(int result)
{
	return result < 0 ? errno : 0;
}

enum op { OPEN_READ, OPEN_READ_NOFOLLOW, OPEN_DIR, OPEN_WRITE, OPEN_TRUNC, OPEN_CREATE, OPEN_CREATE_NOFOLLOW, OPEN_EXCL, OPEN_CREATE_TRUNC,
	  STAT, LSTAT, READLINK, TIMES, TIMES_NOFOLLOW, MKDIR, RMDIR, UNLINK, SYMLINK, RENAME_AWAY, RENAME_FILE_TO, RENAME_DIR_TO,
	  LINK_TO_IT, LINK_FROM, OPEN_DIR_NOFOLLOW, OPEN_WRITE_NOFOLLOW, OPEN_TRUNC_NOFOLLOW, OPEN_EXCL_NOFOLLOW, OPEN_CREATE_TRUNC_NOFOLLOW, OPS };

static const char *const op_names[OPS] = { "open", "open nofollow", "open O_DIRECTORY", "open for writing", "open O_TRUNC", "open O_CREAT",
	"open O_CREAT nofollow", "open O_EXCL", "open O_CREAT O_TRUNC", "stat", "lstat", "readlink", "utimes", "lutimes", "mkdir",
	"rmdir", "unlink", "symlink", "rename away", "rename a file to", "rename a directory to", "link to", "link from", "open O_DIRECTORY nofollow",
	"open for writing nofollow", "open O_TRUNC nofollow", "open O_EXCL nofollow", "open O_CREAT O_TRUNC nofollow" };

static uint32_t act_guest(enum op op, const char *p)
{
	switch (op) {
	case OPEN_READ: return try_open(p, FOLLOW, 0, READ, 0);
	case OPEN_READ_NOFOLLOW: return try_open(p, 0, 0, READ, 0);
	case OPEN_DIR: return try_open(p, FOLLOW, WASI_O_DIRECTORY, READ, 0);
	case OPEN_WRITE: return try_open(p, FOLLOW, 0, WRITE, 0);
	case OPEN_TRUNC: return try_open(p, FOLLOW, WASI_O_TRUNC, READ | WRITE, 0);
	case OPEN_CREATE: return try_open(p, FOLLOW, WASI_O_CREAT, WRITE, 0);
	case OPEN_CREATE_NOFOLLOW: return try_open(p, 0, WASI_O_CREAT, WRITE, 0);
	case OPEN_EXCL: return try_open(p, FOLLOW, WASI_O_CREAT | WASI_O_EXCL, WRITE, 0);
	case OPEN_CREATE_TRUNC: return try_open(p, FOLLOW, WASI_O_CREAT | WASI_O_TRUNC, WRITE, 0);
	case STAT: return fake_run(t->fake, "path_filestat_get", here(), FOLLOW, PATH, path(p), OUT);
	case LSTAT: return fake_run(t->fake, "path_filestat_get", here(), 0, PATH, path(p), OUT);
	case READLINK: return fake_run(t->fake, "path_readlink", here(), PATH, path(p), BUF, 100, OUT);
	case TIMES: return fake_run(t->fake, "path_filestat_set_times", here(), FOLLOW, PATH, path(p), 5, 6, WASI_FST_ATIM | WASI_FST_MTIM);
	case TIMES_NOFOLLOW: return fake_run(t->fake, "path_filestat_set_times", here(), 0, PATH, path(p), 5, 6, WASI_FST_ATIM | WASI_FST_MTIM);
	case MKDIR: return fake_run(t->fake, "path_create_directory", here(), PATH, path(p));
	case RMDIR: return fake_run(t->fake, "path_remove_directory", here(), PATH, path(p));
	case UNLINK: return fake_run(t->fake, "path_unlink_file", here(), PATH, path(p));
	case SYMLINK: return fake_run(t->fake, "path_symlink", OTHER, other("full"), here(), PATH, path(p));
	case RENAME_AWAY: return do_rename(p, "new");
	case RENAME_FILE_TO: return do_rename("full", p);
	case RENAME_DIR_TO: return do_rename("empty", p);
	case LINK_TO_IT: return do_link("full", p);
	case LINK_FROM: return do_link(p, "new");
	case OPEN_DIR_NOFOLLOW: return try_open(p, 0, WASI_O_DIRECTORY, READ, 0);
	case OPEN_WRITE_NOFOLLOW: return try_open(p, 0, 0, WRITE, 0);
	case OPEN_TRUNC_NOFOLLOW: return try_open(p, 0, WASI_O_TRUNC, READ | WRITE, 0);
	case OPEN_EXCL_NOFOLLOW: return try_open(p, 0, WASI_O_CREAT | WASI_O_EXCL, WRITE, 0);
	case OPEN_CREATE_TRUNC_NOFOLLOW: return try_open(p, 0, WASI_O_CREAT | WASI_O_TRUNC, WRITE, 0);
	default: abort();
	}
}

static int act_native(enum op op, int at, const char *p)
{
	const struct timespec times[2] = { { 0, 5 }, { 0, 6 } };
	struct stat st;
	char text[100];

	switch (op) {
	case OPEN_READ: return native_open(at, p, FOLLOW, O_RDONLY);
	case OPEN_READ_NOFOLLOW: return native_open(at, p, 0, O_RDONLY);
	case OPEN_DIR: return native_open(at, p, FOLLOW, O_RDONLY | O_DIRECTORY);
	case OPEN_WRITE: return native_open(at, p, FOLLOW, O_WRONLY);
	case OPEN_TRUNC: return native_open(at, p, FOLLOW, O_RDWR | O_TRUNC);
	case OPEN_CREATE: return native_open(at, p, FOLLOW, O_WRONLY | O_CREAT);
	case OPEN_CREATE_NOFOLLOW: return native_open(at, p, 0, O_WRONLY | O_CREAT);
	case OPEN_EXCL: return native_open(at, p, FOLLOW, O_WRONLY | O_CREAT | O_EXCL);
	case OPEN_CREATE_TRUNC: return native_open(at, p, FOLLOW, O_WRONLY | O_CREAT | O_TRUNC);
	case STAT: return native(fstatat(at, p, &st, 0));
	case LSTAT: return native(fstatat(at, p, &st, AT_SYMLINK_NOFOLLOW));
	case READLINK: return native((int)readlinkat(at, p, text, sizeof text));
	case TIMES: return native(utimensat(at, p, times, 0));
	case TIMES_NOFOLLOW: return native(utimensat(at, p, times, AT_SYMLINK_NOFOLLOW));
	case MKDIR: return native(mkdirat(at, p, 0777));
	case RMDIR: return native(unlinkat(at, p, AT_REMOVEDIR));
	case UNLINK: return native(unlinkat(at, p, 0));
	case SYMLINK: return native(symlinkat("full", at, p));
	case RENAME_AWAY: return native(renameat(at, p, at, "new"));
	case RENAME_FILE_TO: return native(renameat(at, "full", at, p));
	case RENAME_DIR_TO: return native(renameat(at, "empty", at, p));
	case LINK_TO_IT: return native(linkat(at, "full", at, p, 0));
	case LINK_FROM: return native(linkat(at, p, at, "new", 0));
	case OPEN_DIR_NOFOLLOW: return native_open(at, p, 0, O_RDONLY | O_DIRECTORY);
	case OPEN_WRITE_NOFOLLOW: return native_open(at, p, 0, O_WRONLY);
	case OPEN_TRUNC_NOFOLLOW: return native_open(at, p, 0, O_RDWR | O_TRUNC);
	case OPEN_EXCL_NOFOLLOW: return native_open(at, p, 0, O_WRONLY | O_CREAT | O_EXCL);
	case OPEN_CREATE_TRUNC_NOFOLLOW: return native_open(at, p, 0, O_WRONLY | O_CREAT | O_TRUNC);
	default: abort();
	}
}

/* P11: the lookup flag decides whether it is this or what it leads to. */
static bool is_last_link(const char *name)
{
	return strcmp(name, "tofile") == 0 || strcmp(name, "todir") == 0 || strcmp(name, "dangling") == 0 || strcmp(name, "loop") == 0;
}

/* P22: every call on every sort of name, with and without slashes and dots behind it. */
static void like_the_kernel(bool off)
{
	static const char *const names[] = { "file", "full", "dir", "empty", "tofile", "todir", "dangling", "loop", "absent",
					     "dir/sub", "dir/new", "todir/new", "absent/new", "full/new", "dir/..", "dir/../full", "todir/../full" };
	static const char *const tails[] = { "", "/", "//", "/." };
	unsigned same = 0, all = 0, links[OPS] = { 0 };
	char mine[1024], theirs[1024], fresh[1024], name[64];
	int a, b;

	mkdirat(basefd, "a", 0700);
	mkdirat(basefd, "b", 0700);
	a = openat(basefd, "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	b = openat(basefd, "b", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	guest_at("a", ACCESS_DIR, MOUNT_LAUNCHER, off);
	make_tree(a);
	make_tree(b);
	describe(a, fresh);
	for (enum op op = 0; op < OPS; op++)
		for (size_t i = 0; i < sizeof names / sizeof *names * (sizeof tails / sizeof *tails); i++) {
			snprintf(name, sizeof name, "%s%s", names[i / 4], tails[i % 4]);
			uint32_t got = act_guest(op, name), want = errno_wasi(act_native(op, b, name));

			describe(a, mine);
			describe(b, theirs);
			all++;
			/* Walked by hand the last ".." has become a ".": as wasmtime says it. */
			bool dots = mounts[1].at.at && op == RMDIR && got == WASI_INVAL && want == WASI_NOTEMPTY;
			/* The source of a link, with a slash behind it, is a directory or nothing: refused either way. */
			bool slash = op == LINK_FROM && got == WASI_NOTDIR && want != 0 && (strchr("/.", name[strlen(name) - 1]));
			if ((got == want || dots || slash) && strcmp(mine, theirs) == 0)
				same++, links[op] += is_last_link(name);
			else
				test_row(false, "P22 %s \"%s\": %u, the kernel %u%s", op_names[op], name, got, want, got == want ? mine : "");
			if (strcmp(mine, fresh) == 0 && strcmp(theirs, fresh) == 0)
				continue;
			clear_dir(a);
			clear_dir(b);
			make_tree(a);
			make_tree(b);
		}
	clear_dir(a);
	clear_dir(b);
	for (enum op op = 0; op < OPS; op++)
		test_row(links[op] == 4, "P11 %s: of four links at the end, followed or not as the kernel does%s", op_names[op], off ? " with --ask=off" : "");
	test_row(same == all && all == OPS * 17 * 4, "P22 %u calls as the kernel does them%s", all, off ? " with --ask=off" : "");
	guest_gone();
	close(a);
	close(b);
	unlinkat(basefd, "a", AT_REMOVEDIR);
	unlinkat(basefd, "b", AT_REMOVEDIR);
}

/* in/ is granted; out/ lies beside it. */
static void make_prison(void)
{
	run("cd %s && mkdir -p in/dir out/dir && echo secret >out/secret && ln -s ../out in/todir && ln -s ../out/secret in/tofile"
	    " && ln -s ../out/absent in/dangling && ln -s %s/out/secret in/absolute && ln -s ../../out in/dir/todir && ln -s .. in/up && ln -s /proc/self/root in/magic");
}

static bool prison_holds(void)
{
	struct stat st, none;

	return fstatat(basefd, "out/secret", &st, 0) == 0 && st.st_size == 7 && st.st_nlink == 1
	       && fstatat(basefd, "out/absent", &none, 0) < 0 && fstatat(basefd, "out/new", &none, 0) < 0
	       && fstatat(basefd, "out/dir", &none, 0) == 0 && st.st_mtim.tv_sec > 1000;
}

static void escapes(bool off)
{
	static const char *const names[] = { "../out/secret", "dir/../../out/secret", "todir/secret", "todir/absent", "todir/new", "todir/dir",
					     "todir/", "todir/.", "tofile", "tofile/", "dangling", "dangling/", "absolute", "absolute/", "dir/todir/secret", "up/out/secret",
					     "up/", "magic", "magic/etc/passwd", "todir/../out/secret", "dir/todir/../in/dir" };

	make_prison();
	guest_at("in", ACCESS_DIR, MOUNT_LAUNCHER, off);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		for (enum op op = 0; op < OPS; op++) {
			bool literal = !strchr(names[i], '/');
			bool on_link = literal && (op == LSTAT || op == READLINK || op == TIMES_NOFOLLOW || op == RENAME_AWAY || op == UNLINK || op == LINK_FROM);

			if (on_link || (literal && (op == RENAME_FILE_TO || op == RENAME_DIR_TO)))
				continue;
			uint32_t error = act_guest(op, names[i]);
			uint32_t needs = t->needs;

			if (literal)
				test_row(error != 0 && prison_holds(), "P11 %s \"%s\", a link out of the grant%s", op_names[op], names[i], off ? " with --ask=off" : "");
			else if (error == 0 || !prison_holds())
				test_row(false, "W18 W19 escape: %s \"%s\" says %u, %u needs", op_names[op], names[i], error, needs);
		}
		test_row(prison_holds(), "W18 W19 \"%s\" stays out of reach of every call%s", names[i], off ? " with --ask=off" : "");
	}
	test_row(do_open("tofile", FOLLOW, WASI_O_TRUNC, READ, 0) == (off ? WASI_PERM : WASI_ACCES) && prison_holds(), "P11 O_TRUNC through a link out of the grant");
	test_row(do_open("dangling", FOLLOW, WASI_O_CREAT, WRITE, 0) == (off ? WASI_PERM : WASI_ACCES) && prison_holds(), "P13 O_CREAT through a dangling link out of the grant");
	fake_run(t->fake, "path_symlink", OTHER, other("../out/made"), here(), PATH, path("mine"));
	test_row(do_open("mine", FOLLOW, WASI_O_CREAT, WRITE, 0) == (off ? WASI_PERM : WASI_ACCES) && faccessat(basefd, "out/made", F_OK, 0) < 0, "W18 a link made by the guest, then O_CREAT through it");
	test_row(do_open("mine", FOLLOW, 0, READ, 0) == (off ? WASI_PERM : WASI_ACCES), "W18 and without O_CREAT");
	test_row(fake_run(t->fake, "path_symlink", OTHER, other("/etc/passwd"), here(), PATH, path("abs")) == WASI_PERM, "W17 a link with an absolute target is not made");
	test_row(fake_run(t->fake, "path_readlink", here(), PATH, path("tofile"), BUF, 4, OUT) == 0 && get_u32(t, OUT) == 4 && memory_is(t, BUF, "../o", 4), "P30 a link that leaves can be read, cut to the buffer");
	test_row(act_guest(MKDIR, "dir/../..") == (off ? WASI_PERM : WASI_ACCES) && act_guest(RMDIR, "dir/../..") == (off ? WASI_PERM : WASI_ACCES), "W17 a last \"..\" that steps outside: perm, or a name like any other");
	if (off)
		test_row(do_open("/etc/passwd", FOLLOW, 0, READ, 0) == WASI_PERM && t->needs == 0, "W17 absolute: perm, and nobody was asked");
	guest_gone();
	run("cd %s && rm -rf in out");
}

/* A name that is a directory one moment and a link out of the grant the next. */
static void race(void)
{
	unsigned inside = 0, refused = 0, other_error = 0, escaped = 0;
	int child;

	run("cd %s && mkdir -p in/real out && echo in >in/real/f && echo secret >out/f && ln -s ../out in/flip && ln -s real in/dummy");
	guest_at("in", ACCESS_DIR, MOUNT_LAUNCHER, false);
	child = fork();
	if (child == 0) {
		for (;;)
			syscall(SYS_renameat2, basefd, "in/real", basefd, "in/flip", 2 /* RENAME_EXCHANGE */);
	}
	for (int i = 0; i < 20000; i++) {
		uint32_t error = do_open("flip/f", FOLLOW, 0, READ | RIGHT_FD_FILESTAT_GET, 0), fd = get_u32(t, OUT);

		if (error) {
			*(error == WASI_ACCES || error == WASI_AGAIN ? &refused : &other_error) += 1;
			continue;
		}
		put_iovec(t, BUF, BUF + 16, 16);
		fake_run(t->fake, "fd_read", fd, BUF, 1, OUT);
		*(get_u32(t, OUT) == 3 ? &inside : &escaped) += 1;
		fake_run(t->fake, "fd_close", fd);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	test_row(escaped == 0 && other_error < 200 && inside > 0 && refused > 0, "P20 20000 opens while the name turns into a link: %u inside, %u refused, %u failed, %u escaped",
		 inside, refused, other_error, escaped);
	guest_gone();
	run("cd %s && rm -rf in out");
}

static void special_files(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static const uint64_t rights[] = { 0, READ, WRITE, READ | WRITE };

	run("cd %s && mkdir in && mkfifo in/fifo && (mknod in/null c 1 3 || true) 2>/dev/null");
	snprintf(at.sun_path, sizeof at.sun_path, "%s/in/socket", base);
	if (bind(s, (struct sockaddr *)&at, sizeof at) < 0)
		abort();
	guest_at("in", ACCESS_DIR, MOUNT_LAUNCHER, false);
	for (size_t i = 0; i < 4; i++) {
		test_row(do_open("fifo", FOLLOW, 0, rights[i], 0) == WASI_ACCES, "P09 a FIFO is refused at once, rights %llu", (unsigned long long)rights[i]);
		test_row(do_open("socket", FOLLOW, 0, rights[i], 0) == WASI_ACCES, "P26 a socket is refused, rights %llu", (unsigned long long)rights[i]);
		if (faccessat(basefd, "in/null", F_OK, 0) == 0)
			test_row(do_open("null", FOLLOW, 0, rights[i], 0) == WASI_ACCES, "P08 a device is refused, rights %llu", (unsigned long long)rights[i]);
	}
	test_row(act_guest(STAT, "fifo") == 0, "and may be looked at");
	guest_gone();
	close(s);
	run("cd %s && rm -rf in");
}

static void pseudo_files(void)
{
	static const char *const names[] = { "self/environ", "self/mem", "self/maps", "self/root/etc/passwd", "self/cwd", "self/fd/0", "cpuinfo" };

	int root = open("/", O_PATH | O_CLOEXEC), was = basefd;

	basefd = root;
	guest_at("proc", ACCESS_DIR, MOUNT_LAUNCHER, false);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		test_row(do_open(names[i], FOLLOW, 0, READ, 0) != 0, "P06 a grant on /proc does not open %s", names[i]);
		test_row(act_guest(STAT, names[i]) != 0 && act_guest(LSTAT, names[i]) != 0, "P07 nor show %s", names[i]);
		test_row(act_guest(READLINK, names[i]) != 0, "P07 nor where %s leads", names[i]);
	}
	guest_gone();
	guest_at(".", ACCESS_DIR_RO, MOUNT_LAUNCHER, false);
	test_row(do_open("proc/self/environ", FOLLOW, 0, READ, 0) == WASI_ACCES, "P06 nor does a grant on /");
	test_row(act_guest(STAT, "proc/cpuinfo") == WASI_ACCES && act_guest(LSTAT, "proc") == WASI_ACCES, "P07 nor look");
	test_row(act_guest(STAT, "usr") == 0 && act_guest(STAT, "usr/bin") == 0, "the rest of / is there");
	guest_gone();
	basefd = was;
	close(root);
}

/* W01: nothing at all changes beneath a read-only grant. */
static void read_only(bool off)
{
	static const uint64_t rights[] = { 0, READ, WRITE, READ | WRITE };
	struct stat before, after;
	unsigned refused = 0, opened = 0;

	run("cd %s && mkdir in && echo full >in/full");
	guest_at("in", ACCESS_DIR_RO, MOUNT_LAUNCHER, off);
	fstatat(basefd, "in/full", &before, 0);
	for (uint32_t oflags = 0; oflags < 16; oflags++)
		for (uint32_t fdflags = 0; fdflags < 32; fdflags++)
			for (size_t i = 0; i < 4; i++)
				*(try_open("full", FOLLOW, oflags, rights[i], fdflags) ? &refused : &opened) += 1;
	for (enum op op = 0; op < OPS; op++)
		act_guest(op, "full"), act_guest(op, "new");
	fstatat(basefd, "in/full", &after, 0);
	test_row(opened > 0 && refused > 0 && before.st_size == after.st_size && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec
		 && before.st_ctim.tv_sec == after.st_ctim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec,
		 "W01 2048 ways to open and %d calls change nothing under a read-only grant%s (%u opened, %u refused)", OPS, off ? " with --ask=off" : "", opened, refused);
	test_row(faccessat(basefd, "in/new", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && (t->needs > 0) == !off, "and nothing is made; what a grant does not give is asked about, but not with --ask=off");
	test_row(do_open("full", FOLLOW, 0, WRITE, 0) == WASI_ACCES, "opening for writing says acces");
	guest_gone();
	run("cd %s && rm -rf in");
}

/* With another mount beneath, links and dots are walked by hand: the same must come of it. */
static void nested(void)
{
	mounts[1] = (struct start_mount){ .at = TEXT("/mnt/cwd/deep/inner"), .access = ACCESS_DIR_RO, .flags = MOUNT_LAUNCHER };
	like_the_kernel(false);
	escapes(false);
	race();
	run("cd %s && mkdir -p in/ro in/dir && echo full >in/ro/f && ln -s ro in/link && ln -s dir/../ro/f in/file");
	mounts[1].at = TEXT("/mnt/cwd/ro");
	guest_at("in", ACCESS_DIR, MOUNT_LAUNCHER, false);
	static const char *const ways[] = { "ro/", "dir/../ro/", "link/", "dir/../link/", "./ro//" };
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char name[32];

		snprintf(name, sizeof name, "%sro/f", ways[i]);
		test_row(try_open(name, FOLLOW, 0, READ, 0) == 0 && try_open(name, FOLLOW, 0, WRITE, 0) == WASI_ACCES && act_guest(UNLINK, name) == WASI_ACCES
			 && act_guest(RENAME_AWAY, name) == WASI_ACCES, "a read-only mount beneath a writable one is not got around by %s", name);
	}
	guest_gone();
	mounts[1] = (struct start_mount){ 0 };
	run("cd %s && rm -rf in");
}

int main(void)
{
	test_guest_uses();
	test_begin();
	snprintf(base, sizeof base, "/tmp/wask-path-XXXXXX");
	if (!mkdtemp(base))
		abort();
	basefd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	like_the_kernel(false);
	like_the_kernel(true);
	escapes(false);
	escapes(true);
	race();
	special_files();
	pseudo_files();
	read_only(false);
	read_only(true);
	nested();
	close(basefd);
	test_row(rmdir(base) == 0, "nothing is left");
	return test_end();
}
