/*
 * exclude.c - what a mount does not cover beneath it (decisions.md 4.8), by name.
 *
 * Names are compared as true paths: the mount's and the way from it, in which ".." is
 * taken by its text. So a way counts only while it has no links, which names_open makes
 * sure of; any other is settled first (leave.c) and comes here again. A directory descriptor
 * knows what is excluded where it is, and its true path is asked for when a
 * component after it could complete a pattern.
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

bool true_path_push(struct true_path *path, struct text rest)
{
	struct text part;

	while ((part = text_component(&rest)).len) {
		if (text_eq(part, TEXT(".")))
			continue;
		if (text_eq(part, TEXT(".."))) {
			path->len = text_parent((struct text){ path->at, path->len }).len;
			continue;
		}
		if (path->len + 1 + part.len >= sizeof path->at)
			return false;
		if (path->len > 1)
			path->at[path->len++] = '/';
		memcpy(path->at + path->len, part.at, part.len);
		path->len += part.len;
	}
	path->at[path->len] = '\0';
	return true;
}

bool true_path_of(int fd, struct true_path *out)
{
	return sys_path_of(fd, out->at, LIMIT_PATH + 1, &out->len) == 0 && out->len > 0 && out->at[0] == '/';
}

/* What is compared: the way from the mount, or from the descriptor. */
static struct text way_of(const struct place *place)
{
	return place->by_name ? text_from(place->name, place->mount->at.len) : text_of(place->rest);
}

/* Does ".." lead above where WAY begins? The kernel says so then, and the place will be another. */
static bool leads_above(struct text way)
{
	struct text part;
	size_t depth = 0;

	while ((part = text_component(&way)).len) {
		if (text_eq(part, TEXT(".")))
			continue;
		if (!text_eq(part, TEXT("..")))
			depth++;
		else if (depth-- == 0)
			return true;
	}
	return false;
}

/* The true path of PLACE. *FROM: where its way begins. */
static bool true_path_whole(const struct place *place, struct true_path *out, size_t *from)
{
	if (place->by_name) {
		memcpy(out->at, place->mount->host.at, place->mount->host.len);
		out->len = place->mount->host.len;
	} else if (!true_path_of(place->dirfd, out)) {
		return false;
	}
	*from = out->len;
	return true_path_push(out, way_of(place));
}

static bool counts_secrets(const struct mount *mount)
{
	return !(mount->flags & MOUNT_SECRETS);
}

/* Is there a component that is not just a dot? */
static bool goes_on(struct text rest)
{
	struct text part;

	while ((part = text_component(&rest)).len)
		if (part.len > 1 || part.at[0] != '.')
			return true;
	return false;
}

/* Does WAY, from PATH[0, FROM) on, go into what nobody may look at, and out again? Whether that is there is not told. Only as far as it stays beneath. */
static bool passes_excluded(const struct mount *mount, struct true_path *path, size_t from, struct text way)
{
	struct text part;

	path->len = from;
	while ((part = text_component(&way)).len) {
		struct text name = { path->at, path->len };
		bool up = text_eq(part, TEXT(".."));

		if (up && exclude_at(mount->excludes, name, from, counts_secrets(mount)).self & ACCESS_STAT)
			return true;
		if (up && path->len == from)
			return false;
		if (!true_path_push(path, part))
			return true;
	}
	return false;
}

static void add_excluded(struct place *place)
{
	const struct mount *mount = place->mount;
	struct true_path path;
	struct excluded hit = { ACCESS_ALL, ACCESS_ALL, true };
	size_t from;

	if (true_path_whole(place, &path, &from)) {
		hit = leads_above(way_of(place)) ? (struct excluded){ 0 } : exclude_at(mount->excludes, (struct text){ path.at, path.len }, from, counts_secrets(mount));
		if (path_has_dotdot(place->rest) && passes_excluded(mount, &path, from, way_of(place)))
			hit.self = ACCESS_ALL;
	}
	place->excluded |= hit.self;
	place->beneath |= hit.beneath;
}

