/*
 * self.c - the program's own data (decisions.md 9): one writable directory of its own,
 * and what it brought along beside its module, read-only.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"

/* One component of the way: made 0700 when it is not there. FD passes. */
static int step(int fd, const char *name)
{
	int next = sys_openat(fd, name, O_PATH | O_DIRECTORY, 0);

	if (next == -ENOENT && sys_mkdirat(fd, name, 0700) == 0)
		next = sys_openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	sys_close(fd);
	return next;
}

/* It is ours alone: nobody else put something there (B08). */
static int check(int fd)
{
	struct stat st;
	int error = sys_fstat(fd, &st);

	if (error == 0 && (st.st_uid != sys_euid() || (st.st_mode & 077)))
		error = -EACCES;
	return error;
}

int self_open(const struct judge *judge)
{
	char path[LIMIT_PATH + 1];
	struct text rest = judge->self_dir, part;
	int fd = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0), error;

	if (rest.len > LIMIT_PATH) {
		sys_close(fd);
		return -ENAMETOOLONG;
	}
	while (fd >= 0 && (part = text_component(&rest)).len) {
		memcpy(path, part.at, part.len);
		path[part.len] = '\0';
		fd = step(fd, path);
	}
	error = fd < 0 ? fd : check(fd);
	if (error == 0)
		return fd;
	sys_close(fd);
	return error;
}

/* One thing beside the module: a directory with all beneath, or a file under its guest name alone. */
static int data_one(struct judge *j, int dirfd, const struct judge_data *data)
{
	struct branch branch = { .at = data->at, .fd = -1, .access = ACCESS_DIR_RO, .origin = ORIGIN_PACKAGE, .kind = BRANCH_DATA };
	char room[LIMIT_PATH + 1];
	struct text path;
	struct stat st;
	size_t len;
	int fd = sys_openat2(dirfd, data->host.at, O_PATH, 0, SYS_BENEATH | SYS_NO_MAGIC), error;

	if (fd < 0)
		return 0;			/* it is not there, or leads out of the module's directory */
	error = sys_fstat(fd, &st);
	if (error == 0)
		error = sys_path_of(fd, room, sizeof room, &len);
	if (error < 0 || !sys_is_regular_or_dir(&st)) {
		sys_close(fd);
		return error;
	}
	path = (struct text){ room, len };
	branch.host = path;
	branch.fd = fd;
	if (S_ISREG(st.st_mode)) {
		branch.host = text_parent(path);
		branch.file = text_leaf(path);
		sys_close(fd);
		path = arena_text(&j->call, branch.host);
		branch.fd = path.at ? sys_openat2(AT_FDCWD, path.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS) : -ENOMEM;
	}
	error = branch.fd < 0 ? branch.fd : add_package(j, &branch);
	if (error < 0)
		sys_close(branch.fd);
	return error;
}

int data_add(struct judge *j)
{
	int error = 0, dirfd;

	if (!j->module_dir.len || j->ndata == 0)
		return 0;
	dirfd = sys_openat2(AT_FDCWD, j->module_dir.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC);
	for (size_t i = 0; dirfd >= 0 && error == 0 && i < j->ndata; i++)
		error = data_one(j, dirfd, &j->data[i]);
	sys_close(dirfd);
	return error;
}
