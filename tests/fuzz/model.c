/*
 * model - preview1's file calls as plain system calls on the directory in which it
 * is started: what tests/guests/sequence.c must be told by any host. Linked with it
 * for this machine.
 *
 * It knows of WASI what the documents say: a descriptor has the rights that were
 * asked for and that its kind of file has, and a call without its right is
 * notcapable; no name is absolute or leaves the directory (perm). All else is what
 * the kernel says. It is no sandbox and protects nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "p1.h"

enum { FILES = 64, PREOPEN = 3, NOTCAPABLE = 76, DIRECTORY = 3 };
enum {
	OF_FILE = 0x08e001ff,		/* datasync read seek set_flags sync tell write advise allocate, fd_filestat_*, poll */
	OF_DIRECTORY = 0x0fbffe99	/* datasync set_flags sync advise, path_*, fd_readdir, fd_filestat_get, _set_times, poll */
};

static struct file {
	int used, fd, look;		/* look: opened neither to read nor to write, so that there is nothing to sync or advise */
	uint8_t type;
	uint16_t flags;
	uint64_t base;
} files[FILES];

static int named(const char *name)
{
	int e = 0;

	while (strcmp(p1_names[e], name))
		e++;
	return e;
}

static int host_error(void)
{
	static const struct { int host; const char *name; } names[] = {
		{ EACCES, "acces" }, { EAGAIN, "again" }, { EBADF, "badf" }, { EBUSY, "busy" }, { EEXIST, "exist" }, { EFBIG, "fbig" },
		{ EINVAL, "inval" }, { EIO, "io" }, { EISDIR, "isdir" }, { ELOOP, "loop" }, { EMFILE, "mfile" }, { EMLINK, "mlink" },
		{ ENAMETOOLONG, "nametoolong" }, { ENOENT, "noent" }, { ENOSPC, "nospc" }, { ENOTDIR, "notdir" },
		{ ENOTEMPTY, "notempty" }, { ENXIO, "nxio" }, { EOPNOTSUPP, "notsup" }, { EOVERFLOW, "overflow" }, { EPERM, "perm" },
		{ ESPIPE, "spipe" }, { ETXTBSY, "txtbsy" }, { EXDEV, "perm" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].host == errno)
			return named(names[i].name);
	return NOTCAPABLE + errno;	/* none of its own: shows as "no such errno" */
}

static int done(long result)
{
	return result < 0 ? host_error() : 0;
}

/* ---- descriptors ---- */

static struct file *file_at(uint32_t number)
{
	if (!files[PREOPEN].used && number == PREOPEN) {
		files[PREOPEN] = (struct file){ 1, open(".", O_PATH | O_DIRECTORY), 0, DIRECTORY, 0, OF_DIRECTORY };
		return &files[PREOPEN];
	}
	return number < FILES && files[number].used ? &files[number] : NULL;
}

/* BIT is the number of the right that the call needs. */
static int file_with(uint32_t number, unsigned bit, struct file **out)
{
	*out = file_at(number);
	if (!*out)
		return named("badf");
	return (*out)->base >> bit & 1 ? 0 : NOTCAPABLE;
}

int p1_fd_close(uint32_t number)
{
	struct file *f = file_at(number);

	if (!f)
		return named("badf");
	close(f->fd);
	f->used = 0;
	return 0;
}

int p1_fd_renumber(uint32_t from, uint32_t to)
{
	struct file *f = file_at(from), *t = file_at(to);

	if (!f || !t)
		return named("badf");
	if (f == t)
		return 0;
	close(t->fd);
	*t = *f;
	f->used = 0;
	return 0;
}

int p1_fd_fdstat_get(uint32_t number, struct p1_fdstat *out)
{
	struct file *f = file_at(number);

	if (!f)
		return named("badf");
	*out = (struct p1_fdstat){ f->type, f->flags, f->base, P1_ALL };
	return 0;
}

