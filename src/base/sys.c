/*
 * sys.c - the system calls on files; see sys.h.
 *
 * Nothing but the call, its error as a negative number, and the place where a test
 * makes it fail. Sockets, time and processes are in sys_more.c.
 */
#include "base/sys.h"

#include <assert.h>
#include <errno.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"

_Static_assert(SYS_BENEATH == RESOLVE_BENEATH && SYS_NO_MAGIC == RESOLVE_NO_MAGICLINKS
	       && SYS_NO_LINKS == RESOLVE_NO_SYMLINKS && SYS_NO_XDEV == RESOLVE_NO_XDEV, "openat2(2)");

_Static_assert(sizeof(long) == 8, "struct stat is the kernel's own on 64-bit machines only");

#define FAULT(call) do { if (fault_here(call)) return -EIO; } while (0)
#define RESULT(value) ((value) < 0 ? -errno : (value))

/* Repeats a call that a signal broke off before it did anything. */
#define RETRY(type, call) do { \
	type result_; \
	do \
		result_ = (call); \
	while (result_ < 0 && errno == EINTR); \
	return result_ < 0 ? -(type)errno : result_; \
} while (0)

int sys_openat2(int dirfd, const char *path, int flags, mode_t mode, unsigned resolve)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC), .resolve = resolve };
	long fd;
	int tries = 0;

	FAULT("openat2");
	assert(!(flags & O_TRUNC));
	if (flags & O_CREAT)
		how.mode = mode;
	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < LIMIT_AGAIN)));
	return (int)RESULT(fd);
}

int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	FAULT("openat");
	assert(!(flags & O_TRUNC));
	RETRY(int, openat(dirfd, path, flags | O_CLOEXEC, mode));
}

int sys_reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return sys_openat(AT_FDCWD, path, flags, 0);
}

void sys_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int sys_dup(int fd, int least)
{
	int made;

	FAULT("dup");
	made = fcntl(fd, F_DUPFD_CLOEXEC, least);
	return RESULT(made);
}

/* The call itself: libc's goes through an empty path, which costs a sixth more. */
int sys_fstat(int fd, struct stat *out)
{
	FAULT("fstat");
	return syscall(SYS_fstat, fd, out) < 0 ? -errno : 0;
}

int sys_fstatat(int dirfd, const char *path, struct stat *out, int flags)
{
	FAULT("fstatat");
	return fstatat(dirfd, path, out, flags) < 0 ? -errno : 0;
}

int sys_fstype(int fd, uint64_t *magic)
{
	struct statfs fs;

	FAULT("fstatfs");
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	*magic = (uint32_t)fs.f_type;
	return 0;
}

bool sys_is_regular_or_dir(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

/* linux/magic.h has most of these; the numbers are ABI. A new pseudo file system is a row. */
bool sys_is_pseudo_fs(uint64_t magic)
{
	static const uint32_t pseudo[] = {
		0x9fa0,		/* proc */
		0x62656572,	/* sysfs */
		0x1cd1,		/* devpts */
		0x27e0eb,	/* cgroup */
		0x63677270,	/* cgroup2 */
		0x64626720,	/* debugfs */
		0x74726163,	/* tracefs */
		0x73636673,	/* securityfs */
		0xf97cff8c,	/* selinuxfs */
		0xcafe4a11,	/* bpf */
		0x6165676c,	/* pstore */
		0xde5e81e4,	/* efivarfs */
		0x62656570,	/* configfs */
		0x42494e4d,	/* binfmt_misc */
		0x19800202,	/* mqueue */
		0x6e736673,	/* nsfs */
		0x50494446,	/* pidfs */
		0x65735543,	/* fusectl */
	};

	for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo; i++)
		if (pseudo[i] == magic)
			return true;
	return false;
}

static int path_taken(ssize_t n, char *buf, size_t size, size_t *len)
{
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	*len = (size_t)n;
	return 0;
}

int sys_path_of(int fd, char *buf, size_t size, size_t *len)
{
	char path[32];

	FAULT("readlink");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return path_taken(readlink(path, buf, size), buf, size, len);
}

int sys_open_paths(void)
{
	return sys_openat(AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY, 0);
}

int sys_path_in(int pathsfd, int fd, char *buf, size_t size, size_t *len)
{
	char name[12];

	FAULT("readlink");
	snprintf(name, sizeof name, "%d", fd);
	return path_taken(readlinkat(pathsfd, name, buf, size), buf, size, len);
}

ssize_t sys_read(int fd, void *buf, size_t n)
{
	ssize_t got;

	FAULT("read");
	got = read(fd, buf, n);
	return RESULT(got);
}

ssize_t sys_write(int fd, const void *buf, size_t n)
{
	FAULT("write");
	RETRY(ssize_t, write(fd, buf, n));
}

