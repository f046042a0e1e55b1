/*
 * settle.c - the commonest ways with links, beneath a mount that nothing hangs
 * beneath, made others.
 *
 * The first link is put in its place by its text: what stands before it was matched
 * as a name before, and whatever else there is, opening it without links finds out.
 * What starts from an opened directory is found again from the mount, by the
 * directory's true path. The rest is walked (leave.c). The kernel follows no link: what
 * it passes on its way nobody could match afterwards (I1).
 */
#include "names/inside.h"

#include <errno.h>

#include "base/sys.h"

/* The way to FD from where MOUNT is now, in ROOM; .at NULL: it is not beneath it. */
static struct text way_to(struct names *names, const struct mount *mount, int fd, struct true_path *room)
{
	struct true_path now;
	struct text name;

	if (names->procfd < 0)
		names->procfd = sys_open_paths();
	if (sys_path_in(names->procfd, fd, room->at, LIMIT_PATH + 1, &room->len) < 0 || room->at[0] != '/')
		return (struct text){ 0 };
	name = (struct text){ room->at, room->len };
	if (text_beneath(name, mount->host))
		return text_from(name, mount->host.len);
	if (!true_path_of(mount->fd, &now) || !text_beneath(name, (struct text){ now.at, now.len }))
		return (struct text){ 0 };
	return text_from(name, now.len);
}

static bool is_dots(struct text part)
{
	return text_eq(part, TEXT(".")) || text_eq(part, TEXT(".."));
}

/* The text of the first component that is a link, in ROOM; .at NULL: none is, or only a walk can tell. *BEFORE and *AFTER: where it stands. */
static struct text first_link(const struct place *place, bool follow, char room[LIMIT_PATH + 1], size_t *before, struct text *after)
{
	int fd = place->mount->fd, next;
	ssize_t n = -EINVAL;
	char name[LIMIT_COMPONENT + 1];
	struct text part;

	*after = text_of(place->rest);
	while (n == -EINVAL) {
		part = text_component(after);
		if (!part.len || part.len > LIMIT_COMPONENT || is_dots(part) || (!after->len && !follow))
			break;
		memcpy(name, part.at, part.len);
		name[part.len] = '\0';
		n = sys_readlinkat(fd, name, room, LIMIT_PATH + 1);
		if (n != -EINVAL)
			break;
		next = sys_openat2(fd, name, O_PATH | O_DIRECTORY, 0, SYS_BENEATH | SYS_NO_MAGIC | SYS_NO_LINKS);
		if (fd != place->mount->fd)
			sys_close(fd);
		fd = next;
		n = next < 0 ? next : n;
	}
	if (fd != place->mount->fd)
		sys_close(fd);
	*before = (size_t)(part.at - place->rest);
	return n > 0 && n <= LIMIT_PATH ? (struct text){ room, (size_t)n } : (struct text){ 0 };
}

/* Takes a ".." that LINK begins with, and the last component of WAY[0, *LEN) for it. False: there is none, or nothing to take. */
static bool take_up(const char *way, size_t *len, struct text *link)
{
	struct text rest = *link;
	size_t n = *len;

	if (n == 0 || !text_eq(text_component(&rest), TEXT("..")))
		return false;
	while (n > 0 && way[n - 1] == '/')
		n--;
	while (n > 0 && way[n - 1] != '/')
		n--;
	*len = n;
	*link = rest;
	return true;
}

int names_settle_link(struct names *names, const struct place *place, bool follow, struct place *out)
{
	char room[LIMIT_PATH + 1], whole[3 * LIMIT_PATH + 1];
	struct text after, link;
	size_t before;

	link = first_link(place, follow, room, &before, &after);
	if (!link.len || link.at[0] == '/')
		return -EXDEV;
	room[link.len] = '\0';
	while (take_up(place->rest, &before, &link))
		;
	if (path_has_dotdot(link.at))
		return -EXDEV;
	memcpy(whole, place->rest, before);
	memcpy(whole + before, link.at, link.len);
	memcpy(whole + before + link.len, after.at, after.len);
	return names_walk(names, mounted_of(place->mount)->node, (struct text){ whole, before + link.len + after.len }, out);
}

int names_settle_dir(struct names *names, const struct place *place, struct place *out)
{
	char whole[2 * LIMIT_PATH + 2];
	struct true_path room;
	struct text way = way_to(names, place->mount, place->dirfd, &room);
	size_t n = strlen(place->rest);

	if (!way.at)
		return -EXDEV;
	if (way.len + 1 + n > LIMIT_PATH)
		return -ENAMETOOLONG;
	memcpy(whole, way.at, way.len);
	whole[way.len] = '/';
	memcpy(whole + way.len + 1, place->rest, n);
	return names_walk(names, mounted_of(place->mount)->node, (struct text){ whole, way.len + 1 + n }, out);
}
