/*
 * mounts.c - directory grants in the tree.
 *
 * A struct mount never moves and never goes before the names do: descriptors point
 * to it. Two grants of the same object at the same name are one mount with the words
 * of both; another object at that name takes the place of the first.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"

static void mounted_free(struct mounted *mounted)
{
	sys_close(mounted->mount.fd);
	mem_free(mounted);
}

/* The descriptor is FROM's until this succeeds. */
static int mounted_new(struct names *names, const struct start_mount *from, struct mounted **out)
{
	struct mounted *made;
	struct text at = arena_text(&names->arena, from->at);
	struct stat st;
	uint64_t magic;
	int failed;

	if (!at.at)
		return -ENOMEM;
	failed = sys_fstat(from->fd, &st);
	if (!failed && !S_ISDIR(st.st_mode))
		failed = -ENOTDIR;
	if (!failed)
		failed = sys_fstype(from->fd, &magic);
	if (failed < 0)
		return failed;
	made = mem_new(1, sizeof *made);
	if (!made)
		return -ENOMEM;
	made->ino = st.st_ino;
	made->mount = (struct mount){ .at = at, .fd = from->fd, .access = from->access, .grant = from->grant,
				      .flags = from->flags, .guards = from->flags & MOUNT_GUARDED ? names->start : NULL, .dev = st.st_dev, .pseudo = sys_is_pseudo_fs(magic) };
	failed = mount_exclude(names, &made->mount);
	if (failed < 0) {
		mem_free(made);
		return failed;
	}
	*out = made;
	return 0;
}

static bool same_grant(const struct mount *old, const struct mounted *made)
{
	return old && old->dev == made->mount.dev && mounted_of(old)->ino == made->ino && old->flags == made->mount.flags;
}

static void keep(struct names *names, struct mounted *made)
{
	made->before = names->last;
	names->last = made;
	names->nmounts++;
}

int mounts_add(struct names *names, const struct start_mount *from)
{
	struct node *node = NULL;
	struct mounted *made = NULL;
	int failed = names->nmounts < LIMIT_MOUNTS ? 0 : -ENOSPC;

	if (!failed && names->start->mode != MODE_OFF)
		failed = from->at.len && from->at.at[0] == '/' ? tree_add(&names->tree, &names->root, from->at, &node) : -EINVAL;
	if (!failed)
		failed = mounted_new(names, from, &made);
	if (failed < 0) {
		sys_close(from->fd);
		return failed;
	}
	if (node && same_grant(node->mount, made)) {
		node->mount->access |= made->mount.access;
		node->mount->grant = made->mount.grant;
		mounted_free(made);
		return 0;
	}
	made->node = node;
	keep(names, made);
	if (node) {
		made->mount.at = node->path;
		node->mount = &made->mount;
		for (; node->parent != node; node = node->parent)
			node->parent->mounts = true;
	}
	return 0;
}

/* All descriptors pass: those after the first failure are closed. */
int mounts_init(struct names *names, int failed)
{
	const struct start *start = names->start;

	for (size_t i = 0; i < start->nmounts; i++) {
		if (failed < 0)
			sys_close(start->mounts[i].fd);
		else
			failed = mounts_add(names, &start->mounts[i]);
	}
	return failed;
}

void mounts_done(struct names *names)
{
	while (names->last) {
		struct mounted *mounted = names->last;

		names->last = mounted->before;
		mounted_free(mounted);
	}
}
