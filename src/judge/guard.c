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
	if (rest.len == 0)
		out->id = identity_of(&st);
	out->name = arena_join(&judge->arena, room_len > 1 || !rest.len ? (struct text){ room, room_len } : TEXT(""), rest, TEXT(""));
	return out->name.at ? 0 : -ENOMEM;
}

int guard_add(struct judge *judge, struct text name, bool nothing)
{
	struct guarded guarded = { .nothing = nothing }, *grown;
	char room[LIMIT_PATH + 3];
	int error;

	if (!text_starts(name, TEXT("/")) || name.len > LIMIT_PATH)
		return -EINVAL;
	grown = mem_grow(judge->guarded, judge->nguarded, judge->nguarded + 1, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	judge->guarded = grown;
	error = true_name(judge, path_fold(TEXT("/"), name, room), &guarded);
	if (error == 0)
		judge->guarded[judge->nguarded++] = guarded;
	return error;
}

static bool is_it(const struct guarded *g, struct text name, const struct object *o)
{
	if (o && o->exists && g->id.ino && identity_eq(g->id, o->id))
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
	bool moves = call == CALL_PATH_RENAME || call == CALL_PATH_REMOVE_DIRECTORY;

	for (size_t i = 0; i < judge->nguarded; i++) {
		const struct guarded *g = &judge->guarded[i];

		if (g->nothing && (is_it(g, name, o) || is_within(g, name, o)))
			return true;
		if (changes && is_it(g, name, o))
			return true;
		if (moves && (text_beneath(g->name, name) || (o && o->path.len && text_beneath(g->name, o->path))))
			return true;
	}
	return false;
}
