/*
 * path_pair.c - rename and link: two names at once.
 *
 * What moves keeps no more authority than both sides had: the name it arrives at may
 * give nothing that the name it left did not (W02). With one name in a hole the judge
 * gets both.
 */
#include <errno.h>

#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"

/* One side: where it leads, and the parent that was opened there. */
struct side {
	struct place places[2], *place;
	access_set want;
	access_set asked;		/* what must not be excluded at its name */
	bool moves;			/* what is there goes, or something else comes */
	bool covered;			/* PARENTFD and LEAF are filled in */
	bool owned;
	int parentfd;
	const char *leaf;
};

static void side_done(struct side *side)
{
	if (side->covered && side->owned)
		sys_close(side->parentfd);
}

/* By what is there: 0, and perhaps not COVERED after all; or a negative errno. */
static int side_check(struct side *side)
{
	const struct mount *mount = side->place->mount;

	if (names_guards_name(mount, side->parentfd, side->leaf))
		return -EACCES;
	if (!names_excludes_leaf(mount, side->parentfd, side->leaf))
		return 0;
	if (side->owned)
		sys_close(side->parentfd);
	side->covered = false;
	return 0;
}

/* 0; or the negative errno of the call. A side that no mount gives is not COVERED. */
static int side_settle(struct guest *guest, struct names_dir *dir, struct text path, struct side *side)
{
	struct names *names = guest->state->names;
	int failed;

	side->place = &side->places[0];
	side->covered = false;
	failed = names_find(names, dir, path, side->place);
	for (int turns = 0; !failed && turns <= LIMIT_LINKS; turns++) {
		struct place *next = &side->places[!(turns & 1)];
		const struct mount *mount = side->place->mount;

		if (side->place->kind != PLACE_COVERED)
			return 0;
		if (!access_covers(mount->access, side->want))
			return path_refused(guest) ? -EACCES : 0;
		names_exclude(names, side->place);
		if (side->place->excluded & side->asked || (side->moves && names_holds(side->place)))
			return 0;
		failed = names_parent(side->place, &side->parentfd, &side->owned, &side->leaf);
		if (failed != -EXDEV) {
			side->covered = failed == 0;
			return side->covered ? side_check(side) : failed;
		}
		failed = names_leave(names, side->place, false, next);
		if (failed == -EACCES)		/* through a link: a hole */
			return 0;
		side->place = next;
	}
	return failed < 0 ? failed : -ELOOP;
}

static bool is_made(const struct side *side)
{
	return side->place->kind == PLACE_SYNTHETIC || side->place->kind == PLACE_DEVICE;
}

/* Two directories of the launcher are two devices; and nothing moves to where more may be done with it. */
static bool is_across(const struct mount *from, const struct mount *to)
{
	if (from == to)
		return false;
	return (from->flags & to->flags & MOUNT_LAUNCHER) || !access_covers(from->access, to->access & ~(access_set)ACCESS_CREATE);
}

static uint32_t pair_asked(struct guest *guest, struct need *need, struct side *from, struct side *to)
{
	struct answer answer;
	uint32_t error;

	need->name = path_asked_name(from->place);
	need->target = path_asked_name(to->place);
	if (need->name.len > LIMIT_PATH || need->target.len > LIMIT_PATH)
		return WASI_NAMETOOLONG;
	if (from->place->slash || to->place->slash)
		need->flags |= NEED_DIRECTORY;
	need->act = (uint8_t)act_of_call(need->call, need->flags);
	need->access = access_of_call(need->call, need->flags);
	error = guest_need(guest, need, &answer);
	for (int i = 0; !error && i < ANSWER_FDS; i++)
		sys_close(answer.fds[i]);
	return error;
}

static int rename_covered(const struct side *from, const struct side *to)
{
	bool replace = to->place->mount->access & ACCESS_WRITE;

	return sys_renameat(from->parentfd, from->leaf, to->parentfd, to->leaf, replace);
}

