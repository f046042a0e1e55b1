/*
 * leave.c - a path that leaves its mount (decisions.md 4.7).
 *
 * Walks beneath the mount one component at a time, only to learn which name leaves.
 * Every step is an openat2 beneath the mount's own descriptor, so the walk itself
 * cannot get out whatever happens meanwhile (P04). ".." re-enters the tree as another
 * name; a link that leaves is refused.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

struct walk {
	const struct tree *tree;
	const struct node *node;	/* the mount's */
	const struct mount *mount;
	struct text rest;		/* not walked yet; lies at the end of PENDING */
	size_t own;			/* how many bytes of REST the guest itself wrote: the rest is out of links */
	int links;
	bool dotted;			/* the last component was a dot or two */
	bool slash;			/* and the path ended in a slash */
	size_t len;			/* of REAL */
	char real[LIMIT_PATH + 1];	/* where the walk is, from the mount: no links, no dots */
	char pending[2 * LIMIT_PATH + 2];
};

/* ".." in the walk. False: it leaves the mount. */
static bool step_up(struct walk *walk)
{
	if (walk->len == 0)
		return false;
	while (walk->len > 0 && walk->real[walk->len - 1] != '/')
		walk->len--;
	if (walk->len > 0)
		walk->len--;
	walk->real[walk->len] = '\0';
	return true;
}

/* FD, a link, is what the walk goes on with. */
static int step_link(struct walk *walk, int fd)
{
	char text[LIMIT_PATH + 1];
	ssize_t n = sys_readlinkat(fd, "", text, sizeof text);
	size_t len = (size_t)n, slash = walk->rest.len && walk->rest.at[0] != '/';
	char *to;

	if (n < 0)
		return (int)n;
	if (++walk->links > LIMIT_LINKS)
		return -ELOOP;
	if (len == 0 || len > LIMIT_PATH)
		return -ENAMETOOLONG;
	if (text[0] == '/')
		return -EACCES;
	if (len + slash + walk->rest.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	to = walk->pending + sizeof walk->pending - walk->rest.len - slash - len;
	memcpy(to, text, len);
	if (slash)
		to[len] = '/';
	walk->rest = (struct text){ to, len + slash + walk->rest.len };
	return 0;
}

static bool only_slashes(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] != '/')
			return false;
	return true;
}

/* One component that is neither "." nor "..". */
static int step_down(struct walk *walk, struct text part, bool stop_at_link)
{
	size_t had = walk->len;
	struct stat st;
	int fd, failed;

	if (had + 1 + part.len > LIMIT_PATH)
		return -ENAMETOOLONG;
	if (had > 0)
		walk->real[walk->len++] = '/';
	memcpy(walk->real + walk->len, part.at, part.len);
	walk->len += part.len;
	walk->real[walk->len] = '\0';
	fd = sys_openat2(walk->mount->fd, walk->real, O_PATH | O_NOFOLLOW, 0, SYS_BENEATH | SYS_NO_MAGIC);
	if (fd < 0)
		return fd;
	failed = sys_fstat(fd, &st);
	if (!failed && S_ISLNK(st.st_mode) && !stop_at_link) {
		walk->len = had;
		walk->real[had] = '\0';
		failed = step_link(walk, fd);
	} else if (!failed && !S_ISDIR(st.st_mode) && !only_slashes(walk->rest)) {
		failed = -ENOTDIR;
	}
	sys_close(fd);
	return failed;
}

/* Is PART, from where the walk is, the name of another mount? */
static bool enters_mount(const struct walk *walk, struct text part)
{
	const struct node *at = walk->node;
	struct text real = { walk->real, walk->len }, next;

	while (at && (next = text_component(&real)).len)
		at = tree_child(walk->tree, at, next);
	at = at ? tree_child(walk->tree, at, part) : NULL;
	return at && at->mount;
}

/* The guest's own ".." leaves; another mount is entered; the end is reached, and lies here. REST is what comes then. */
enum { LEFT = 1, ENTERED, STAYED };

/* One of these, or a negative errno. REAL is how far it came. */
static int walk_out(struct walk *walk, bool follow)
{
	int failed = 0;

	while (!failed) {
		struct text part = text_component(&walk->rest);
		bool own = walk->rest.len < walk->own;

		if (own)
			walk->own = walk->rest.len;
		if (!part.len)
			return STAYED;
		walk->dotted = text_eq(part, TEXT(".")) || text_eq(part, TEXT(".."));
		if (!walk->dotted && enters_mount(walk, part)) {
			walk->rest = (struct text){ part.at, part.len + walk->rest.len };
			return ENTERED;
		}
		if (!walk->dotted)
			failed = step_down(walk, part, !follow && walk->rest.len == 0);
		else if (part.len == 2 && !step_up(walk))
			return own ? LEFT : -EACCES;
	}
	return failed == -ENOENT && only_slashes(walk->rest) ? STAYED : failed;
}

/* What a walk that stayed came to, found anew: it may lie in another mount by now. A dot or slash at the end stays one. */
static int settle(struct names *names, struct node *node, struct walk *walk, struct place *out)
{
	const char *tail = walk->dotted ? "/." : walk->slash ? "/" : "";
	int failed;

	if (walk->len + strlen(tail) > LIMIT_PATH)
		return -ENAMETOOLONG;
	memcpy(walk->real + walk->len, tail, strlen(tail) + 1);
	failed = names_walk(names, node, text_of(walk->real), out);
	out->settled = true;
	return failed;
}

/* REAL and the rest, found anew from the mount's name. */
static int enter(struct names *names, struct node *node, const struct walk *walk, struct place *out)
{
	char path[2 * LIMIT_PATH + 2];

	memcpy(path, walk->real, walk->len);
	path[walk->len] = '/';
	memcpy(path + walk->len + 1, walk->rest.at, walk->rest.len);
	return names_walk(names, node, (struct text){ path, walk->len + 1 + walk->rest.len }, out);
}

/* Reached through an opened directory: its own name says where ".." leads. */
static int leave_by_name(struct names *names, const struct place *place, struct place *out)
{
	char path[sizeof place->at + 1];
	size_t len = place->name.len;

	memcpy(path, place->name.at, len);
	if (place->slash)
		path[len++] = '/';
	return names_walk(names, &names->root, (struct text){ path, len }, out);
}

int names_leave(struct names *names, const struct place *place, bool follow, struct place *out)
{
	struct node *node = place->mount ? mounted_of(place->mount)->node : NULL;
	struct walk walk = { .tree = &names->tree, .node = node, .mount = place->mount };
	size_t len;
	int failed;

	if (!node)
		return -EPERM;
	if (place->dirfd != place->mount->fd)
		return leave_by_name(names, place, out);
	len = strlen(place->rest);
	walk.rest = (struct text){ walk.pending + sizeof walk.pending - len, len };
	memcpy(walk.pending + sizeof walk.pending - len, place->rest, len);
	walk.own = len + 1;
	walk.slash = len > 0 && place->rest[len - 1] == '/';
	failed = walk_out(&walk, follow);
	if (failed < 0)
		return failed == -EXDEV ? -EAGAIN : failed;
	if (failed == ENTERED)
		return enter(names, node, &walk, out);
	if (failed == STAYED)
		return settle(names, node, &walk, out);
	if (only_slashes(walk.rest))
		walk.rest = TEXT("/");
	return names_walk(names, node->parent, walk.rest, out);
}
