/*
 * names.c - the guest's namespace, built from the start message; see names.h.
 *
 * With --ask=off nothing of it is virtual: there are the launcher's directories,
 * and no tree. Otherwise the tree holds what stands without asking, and everything
 * else is a hole.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"

static const struct { struct text name; enum device device; } devices[] = {
	{ { "/dev/null", 9 }, DEVICE_NULL },
	{ { "/dev/zero", 9 }, DEVICE_ZERO },
	{ { "/dev/urandom", 12 }, DEVICE_URANDOM },
	{ { "/dev/stdin", 10 }, DEVICE_STDIN },
	{ { "/dev/stdout", 11 }, DEVICE_STDOUT },
	{ { "/dev/stderr", 11 }, DEVICE_STDERR },
};

static int add_devices(struct names *names)
{
	struct node *node;
	int failed = 0;

	for (size_t i = 0; !failed && i < sizeof devices / sizeof *devices; i++) {
		failed = tree_add(&names->tree, &names->root, devices[i].name, &node);
		if (failed)
			break;
		node->has_device = true;
		node->device = devices[i].device;
	}
	return failed;
}

static int add_dirs(struct names *names)
{
	const struct start *start = names->start;
	struct node *node;
	int failed = 0;

	for (size_t i = 0; !failed && i < start->ndirs; i++) {
		failed = tree_add(&names->tree, &names->root, start->dirs[i].name, &node);
		if (!failed)
			node->synthetic = &start->dirs[i];
	}
	return failed;
}

static int add_host_names(struct names *names)
{
	const struct start *start = names->start;
	struct node *node;
	int failed = 0;

	for (size_t i = 0; !failed && i < start->tmp.n; i++) {
		failed = tree_add(&names->tree, &names->root, start->tmp.at[i], &node);
		if (!failed)
			node->host = true;
	}
	return failed;
}

/* What an argument spells on fd 4. One that could not be walked to claims nothing. */
static int add_claims(struct names *names)
{
	const struct start *start = names->start;
	struct node *node;

	for (size_t i = 0; i < start->nargs; i++) {
		const struct start_arg *arg = &start->args[i];
		int failed;

		if (!arg->claims || !arg->spelled.len || !arg->name.len)
			continue;
		failed = tree_add(&names->tree, &names->claims, arg->spelled, &node);
		if (failed == -ENOMEM)
			return failed;
		if (!failed)
			node->claim = arg;
	}
	return 0;
}

static int add_tops(struct names *names)
{
	const struct start *start = names->start;
	struct node *top;
	int failed = 0;

	for (size_t i = 0; !failed && i < start->tops.n; i++)
		failed = tree_add(&names->tree, &names->tops, start->tops.at[i], &top);
	for (size_t i = 0; !failed && i < start->locals.n; i++) {
		failed = tree_add(&names->tree, &names->tops, start->locals.at[i], &top);
		if (!failed)
			top->local = true;
	}
	return failed;
}

static int add_cwd_and_home(struct names *names)
{
	struct node *home;
	int failed = tree_add(&names->tree, &names->root, names->start->cwd, &names->cwd);

	if (!failed && names->start->home.len)
		failed = tree_add(&names->tree, &names->root, names->start->home, &home);
	return failed;
}

static int map_generation(struct names *names)
{
	names->page = names->start->generation;
	if (names->page || names->start->generation_fd < 0)
		return 0;
	names->page = sys_map(names->start->generation_fd, sizeof *names->page, false);
	return names->page ? 0 : -ENOMEM;
}

static int build_tree(struct names *names)
{
	static int (*const steps[])(struct names *names) = {
		add_cwd_and_home, add_devices, add_dirs, add_host_names, add_claims, add_tops, map_generation,
	};
	int failed = 0;

	if (!names->start->cwd.len || names->start->cwd.at[0] != '/')
		return -EINVAL;
	for (size_t i = 0; !failed && i < sizeof steps / sizeof *steps; i++)
		failed = steps[i](names);
	return failed;
}