int p1_fd_fdstat_set_flags(uint32_t number, uint32_t flags)
{
	struct file *f;
	int error = file_with(number, 3, &f);

	if (error || flags > 31)
		return error ? error : named("inval");
	if (f->type != DIRECTORY && !(f->base & P1_WRITE))
		return NOTCAPABLE;
	if ((f->flags ^ flags) & (P1_SYNC | P1_DSYNC | P1_RSYNC))
		return named("notsup");
	f->flags = (uint16_t)flags;
	return f->type == DIRECTORY ? 0 : done(fcntl(f->fd, F_SETFL, flags & P1_APPEND ? O_APPEND : 0));
}

static uint8_t type_of(mode_t mode)
{
	return S_ISDIR(mode) ? DIRECTORY : S_ISREG(mode) ? 4 : S_ISLNK(mode) ? 7 : 0;
}

static void stat_out(const struct stat *st, struct p1_filestat *out)
{
	*out = (struct p1_filestat){ .type = type_of(st->st_mode), .nlink = st->st_nlink, .size = (uint64_t)st->st_size,
				     .mtim = st->st_mtim.tv_sec < 0 ? 0 : (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec };
}

int p1_fd_filestat_get(uint32_t number, struct p1_filestat *out)
{
	struct file *f;
	struct stat st;
	int error = file_with(number, 21, &f);

	if (error)
		return error;
	if (fstat(f->fd, &st) < 0)
		return host_error();
	stat_out(&st, out);
	return 0;
}

/* ---- bytes ---- */

static int iovecs(const struct p1_iovec *from, uint32_t n, struct iovec *to)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (struct iovec){ (void *)(uintptr_t)from[i].at, from[i].len };
	return (int)n;
}

int p1_fd_read(uint32_t number, const struct p1_iovec *iov, uint32_t n, uint32_t *out)
{
	struct file *f;
	struct iovec v[3];
	int error = file_with(number, 1, &f);
	ssize_t got = error ? 0 : readv(f->fd, v, iovecs(iov, n, v));

	*out = (uint32_t)got;
	return error ? error : done(got);
}

int p1_fd_write(uint32_t number, const struct p1_iovec *iov, uint32_t n, uint32_t *out)
{
	struct file *f;
	struct iovec v[3];
	int error = file_with(number, 6, &f);
	ssize_t got = error ? 0 : writev(f->fd, v, iovecs(iov, n, v));

	*out = (uint32_t)got;
	return error ? error : done(got);
}

int p1_fd_pread(uint32_t number, const struct p1_iovec *iov, uint32_t n, uint64_t at, uint32_t *out)
{
	struct file *f;
	struct iovec v[3];
	int error = file_with(number, 1, &f);
	ssize_t got = error ? 0 : preadv(f->fd, v, iovecs(iov, n, v), (off_t)at);

	*out = (uint32_t)got;
	return error ? error : done(got);
}

int p1_fd_pwrite(uint32_t number, const struct p1_iovec *iov, uint32_t n, uint64_t at, uint32_t *out)
{
	struct file *f;
	struct iovec v[3];
	int error = file_with(number, 6, &f);
	ssize_t got = error ? 0 : pwritev(f->fd, v, iovecs(iov, n, v), (off_t)at);

	*out = (uint32_t)got;
	return error ? error : done(got);
}

static int moved(uint32_t number, unsigned bit, off_t by, int whence, uint64_t *out)
{
	struct file *f;
	int error = file_with(number, bit, &f);
	off_t at;

	if (f && f->type == DIRECTORY)
		return named("badf");
	if (error)
		return error;
	at = lseek(f->fd, by, whence);
	if (at >= 0)
		*out = (uint64_t)at;
	return done(at);
}

/* Its numbers for the three are Linux's. Asking where one stands takes the right to tell. */
int p1_fd_seek(uint32_t number, int64_t by, uint32_t whence, uint64_t *out)
{
	return moved(number, by || whence != SEEK_CUR ? 2 : 5, by, whence <= SEEK_END ? (int)whence : -1, out);
}

int p1_fd_tell(uint32_t number, uint64_t *out)
{
	return moved(number, 5, 0, SEEK_CUR, out);
}

