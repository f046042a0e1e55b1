/*
 * alias.c - other names of what is protected: a mount of the same file system shows
 * it, or what is in it, a second time (I9: by any mount).
 *
 * Read from the kernel's list of mounts, once at start: proc_pid_mountinfo(5). An
 * alias is protected by its name as the first one is. A list that cannot be read is
 * an error: without it nobody knows.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"

enum { PIECE = 16 << 10 };

struct mounted_at {
	struct text device, root, point;	/* "major:minor"; what of the file system, and where it is shown */
};

static int mountinfo_read(struct buf *out)
{
	char piece[PIECE];
	int fd = sys_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
	ssize_t n = fd;

	while (fd >= 0 && (n = sys_read(fd, piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)n);
	sys_close(fd);
	if (n < 0)
		return (int)n;
	return buf_ok(out) ? 0 : -ENOMEM;
}

static struct text cut_at(struct text *rest, char c)
{
	const char *end = rest->len ? memchr(rest->at, c, rest->len) : NULL;
	struct text cut = { rest->at, end ? (size_t)(end - rest->at) : rest->len };

	*rest = text_from(*rest, cut.len + (end != NULL));
	return cut;
}

static bool is_octal(const char *at)
{
	return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' && at[2] <= '7';
}

/* Space, tab, newline and backslash stand there as \ooo. Mostly there is none, and T itself is what it says. */
static struct text unescape(struct arena *arena, struct text t)
{
	size_t n = 0;
	char *to;

	if (!t.len || !memchr(t.at, '\\', t.len))
		return t;
	to = arena_new(arena, t.len, 1);
	for (size_t i = 0; to && i < t.len; i++) {
		if (t.at[i] == '\\' && t.len - i > 3 && is_octal(t.at + i + 1)) {
			to[n++] = (char)((t.at[i + 1] - '0') << 6 | (t.at[i + 2] - '0') << 3 | (t.at[i + 3] - '0'));
			i += 3;
		} else {
			to[n++] = t.at[i];
		}
	}
	return (struct text){ to, to ? n : 0 };
}

/* One line: id, parent, device, root, mount point, and more that does not matter. 1; 0: none that counts; or -ENOMEM. */
static int line_read(struct arena *arena, struct text line, struct mounted_at *out)
{
	cut_at(&line, ' ');
	cut_at(&line, ' ');
	out->device = cut_at(&line, ' ');
	out->root = unescape(arena, cut_at(&line, ' '));
	out->point = unescape(arena, cut_at(&line, ' '));
	if (!out->root.at || !out->point.at)
		return -ENOMEM;
	return text_starts(out->root, TEXT("/")) && text_starts(out->point, TEXT("/"));
}

/* The way from directory DIR down to NAME, which lies beneath it: "" or "/...". */
static struct text way_down(struct text name, struct text dir)
{
	return text_from(name, dir.len > 1 ? dir.len : name.len > 1 ? 0 : 1);
}

/* Where NAME is within the file system that LIST shows it from; empty: nowhere. The last of the longest mount points is on top. 0 or -ENOMEM. */
static int name_within(struct arena *arena, struct text list, struct text name, struct text *device, struct text *out)
{
	struct mounted_at found = { 0 }, at;
	int read;

	while (list.len) {
		read = line_read(arena, cut_at(&list, '\n'), &at);
		if (read < 0)
			return read;
		if (read && text_beneath(name, at.point) && at.point.len >= found.point.len)
			found = at;
	}
	*device = found.device;
	*out = (struct text){ 0 };
	if (found.point.at)
		*out = arena_join(arena, found.root.len > 1 ? found.root : TEXT(""), way_down(name, found.point), TEXT(""));
	if (found.point.at && !out->at)
		return -ENOMEM;
	if (found.point.at && !out->len)
		*out = TEXT("/");
	return 0;
}

static int alias_keep(struct judge *judge, const struct guarded *of, struct text point, struct text way)
{
	struct guarded alias = { .nothing = of->nothing };

	alias.name = arena_join(&judge->arena, point.len > 1 || !way.len ? point : TEXT(""), way, TEXT(""));
	if (!alias.name.at)
		return -ENOMEM;
	return text_eq(alias.name, of->name) ? 0 : guard_keep(judge, &alias);
}

static int aliases_of(struct judge *judge, struct arena *arena, struct text list, struct guarded of)
{
	struct text device = { 0 }, within;
	struct mounted_at at;
	int error = name_within(arena, list, of.name, &device, &within), read;

	while (error == 0 && within.len && list.len) {
		read = line_read(arena, cut_at(&list, '\n'), &at);
		if (read < 0)
			return read;
		if (!read || !text_eq(at.device, device))
			continue;
		if (text_beneath(within, at.root))
			error = alias_keep(judge, &of, at.point, way_down(within, at.root));
		else if (of.nothing && text_beneath(at.root, within))
			error = alias_keep(judge, &of, at.point, TEXT(""));
	}
	return error;
}

int guard_aliases(struct judge *judge)
{
	struct arena arena = { 0 };
	struct buf list = { .limit = LIMIT_MOUNTINFO };
	size_t n = judge->nguarded;
	int error = n ? mountinfo_read(&list) : 0;

	for (size_t i = 0; error == 0 && i < n; i++)
		error = aliases_of(judge, &arena, buf_view(&list), judge->guarded[i]);
	buf_done(&list);
	arena_done(&arena);
	return error;
}
