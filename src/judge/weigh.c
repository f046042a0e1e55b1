/*
 * weigh.c - one name of a need to one cell (decisions.md 3, 5, 6).
 *
 * In order: what is protected, what was refused before, what is granted, the table.
 * A cell that does not depend on the object is found without touching the host (I1).
 */
#include <errno.h>

#include "cap/flags.h"
#include "judge/inside.h"

enum { OWN = ACCESS_READ | ACCESS_WRITE | ACCESS_APPEND | ACCESS_DELETE | ACCESS_LIST | ACCESS_STAT | ACCESS_META };

static enum class stricter(enum class a, enum class b)
{
	return a < b ? a : b;
}

bool judge_can_ask(const struct judge *j)
{
	uint64_t budget = j->asker.origin == ORIGIN_PERSON ? LIMIT_QUESTIONS :
			  j->asker.origin == ORIGIN_BROKER ? LIMIT_QUESTIONS_BROKER : LIMIT_GRANTS;

	return (j->mode == MODE_NEEDS || j->mode == MODE_BLIND) && j->asker.ask && !j->interrupted && j->questions < budget;
}

static bool look_shows(const struct judge *j, enum class class)
{
	return table_cell(j->mode, ACT_LOOK, class, true) == CELL_TRUTH;
}

/* A listing of the directory was given: then a look shows what stands in it, but for secrets. */
static bool was_listed(const struct judge *j, const struct side *s)
{
	return (s->look_class == CLASS_QUIET || s->look_class == CLASS_OTHER) &&
	       ledger_listed(&j->ledger, text_parent(s->route.host));
}

/* Does a look at this name say what is there? Beneath a mount, too, but for what is secret in it. */
static bool look_tells(const struct judge *j, const struct side *s)
{
	return look_shows(j, s->look_class) || was_listed(j, s) ||
	       (s->look_class != CLASS_SECRET && branch_covers(&s->route, ACCESS_STAT));
}

/* Only changing it is secret, and a look shows it: then changing asks. */
static bool is_secret_shown(const struct judge *j, const struct side *s)
{
	return s->act == ACT_CHANGE && s->class == CLASS_SECRET && s->look_class != CLASS_SECRET &&
	       (s->shown || look_tells(j, s));
}

static bool must_touch(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;
	enum cell exists = table_cell(j->mode, s->act, s->class, true);

	if (branch_covers(&s->route, s->access) || branch_covers(&s->route, ACCESS_STAT))
		return true;
	if (ledger_knows(&j->ledger, s->route.host) || was_listed(j, s) || is_secret_shown(j, s))
		return true;
	if (table_needs_object(j->mode, s->act, s->class) || exists > CELL_ASK)
		return true;
	return exists == CELL_ASK && (judge_can_ask(j) || look_shows(j, s->look_class));
}

/* Asked, refused and remembered are reading and changing; looking is neither. */
static bool is_asked(const struct judge *j, const struct side *s)
{
	if (s->act == ACT_LOOK)
		return false;
	return s->act != ACT_OPENDIR || table_cell(j->mode, s->act, s->class, true) != CELL_TRUTH;
}

/* The classes again, by the true path of the opened object: the stricter hold. A socket is a secret. */
static void side_know(const struct matter *m, struct side *s)
{
	const struct judge *j = m->judge;
	const struct object *o = &s->object;
	enum class by_path;

	if (o->path.len) {
		route_exclude(j, &s->route, o->path);
		by_path = class_of(&j->evidence, o->path, s->changing);
		s->class = stricter(s->class, by_path);
		s->look_class = stricter(s->look_class, class_of(&j->evidence, o->path, false));
		if (call_moves(m->need->call))
			route_exclude_moves(j, &s->route, o->path);
	}
	if (!o->exists || !S_ISSOCK(o->st.st_mode))
		return;
	route_exclude_secret(&s->route);
	s->class = s->look_class = s->class >= CLASS_NAMED || s->class == CLASS_SECRET_NAMED ? CLASS_SECRET_NAMED : CLASS_SECRET;
}

/* A directory is opened, whatever an open says it is for. */
static void side_settle_act(const struct matter *m, struct side *s)
{
	const struct object *o = &s->object;

	if (m->need->call != CALL_PATH_OPEN || !o->exists || !S_ISDIR(o->st.st_mode))
		return;
	if (s->act == ACT_READ || s->act == ACT_LOOK) {
		s->act = ACT_OPENDIR;
		s->access = ACCESS_STAT;
	}
}

