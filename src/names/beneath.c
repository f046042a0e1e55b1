/*
 * beneath.c - what the kernel does beneath a mount. The only place of the guest's
 * wing that resolves a guest's path on the host, always with openat2, always
 * beneath, never through a magic link (P01).
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

bool path_has_dotdot(const char *path)
{
	for (const char *at = strstr(path, ".."); at; at = strstr(at + 1, ".."))
		if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

/*
 * Where other mounts hang beneath, or names are excluded, only what leads nowhere else
 * is opened at once: the rest is settled first. Without links ".." is what it looks like.
 */
int names_open(const struct place *place, int flags, mode_t mode)
{
	unsigned resolve = SYS_BENEATH | SYS_NO_MAGIC;
	int fd;

	if (!place->strict)
		return sys_openat2(place->dirfd, place->rest, flags, mode, resolve);
	if (place->nested && path_has_dotdot(place->rest))
		return -EXDEV;
	fd = sys_openat2(place->dirfd, place->rest, flags, mode, resolve | SYS_NO_LINKS);
	return fd == -ELOOP && !(place->settled && (flags & O_NOFOLLOW) && !place->slash) ? -EXDEV : fd;
}

size_t path_leaf_start(const char *path)
{
	size_t at = strlen(path);

	while (at > 0 && path[at - 1] == '/')
		at--;
	while (at > 0 && path[at - 1] != '/')
		at--;
	return at;
}

/* Nothing is made or removed at "..", but it may lead out: then that is what is to be said. */
static int leaf_stays(const struct place *place, const char *leaf)
{
	int fd;

	if (leaf[0] != '.' || leaf[1] != '.' || (leaf[2] != '\0' && leaf[2] != '/'))
		return 0;
	fd = names_open(place, O_PATH, 0);
	sys_close(fd);
	return fd < 0 ? fd : 0;
}

int names_parent(struct place *place, int *fd, bool *owned, const char **leaf)
{
	size_t at = path_leaf_start(place->rest);
	int parentfd = leaf_stays(place, place->rest + at);

	if (parentfd < 0)
		return parentfd;
	if (at == 0) {
		*fd = place->dirfd;
		*owned = false;
		*leaf = place->rest;
		return 0;
	}
	place->text[at - 1] = '\0';
	parentfd = names_open(place, O_PATH | O_DIRECTORY, 0);
	if (parentfd < 0) {
		place->text[at - 1] = '/';
		return parentfd;
	}
	*fd = parentfd;
	*owned = true;
	*leaf = place->text + at;
	return 0;
}

bool names_pseudo(const struct mount *mount, int fd, const struct stat *st)
{
	uint64_t magic;

	if (mount->pseudo || st->st_dev == mount->dev)
		return mount->pseudo;
	return sys_fstype(fd, &magic) < 0 || sys_is_pseudo_fs(magic);
}