/* The mounts' descriptors pass even when this fails. */
int names_new(const struct start *start, struct names **out)
{
	struct names *names = mem_new(1, sizeof *names);
	int failed = -ENOMEM;

	if (!names) {
		for (size_t i = 0; i < start->nmounts; i++)
			sys_close(start->mounts[i].fd);
		return failed;
	}
	names->start = start;
	names->procfd = -1;
	names->tree.arena = &names->arena;
	names->root = (struct node){ .parent = &names->root, .path = TEXT("/") };
	names->claims = (struct node){ .parent = &names->claims, .number = UINT64_MAX };
	names->tops = (struct node){ .parent = &names->tops, .number = UINT64_MAX - 1 };
	names->sticky = sticky_new();
	failed = sys_random(&names->tree.key, sizeof names->tree.key);
	if (!failed && !names->sticky)
		failed = -ENOMEM;
	if (!failed)
		failed = names_exclude_more(names, &start->exclusions);
	failed = mounts_init(names, failed);
	if (!failed && start->mode != MODE_OFF)
		failed = build_tree(names);
	if (failed < 0) {
		names_free(names);
		return failed;
	}
	*out = names;
	return 0;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	mounts_done(names);
	sys_close(names->procfd);
	sticky_free(names->sticky);
	if (names->page != names->start->generation)
		sys_unmap((void *)(uintptr_t)names->page, sizeof *names->page);
	tree_done(&names->tree);
	arena_done(&names->arena);
	mem_free(names);
}

/* --ask=off: the launcher's directories, as typed and in their order. */
static int preopen_classic(struct names *names, unsigned index, struct names_dir *out, struct text *prestat_name)
{
	const struct mounted *found = NULL;
	unsigned from_end = 0;

	for (const struct mounted *m = names->last; m; m = m->before)
		from_end += (m->mount.flags & MOUNT_PREOPEN) != 0;
	if (index >= from_end)
		return -EBADF;
	for (const struct mounted *m = names->last; m && !found; m = m->before)
		if ((m->mount.flags & MOUNT_PREOPEN) && --from_end == index)
			found = m;
	*out = (struct names_dir){ .kind = DIR_COVERED, .name = found->mount.at, .mount = &found->mount, .fd = found->mount.fd };
	*prestat_name = found->mount.at;
	return 0;
}

int names_preopen(struct names *names, unsigned index, struct names_dir *out, struct text *prestat_name)
{
	const struct node *node = index == 0 ? &names->root : names->cwd;

	if (names->start->mode == MODE_OFF)
		return preopen_classic(names, index, out, prestat_name);
	if (index > 1)
		return -EBADF;
	*out = (struct names_dir){ .kind = index == 0 ? DIR_ROOT : DIR_CWD, .name = node->path, .fd = -1, .synthetic = node->synthetic };
	*prestat_name = index == 0 ? TEXT("/") : TEXT(".");
	return 0;
}

uint64_t names_generation(const struct names *names)
{
	return names->page ? __atomic_load_n(&names->page->grants, __ATOMIC_ACQUIRE) : names->seen;
}

enum ask_mode names_mode(const struct names *names)
{
	return names->start->mode;
}

int names_learn(struct names *names, const struct need *need, struct answer *answer)
{
	struct start_mount mount = { .at = answer->mount, .fd = answer->fds[1], .access = answer->access, .grant = answer->grant,
				     .flags = answer->mount_flags };

	answer->fds[1] = -1;
	names->revoked = names->asked;
	names_exclude_more(names, &answer->exclusions);		/* when it fails nothing is covered any more */
	if (answer->generation > names->seen)
		names->seen = answer->generation;
	if (answer->verdict != VERDICT_ALLOW) {
		sys_close(mount.fd);
		return sticky_learn(names, need, answer);
	}
	if (mount.fd < 0 || !mount.at.len || names->start->mode == MODE_OFF) {
		sys_close(mount.fd);
		return 0;
	}
	return mounts_add(names, &mount);
}
