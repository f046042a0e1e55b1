/*
 * listing.c - what a listing leaves out (decisions.md 4.8): secrets that no argument
 * names, by name and by where a link leads, what rules take out of listings, and what
 * is protected.
 *
 * An ordinary entry is told by its name alone; the directory's own path is asked for
 * when an entry first needs it.
 */
#include "names/inside.h"

#include <dirent.h>

#include "base/sys.h"

void names_view_init(const struct names *names, const struct mount *mount, int fd, struct names_view *out)
{
	struct stat st;

	*out = (struct names_view){ .names = names, .mount = mount, .fd = fd, .secrets = !(mount && mount->flags & MOUNT_SECRETS) };
	if (mount && mount->guards && sys_fstat(fd, &st) == 0) {
		out->guards = mount->guards;
		out->dev = st.st_dev;
	}
}

/* What nobody gets. By its entry's number: what is mounted on it has another, and is met when it is opened. */
static bool is_guarded(const struct names_view *view, uint64_t ino)
{
	for (size_t i = 0; i < view->guards->nprotected; i++) {
		const struct start_protected *guard = &view->guards->protected[i];

		if (guard->nothing && guard->ino && guard->ino == ino && guard->dev == view->dev)
			return true;
	}
	return false;
}

/* Somebody allowed to list a directory that is secret itself: then what is in it is shown. */
static bool view_know(struct names_view *view)
{
	struct true_path path;

	if (view->len)
		return true;
	if (!true_path_of(view->fd, &path))
		return false;
	memcpy(view->path, path.at, path.len + 1);
	view->len = path.len;
	if (view->secrets && exclude_at(view->names->excludes, (struct text){ view->path, view->len }, 0, true).self & ACCESS_STAT)
		view->secrets = false;
	return true;
}

static bool is_named(const struct names *names, struct text path)
{
	for (size_t i = 0; i < names->start->nargs; i++) {
		const struct start_arg *arg = &names->start->args[i];

		if (arg->beneath ? text_beneath(path, arg->name) : text_eq(path, arg->name))
			return true;
	}
	return false;
}

/* FROM: only what is completed behind that byte. */
static bool is_shown(const struct names_view *view, struct text path, size_t from)
{
	const struct exclude_set *set = view->names->excludes;

	if (exclude_at(set, path, from, false).unlisted)
		return false;
	return !view->secrets || !exclude_at(set, path, from, true).unlisted || is_named(view->names, path);
}

static void path_init(const struct names_view *view, struct true_path *out)
{
	memcpy(out->at, view->path, view->len);
	out->len = view->len;
}

/* What the link NAME, PATH in all, leads to beneath the mount, or beneath the directory; by its text where it leaves that. */
static bool link_path(const struct names_view *view, const char *name, const struct true_path *path, struct true_path *out)
{
	char text[LIMIT_PATH + 1];
	struct text whole = { path->at, path->len };
	struct outset from = { view->fd, { view->path, view->len }, view->names->excludes, view->secrets };
	ssize_t n;

	if (view->mount && view->mount->host.len && text_beneath(whole, view->mount->host)) {
		from.fd = view->mount->fd;
		from.host = view->mount->host;
	}
	whole = text_from(whole, from.host.len);
	if (whole.len <= LIMIT_PATH && true_path_led(&from, whole, out))
		return true;
	n = sys_readlinkat(view->fd, name, text, sizeof text);
	if (n <= 0)
		return false;
	path_init(view, out);
	if (text[0] == '/')
		out->len = 1;
	return true_path_push(out, (struct text){ text, (size_t)n });
}

static bool link_is_shown(const struct names_view *view, struct text name, const struct true_path *path)
{
	char copy[LIMIT_COMPONENT + 1];
	struct true_path target;

	if (name.len > LIMIT_COMPONENT)
		return false;
	memcpy(copy, name.at, name.len);
	copy[name.len] = '\0';
	if (!link_path(view, copy, path, &target))
		return true;		/* no link, or one that is gone */
	return is_shown(view, (struct text){ target.at, target.len }, 0) || (view->secrets && is_named(view->names, (struct text){ path->at, path->len }));
}

bool names_lists(struct names_view *view, struct text name, uint8_t type, uint64_t ino)
{
	const struct exclude_set *set = view->names->excludes;
	bool may_link = type == DT_LNK || type == DT_UNKNOWN;
	struct true_path path;

	if (view->guards && is_guarded(view, ino))
		return false;
	if (!set || (!may_link && type != DT_SOCK && !exclude_maybe_part(set, name)))
		return true;
	if (!view_know(view))
		return false;
	path_init(view, &path);
	if (!true_path_push(&path, name) || !is_shown(view, (struct text){ path.at, path.len }, view->len))
		return false;
	if (type == DT_SOCK && view->secrets)
		return is_named(view->names, (struct text){ path.at, path.len });
	return !may_link || link_is_shown(view, name, &path);
}

bool names_lists_made(const struct names *names, struct text dir, struct text name)
{
	struct true_path path = { .len = dir.len };

	if (!names->excludes)
		return true;
	memcpy(path.at, dir.at, dir.len);
	return true_path_push(&path, name) && !exclude_at(names->excludes, (struct text){ path.at, path.len }, 0, false).unlisted;
}
