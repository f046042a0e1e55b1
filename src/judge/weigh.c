/*
 * weigh.c - one name of a need to one cell (decisions.md 3, 5, 6).
 *
 * In order: what is protected, what a rule forbids, what was refused before, what is
 * granted, what a rule permits, the table. A cell that does not depend on the object
 * is found without touching the host (I1).
 */
#include <errno.h>

#include "cap/flags.h"
#include "judge/inside.h"

bool judge_can_ask(const struct judge *j)
{
	uint64_t budget = j->asker.origin == ORIGIN_PERSON ? LIMIT_QUESTIONS :
			  j->asker.origin == ORIGIN_BROKER ? LIMIT_QUESTIONS_BROKER : LIMIT_GRANTS;

	return (j->mode == MODE_NEEDS || j->mode == MODE_BLIND) && j->asker.ask &&
	       !j->interrupted && !j->stopped && !j->lost && j->questions < budget;
}

static bool look_shows(const struct judge *j, enum class class)
{
	return table_cell(j->mode, ACT_LOOK, class, true) == CELL_TRUTH;
}

/* A listing of the directory was given: then a look shows what stands in it, but for secrets and what its links lead to. */
static bool was_listed(const struct judge *j, const struct side *s)
{
	return (s->look_class == CLASS_QUIET || s->look_class == CLASS_OTHER) &&
	       ledger_listed(&j->ledger, text_parent(s->object.path.len ? s->object.path : s->route.host));
}

/* Does a look at this name say what is there? Beneath a mount, too, but for what is secret in it. */
static bool look_tells(const struct matter *m, const struct side *s)
{
	return look_shows(m->judge, s->look_class) || was_listed(m->judge, s) || side_branch_gives(m, s, ACCESS_STAT);
}

/* Only changing it is secret, and a look shows it: then changing asks. */
static bool is_secret_shown(const struct matter *m, const struct side *s)
{
	return s->act == ACT_CHANGE && s->class == CLASS_SECRET && s->look_class != CLASS_SECRET && (s->shown || look_tells(m, s));
}

/* Secret and quiet names are only looked at when a rule speaks of them (I1); every word on something is also a look at it. */
static bool may_permit(const struct judge *j, const struct side *s)
{
	return rules_permit_name(j->rules, s->route.host, s->access & ACCESS_STAT ? (access_set)ACCESS_ALL : s->access);
}