/* Opened beneath the mount when a slash stands behind it: linkat would follow a link there. Only a directory gets that far. */
static int link_covered(const struct side *from, const struct side *to)
{
	if (!from->place->slash)
		return sys_linkat(from->parentfd, from->leaf, to->parentfd, to->leaf, 0);
	return -ENOTDIR;
}

typedef int (*pair_fn)(const struct side *from, const struct side *to);

static uint32_t pair_act(struct guest *guest, struct need *need, pair_fn act, struct side *from, struct side *to)
{
	if (is_made(from) || is_made(to))
		return need->call == CALL_PATH_LINK && is_made(to) ? WASI_EXIST : WASI_ACCES;
	if (!from->covered || !to->covered)
		return pair_asked(guest, need, from, to);
	if (need->call == CALL_PATH_RENAME && (names_above_mounts(guest->state->names, from->place) || names_above_mounts(guest->state->names, to->place)))
		return WASI_BUSY;
	return is_across(from->place->mount, to->place->mount) ? WASI_XDEV : errno_wasi(act(from, to));
}

/* The names were settled one after the other; what failed first is what the guest is told. */
static uint32_t pair_run(struct guest *guest, struct need *need, pair_fn act, struct file *from_dir, struct text from_name,
			 struct file *to_dir, struct text to_name, access_set to_access)
{
	struct side from, to;
	int failed;
	uint32_t error;

	from.want = access_of_call(need->call, 0);
	from.asked = ACCESS_ALL;	/* by another name all would be given that is excluded here */
	to.want = to.asked = to_access;
	from.moves = to.moves = need->call == CALL_PATH_RENAME;
	to.covered = false;
	to.place = NULL;
	failed = side_settle(guest, &from_dir->dir, from_name, &from);
	if (!failed)
		failed = side_settle(guest, &to_dir->dir, to_name, &to);
	error = failed < 0 ? errno_open(failed) : pair_act(guest, need, act, &from, &to);
	side_done(&from);
	side_done(&to);
	return error;
}

struct pair_names {
	struct file *from, *to;
	struct text from_name, to_name;
};

static uint32_t pair_check(struct guest *guest, uint32_t fd, uint64_t right, uint32_t path, uint32_t len,
			   uint32_t new_fd, uint64_t new_right, uint32_t new_path, uint32_t new_len, struct pair_names *out)
{
	uint32_t error = path_dir(guest, fd, right, &out->from);

	if (!error)
		error = path_dir(guest, new_fd, new_right, &out->to);
	if (!error)
		error = guest_path(guest, path, len, &out->from_name);
	return error ? error : guest_path(guest, new_path, new_len, &out->to_name);
}

uint32_t wasi_path_rename(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len, uint32_t new_fd, uint32_t new_path, uint32_t new_len)
{
	struct need need = { .call = CALL_PATH_RENAME };
	struct pair_names names;
	uint32_t error = pair_check(guest, fd, RIGHT_PATH_RENAME_SOURCE, path, len, new_fd, RIGHT_PATH_RENAME_TARGET, new_path, new_len, &names);

	if (error)
		return error;
	return pair_run(guest, &need, rename_covered, names.from, names.from_name, names.to, names.to_name, ACCESS_CREATE);
}

/* Following the old name is refused, as wasmtime does: linkat could only do it by leaving the sandbox's resolver. */
uint32_t wasi_path_link(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t new_fd, uint32_t new_path, uint32_t new_len)
{
	struct need need = { .call = CALL_PATH_LINK };
	struct pair_names names;
	uint32_t error = pair_check(guest, fd, RIGHT_PATH_LINK_SOURCE, path, len, new_fd, RIGHT_PATH_LINK_TARGET, new_path, new_len, &names);

	if (error)
		return error;
	if (flags)
		return WASI_INVAL;
	return pair_run(guest, &need, link_covered, names.from, names.from_name, names.to, names.to_name, ACCESS_CREATE | ACCESS_LINKS);
}
