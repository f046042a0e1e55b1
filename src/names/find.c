/*
 * find.c - where a name leads (decisions.md 4.2).
 *
 * "." and ".." are walked while the walk is in the tree; the first component that
 * the tree does not know ends it, and the rest is left as it is: to the kernel
 * beneath a mount, to the judge in a hole. No name is ever cleaned by its text alone.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

static const char dot[] = ".", dotdot[] = "..";

static bool is_text(struct text t, const char *s, size_t len)
{
	return t.len == len && memcmp(t.at, s, len) == 0;
}

static bool ends_in_slash(struct text path)
{
	return path.len && path.at[path.len - 1] == '/';
}

/* The mount that covers what is at and beneath NODE, or NULL. */
static const struct mount *cover(const struct node *node)
{
	for (;; node = node->parent) {
		if (node->mount)
			return node->mount;
		if (node->host || node->parent == node)
			return NULL;
	}
}

/* Is PATH just names with a slash between them? Then it may be copied as it is. */
static bool is_plain(struct text path)
{
	char before = '/';

	for (size_t i = 0; i < path.len; i++) {
		if (before == '/' && (path.at[i] == '/' || path.at[i] == '.'))
			return false;
		before = path.at[i];
	}
	return path.len && before != '/';
}

static char *put(char *to, const char *at, size_t len)
{
	memcpy(to, at, len);
	return to + len;
}

/* Component by component, without the slashes and dots that mean nothing. The first needs no slash at BARE. */
static char *put_parts(char *to, const char *bare, struct text rest)
{
	struct text part, next = text_component(&rest);

	while (next.len) {
		part = next;
		next = text_component(&rest);
		if (next.len && is_text(part, dot, 1))
			continue;
		if (to != bare)
			*to++ = '/';
		to = put(to, part.at, part.len);
	}
	return to;
}

/* The absolute name: BASE and REST. A "." at the end stays: it makes a difference to what stands before it. */
static int name_fill(struct text base, struct text rest, struct place *out)
{
	char *to, *bare;

	if (base.len + rest.len + 2 > sizeof out->at)
		return -ENAMETOOLONG;
	to = put(out->at, base.at, base.len);
	bare = base.len && base.at[base.len - 1] == '/' ? to : NULL;
	if (is_plain(rest)) {
		if (!bare)
			*to++ = '/';
		to = put(to, rest.at, rest.len);
	} else {
		to = put_parts(to, bare, rest);
	}
	*to = '\0';
	out->name = (struct text){ out->at, (size_t)(to - out->at) };
	return 0;
}