void names_exclude(const struct names *names, struct place *place)
{
	struct text way = way_of(place);

	place->excluded = place->beneath = 0;
	place->additions = names->additions;
	if (!place->mount->excludes)
		return;
	place->beneath = place->from.beneath;
	place->excluded = goes_on(way) ? place->from.beneath : place->from.self;
	if (exclude_maybe(place->mount->excludes, way))
		add_excluded(place);
}

bool names_is_at(const struct place *place, int fd)
{
	struct true_path path, found;
	size_t from;

	if (!place->mount->excludes)
		return true;
	if (place->excluded & ACCESS_STAT || leads_above(way_of(place)) || !true_path_whole(place, &path, &from) || !true_path_of(fd, &found))
		return false;
	return text_eq((struct text){ path.at, path.len }, (struct text){ found.at, found.len });
}

bool names_holds(const struct place *place)
{
	const struct mount *mount = place->mount;
	struct true_path path;
	size_t from;

	if (!mount->holds || leads_above(way_of(place)))
		return false;
	if (!true_path_whole(place, &path, &from))
		return true;
	return exclude_is_above(mount->excludes, (struct text){ path.at, path.len }, counts_secrets(mount));
}

bool names_excludes(const struct mount *mount, const struct stat *st, access_set access)
{
	if (!mount->excludes)
		return false;
	return (S_ISSOCK(st->st_mode) && counts_secrets(mount)) || exclude_object(mount->excludes, (struct file_id){ st->st_dev, st->st_ino }) & access;
}

bool names_excludes_leaf(const struct mount *mount, int parentfd, const char *leaf)
{
	struct stat st;

	return mount->excludes && sys_fstatat(parentfd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 && names_excludes(mount, &st, ACCESS_ALL);
}

struct excluded dir_excluded(const struct names *names, struct names_dir *dir)
{
	struct true_path path;

	if (dir->additions == names->additions || !dir->mount->excludes)
		return dir->own;
	if (!true_path_of(dir->fd, &path))
		return (struct excluded){ ACCESS_ALL, ACCESS_ALL, true };
	dir->own = exclude_at(dir->mount->excludes, (struct text){ path.at, path.len }, 0, counts_secrets(dir->mount));
	dir->additions = names->additions;
	return dir->own;
}

int mount_exclude(struct names *names, struct mount *mount)
{
	struct true_path path;

	if (names->lost)
		return -EACCES;
	if (!names->excludes)
		return 0;
	if (!mount->host.len) {
		if (!true_path_of(mount->fd, &path))
			return -EACCES;
		mount->host = arena_text(&names->arena, (struct text){ path.at, path.len });
		if (!mount->host.at)
			return -ENOMEM;
	}
	mount->excludes = names->excludes;
	mount->own = exclude_at(names->excludes, mount->host, 0, counts_secrets(mount));
	mount->holds = exclude_is_above(names->excludes, mount->host, counts_secrets(mount));
	return 0;
}

/* Whatever goes wrong, nothing is covered any more. */
int names_exclude_more(struct names *names, const struct excludes *more)
{
	int failed = 0;
	bool nothing = !more->n && !more->nobjects && (names->excludes || !names->start->secrets);

	if (nothing || names->start->mode == MODE_OFF)
		return 0;
	names->additions++;
	if (!names->excludes)
		names->excludes = exclude_new(&names->arena, names->start->secrets);
	failed = names->excludes ? exclude_add(names->excludes, more) : -ENOMEM;
	for (struct mounted *m = names->last; m && !failed; m = m->before)
		failed = mount_exclude(names, &m->mount);
	names->lost |= failed < 0;
	for (struct mounted *m = names->last; m && failed; m = m->before)
		m->mount.access = 0;
	return failed;
}
