/*
 * route.c - from a guest name to a directory that is open, and a rest to resolve there.
 *
 * The rest is never cleaned: the kernel resolves it, beneath the branch or from
 * the root. What is folded here serves classes and showing only.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"
#include "policy/fold.h"

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

static bool leads(const struct judge *judge, const struct branch *branch, struct text name, struct text folded)
{
	if (branch->flags & MOUNT_PREOPEN || (branch->kind >= BRANCH_GIVEN && branch->fd < 0))
		return false;
	if (branch->file.len ? !text_eq(folded, branch->at) : !text_beneath(folded, branch->at) || !rest_after(name, branch->at).at)
		return false;
	return branch->kind != BRANCH_TMP || text_eq(branch->at, judge->tmp_path) || !is_hosts(judge, folded);
}

/* The branch with the longest name that NAME lies at or beneath. Of two the one that is a device to rename and link. */
static struct branch *branch_of(struct judge *judge, struct text name, struct text folded)
{
	struct branch *best = NULL;

	for (size_t i = 0; i < judge->nbranches; i++) {
		struct branch *branch = judge->branches[i];

		if (best && best->at.len >= branch->at.len)
			continue;
		if (leads(judge, branch, name, folded))
			best = branch;
	}
	return best;
}

/* The host's name of what is REST beneath BRANCH. */
static int host_name(struct arena *arena, const struct branch *branch, struct text rest, struct text *out)
{
	char *room = arena_new(arena, branch->host.len + rest.len + 4, 1);

	while (text_starts(rest, TEXT("/")))
		rest = text_from(rest, 1);
	if (!room)
		return -ENOMEM;
	*out = path_fold(branch->host, rest, room);
	return 0;
}

static int route_in_branch(struct arena *arena, struct text name, struct route *route, struct text *rest)
{
	const struct branch *branch = route->branch;
	int error;

	*rest = branch->file.len ? branch->file : rest_after(name, branch->at);
	error = host_name(arena, branch, *rest, &route->host);
	while (text_starts(*rest, TEXT("/")))
		*rest = text_from(*rest, 1);
	*rest = rest->len ? *rest : TEXT(".");
	route->dirfd = branch->fd;
	return error;
}

/* Fills in passes_secret, by REST as it was written. False: no memory. */
static bool passes_secret(const struct judge *judge, struct arena *arena, struct route *route, struct text rest)
{
	struct text base = route->branch ? route->branch->host : TEXT("/"), left = rest, part;
	char *room = NULL;

	if (!judge->evidence.secrets || (route->branch && branch_has_secrets(judge, route->branch)))
		return true;
	while ((part = text_component(&left)).len) {
		if (!text_eq(part, TEXT("..")))
			continue;
		if (!room)
			room = arena_new(arena, base.len + rest.len + 4, 1);
		if (!room)
			return false;
		route->passes_secret |= name_is_secret(&judge->evidence, path_fold(base, (struct text){ rest.at, (size_t)(part.at - rest.at) }, room), false);
	}
	return true;
}

int route_find(struct judge *judge, struct arena *arena, struct text name, struct route *out)
{
	struct route route = { .dirfd = AT_FDCWD };
	struct text rest = name;
	char *room = arena_new(arena, name.len + 2, 1);
	int error = 0;

	if (!text_starts(name, TEXT("/")) || name.len > LIMIT_PATH || memchr(name.at, '\0', name.len))
		return -EINVAL;
	if (!room)
		return -ENOMEM;
	route.guest = route.host = path_fold(TEXT("/"), name, room);
	route.slash = name.len > 1 && text_ends(name, TEXT("/"));
	route.branch = branch_of(judge, name, route.guest);
	if (route.branch && branch_open(judge, route.branch) < 0)
		route.branch = NULL;
	if (route.branch)
		error = route_in_branch(arena, name, &route, &rest);
	if (error < 0)
		return error;
	if (!passes_secret(judge, arena, &route, rest))
		return -ENOMEM;
	rest = arena_text(arena, rest);
	if (!rest.at)
		return -ENOMEM;
	route.rest = rest.at;
	*out = route;
	return 0;
}

/* A link leaves the branch: where it leads the host itself says, and its class is judged by that (decisions.md 4.5). */
int route_leave(struct arena *arena, struct route *route)
{
	struct text rest = arena_join(arena, route->branch->host, TEXT("/"), text_of(route->rest));

	if (!rest.at)
		return -ENOMEM;
	if (rest.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	route->rest = rest.at;
	route->dirfd = AT_FDCWD;
	route->branch = NULL;
	return 0;
}
