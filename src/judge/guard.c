/*
 * guard.c - the judge is not for sale (I9): what nobody gets, what nobody changes.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"
#include "policy/fold.h"

/*
 * The true path of what exists of folded NAME, and the rest of it: links on the way
 * to something that is still absent lead to where it will be. OUT->id is filled in
 * when all of it exists.
 */
static int true_name(struct judge *judge, struct text name, struct guarded *out)
{
	char room[LIMIT_PATH + 1], up[LIMIT_PATH + 3];
	struct text rest = TEXT("");
	struct stat st;
	size_t len = name.len, room_len;
	int fd;

	memcpy(up, name.at, len);
	for (;;) {
		up[len] = '\0';
		fd = sys_openat(AT_FDCWD, up, O_PATH, 0);
		if (fd >= 0 || len <= 1)
			break;
		len = text_parent((struct text){ up, len }).len;
		rest = text_from(name, len == 1 ? 0 : len);
	}
	if (fd < 0 || sys_fstat(fd, &st) < 0 || sys_path_of(fd, room, sizeof room, &room_len) < 0) {
		sys_close(fd);
		return -ENOENT;
	}
	sys_close(fd);
	if (rest.len == 0) {
		out->id = file_id_of(&st);
		out->linked = !S_ISDIR(st.st_mode) && st.st_nlink > 1;
	}
	out->name = arena_join(&judge->arena, room_len > 1 || !rest.len ? (struct text){ room, room_len } : TEXT(""), rest, TEXT(""));
	return out->name.at ? 0 : -ENOMEM;
}

int guard_keep(struct judge *judge, const struct guarded *guarded)
{
	struct guarded *grown = mem_grow(judge->guarded, judge->nguarded, judge->nguarded + 1, sizeof *grown);

	if (!grown)
		return -ENOMEM;
	judge->guarded = grown;
	judge->guarded[judge->nguarded++] = *guarded;
	return 0;
}

/* Guards the link called UP, whose leaf is LEAF: it is never changed. DIR gets the true path of where it stands. */
static int link_keep(struct judge *judge, const char *up, struct text leaf, char dir[LIMIT_PATH + 1], size_t *dir_len)
{
	char parent[LIMIT_PATH + 3];
	struct guarded guarded = { 0 };
	size_t len = text_parent(text_of(up)).len;
	int fd, error;

	memcpy(parent, up, len);
	parent[len] = '\0';
	fd = sys_openat(AT_FDCWD, parent, O_PATH | O_DIRECTORY, 0);
	error = fd < 0 ? fd : sys_path_of(fd, dir, LIMIT_PATH + 1, dir_len);
	sys_close(fd);
	if (error < 0)
		return error;
	guarded.name = arena_join(&judge->arena, *dir_len > 1 ? (struct text){ dir, *dir_len } : TEXT(""), TEXT("/"), leaf);
	return guarded.name.at ? guard_keep(judge, &guarded) : -ENOMEM;
}

/* The first link on the way of NAME: guarded, and NAME is rewritten to where it leads. 1; 0: there is none; or a negative errno. */
static int link_follow(struct judge *judge, char room[2 * LIMIT_PATH + 4], struct text *name)
{
	char up[LIMIT_PATH + 3], target[LIMIT_PATH + 1], dir[LIMIT_PATH + 1], joined[2 * LIMIT_PATH + 4];
	struct text rest = *name, part;
	size_t dir_len, len;
	ssize_t n;
	int error;

	while ((part = text_component(&rest)).len) {
		len = (size_t)(part.at + part.len - name->at);
		memcpy(up, name->at, len);
		up[len] = '\0';
		n = sys_readlinkat(AT_FDCWD, up, target, sizeof target);
		if (n == -EINVAL)
			continue;
		if (n < 0)
			return 0;			/* absent from here on */
		error = link_keep(judge, up, part, dir, &dir_len);
		if (error < 0)
			return error;
		if ((size_t)n + 1 + rest.len > LIMIT_PATH || dir_len + 1 + (size_t)n + 1 + rest.len > LIMIT_PATH)
			return -ENAMETOOLONG;
		memcpy(joined, target, (size_t)n);
		joined[n] = '/';
		if (rest.len)
			memcpy(joined + n + 1, rest.at, rest.len);
		*name = path_fold((struct text){ dir, dir_len }, (struct text){ joined, (size_t)n + 1 + rest.len }, room);
		return 1;
	}
	return 0;
}

/* The links through which FOLDED leads: who replaced one would choose what the next run finds there. */
static int guard_links(struct judge *judge, struct text folded)
{
	char rooms[2][2 * LIMIT_PATH + 4];
	int error = 1;

	for (int links = 0; error == 1; links++)
		error = links < LIMIT_LINKS ? link_follow(judge, rooms[links & 1], &folded) : -ELOOP;
	return error;
}

int guard_add(struct judge *judge, struct text name, bool nothing)
{
	struct guarded guarded = { .nothing = nothing };
	char room[LIMIT_PATH + 3];
	struct text folded;
	int error;

	if (!text_starts(name, TEXT("/")) || name.len > LIMIT_PATH)
		return -EINVAL;
	folded = path_fold(TEXT("/"), name, room);
	error = true_name(judge, folded, &guarded);
	if (error == 0)
		error = guard_keep(judge, &guarded);
	return error == 0 ? guard_links(judge, folded) : error;
}

static bool is_it(const struct guarded *g, struct text name, const struct object *o)
{
	if (o && o->exists && g->id.ino && file_id_eq(g->id, o->id))
		return true;
	return text_eq(name, g->name) || (o && text_eq(o->path, g->name));
}

static bool is_within(const struct guarded *g, struct text name, const struct object *o)
{
	return text_beneath(name, g->name) || (o && o->path.len && text_beneath(o->path, g->name));
}

bool guard_refuses(const struct judge *judge, struct text name, const struct object *o, enum act act, enum call call)
{
	bool changes = act == ACT_CREATE || act == ACT_CHANGE || act == ACT_LINK;
	bool uproots = call == CALL_PATH_RENAME || call == CALL_PATH_REMOVE_DIRECTORY;

	for (size_t i = 0; i < judge->nguarded; i++) {
		const struct guarded *g = &judge->guarded[i];

		if (g->nothing && (is_it(g, name, o) || is_within(g, name, o)))
			return true;
		if (changes && is_it(g, name, o))
			return true;
		if (uproots && (text_beneath(g->name, name) || (o && o->path.len && text_beneath(g->name, o->path))))
			return true;
	}
	return false;
}
