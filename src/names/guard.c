/*
 * guard.c - the judge is not for sale (I9): what nobody gets or nobody changes,
 * beneath a mount that was given with it.
 *
 * Decided on opened objects and on their true paths. A mount that holds nothing
 * protected has no guards and pays nothing.
 */
#include "names/names.h"

#include "base/sys.h"

struct true_path {
	char at[2 * LIMIT_PATH + 2];
	size_t len;
};

/* The kernel's name of FD, and LEAF behind it when there is one. False: not to be had, which is a no. */
static bool true_path(int fd, const char *leaf, struct true_path *out)
{
	size_t n = leaf ? strlen(leaf) : 0;

	if (sys_path_of(fd, out->at, LIMIT_PATH + 1, &out->len) < 0 || n > LIMIT_PATH)
		return false;
	while (n > 0 && leaf[n - 1] == '/')
		n--;
	if (n == 0)
		return true;
	if (out->len > 1)
		out->at[out->len++] = '/';
	memcpy(out->at + out->len, leaf, n);
	out->len += n;
	return true;
}

static bool is_object(const struct start_protected *guard, const struct stat *st)
{
	return guard->ino && guard->ino == st->st_ino && guard->dev == st->st_dev;
}

bool names_guards(const struct mount *mount, int fd, const struct stat *st, bool changes)
{
	const struct start *start = mount->guards;
	struct true_path path;
	struct text name;

	if (!start)
		return false;
	if (!true_path(fd, NULL, &path))
		return true;
	name = (struct text){ path.at, path.len };
	for (size_t i = 0; i < start->nprotected; i++) {
		const struct start_protected *guard = &start->protected[i];

		if (guard->nothing ? text_beneath(name, guard->name) || is_object(guard, st) : changes && is_object(guard, st))
			return true;
	}
	return false;
}

bool names_guards_name(const struct mount *mount, int parentfd, const char *leaf)
{
	const struct start *start = mount->guards;
	struct true_path path;
	struct stat st = { 0 };
	struct text name;

	if (!start)
		return false;
	if (!true_path(parentfd, leaf, &path))
		return true;
	name = (struct text){ path.at, path.len };
	(void)sys_fstatat(parentfd, leaf, &st, AT_SYMLINK_NOFOLLOW);	/* absent: nothing is it */
	for (size_t i = 0; i < start->nprotected; i++) {
		const struct start_protected *guard = &start->protected[i];

		if (text_beneath(guard->name, name) || is_object(guard, &st) || (guard->nothing && text_beneath(name, guard->name)))
			return true;
	}
	return false;
}
