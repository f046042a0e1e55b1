/*
 * carry.c - a call that was allowed, done on the object that was decided on.
 *
 * What exists is opened again through its own descriptor, never by its name. What
 * does not is made in the opened parent, and only if it is still not there (P13).
 */
#include <assert.h>
#include <errno.h>

#include "base/sys.h"
#include "cap/flags.h"
#include "judge/inside.h"

enum { NAMING = O_CREAT | O_EXCL | O_TRUNC | O_DIRECTORY | O_NOFOLLOW };	/* of the name, not of how it is read and written */

/* Only what the need's words cover (W01). */
static int open_flags(const struct matter *m)
{
	int flags = flags_of_need(m->need->flags);

	assert(access_covers(access_of_call(CALL_PATH_OPEN, m->need->flags), access_of_flags(flags)));
	return flags & ~NAMING;
}

static void answer_stat(struct matter *m, int fd)
{
	m->out->has_stat = sys_fstat(fd, &m->out->filestat) == 0;
}

static int open_existing(struct matter *m)
{
	const struct object *o = &m->side[0].object;
	int flags = open_flags(m), error = 0, fd = flags & O_PATH ? sys_dup(o->fd, 0) : sys_reopen(o->fd, flags);

	if (fd < 0)
		return fd;
	if (m->need->flags & NEED_TRUNC)
		error = sys_ftruncate(fd, 0);
	if (error < 0) {
		sys_close(fd);
		return error;
	}
	answer_stat(m, fd);
	m->out->fds[0] = fd;
	return 0;
}

/* The words of the rule or directory that let it be made; 0: neither did. */
static access_set made_under(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;

	if (branch_covers(&s->route, ACCESS_CREATE))
		return s->route.branch->access;
	if (s->by == ORIGIN_RULE && s->ruling)
		return s->ruling->rule.access;
	for (size_t i = 0; s->grant && i < j->nbranches; i++)
		if (j->branches[i]->grant == s->grant)
			return j->branches[i]->access;
	return 0;
}

/*
 * What a run made is its own. A grant to create or append without writing gives no more
 * of it than looking at it; one that gives it all to read and write need not be helped.
 */
void matter_own(struct matter *m, int fd)
{
	const struct side *s = &m->side[0];
	const struct given *last = NULL;
	access_set have = ledger_access(&m->judge->ledger, &s->object, s->secret, &last), under = made_under(m, s);

	if (last && !last->yes && (have & (ACCESS_CREATE | ACCESS_APPEND)) && !(have & ACCESS_WRITE)) {
		struct given given = { .number = last->number, .access = ACCESS_STAT, .origin = last->origin, .fd = fd, .name = s->route.host };
		struct stat st;

		if (sys_fstat(fd, &st) == 0)
			given.id = file_id_of(&st);
		ledger_give(m->judge, &given);
		return;
	}
	if (under && !(under & ACCESS_WRITE && !(under & ACCESS_READ)))
		sys_close(fd);
	else
		ledger_own(m->judge, fd, s->route.host);
}

static int open_new(struct matter *m)
{
	const struct object *o = &m->side[0].object;
	uint32_t need = m->need->flags;
	int fd = sys_openat(o->parentfd, o->leaf, open_flags(m) | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);

	if (fd == -EEXIST && !(need & NEED_EXCL))
		return -ESTALE;
	if (fd < 0)
		return fd;
	answer_stat(m, fd);
	m->out->fds[0] = fd;
	matter_own(m, sys_reopen(fd, O_PATH));
	return 0;
}

/* Neither listed nor held by the worker: a hole is a name; listing it is another need. */
static int open_directory(struct matter *m)
{
	const struct side *s = &m->side[0];

	answer_stat(m, s->object.fd);
	if (!access_covers(m->out->access, ACCESS_LIST) && !side_branch_gives(m, s, ACCESS_LIST))
		return 0;
	m->out->fds[0] = sys_reopen(s->object.fd, O_RDONLY | O_DIRECTORY);
	return m->out->fds[0] < 0 ? m->out->fds[0] : 0;
}

static int carry_open(struct matter *m)
{
	const struct side *s = &m->side[0];

	if (!s->object.exists)
		return s->object.parentfd < 0 ? -ENOENT : open_new(m);
	if (m->need->flags & NEED_CREAT && m->need->flags & NEED_EXCL)
		return -EEXIST;
	if (S_ISDIR(s->object.st.st_mode))
		return s->act == ACT_OPENDIR ? open_directory(m) : -EISDIR;
	return S_ISREG(s->object.st.st_mode) ? open_existing(m) : -EACCES;
}

static int carry_stat(struct matter *m)
{
	answer_stat(m, m->side[0].object.fd);
	return m->out->has_stat ? 0 : -EIO;
}

static int carry_readlink(struct matter *m)
{
	char *text = arena_new(&m->arena, LIMIT_PATH + 1, 1);
	ssize_t n = text ? sys_readlinkat(m->side[0].object.fd, "", text, LIMIT_PATH) : -ENOMEM;

	if (n < 0)
		return (int)n;
	m->out->text = (struct text){ text, (size_t)n };
	return 0;
}

static int carry_times(struct matter *m)
{
	return sys_utimensat(m->side[0].object.fd, "", m->need->times, AT_EMPTY_PATH);
}

static int carry_list(struct matter *m)
{
	int fd = sys_reopen(m->side[0].object.fd, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	m->out->fds[0] = fd;
	ledger_list(m->judge, m->side[0].route.host);
	ledger_list(m->judge, m->side[0].object.path);
	return 0;
}

/* A call that is not here is carried out for nobody. */
static int (*const carriers[CALLS])(struct matter *) = {
	[CALL_PATH_OPEN] = carry_open,
	[CALL_PATH_FILESTAT_GET] = carry_stat,
	[CALL_PATH_FILESTAT_SET_TIMES] = carry_times,
	[CALL_PATH_READLINK] = carry_readlink,
	[CALL_PATH_CREATE_DIRECTORY] = carry_directory,
	[CALL_PATH_REMOVE_DIRECTORY] = carry_remove,
	[CALL_PATH_UNLINK_FILE] = carry_remove,
	[CALL_PATH_RENAME] = carry_rename,
	[CALL_PATH_SYMLINK] = carry_symlink,
	[CALL_FD_READDIR] = carry_list,
};

int matter_carry(struct matter *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->side[i].error < 0)
			return m->side[i].error;
	if (!m->side[0].object.exists && m->side[0].act != ACT_CREATE && m->side[0].act != ACT_LINK)
		return -ENOENT;
	return m->need->call < CALLS && carriers[m->need->call] ? carriers[m->need->call](m) : -EACCES;
}