static int synced(uint32_t number, unsigned bit, int (*sync)(int))
{
	struct file *f;
	int error = file_with(number, bit, &f);

	return error || f->type == DIRECTORY ? error : f->look ? named("badf") : done(sync(f->fd));
}

int p1_fd_sync(uint32_t number)	{ return synced(number, 4, fsync); }
int p1_fd_datasync(uint32_t number)	{ return synced(number, 0, fdatasync); }

/* Changing a file takes a descriptor that was opened for writing. */
static int changeable(uint32_t number, unsigned bit, struct file **out)
{
	int error = file_with(number, bit, out);

	if (error)
		return error;
	return (*out)->type == DIRECTORY ? named("badf") : (*out)->base & P1_WRITE ? 0 : NOTCAPABLE;
}

int p1_fd_filestat_set_size(uint32_t number, uint64_t size)
{
	struct file *f;
	int error = changeable(number, 22, &f);

	return error ? error : done(ftruncate(f->fd, (off_t)size));
}

int p1_fd_allocate(uint32_t number, uint64_t at, uint64_t len)
{
	struct file *f;
	int error = changeable(number, 8, &f);

	if (error)
		return error;
	if (len && (at > INT64_MAX || len > INT64_MAX - at))
		return named("fbig");
	return done(fallocate(f->fd, 0, (off_t)at, (off_t)len));
}

int p1_fd_advise(uint32_t number, uint64_t at, uint64_t len, uint32_t advice)
{
	struct file *f;
	int error = file_with(number, 7, &f);

	if (error || advice > 5 || at > INT64_MAX || len > INT64_MAX)
		return error ? error : named("inval");
	return f->type == DIRECTORY || f->look ? named("badf") : 0;
}

/* ---- times ---- */

static int times_of(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec out[2])
{
	if (flags > 15 || (flags & 3) == 3 || (flags & 12) == 12)
		return named("inval");
	out[0] = (struct timespec){ (time_t)(atim / 1000000000u), flags & 1 ? (long)(atim % 1000000000u) : flags & 2 ? UTIME_NOW : UTIME_OMIT };
	out[1] = (struct timespec){ (time_t)(mtim / 1000000000u), flags & 4 ? (long)(mtim % 1000000000u) : flags & 8 ? UTIME_NOW : UTIME_OMIT };
	return 0;
}

int p1_fd_filestat_set_times(uint32_t number, uint64_t atim, uint64_t mtim, uint32_t flags)
{
	struct timespec times[2];
	struct file *f;
	int error = file_with(number, 23, &f);

	if (!error)
		error = times_of(atim, mtim, flags, times);
	if (error || f->type == DIRECTORY)
		return error ? error : done(utimensat(f->fd, ".", times, 0));
	return f->base & P1_WRITE ? done(futimens(f->fd, times)) : NOTCAPABLE;
}

/* ---- names ---- */

struct name {
	int dirfd;
	char text[PATH_MAX + 8];
};

/* What is wrong with a name by itself; that is said before anything is looked at. */
static int fault_of(const char *at, uint32_t len)
{
	size_t component = 0;

	if (len >= PATH_MAX)
		return named("nametoolong");
	if (memchr(at, 0, len))
		return named("inval");
	for (uint32_t i = 0; i < len; i++) {
		component = at[i] == '/' ? 0 : component + 1;
		if (component > NAME_MAX)
			return named("nametoolong");
	}
	return 0;
}

static int directory_of(uint32_t number, unsigned bit, struct file **out)
{
	int error = file_with(number, bit, out);

	if (error == named("badf"))
		return error;
	return (*out)->type != DIRECTORY ? named("notdir") : error;
}

static int path_of(int fd, char *out, size_t size)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, out, size - 1);
	if (n > 0)
		out[n] = '\0';
	return n > 0 && !strstr(out, " (deleted)");
}

/*
 * With asking on, a directory that was opened is a place in a tree and no boundary:
 * its ".." may be used, up to the one directory that was given.
 */