/* What the kernel gets: the way from the mount down to NODE, then REST as it came. */
static int rest_fill(struct text mount, struct text node, struct text rest, struct place *out)
{
	struct text way = text_from(node, mount.len);
	char *to = out->text;

	while (way.len && way.at[0] == '/')
		way = text_from(way, 1);
	if (way.len + (way.len && rest.len) + rest.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	if (way.len) {
		memcpy(to, way.at, way.len);
		to += way.len;
		if (rest.len)
			*to++ = '/';
	}
	if (rest.len)
		memcpy(to, rest.at, rest.len);
	to += rest.len;
	if (to == out->text)
		*to++ = '.';
	*to = '\0';
	out->rest = out->text;
	return 0;
}

static int place_covered(const struct mount *mount, int dirfd, const struct excluded *from, struct text node, struct text rest, struct place *out)
{
	out->kind = PLACE_COVERED;
	out->mount = mount;
	out->dirfd = dirfd;
	out->nested = mounted_of(mount)->node && mounted_of(mount)->node->mounts;
	out->strict = out->nested || mount->excludes;
	out->settled = false;
	out->excluded = out->beneath = 0;
	out->by_name = dirfd == mount->fd;
	out->from = *from;
	return rest_fill(mount->at, node, rest, out);
}

/* The walk left the tree at AT: REST begins with a component that is not in it. */
static int place_beyond(const struct node *at, struct text rest, struct place *out)
{
	const struct mount *mount = cover(at);
	int failed = name_fill(at->path, rest, out);

	out->slash = ends_in_slash(rest);
	if (failed < 0)
		return failed;
	if (mount)
		return place_covered(mount, mount->fd, &mount->own, at->path, rest, out);
	out->kind = PLACE_HOLE;
	return out->name.len > LIMIT_PATH ? -ENAMETOOLONG : 0;
}

/* The walk ended in the tree. TAIL: "/" or "." when the path did: only a directory will do. */
static int place_known(const struct node *at, struct text tail, struct place *out)
{
	const struct mount *mount;
	int failed = name_fill(at->path, TEXT(""), out);

	out->slash = tail.len > 0;
	if (failed < 0)
		return failed;
	if (at->has_device) {
		out->kind = PLACE_DEVICE;
		out->device = at->device;
		return 0;
	}
	if (!at->mount && at->synthetic) {
		out->kind = PLACE_SYNTHETIC;
		out->synthetic = at->synthetic;
		return 0;
	}
	mount = cover(at);
	if (mount)
		return place_covered(mount, mount->fd, &mount->own, at->path, at->mount ? TEXT("") : tail, out);
	out->kind = PLACE_HOLE;
	return 0;
}

int names_walk(struct names *names, struct node *at, struct text path, struct place *out)
{
	struct text rest = path, part, before;
	struct text tail = ends_in_slash(path) ? TEXT("/") : TEXT(""), end = tail;
	struct node *child;

	for (;;) {
		before = rest;
		part = text_component(&rest);
		if (!part.len)
			return place_known(at, end, out);
		if (at->has_device)
			return -ENOTDIR;
		if (is_text(part, dot, 1) || is_text(part, dotdot, 2)) {
			end = TEXT(".");
			at = part.len == 2 ? at->parent : at;
			continue;
		}
		child = tree_child(&names->tree, at, part);
		if (!child)
			return place_beyond(at, text_from(before, (size_t)(part.at - before.at)), out);
		at = child;
		end = tail;
	}
}

/* The longest claim that PATH spells or lies beneath; *REST is what is left of PATH then. */
static const struct start_arg *claim_find(const struct names *names, struct text path, struct text *rest)
{
	const struct start_arg *found = NULL;
	const struct node *at = &names->claims;

	while (at->children) {
		struct text part = text_component(&path);

		if (is_text(part, dot, 1))
			continue;
		at = part.len ? tree_child(&names->tree, at, part) : NULL;
		if (!at)
			break;
		if (at->claim) {
			found = at->claim;
			*rest = path;
		}
	}
	return found;
}

/* BASE and PATH in one, walked from the root. */
static int walk_joined(struct names *names, struct text base, struct text path, struct place *out)
{
	char joined[2 * LIMIT_PATH + 2];

	if (base.len > LIMIT_PATH || path.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	memcpy(joined, base.at, base.len);
	joined[base.len] = '/';
	if (path.len)
		memcpy(joined + base.len + 1, path.at, path.len);
	return names_walk(names, &names->root, (struct text){ joined, base.len + (path.len ? 1 + path.len : 0) }, out);
}

/* The two virtual preopens. */
static int find_virtual(struct names *names, bool cwd, struct text path, struct place *out)
{
	const struct start_arg *claim;
	const struct node *top;
	struct text peek = path, rest;

	if (path.at[0] == '/')
		return names_walk(names, &names->root, path, out);
	claim = cwd && names->claims.children ? claim_find(names, path, &rest) : NULL;
	if (claim)
		return walk_joined(names, claim->name, rest, out);
	top = tree_child(&names->tree, &names->tops, text_component(&peek));
	return names_walk(names, top && !(cwd && top->local) ? &names->root : names->cwd, path, out);
}

/*
 * An opened directory beneath a mount: the object counts, not its name, unless
 * another mount or the like hangs beneath this one and the name leads there.
 */
static int find_covered(struct names *names, struct names_dir *dir, struct text path, struct place *out)
{
	const struct node *node = mounted_of(dir->mount)->node;
	struct excluded own;
	int failed;

	if (node && node->children) {
		failed = walk_joined(names, dir->name, path, out);
		if (failed < 0 || out->kind != PLACE_COVERED || out->mount != dir->mount)
			return failed;
	}
	out->slash = ends_in_slash(path);
	failed = name_fill(dir->name, path, out);
	if (failed < 0)
		return failed;
	own = dir_excluded(names, dir);
	return place_covered(dir->mount, dir->fd, &own, dir->mount->at, path, out);
}

/* A grant was revoked, and only the judge knows which: nothing is covered until it has said so. */
static int place_now(struct names *names, struct place *out)
{
	if (!names->page || out->kind != PLACE_COVERED)
		return 0;
	names->asked = __atomic_load_n(&names->page->revoked, __ATOMIC_ACQUIRE);
	if (names->asked == names->revoked)
		return 0;
	out->kind = PLACE_HOLE;
	return out->name.len > LIMIT_PATH ? -ENAMETOOLONG : 0;
}

int names_find(struct names *names, struct names_dir *dir, struct text path, struct place *out)
{
	int failed;

	if (path.len == 0)
		return -ENOENT;
	if (path.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	if (dir->kind == DIR_ROOT || dir->kind == DIR_CWD)
		failed = find_virtual(names, dir->kind == DIR_CWD, path, out);
	else if (path.at[0] == '/')
		failed = -EPERM;
	else if (dir->kind == DIR_COVERED)
		failed = find_covered(names, dir, path, out);
	else
		failed = walk_joined(names, dir->name, path, out);
	return failed < 0 ? failed : place_now(names, out);
}

/* It would have to be settled first: let the judge follow the name. */
static bool is_other_name(const struct place *place)
{
	int fd = place->strict && !is_text(text_of(place->rest), dot, 1) ? names_open(place, O_PATH | O_DIRECTORY, 0) : 0;

	if (fd > 0)
		sys_close(fd);
	return fd == -EXDEV;
}

int names_self(struct names *names, struct names_dir *dir, access_set access, struct place *out)
{
	int failed = dir->kind == DIR_COVERED ? find_covered(names, dir, TEXT("."), out) : names_walk(names, &names->root, dir->name, out);

	if (failed == 0)
		failed = place_now(names, out);
	if (failed < 0 || out->kind != PLACE_COVERED)
		return failed;
	names_exclude(names, out);
	if (!(out->excluded & access) && !is_other_name(out))
		return 0;
	out->kind = PLACE_HOLE;
	return out->name.len > LIMIT_PATH ? -ENAMETOOLONG : 0;
}

bool names_above_mounts(struct names *names, const struct place *place)
{
	const struct node *at = &names->root;
	struct text rest = place->name, part;

	if (!place->nested)
		return false;
	while (at && (part = text_component(&rest)).len)
		at = is_text(part, dot, 1) ? at : tree_child(&names->tree, at, part);
	return at && (at->mounts || at->mount);
}