static bool must_touch(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;
	enum cell exists = table_cell(j->mode, s->act, s->class, true);

	if (side_branch_gives(m, s, s->access | ACCESS_STAT) || ledger_knows(&j->ledger, s->route.host))
		return true;
	if (was_listed(j, s) || is_secret_shown(m, s))
		return true;
	if (may_permit(j, s))
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
static enum cell cell_shown(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;
	const struct branch *branch = s->route.branch;

	if (s->act == ACT_LOOK)
		return CELL_TRUTH;
	if (branch && branch->kind == BRANCH_START && look_tells(m, s))
		return CELL_ASK;
	return (s->act == ACT_LIST || s->act == ACT_OPENDIR) && was_listed(j, s) ? CELL_ASK : CELL_NO;
}

static enum cell cell_of(const struct matter *m, const struct side *s)
{
	const struct judge *j = m->judge;
	const struct object *o = &s->object;
	enum cell cell = table_cell(j->mode, s->act, s->class, o->exists);

	if (is_secret_shown(m, s))
		return o->exists ? CELL_ASK : CELL_HIDE;
	if (cell == CELL_HIDE && s->shown)
		return cell_shown(m, s);
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
static bool error_is_told(const struct matter *m, const struct side *s)
{
	if (!s->object.path.len)		/* nobody knows where it went wrong */
		return false;
	if (!s->shown && !look_tells(m, s))
		return false;
	return s->act != ACT_CREATE || s->error != -ENOENT || s->look_class >= CLASS_NEAR;
}

/* Devices, FIFOs, sockets and pseudo files are never opened (P06, P08, P09, U16). */
static bool is_never(const struct matter *m, const struct side *s)
{
	enum call call = m->need->call;

	return s->object.exists && s->object.never && (call == CALL_PATH_OPEN || call == CALL_FD_READDIR);
}

/* What the table says, for all words that nothing before it settled. */
static enum cell cell_by_table(const struct matter *m, const struct side *s)
{
	enum cell cell = cell_of(m, s);

	return s->error && cell > CELL_HIDE && error_is_told(m, s) ? CELL_TRUTH : cell;
}

/* The strictest of the words that no live grant covers. */
static enum cell cell_of_words(struct matter *m, struct side *s, access_set words)
{
	enum cell table = cell_by_table(m, s), cell = CELL_TRUTH;

	for (access_set word = 1; word && word <= words; word <<= 1) {
		enum cell one = words & word ? side_permitted(m->judge, s, word, table) : CELL_TRUTH;

		cell = one < cell ? one : cell;
	}
	return cell == CELL_YES && s->act == ACT_LOOK ? CELL_TRUTH : cell;
}

/* Is it shown by more than the table: by a grant, or an allow rule? */
static bool is_shown(struct matter *m, struct side *s)
{
	enum origin by = s->by;
	uint64_t grant = s->grant;
	const struct ruling *ruling = s->ruling;
	bool shown = s->object.exists && (look_tells(m, s) || side_live(m, s, ACCESS_STAT) ||
					  side_permitted(m->judge, s, ACCESS_STAT, CELL_HIDE) == CELL_YES);

	s->by = by;
	s->grant = grant;
	s->ruling = ruling;
	return shown;
}

static void side_weigh_object(struct matter *m, struct side *s)
{
	access_set wanted = access_wanted(m, s), live;

	s->error = own_error(m, s);
	s->shown = is_shown(m, s);
	live = side_live(m, s, wanted);
	if (access_covers(live, wanted))
		s->cell = s->act == ACT_LOOK ? CELL_TRUTH : CELL_YES;
	else
		s->cell = cell_of_words(m, s, wanted & ~live);
	if (s->act == ACT_LOOK && s->cell == CELL_ASK)		/* an ask rule for looks: the answer counts as one to reading */
		s->refused = ledger_refused(&m->judge->ledger, &s->object, s->route.host, false);
	if (is_never(m, s) && s->cell > CELL_HIDE)
		s->cell = table_refusal(s->act, s->shown) == VERDICT_DENY ? CELL_NO : CELL_HIDE;
}

/* Before the host is looked at: of creating and writing it is one, and only what holds for both is sure. */
static enum cell forbidden_for_sure(const struct judge *j, struct side *s)
{
	access_set either = s->access & (ACCESS_WRITE | ACCESS_APPEND);
	enum cell rest, create, write;

	if (!(s->access & ACCESS_CREATE) || !either)
		return side_forbidden(j, s, s->access);
	rest = side_forbidden(j, s, s->access & ~(either | ACCESS_CREATE));
	create = side_forbidden(j, s, ACCESS_CREATE);
	write = side_forbidden(j, s, either);
	if (write > create)
		create = write;
	return create < rest ? create : rest;
}

/* What stands before grants. True: the cell is found. OBJECT NULL: by the name alone. */
static bool is_settled_before(struct matter *m, struct side *s, const struct object *o)
{
	struct judge *j = m->judge;
	enum cell forbidden;

	s->cell = CELL_NO;
	s->guarded = guard_refuses(j, s->route.host, o, s->act, m->need->call);
	if (s->guarded)
		return true;
	if (s->unknown)
		return true;
	forbidden = o ? side_forbidden(j, s, access_wanted(m, s)) : forbidden_for_sure(j, s);
	if (forbidden < CELL_TRUTH) {
		s->cell = forbidden;
		return true;
	}
	s->ruling = NULL;		/* of one of two words, of which the other is free */
	s->by = ORIGIN_TABLE;
	s->refused = is_asked(j, s) ? ledger_refused(&j->ledger, o, s->route.host, s->changing) : NULL;
	return s->refused != NULL;
}

static void side_judge(struct matter *m, struct side *s)
{
	s->by = ORIGIN_TABLE;
	s->grant = 0;
	s->ruling = NULL;
	s->refused = NULL;
	if (!is_settled_before(m, s, &s->object))
		side_weigh_object(m, s);
}

void side_weigh_again(struct matter *m, struct side *s)
{
	if (s->touched)
		side_judge(m, s);
	else
		side_weigh(m, s);
}

void side_weigh(struct matter *m, struct side *s)
{
	struct judge *j = m->judge;
	bool links = rules_at(j->rules, 0) != NULL;

	object_none(&s->object);
	s->by = ORIGIN_TABLE;
	side_classify(m, s);
	if (is_settled_before(m, s, NULL))
		return;
	if (!must_touch(m, s)) {
		s->cell = table_cell(j->mode, s->act, s->class, false);
		return;
	}
	object_open(&s->route, s->follow, links, &s->object);
	if (s->object.error == -EXDEV && s->route.branch && route_leave(&m->arena, &s->route) == 0) {
		object_done(&s->object);
		s->left = true;
		object_open(&s->route, s->follow, links, &s->object);
	}
	s->touched = true;
	side_classify(m, s);
	side_settle_act(m, s);
	side_know(m, s);
	side_judge(m, s);
}