static void in_tree(struct name *name)
{
	char root[PATH_MAX], at[PATH_MAX], whole[2 * PATH_MAX + 16];
	struct file *top = file_at(PREOPEN);

	if (name->dirfd == top->fd || !path_of(top->fd, root, sizeof root) || !path_of(name->dirfd, at, sizeof at))
		return;
	snprintf(whole, sizeof whole, ".%s/%s", at + strlen(root), name->text);
	if (strlen(whole) >= sizeof name->text)
		return;
	memcpy(name->text, whole, strlen(whole) + 1);
	name->dirfd = top->fd;
}

/* The directory and the name of a call. */
static int name_of(uint32_t number, unsigned bit, const char *at, uint32_t len, struct name *out)
{
	struct file *f;
	int error = fault_of(at, len);

	if (!error)
		error = directory_of(number, bit, &f);
	if (!error && !len)
		error = named("noent");
	if (!error && *at == '/')
		error = named("perm");
	if (error)
		return error;
	out->dirfd = f->fd;
	snprintf(out->text, sizeof out->text, "%.*s", (int)len, at);
	if (getenv("MODEL_TREE"))
		in_tree(out);
	return 0;
}

static int beneath(int dirfd, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = flags & O_CREAT ? 0666 : 0, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd;

	/* Any rename on the machine is a reason to try again (P02). */
	do
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
	while (fd < 0 && errno == EAGAIN);
	return fd;
}

/* Where the last component starts: slashes behind it belong to it. */
static char *leaf_of(char *path)
{
	size_t end = strlen(path);

	while (end && path[end - 1] == '/')
		end--;
	while (end && path[end - 1] != '/')
		end--;
	return path + end;
}

/* Opens the parent; the caller closes it. A leaf of dots may leave the directory as well. */
static int parent_of(struct name *name, const char **leaf)
{
	char *at = leaf_of(name->text), parent[PATH_MAX + 8];
	int fd;

	if (at[0] == '.' && at[1] == '.' && (!at[2] || at[2] == '/')) {
		fd = beneath(name->dirfd, name->text, O_PATH);
		if (fd < 0)
			return -1;
		close(fd);
	}
	*leaf = at;
	snprintf(parent, sizeof parent, "%.*s", (int)(at - name->text), name->text);
	return beneath(name->dirfd, *parent ? parent : ".", O_PATH | O_DIRECTORY);
}

int p1_path_open(uint32_t number, uint32_t look, const char *at, uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting, uint32_t flags, uint32_t *out)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR };
	struct name name;
	struct stat st;
	uint32_t free = PREOPEN + 1;
	struct file *dir;
	int error = directory_of(number, 13, &dir), how, fd;

	(void)inheriting;
	if (error)
		return error;
	if ((oflags & P1_DIRECTORY) && (oflags & (P1_CREAT | P1_TRUNC)))
		return named("inval");
	error = name_of(number, 13, at, len, &name);
	if (error)
		return error;
	how = modes[(base & P1_READ ? 1 : 0) + (base & P1_WRITE ? 2 : 0)];
	if ((oflags & P1_TRUNC) && how == O_RDONLY)
		how = O_RDWR;
	how |= (oflags & P1_CREAT ? O_CREAT : 0) | (oflags & P1_EXCL ? O_EXCL : 0) | (oflags & P1_TRUNC ? O_TRUNC : 0);
	how |= (oflags & P1_DIRECTORY ? O_DIRECTORY : 0) | (look ? 0 : O_NOFOLLOW) | O_NONBLOCK;
	how |= (flags & P1_APPEND ? O_APPEND : 0) | (flags & (P1_SYNC | P1_RSYNC) ? O_SYNC : 0);
	fd = beneath(name.dirfd, name.text, (uint64_t)how);
	if (fd < 0)
		return host_error();
	fstat(fd, &st);
	while (files[free].used)
		free++;
	files[free] = (struct file){ 1, fd, !(base & (P1_READ | P1_WRITE)) && !(oflags & (P1_TRUNC | P1_CREAT)), type_of(st.st_mode), (uint16_t)flags,
				     base & (S_ISDIR(st.st_mode) ? OF_DIRECTORY : OF_FILE) };
	*out = free;
	return 0;
}

