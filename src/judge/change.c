/*
 * change.c - calls that change a directory: by (opened parent, name), and only while
 * the name still leads to the object that was decided on (I2, U30).
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"

int carry_directory(struct matter *m)
{
	const struct object *o = &m->side[0].object;
	int error, fd;

	if (o->exists)
		return -EEXIST;
	if (o->parentfd < 0)
		return -ENOENT;
	error = sys_mkdirat(o->parentfd, o->leaf, 0777);
	if (error < 0)
		return error;
	fd = sys_openat(o->parentfd, o->leaf, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd >= 0)
		matter_own(m, fd);
	return 0;
}

int carry_remove(struct matter *m)
{
	const struct object *o = &m->side[0].object;
	int error;

	if (o->parentfd < 0)
		return m->need->call == CALL_PATH_UNLINK_FILE ? -EISDIR : -EINVAL;
	if (object_same(o) < 0)
		return -ESTALE;
	error = sys_unlinkat(o->parentfd, o->leaf, m->need->call == CALL_PATH_REMOVE_DIRECTORY ? AT_REMOVEDIR : 0);
	if (error == 0)
		ledger_forget(&m->judge->ledger, o->id);
	return error;
}

int carry_rename(struct matter *m)
{
	const struct object *from = &m->side[0].object, *to = &m->side[1].object;
	int error;

	if (from->parentfd < 0 || to->parentfd < 0)
		return to->error < 0 ? to->error : -EBUSY;
	if (object_same(from) < 0 || object_same(to) < 0)
		return -ESTALE;
	if (to->exists && file_id_eq(from->id, to->id))
		return 0;
	error = sys_renameat(from->parentfd, from->leaf, to->parentfd, to->leaf, to->exists);
	if (error == -EEXIST && !to->exists)
		return -ESTALE;
	if (error < 0)
		return error;
	if (to->exists)
		ledger_forget(&m->judge->ledger, to->id);
	ledger_move(&m->judge->ledger, m->side[0].route.host, m->side[1].route.host);
	if (S_ISDIR(from->st.st_mode) && rules_want_above(m->judge->rules))	/* what is forbidden in it still is, by another name */
		news_of_path(m->judge, to->path);
	return 0;
}

/* Stored as given; only where a branch gives links, and never to an absolute name. */
int carry_symlink(struct matter *m)
{
	const struct object *o = &m->side[0].object;
	struct text target = m->need->target, copy;

	if (target.len == 0 || target.len > LIMIT_PATH || text_has(target, '\0'))
		return -EINVAL;
	if (text_starts(target, TEXT("/")))
		return -EPERM;
	if (o->exists || o->parentfd < 0)
		return -EEXIST;
	copy = arena_text(&m->arena, target);
	return copy.at ? sys_symlinkat(copy.at, o->parentfd, o->leaf) : -ENOMEM;
}
