/*
 * file.c - reads what only the user (or root) can have written; see file.h.
 *
 * Each link on the way is followed by hand, so that every directory that names the
 * file is looked at. What was opened is what is checked and read: a FIFO is never
 * waited for, and a file that is swapped meanwhile is checked like the first.
 */
#include "policy/file.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/sys.h"

struct seeker {
	int dirfd;			/* the directory that holds LEAF; owned */
	char path[LIMIT_PATH + 1];	/* what is still to be resolved, from DIRFD or the root */
	const char *leaf;
	uint32_t uid;
	const char **why;
};

static int refuse(const struct seeker *s, int error, const char *why)
{
	*s->why = why;
	return error;
}

static int owner_check(const struct seeker *s, const struct stat *st, bool mode_counts, const char *whose, const char *writable)
{
	if (st->st_uid != s->uid && st->st_uid != 0)
		return refuse(s, -EPERM, whose);
	return mode_counts && st->st_mode & (S_IWGRP | S_IWOTH) ? refuse(s, -EPERM, writable) : 0;
}

/* Opens the directory of s->path and sets the leaf. */
static int seek_directory(struct seeker *s)
{
	char *slash = strrchr(s->path, '/');
	const char *dir = !slash ? "." : slash == s->path ? "/" : s->path;
	int fd;

	if (slash)
		*slash = '\0';
	s->leaf = slash ? slash + 1 : s->path;
	if (!*s->leaf || strcmp(s->leaf, ".") == 0 || strcmp(s->leaf, "..") == 0)
		return refuse(s, -EISDIR, "it is not a file");
	fd = sys_openat(s->dirfd, dir, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return refuse(s, fd, "its directory cannot be opened");
	sys_close(s->dirfd);
	s->dirfd = fd;
	return 0;
}

static int directory_check(const struct seeker *s)
{
	struct stat st;
	int error = sys_fstat(s->dirfd, &st);

	if (error < 0)
		return refuse(s, error, "its directory cannot be looked at");
	return owner_check(s, &st, true, "its directory belongs to somebody else", "its directory can be written by others");
}

/* The leaf is a link, opened as FD: its text is the next path. */
static int seek_link(struct seeker *s, int fd)
{
	struct stat st;
	int error = sys_fstat(fd, &st);
	ssize_t n;

	if (error == 0)
		error = owner_check(s, &st, false, "a link to it belongs to somebody else", "");
	if (error < 0)
		return error;
	n = sys_readlinkat(fd, "", s->path, sizeof s->path);
	if (n <= 0 || (size_t)n == sizeof s->path)
		return refuse(s, n < 0 ? (int)n : -ENAMETOOLONG, "a link to it cannot be followed");
	s->path[n] = '\0';
	return 0;
}

/* Opens the leaf: a descriptor to read from; -EAGAIN: it was a link, and s->path is the next. */
static int seek_leaf(struct seeker *s)
{
	int fd = sys_openat(s->dirfd, s->leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0), linkfd, error;

	if (fd != -ELOOP)
		return fd < 0 ? refuse(s, fd, "it cannot be opened") : fd;
	linkfd = sys_openat(s->dirfd, s->leaf, O_PATH | O_NOFOLLOW, 0);
	if (linkfd < 0)
		return refuse(s, linkfd, "a link to it cannot be followed");
	error = seek_link(s, linkfd);
	sys_close(linkfd);
	return error < 0 ? error : -EAGAIN;
}

/* Only where nothing at all is in the place it is not there: a link that leads nowhere is a mistake. */
static int seek(struct seeker *s)
{
	for (int links = 0; links <= LIMIT_LINKS; links++) {
		int fd = seek_directory(s), error;

		if (fd == 0)
			fd = seek_leaf(s);
		if (fd == -ENOENT && links > 0)
			return refuse(s, -ENOLINK, "a link to it leads nowhere");
		if (fd < 0 && fd != -EAGAIN)
			return fd;
		error = directory_check(s);
		if (error < 0) {
			sys_close(fd);
			return error;
		}
		if (fd >= 0)
			return fd;
	}
	return refuse(s, -EMLINK, "there are too many links");
}

static int file_check(const struct seeker *s, int fd)
{
	struct stat st;
	int error = sys_fstat(fd, &st);

	if (error < 0)
		return refuse(s, error, "it cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return refuse(s, -EINVAL, "it is not a regular file");
	return owner_check(s, &st, true, "it belongs to somebody else", "it can be written by others");
}

static int file_read(const struct seeker *s, int fd, struct buf *out)
{
	char piece[16384];

	for (;;) {
		ssize_t n = sys_read(fd, piece, sizeof piece);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return refuse(s, (int)n, "it cannot be read");
		if (n == 0)
			return buf_ok(out) ? 0 : refuse(s, -ENOMEM, "no memory");
		if (out->len + (size_t)n > LIMIT_POLICY)
			return refuse(s, -EFBIG, "it is too large");
		buf_add(out, piece, (size_t)n);
	}
}

int policy_file_read(const char *path, uint32_t uid, struct buf *out, const char **why)
{
	struct seeker s = { .dirfd = -1, .uid = uid, .why = why };
	size_t len = strlen(path);
	int fd, error;

	if (path[0] != '/' || len > LIMIT_PATH)
		return refuse(&s, -EINVAL, "its path is not absolute, or too long");
	memcpy(s.path, path, len + 1);
	out->limit = LIMIT_POLICY;
	fd = seek(&s);
	sys_close(s.dirfd);
	if (fd < 0)
		return fd;
	error = file_check(&s, fd);
	if (error == 0)
		error = file_read(&s, fd, out);
	sys_close(fd);
	return error;
}
