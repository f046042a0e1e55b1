/*
 * object.c - what a name leads to, opened O_PATH: to be known, not to be read.
 *
 * Everything that a decision rests on comes from the opened object: its identity,
 * its type, its file system and the path that the kernel has for it (I2).
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

enum { LOOK = O_PATH };

static int open_at(const struct route *route, const char *path, int flags)
{
	return sys_openat2(route->dirfd, path, flags, 0, SYS_NO_MAGIC | (route->branch ? SYS_BENEATH : 0));
}

/* Fills in what FD is. Its path is asked for by the caller. */
static int object_know(struct object *o, int fd)
{
	uint64_t magic;
	int error = sys_fstat(fd, &o->st);

	if (error == 0)
		error = sys_fstype(fd, &magic);
	if (error < 0)
		return error;
	if (o->st.st_nlink == 0 && !S_ISDIR(o->st.st_mode))
		return -ENOENT;
	o->fd = fd;
	o->exists = true;
	o->id = file_id_of(&o->st);
	o->never = sys_is_pseudo_fs(magic) || !(sys_is_regular_or_dir(&o->st) || S_ISLNK(o->st.st_mode));
	return 0;
}

static int object_path(struct object *o, int fd)
{
	size_t len;
	int error = sys_path_of(fd, o->text, LIMIT_PATH + 1, &len);

	if (error < 0)
		return error;
	if (o->text[0] != '/')		/* out of our root: it has no name that could be shown */
		return -EACCES;
	o->path = (struct text){ o->text, len };
	return 0;
}

/* Adds "/" and MORE to the path. */
static int path_append(struct object *o, const char *more)
{
	size_t len = o->path.len > 1 ? o->path.len : 0, n = strlen(more);

	if (len + 1 + n >= sizeof o->text)
		return -ENAMETOOLONG;
	o->text[len] = '/';
	memcpy(o->text + len + 1, more, n + 1);
	o->path = (struct text){ o->text, len + 1 + n };
	return 0;
}

/* Cuts REST before its last component, in place; returns that component, or NULL when there is none. */
static char *cut_leaf(char *rest)
{
	size_t len = strlen(rest), from;

	while (len > 1 && rest[len - 1] == '/')
		rest[--len] = '\0';
	for (from = len; from > 0 && rest[from - 1] != '/'; from--)
		;
	if (from == len)
		return NULL;
	return rest + from;
}

/* The deepest directory on the way that exists, and the rest of the name: for showing only. */
static void object_deepest(const struct route *route, struct object *o)
{
	char rest[LIMIT_PATH + 1];
	size_t len = strlen(route->rest), cut;

	memcpy(rest, route->rest, len + 1);
	for (;;) {
		int fd;

		while (len > 0 && rest[len - 1] == '/')
			len--;
		while (len > 0 && rest[len - 1] != '/')
			len--;
		cut = len;
		if (len == 0 && !route->branch)
			return;
		rest[len] = '\0';
		fd = open_at(route, len ? rest : ".", LOOK | O_DIRECTORY);
		if (fd < 0 && len > 0)
			continue;
		if (fd >= 0 && object_path(o, fd) == 0)
			path_append(o, route->rest + cut);
		sys_close(fd);
		return;
	}
}

/* Opens the directory that holds the last component, and keeps that component. */
static int object_open_parent(const struct route *route, struct object *o)
{
	char rest[LIMIT_PATH + 1], *leaf;
	size_t len;
	struct stat st;
	int fd, error;

	memcpy(rest, route->rest, strlen(route->rest) + 1);
	leaf = cut_leaf(rest);
	if (!leaf || strcmp(leaf, ".") == 0 || strcmp(leaf, "..") == 0)
		return 0;			/* a directory itself: it has no name of its own here */
	len = strlen(leaf);
	if (len > LIMIT_COMPONENT)
		return -ENAMETOOLONG;
	memcpy(o->leaf_text, leaf, len + 1);
	*leaf = '\0';
	fd = open_at(route, rest[0] ? rest : ".", LOOK | O_DIRECTORY);
	if (fd < 0)
		return fd;
	error = sys_fstat(fd, &st);
	if (error < 0) {
		sys_close(fd);
		return error;
	}
	o->parentfd = fd;
	o->parent = file_id_of(&st);
	o->leaf = o->leaf_text;
	return 0;
}

/* The name in the parent, whatever is there; absent is no error. */
static int object_open_leaf(struct object *o)
{
	int fd = sys_openat2(o->parentfd, o->leaf, LOOK | O_NOFOLLOW, 0, SYS_BENEATH | SYS_NO_MAGIC);
	int error = fd < 0 ? fd : object_know(o, fd);

	if (fd >= 0 && error < 0)
		sys_close(fd);
	if (error < 0 && error != -ENOENT)
		return error;
	error = object_path(o, o->parentfd);
	return error < 0 ? error : path_append(o, o->leaf);
}