/* One piece alone is cheaper to the kernel as a plain call, by a sixth of a small read. */
ssize_t sys_readv(int fd, const struct iovec *iov, int n)
{
	FAULT("readv");
	if (n == 1)
		RETRY(ssize_t, read(fd, iov->iov_base, iov->iov_len));
	RETRY(ssize_t, readv(fd, iov, n));
}

ssize_t sys_writev(int fd, const struct iovec *iov, int n)
{
	FAULT("writev");
	if (n == 1)
		RETRY(ssize_t, write(fd, iov->iov_base, iov->iov_len));
	RETRY(ssize_t, writev(fd, iov, n));
}

ssize_t sys_preadv(int fd, const struct iovec *iov, int n, uint64_t at)
{
	FAULT("preadv");
	if (at > INT64_MAX)
		return -EINVAL;
	if (n == 1)
		RETRY(ssize_t, pread(fd, iov->iov_base, iov->iov_len, (off_t)at));
	RETRY(ssize_t, preadv(fd, iov, n, (off_t)at));
}

ssize_t sys_pwritev(int fd, const struct iovec *iov, int n, uint64_t at)
{
	FAULT("pwritev");
	if (at > INT64_MAX)
		return -EINVAL;
	if (n == 1)
		RETRY(ssize_t, pwrite(fd, iov->iov_base, iov->iov_len, (off_t)at));
	RETRY(ssize_t, pwritev(fd, iov, n, (off_t)at));
}

int sys_write_all(int fd, const void *buf, size_t n)
{
	const char *at = buf;

	while (n > 0) {
		ssize_t put = sys_write(fd, at, n);

		if (put < 0)
			return (int)put;
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

int64_t sys_lseek(int fd, int64_t by, int whence)
{
	off_t at;

	FAULT("lseek");
	at = lseek(fd, by, whence);
	return RESULT(at);
}

int sys_ftruncate(int fd, uint64_t size)
{
	FAULT("ftruncate");
	if (size > INT64_MAX)
		return -EINVAL;
	RETRY(int, ftruncate(fd, (off_t)size));
}

int sys_fallocate(int fd, uint64_t at, uint64_t n)
{
	FAULT("fallocate");
	if (at > INT64_MAX || n > INT64_MAX)
		return -EFBIG;
	RETRY(int, fallocate(fd, 0, (off_t)at, (off_t)n));
}

int sys_fadvise(int fd, uint64_t at, uint64_t n, int advice)
{
	FAULT("fadvise");
	if (at > INT64_MAX || n > INT64_MAX)
		return -EINVAL;
	return -posix_fadvise(fd, (off_t)at, (off_t)n, advice);
}

int sys_fsync(int fd)
{
	FAULT("fsync");
	return fsync(fd) < 0 ? -errno : 0;	/* never retried: a second one may lie (B17) */
}

int sys_fdatasync(int fd)
{
	FAULT("fdatasync");
	return fdatasync(fd) < 0 ? -errno : 0;
}

ssize_t sys_getdents64(int fd, void *buf, size_t n)
{
	ssize_t got;

	FAULT("getdents64");
	got = syscall(SYS_getdents64, fd, buf, n);
	return RESULT(got);
}

int sys_get_flags(int fd)
{
	int flags;

	FAULT("fcntl");
	flags = fcntl(fd, F_GETFL);
	return RESULT(flags);
}

int sys_set_flags(int fd, int flags)
{
	FAULT("fcntl");
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	FAULT("mkdirat");
	return mkdirat(dirfd, path, mode) < 0 ? -errno : 0;
}

int sys_unlinkat(int dirfd, const char *path, int flags)
{
	FAULT("unlinkat");
	return unlinkat(dirfd, path, flags) < 0 ? -errno : 0;
}

int sys_renameat(int fromfd, const char *from, int tofd, const char *to, bool replace)
{
	FAULT("renameat2");
	return renameat2(fromfd, from, tofd, to, replace ? 0 : RENAME_NOREPLACE) < 0 ? -errno : 0;
}

int sys_linkat(int fromfd, const char *from, int tofd, const char *to, int flags)
{
	FAULT("linkat");
	return linkat(fromfd, from, tofd, to, flags) < 0 ? -errno : 0;
}

int sys_symlinkat(const char *target, int dirfd, const char *path)
{
	FAULT("symlinkat");
	return symlinkat(target, dirfd, path) < 0 ? -errno : 0;
}

ssize_t sys_readlinkat(int dirfd, const char *path, char *buf, size_t n)
{
	ssize_t got;

	FAULT("readlinkat");
	got = readlinkat(dirfd, path, buf, n);
	return RESULT(got);
}

int sys_utimensat(int dirfd, const char *path, const struct timespec t[2], int flags)
{
	FAULT("utimensat");
	if (!path)
		return futimens(dirfd, t) < 0 ? -errno : 0;
	return utimensat(dirfd, path, t, flags) < 0 ? -errno : 0;
}
