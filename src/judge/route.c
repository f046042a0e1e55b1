/*
 * route.c - from a guest name to a directory that is open, and a rest to resolve there.
 *
 * The rest is never cleaned: the kernel resolves it, beneath the branch or from
 * the root. What is folded here serves classes and showing only.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"
#include "policy/fold.h"

int branch_add(struct judge *judge, const struct branch *branch)
{
	struct branch *grown, copy = *branch;

	if (judge->nbranches == LIMIT_MOUNTS)
		return -ENOSPC;
	copy.at = arena_text(&judge->arena, branch->at);
	copy.host = arena_text(&judge->arena, branch->host);
	copy.typed = arena_text(&judge->arena, branch->typed);
	if (!copy.at.at || !copy.host.at || !copy.typed.at)
		return -ENOMEM;
	if (judge->nbranches == judge->branches_size) {
		size_t size = judge->branches_size ? 2 * judge->branches_size : 8;

		grown = mem_grow(judge->branches, judge->branches_size, size, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		judge->branches = grown;
		judge->branches_size = size;
	}
	judge->branches[judge->nbranches++] = copy;
	return 0;
}

/* The private /tmp: made once, whatever names lead to it. */
static int branch_open_tmp(struct judge *judge, struct branch *branch)
{
	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i].kind == BRANCH_TMP && judge->branches[i].fd >= 0) {
			branch->host = judge->branches[i].host;
			return sys_dup(judge->branches[i].fd, 0);
		}
	return tmp_make(judge, &branch->host);
}

int branch_open(struct judge *judge, struct branch *branch)
{
	int fd;

	if (branch->fd >= 0)
		return 0;
	fd = branch->kind == BRANCH_TMP ? branch_open_tmp(judge, branch) :
	     sys_openat2(AT_FDCWD, branch->host.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS);
	if (fd < 0)
		return fd;
	branch->fd = fd;
	return 0;
}

bool branch_covers(const struct route *route, access_set access)
{
	return route->branch && access_covers(route->branch->access, access) && !(route->excluded & access);
}

static bool covers_secrets(const struct route *route)
{
	return route->branch && route->branch->flags & MOUNT_SECRETS;
}

void route_exclude(const struct judge *judge, struct route *route, struct text path)
{
	const struct exclude_set *set = judge->evidence.secrets;

	if (!set) {
		route_exclude_secret(route);
		return;
	}
	route->excluded |= exclude_at(set, path, 0, !covers_secrets(route)).self;
	route->shut |= exclude_at(set, path, 0, true).self;
}

void route_exclude_secret(struct route *route)
{
	route->excluded |= covers_secrets(route) ? 0 : (access_set)ACCESS_ALL;
	route->shut = ACCESS_ALL;
}

void route_exclude_moves(const struct judge *judge, struct route *route, struct text path)
{
	const struct exclude_set *set = judge->evidence.secrets;

	if (set && exclude_is_above(set, path, !covers_secrets(route)))
		route->excluded |= ACCESS_ANY_CHANGE;
}

/* Is NAME, for all of the private /tmp, the host's? */
static bool is_hosts(const struct judge *judge, struct text name)
{
	for (size_t i = 0; i < judge->tmp.n; i++)
		if (text_beneath(name, judge->tmp.at[i]))
			return true;
	return false;
}

/* What of raw NAME follows AT, when it begins with just its components; else .at NULL. */
static struct text rest_after(struct text name, struct text at)
{
	struct text want;

	while ((want = text_component(&at)).len)
		if (!text_eq(text_component(&name), want))
			return (struct text){ 0 };
	return name;
}

/* The branch with the longest name that NAME lies at or beneath. */
static struct branch *branch_of(struct judge *judge, struct text name, struct text folded)
{
	struct branch *best = NULL;

	for (size_t i = 0; i < judge->nbranches; i++) {
		struct branch *branch = &judge->branches[i];

		if (branch->flags & MOUNT_PREOPEN || (best && best->at.len >= branch->at.len))
			continue;
		if (!rest_after(name, branch->at).at || !text_beneath(folded, branch->at))
			continue;
		if (branch->kind != BRANCH_TMP || text_eq(branch->at, judge->tmp_path) || !is_hosts(judge, folded))
			best = branch;
	}
	return best;
}

/* The host's name of what is REST beneath BRANCH. */
static int host_name(struct judge *judge, const struct branch *branch, struct text rest, struct text *out)
{
	char *room = arena_new(&judge->call, branch->host.len + rest.len + 4, 1);

	while (text_starts(rest, TEXT("/")))
		rest = text_from(rest, 1);
	if (!room)
		return -ENOMEM;
	*out = path_fold(branch->host, rest, room);
	return 0;
}

/* By REST from BASE, as it was written. ROOM is for both of them. */
static bool passes_secret(const struct judge *judge, struct text base, struct text rest, char *room)
{
	struct text left = rest, part;

	while ((part = text_component(&left)).len)
		if (text_eq(part, TEXT("..")) &&
		    name_is_secret(&judge->evidence, path_fold(base, (struct text){ rest.at, (size_t)(part.at - rest.at) }, room), false))
			return true;
	return false;
}

int route_find(struct judge *judge, struct text name, struct route *out)
{
	struct route route = { .dirfd = AT_FDCWD };
	struct text rest = name;
	char *room = arena_new(&judge->call, name.len + 2, 1);

	if (!text_starts(name, TEXT("/")) || name.len > LIMIT_PATH || memchr(name.at, '\0', name.len))
		return -EINVAL;
	if (!room)
		return -ENOMEM;
	route.guest = route.host = path_fold(TEXT("/"), name, room);
	route.slash = name.len > 1 && text_ends(name, TEXT("/"));
	route.branch = branch_of(judge, name, route.guest);
	if (route.branch && route.branch->fd < 0 && branch_open(judge, route.branch) < 0)
		route.branch = NULL;
	if (route.branch) {
		int error;

		rest = rest_after(name, route.branch->at);
		error = host_name(judge, route.branch, rest, &route.host);
		if (error < 0)
			return error;
		while (text_starts(rest, TEXT("/")))
			rest = text_from(rest, 1);
		rest = rest.len ? rest : TEXT(".");
		route.dirfd = route.branch->fd;
	}
	room = arena_new(&judge->call, name.len + (route.branch ? route.branch->host.len : 0) + 4, 1);
	if (!room)
		return -ENOMEM;
	if (judge->evidence.secrets && !covers_secrets(&route))
		route.passes_secret = passes_secret(judge, route.branch ? route.branch->host : TEXT("/"), rest, room);
	rest = arena_text(&judge->call, rest);
	if (!rest.at)
		return -ENOMEM;
	route.rest = rest.at;
	route_exclude(judge, &route, route.host);
	if (route.passes_secret)
		route_exclude_secret(&route);
	*out = route;
	return 0;
}