int p1_path_filestat_get(uint32_t number, uint32_t look, const char *at, uint32_t len, struct p1_filestat *out)
{
	struct name name;
	struct stat st;
	int error = name_of(number, 18, at, len, &name), fd;

	if (error)
		return error;
	fd = beneath(name.dirfd, name.text, O_PATH | (look ? 0 : O_NOFOLLOW));
	if (fd < 0)
		return host_error();
	fstat(fd, &st);
	close(fd);
	stat_out(&st, out);
	return 0;
}

int p1_path_filestat_set_times(uint32_t number, uint32_t look, const char *at, uint32_t len, uint64_t atim, uint64_t mtim, uint32_t flags)
{
	struct timespec times[2];
	struct name name;
	int error = fault_of(at, len), fd;

	if (!error)
		error = times_of(atim, mtim, flags, times);
	if (!error)
		error = name_of(number, 20, at, len, &name);
	if (error)
		return error;
	fd = beneath(name.dirfd, name.text, O_PATH | (look ? 0 : O_NOFOLLOW));
	if (fd < 0)
		return host_error();
	error = done(utimensat(fd, "", times, AT_EMPTY_PATH));
	close(fd);
	return error;
}

int p1_path_readlink(uint32_t number, const char *at, uint32_t len, char *buf, uint32_t size, uint32_t *out)
{
	struct name name;
	char text[PATH_MAX];
	int error = name_of(number, 15, at, len, &name), fd;
	ssize_t got;

	if (error)
		return error;
	fd = beneath(name.dirfd, name.text, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return host_error();
	got = readlinkat(fd, "", text, sizeof text);
	/* The kernel says ENOENT to an empty name that is no link. */
	error = got < 0 ? named("inval") : 0;
	close(fd);
	if (error)
		return error;
	*out = (uint32_t)got < size ? (uint32_t)got : size;
	memcpy(buf, text, *out);
	return 0;
}

typedef int (*change_fn)(int dirfd, const char *leaf);

static int change(uint32_t number, unsigned bit, const char *at, uint32_t len, change_fn make)
{
	struct name name;
	const char *leaf;
	int error = name_of(number, bit, at, len, &name), dirfd;

	if (error)
		return error;
	dirfd = parent_of(&name, &leaf);
	if (dirfd < 0)
		return host_error();
	error = done(make(dirfd, leaf));
	close(dirfd);
	return error;
}

static int make_directory(int dirfd, const char *leaf)	{ return mkdirat(dirfd, leaf, 0777); }
static int remove_directory(int dirfd, const char *leaf)	{ return unlinkat(dirfd, leaf, AT_REMOVEDIR); }
static int unlink_file(int dirfd, const char *leaf)	{ return unlinkat(dirfd, leaf, 0); }

int p1_path_create_directory(uint32_t fd, const char *at, uint32_t len)	{ return change(fd, 9, at, len, make_directory); }
int p1_path_remove_directory(uint32_t fd, const char *at, uint32_t len)	{ return change(fd, 25, at, len, remove_directory); }
int p1_path_unlink_file(uint32_t fd, const char *at, uint32_t len)	{ return change(fd, 26, at, len, unlink_file); }

int p1_path_symlink(const char *text, uint32_t textlen, uint32_t number, const char *at, uint32_t len)
{
	struct name name;
	char target[PATH_MAX];
	const char *leaf;
	int error = fault_of(text, textlen), dirfd;

	if (!error)
		error = fault_of(at, len);
	if (!error && !textlen)
		error = named("noent");
	if (!error && *text == '/')
		error = named("perm");
	if (!error)
		error = name_of(number, 24, at, len, &name);
	if (error)
		return error;
	snprintf(target, sizeof target, "%.*s", (int)textlen, text);
	dirfd = parent_of(&name, &leaf);
	if (dirfd < 0)
		return host_error();
	error = done(symlinkat(target, dirfd, leaf));
	close(dirfd);
	return error;
}

/* Both sides of a pair, the first one's trouble first. */
struct side {
	uint32_t fd;
	unsigned right;
	const char *at;
	uint32_t len;
	struct name name;
	const char *leaf;
	int dirfd;
};

static int side_open(struct side *side)
{
	int error = name_of(side->fd, side->right, side->at, side->len, &side->name);

	if (error)
		return error;
	side->dirfd = parent_of(&side->name, &side->leaf);
	return side->dirfd < 0 ? host_error() : 0;
}

static int pair_open(struct side side[2], uint32_t look)
{
	struct file *f;
	int error = 0;

	for (int i = 0; i < 2 && !error; i++)
		error = directory_of(side[i].fd, side[i].right, &f);
	for (int i = 0; i < 2 && !error; i++)
		error = fault_of(side[i].at, side[i].len);
	if (!error && look)
		error = named("inval");
	if (!error)
		error = side_open(&side[0]);
	if (error)
		return error;
	error = side_open(&side[1]);
	if (error)
		close(side[0].dirfd);
	return error;
}

static int pair_done(struct side side[2], long result)
{
	int error = done(result);

	close(side[0].dirfd);
	close(side[1].dirfd);
	return error;
}

int p1_path_rename(uint32_t fd, const char *at, uint32_t len, uint32_t newfd, const char *to, uint32_t tolen)
{
	struct side side[2] = { { .fd = fd, .right = 16, .at = at, .len = len }, { .fd = newfd, .right = 17, .at = to, .len = tolen } };
	int error = pair_open(side, 0);

	return error ? error : pair_done(side, renameat(side[0].dirfd, side[0].leaf, side[1].dirfd, side[1].leaf));
}

/* What has a slash behind it could only be a directory: no hard link is made to one. */
int p1_path_link(uint32_t fd, uint32_t look, const char *at, uint32_t len, uint32_t newfd, const char *to, uint32_t tolen)
{
	struct side side[2] = { { .fd = fd, .right = 11, .at = at, .len = len }, { .fd = newfd, .right = 12, .at = to, .len = tolen } };
	int error = pair_open(side, look);

	if (error)
		return error;
	if (len && at[len - 1] == '/')
		return pair_done(side, 0) + named("notdir");
	return pair_done(side, linkat(side[0].dirfd, side[0].leaf, side[1].dirfd, side[1].leaf, 0));
}

/* ---- directories ---- */

/* Read from the start each time; entries are cut off where the buffer ends. */
int p1_fd_readdir(uint32_t number, void *buf, uint32_t len, uint64_t cookie, uint32_t *out)
{
	static const uint8_t types[16] = { [DT_DIR] = DIRECTORY, [DT_REG] = 4, [DT_LNK] = 7 };
	struct file *f;
	int error = file_with(number, 14, &f), dirfd = error ? -1 : f->type == DIRECTORY ? openat(f->fd, ".", O_RDONLY | O_DIRECTORY) : -1;
	DIR *dir;
	struct dirent *entry;
	char *at = buf;

	if (error)
		return error;
	if (dirfd < 0)
		return f->type == DIRECTORY ? host_error() : named("notdir");
	dir = fdopendir(dirfd);
	*out = 0;
	for (uint64_t index = 1; (entry = readdir(dir)) && *out < len; index++) {
		struct p1_dirent head = { index, 1, (uint32_t)strlen(entry->d_name), types[entry->d_type & 15] };
		char whole[sizeof head + NAME_MAX + 1];
		uint32_t n = (uint32_t)sizeof head + head.namelen, room = len - *out;

		if (index <= cookie)
			continue;
		memcpy(whole, &head, sizeof head);
		memcpy(whole + sizeof head, entry->d_name, head.namelen);
		memcpy(at + *out, whole, n < room ? n : room);
		*out += n < room ? n : room;
	}
	closedir(dir);
	return 0;
}