/* What the run may do with what it made itself, and in it. */
static access_set own_access(const struct judge *j, const struct side *s)
{
	const struct object *o = &s->object;
	access_set have = 0;

	if (o->exists && ledger_is_own(&j->ledger, o->id))
		have |= OWN;
	if (o->parentfd >= 0 && ledger_is_own(&j->ledger, o->parent))
		have |= ACCESS_CREATE;
	if (have && (name_is_secret(&j->evidence, o->path, true) || name_is_secret(&j->evidence, s->route.host, true)))
		return 0;
	return have;
}

/* What was given of the object or name, by somebody or by having made it. Every word on it is also a look at it. */
static access_set side_given(const struct judge *j, struct side *s, enum origin *by, uint64_t *grant)
{
	struct object *o = &s->object;
	access_set have;

	if (o->error < 0)
		return 0;
	if (j->ledger.ngiven && o->exists)
		object_parent(o);			/* without one there is no grant by name */
	have = ledger_access(&j->ledger, o, s->route.shut, by, grant) | own_access(j, s);
	return have ? have | ACCESS_STAT : 0;
}

/* What a grant must cover, now that the object is known. */
static access_set access_wanted(const struct matter *m, const struct side *s)
{
	const struct object *o = &s->object;
	access_set want = s->access;

	if (s->act == ACT_OPENDIR && table_cell(m->judge->mode, ACT_OPENDIR, s->class, true) != CELL_TRUTH)
		return ACCESS_LIST;
	if (want & ACCESS_CREATE)
		want = !o->exists ? want & (ACCESS_CREATE | ACCESS_LINKS) : s == &m->side[1] ? (access_set)(ACCESS_CREATE | ACCESS_WRITE) :
		       want == ACCESS_CREATE ? (access_set)ACCESS_STAT : want & ~(access_set)ACCESS_CREATE;
	return want;
}

/* Is there a live grant for all that the call needs? On the way: is the object shown? */
static bool side_is_live(struct matter *m, struct side *s)
{
	enum origin by = ORIGIN_TABLE;
	uint64_t grant = 0;
	access_set have = side_given(m->judge, s, &by, &grant);

	s->shown = s->object.exists && (have || look_tells(m->judge, s));
	if (branch_covers(&s->route, s->access)) {
		s->by = s->route.branch->origin;
		s->grant = s->route.branch->grant;
		return true;
	}
	if (!have || !access_covers(have, access_wanted(m, s)))
		return false;
	s->by = by;
	s->grant = grant;
	return true;
}

/* mkdir of a directory that is missing on the way to an output or an absent argument. */
static bool is_way_to_output(const struct matter *m, const struct side *s)
{
	const struct evidence *e = &m->judge->evidence;

	if (m->need->call != CALL_PATH_CREATE_DIRECTORY || s->object.exists)
		return false;
	if (s->class == CLASS_SECRET || s->class == CLASS_SECRET_NAMED)
		return false;
	for (size_t i = 0; i < e->nargs; i++)
		if ((e->args[i].output || (!e->args[i].existed && m->judge->mode != MODE_BLIND)) &&
		    text_beneath(e->args[i].name, s->route.host))
			return true;
	return false;
}

/*
 * What is shown is not hidden: what the launcher's mount lacks is asked, and so is
 * listing what a listing showed; the rest is refused (I10).
 */
static enum cell cell_shown(const struct judge *j, const struct side *s)
{
	const struct branch *branch = s->route.branch;

	if (s->act == ACT_LOOK)
		return CELL_TRUTH;
	if (branch && branch->kind == BRANCH_START && look_tells(j, s))
		return CELL_ASK;
	return (s->act == ACT_LIST || s->act == ACT_OPENDIR) && was_listed(j, s) ? CELL_ASK : CELL_NO;
}

static enum cell cell_of(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;
	const struct object *o = &s->object;
	enum cell cell = table_cell(j->mode, s->act, s->class, o->exists);

	if (is_secret_shown(j, s))
		return o->exists ? CELL_ASK : CELL_HIDE;
	if (cell == CELL_HIDE && s->shown)
		return cell_shown(j, s);
	if (s->act != ACT_CREATE || cell != CELL_ASK)
		return cell;
	if (is_way_to_output(m, s))
		return CELL_YES;
	if (name_is_pycache(s->route.host) || name_is_pycache(o->path) || o->dangling)
		return CELL_NO;
	return cell;
}

