/*
 * tmp.c - the private /tmp of a run: made when it is first reached for, 0700,
 * removed at the end by directory handle (security.md P21, B08). What a killed run
 * left is removed when the next one makes its own: a run holds a lock on its directory.
 *
 * What is deep is moved up to the top before it is removed: any depth takes two
 * descriptors, no recursion and each directory once.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { TRIES = 8 };

static int tmp_name(char name[32])
{
	unsigned char random[8];
	int error = sys_random(random, sizeof random);

	if (error < 0)
		return error;
	snprintf(name, 32, "wask-%02x%02x%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2],
		 random[3], random[4], random[5], random[6], random[7]);
	return 0;
}

/* One entry of a directory: true when something about it was done. */
typedef bool entry_fn(int fd, const char *name, int topfd, unsigned *next);

static bool dir_pass(int fd, entry_fn *fn, int topfd, unsigned *next)
{
	_Alignas(struct sys_dirent) char entries[8192];
	bool done = false;
	ssize_t n;

	sys_lseek(fd, 0, SEEK_SET);
	while ((n = sys_getdents64(fd, entries, sizeof entries)) > 0)
		for (char *at = entries; at < entries + n; at += ((struct sys_dirent *)(void *)at)->reclen) {
			const char *name = ((struct sys_dirent *)(void *)at)->name;

			if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
				done |= fn(fd, name, topfd, next);
		}
	return done;
}

static bool entry_remove(int fd, const char *name)
{
	return sys_unlinkat(fd, name, 0) == 0 || sys_unlinkat(fd, name, AT_REMOVEDIR) == 0;
}

/* Removes it, or moves a directory that is not empty up to the top. */
static bool entry_hoist(int fd, const char *name, int topfd, unsigned *next)
{
	char up[16];
	int error;

	if (entry_remove(fd, name))
		return true;
	do {
		snprintf(up, sizeof up, "%u", (*next)++);
		error = sys_renameat(fd, name, topfd, up, false);
	} while (error == -EEXIST && *next != 0);
	return error == 0;
}

static bool entry_clear(int fd, const char *name, int topfd, unsigned *next)
{
	bool done = false;
	int childfd;

	if (entry_remove(fd, name))
		return true;
	childfd = sys_openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	while (childfd >= 0 && dir_pass(childfd, entry_hoist, topfd, next))
		done = true;
	sys_close(childfd);
	return entry_remove(fd, name) || done;
}

/* All that is in the directory FD, and what is beneath. */
static void dir_clear(int fd)
{
	unsigned next = 0;

	while (dir_pass(fd, entry_clear, fd, &next))
		;
}

/* ---- what a killed run left ---- */

/* A directory that is ours alone, opened and locked: -EAGAIN when another run holds it. */
static int lock_own(int parentfd, const char *name)
{
	int fd = sys_openat(parentfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0), error;
	struct stat st;

	if (fd < 0)
		return fd;
	error = sys_try_lock(fd);
	if (error == 0)
		error = sys_fstat(fd, &st);
	if (error == 0 && (st.st_uid != geteuid() || (st.st_mode & 077)))
		error = -EACCES;
	if (error == 0 && st.st_nlink == 0)
		error = -EEXIST;	/* removed by another that took it for a dead run's: once more */
	if (error == 0)
		return fd;
	sys_close(fd);
	return error;
}

static bool is_tmp_name(const char *name)
{
	return strncmp(name, "wask-", 5) == 0 && strlen(name) == 5 + 16 && strspn(name + 5, "0123456789abcdef") == 16;
}

static bool entry_stale(int fd, const char *name, int topfd, unsigned *next)
{
	int deadfd = is_tmp_name(name) ? lock_own(fd, name) : -1;

	(void)topfd;
	(void)next;
	if (deadfd < 0)
		return false;
	dir_clear(deadfd);
	sys_unlinkat(fd, name, AT_REMOVEDIR);
	sys_close(deadfd);
	return true;
}

static void remove_stale(const char *parent)
{
	int fd = sys_openat(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0)
		dir_pass(fd, entry_stale, -1, NULL);
	sys_close(fd);
}

/* ---- a run's own ---- */

/* A new directory in PARENTFD that is ours alone; its O_PATH descriptor or a negative errno. */
static int tmp_make_in(struct judge *judge, int parentfd)
{
	int fd, lockfd, error = tmp_name(judge->tmp_name);

	if (error < 0 || (error = sys_mkdirat(parentfd, judge->tmp_name, 0700)) < 0)
		return error;
	lockfd = lock_own(parentfd, judge->tmp_name);
	if (lockfd < 0)
		return lockfd == -EAGAIN || lockfd == -ENOENT ? -EEXIST : lockfd;
	fd = sys_openat(lockfd, ".", O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		sys_close(lockfd);
	else
		judge->tmp_lockfd = lockfd;
	return fd;
}

int tmp_make(struct judge *judge, struct text *path)
{
	static const char *const parents[] = { "/tmp", "/dev/shm" };
	int error = -ENOENT;

	for (size_t i = 0; i < COUNT(parents); i++) {
		int fd = -EEXIST, parentfd = sys_openat(AT_FDCWD, parents[i], O_PATH | O_DIRECTORY, 0);

		if (parentfd >= 0)
			remove_stale(parents[i]);
		for (int tries = 0; parentfd >= 0 && fd == -EEXIST && tries < TRIES; tries++)
			fd = tmp_make_in(judge, parentfd);
		if (fd >= 0)
			*path = arena_join(&judge->arena, text_of(parents[i]), TEXT("/"), text_of(judge->tmp_name));
		if (fd >= 0 && path->at) {
			judge->tmp_parentfd = parentfd;
			return fd;
		}
		error = fd < 0 ? fd : -ENOMEM;
		sys_close(judge->tmp_lockfd);
		judge->tmp_lockfd = -1;
		sys_close(fd);
		sys_close(parentfd);
	}
	return error;
}

void tmp_remove(struct judge *judge)
{
	if (judge->tmp_parentfd < 0)
		return;
	dir_clear(judge->tmp_lockfd);
	sys_unlinkat(judge->tmp_parentfd, judge->tmp_name, AT_REMOVEDIR);
	sys_close(judge->tmp_lockfd);
	sys_close(judge->tmp_parentfd);
	judge->tmp_lockfd = judge->tmp_parentfd = -1;
}
