/*
 * leave.c - a path that leaves its mount, or has links or ".." where those are
 * settled first (decisions.md 4.7, 4.8).
 *
 * Walks beneath the mount one component at a time, only to learn which name leaves.
 * Every step is an openat2 beneath the mount's own descriptor, so the walk itself
 * cannot get out whatever happens meanwhile (P04). ".." re-enters the tree as another
 * name; a link that leaves is the judge's to follow. A name that nobody may look at is
 * not looked at: what is left of the path, from that name on, is found anew (I1).
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

struct walk {
	const struct tree *tree;
	const struct node *node;	/* the mount's; NULL: no other mounts count */
	struct outset from;
	struct text rest;		/* not walked yet; lies at the end of PENDING */
	size_t own;			/* how many bytes of REST the guest itself wrote: the rest is out of links */
	int links;
	bool turned;			/* it went through a link or ".." */
	bool dotted;			/* the last component was a dot or two */
	bool slash;			/* a slash stood behind it */
	size_t len;			/* of REAL */
	char real[LIMIT_PATH + 1];	/* where the walk is, from where it began: no links, no dots */
	char pending[2 * LIMIT_PATH + 2];
};

/* ".." in the walk. False: it leaves the mount. */
static bool step_up(struct walk *walk)
{
	walk->turned = true;
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
	walk->turned = true;
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
	fd = sys_openat2(walk->from.fd, walk->real, O_PATH | O_NOFOLLOW, 0, SYS_BENEATH | SYS_NO_MAGIC);
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

/* Does what is left go further down, whatever dots come first? */
static bool goes_down(struct text rest)
{
	struct text part;

	while ((part = text_component(&rest)).len)
		if (!text_eq(part, TEXT(".")))
			return !text_eq(part, TEXT(".."));
	return false;
}

/* May nobody look at PART, from where the walk is? As names_exclude says it of REAL and what is left. */
static bool is_excluded(const struct walk *walk, struct text part)
{
	const struct outset *from = &walk->from;
	struct true_path path = { .len = from->host.len };
	struct excluded hit;

	if (!from->excludes || !exclude_maybe_part(from->excludes, part))
		return false;
	memcpy(path.at, from->host.at, from->host.len);
	if (!true_path_push(&path, (struct text){ walk->real, walk->len }) || !true_path_push(&path, part))
		return true;
	hit = exclude_at(from->excludes, (struct text){ path.at, path.len }, from->host.len, from->secrets);
	return (goes_down(walk->rest) ? hit.beneath : hit.self) & ACCESS_STAT;
}

/* The guest's own ".." leaves; the name that comes next is to be found anew, with all before it; the end is reached, and lies here. REST is what comes then. */
enum { LEFT = 1, ANEW, STAYED };

/* Is PART not the walk's to look at: another mount, excluded, or, found to lie elsewhere, the last, which not every call follows? */
static bool is_anew(const struct walk *walk, struct text part, bool own)
{
	return enters_mount(walk, part) || is_excluded(walk, part) || (own && walk->turned && only_slashes(walk->rest));
}

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
		walk->slash = walk->rest.len && only_slashes(walk->rest);
		if (!walk->dotted && is_anew(walk, part, own)) {
			walk->rest = (struct text){ part.at, part.len + walk->rest.len };
			return ANEW;
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
static int find_anew(struct names *names, struct node *node, const struct walk *walk, struct place *out)
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

static void walk_init(struct walk *walk, const struct outset *from, struct text way)
{
	char *to = walk->pending + sizeof walk->pending - way.len;

	walk->tree = NULL;
	walk->node = NULL;
	walk->from = *from;
	walk->links = 0;
	walk->turned = walk->dotted = walk->slash = false;
	walk->len = 0;
	walk->real[0] = '\0';
	memcpy(to, way.at, way.len);
	walk->rest = (struct text){ to, way.len };
	walk->own = way.len + 1;
}

int names_leave(struct names *names, const struct place *place, bool follow, struct place *out)
{
	const struct mount *mount = place->mount;
	struct node *node = mount ? mounted_of(mount)->node : NULL;
	struct walk walk;
	int failed;

	if (!node)
		return -EPERM;
	if (place->strict && !place->nested) {
		failed = place->by_name ? names_settle_link(names, place, follow, out) : names_settle_dir(names, place, out);
		if (failed != -EXDEV)
			return failed;
	}
	if (!place->by_name)
		return leave_by_name(names, place, out);
	/* A name that was used although nobody may look at it is walked, too. */
	walk_init(&walk, &(struct outset){ mount->fd, mount->host, place->excluded & ACCESS_STAT ? NULL : mount->excludes, !(mount->flags & MOUNT_SECRETS) },
		  text_of(place->rest));
	walk.tree = &names->tree;
	walk.node = node;
	failed = walk_out(&walk, follow);
	if (failed < 0)
		return failed == -EXDEV ? -EAGAIN : failed;
	if (failed == ANEW)
		return find_anew(names, node, &walk, out);
	if (failed == STAYED)
		return settle(names, node, &walk, out);
	if (only_slashes(walk.rest))
		walk.rest = TEXT("/");
	return names_walk(names, node->parent, walk.rest, out);
}

/* PATH as far as no ".." comes. */
static struct text until_up(struct text path)
{
	struct text rest = path, part;

	while ((part = text_component(&rest)).len)
		if (text_eq(part, TEXT("..")))
			return (struct text){ path.at, (size_t)(part.at - path.at) };
	return path;
}

bool true_path_led(const struct outset *from, struct text way, struct true_path *out)
{
	struct walk walk;
	int failed;

	walk_init(&walk, from, way);
	walk.own = 0;
	failed = walk_out(&walk, true);
	if (failed == LEFT || failed == -EACCES || failed == -EXDEV)
		return false;
	memcpy(out->at, from->host.at, from->host.len);
	out->len = from->host.len;
	return true_path_push(out, (struct text){ walk.real, walk.len }) && true_path_push(out, failed == ANEW ? until_up(walk.rest) : walk.rest);
}