static int object_open_whole(const struct route *route, bool follow, struct object *o)
{
	int fd = open_at(route, route->rest, LOOK | (follow ? 0 : O_NOFOLLOW)), error;

	if (fd < 0)
		return fd;
	error = object_know(o, fd);
	if (error == 0)
		error = object_path(o, fd);
	if (error < 0 && o->fd < 0)
		sys_close(fd);
	return error;
}

/* The name itself: a link at the end is not followed. */
static int object_open_name(const struct route *route, struct object *o)
{
	int error = object_open_parent(route, o);

	if (error < 0)
		return error;
	return o->parentfd >= 0 ? object_open_leaf(o) : object_open_whole(route, false, o);
}

/* The link at the end of the name, when that is one: rules hold for it, too. What cannot be looked at has none. */
static void object_link(const struct route *route, struct object *o)
{
	int fd = open_at(route, route->rest, LOOK | O_NOFOLLOW);
	struct stat st;
	size_t len;

	if (fd < 0)
		return;
	if (sys_fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) && sys_path_of(fd, o->link_text, sizeof o->link_text, &len) == 0) {
		o->link = file_id_of(&st);
		o->link_path = (struct text){ o->link_text, len };
	}
	sys_close(fd);
}

void object_open(const struct route *route, bool follow, bool links, struct object *o)
{
	int error;

	object_none(o);
	o->leaf = ".";
	error = follow ? object_open_whole(route, true, o) : object_open_name(route, o);
	if (error == -ENOENT && follow && !o->exists) {
		error = object_open_name(route, o);
		if (error == 0 && o->exists) {		/* a link that leads nowhere (P13) */
			o->dangling = true;
			o->exists = false;
		}
	}
	if (follow && links)
		object_link(route, o);
	if (error < 0)
		object_deepest(route, o);		/* whatever went wrong, it went wrong at a place that has a class */
	o->error = error;
	if (error < 0 && o->exists) {
		sys_close(o->fd);
		o->fd = -1;
		o->exists = false;
	}
}

size_t object_above(const struct object *o, struct file_id *out, size_t size)
{
	int fd = o->parentfd >= 0 ? sys_dup(o->parentfd, 0) : -1, upfd;
	struct stat st;
	size_t n = 0;

	if (fd < 0 && o->exists && S_ISDIR(o->st.st_mode))
		fd = sys_openat(o->fd, "..", LOOK | O_DIRECTORY, 0);
	while (fd >= 0 && n < size && sys_fstat(fd, &st) == 0) {
		if (n > 0 && file_id_eq(out[n - 1], file_id_of(&st)))
			break;				/* the root is above itself */
		out[n++] = file_id_of(&st);
		upfd = sys_openat(fd, "..", LOOK | O_DIRECTORY, 0);
		sys_close(fd);
		fd = upfd;
	}
	sys_close(fd);
	return n;
}

int object_parent(struct object *o)
{
	struct text leaf = text_leaf(o->path), up = text_parent(o->path);
	char path[LIMIT_PATH + 1];
	struct stat st, parent;
	int fd, error;

	if (o->parentfd >= 0)
		return 0;
	if (leaf.len == 0 || leaf.len > LIMIT_COMPONENT || up.len > LIMIT_PATH)
		return -EBUSY;			/* the root has no name */
	memcpy(path, up.at, up.len);
	path[up.len] = '\0';
	memcpy(o->leaf_text, leaf.at, leaf.len);
	o->leaf_text[leaf.len] = '\0';
	fd = sys_openat2(AT_FDCWD, path, LOOK | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS);
	if (fd < 0)
		return fd;
	error = sys_fstat(fd, &parent);
	if (error == 0)
		error = sys_fstatat(fd, o->leaf_text, &st, AT_SYMLINK_NOFOLLOW);
	if (error == 0 && !file_id_eq(file_id_of(&st), o->id))
		error = -EACCES;
	if (error < 0) {
		sys_close(fd);
		return error;
	}
	o->parentfd = fd;
	o->parent = file_id_of(&parent);
	o->leaf = o->leaf_text;
	return 0;
}

int object_same(const struct object *o)
{
	struct stat st;
	int error;

	if (o->parentfd < 0)
		return -EBUSY;
	error = sys_fstatat(o->parentfd, o->leaf, &st, AT_SYMLINK_NOFOLLOW);
	if (error == -ENOENT)
		return o->exists ? -EACCES : 0;
	if (error < 0)
		return error;
	return o->exists && file_id_eq(file_id_of(&st), o->id) ? 0 : -EACCES;
}

void object_done(struct object *o)
{
	sys_close(o->fd);
	sys_close(o->parentfd);
	object_none(o);
}