/* The error that an open has for what the object is. */
static int open_error(uint32_t flags, const struct object *o, enum act act)
{
	if (flags & NEED_CREAT && flags & NEED_DIRECTORY && !o->exists)
		return -EISDIR;
	if (!o->exists)
		return act == ACT_CREATE ? 0 : -ENOENT;
	if (flags & NEED_CREAT && flags & NEED_EXCL)
		return -EEXIST;
	if (S_ISLNK(o->st.st_mode))
		return -ELOOP;
	if (flags & NEED_DIRECTORY && !S_ISDIR(o->st.st_mode))
		return -ENOTDIR;
	return S_ISDIR(o->st.st_mode) && (act == ACT_CREATE || act == ACT_CHANGE) ? -EISDIR : 0;
}

/* The error that the call has whatever anybody answers. */
static int own_error(const struct matter *m, const struct side *s)
{
	const struct object *o = &s->object;
	bool is_dir = o->exists && S_ISDIR(o->st.st_mode);

	if (o->error < 0)
		return o->error;
	if (m->need->call == CALL_PATH_OPEN)
		return open_error(m->need->flags, o, s->act);
	if (!o->exists)
		return s->act == ACT_CREATE || s->act == ACT_LINK ? 0 : -ENOENT;
	if (m->need->flags & NEED_DIRECTORY && !is_dir)
		return -ENOTDIR;
	switch (m->need->call) {
	case CALL_PATH_CREATE_DIRECTORY:
		return -EEXIST;
	case CALL_PATH_UNLINK_FILE:
		return is_dir ? -EISDIR : 0;
	case CALL_PATH_REMOVE_DIRECTORY:
	case CALL_FD_READDIR:
		return is_dir ? 0 : -ENOTDIR;
	case CALL_PATH_READLINK:
		return S_ISLNK(o->st.st_mode) ? 0 : -EINVAL;
	default:
		return 0;
	}
}

/*
 * May the call's own error be told without a question? Where a look shows the truth
 * it says no more than a look; a missing parent elsewhere than near is asked about
 * all the same.
 */
static bool error_is_told(const struct judge *j, const struct side *s)
{
	if (!s->object.path.len)		/* nobody knows where it went wrong */
		return false;
	if (!s->shown && !look_tells(j, s))
		return false;
	return s->act != ACT_CREATE || s->error != -ENOENT || s->look_class >= CLASS_NEAR;
}

/* Devices, FIFOs, sockets and pseudo files are never opened (P06, P08, P09, U16). */
static bool is_never(const struct matter *m, const struct side *s)
{
	enum call call = m->need->call;

	return s->object.exists && s->object.never && (call == CALL_PATH_OPEN || call == CALL_FD_READDIR);
}

static void side_weigh_object(struct matter *m, struct side *s)
{
	const struct judge *j = m->judge;

	s->error = own_error(m, s);
	if (s->error == -EXDEV) {		/* out of a branch through a link: refused until links are judged */
		s->cell = CELL_NO;
		return;
	}
	if (side_is_live(m, s)) {
		s->cell = s->act == ACT_LOOK ? CELL_TRUTH : CELL_YES;
	} else {
		s->cell = cell_of(m, s);
		if (s->error && s->cell > CELL_HIDE && error_is_told(j, s))
			s->cell = CELL_TRUTH;
	}
	if (is_never(m, s) && s->cell > CELL_HIDE)
		s->cell = table_refusal(s->act, s->shown) == VERDICT_DENY ? CELL_NO : CELL_HIDE;
}

void side_weigh(struct matter *m, struct side *s)
{
	struct judge *j = m->judge;
	struct text name = s->route.host;

	s->object = OBJECT_NONE;
	s->by = ORIGIN_TABLE;
	s->class = class_of(&j->evidence, name, s->changing);
	s->look_class = class_of(&j->evidence, name, false);
	if (s->route.passes_secret)
		s->class = s->look_class = CLASS_SECRET;
	s->cell = CELL_NO;
	if (call_moves(m->need->call))
		route_exclude_moves(j, &s->route, name);
	s->guarded = guard_refuses(j, name, NULL, s->act, m->need->call);
	if (s->guarded)
		return;
	if (is_asked(j, s) && (s->refused = ledger_refused(&j->ledger, NULL, name, s->changing)))
		return;
	if (!must_touch(m, s)) {
		s->cell = table_cell(j->mode, s->act, s->class, false);
		return;
	}
	object_open(&s->route, s->follow, &s->object);
	s->touched = true;
	side_know(m, s);
	side_settle_act(m, s);
	s->guarded = guard_refuses(j, name, &s->object, s->act, m->need->call);
	if (s->guarded)
		return;
	if (is_asked(j, s) && (s->refused = ledger_refused(&j->ledger, &s->object, name, s->changing)))
		return;
	side_weigh_object(m, s);
}
