/*
 * grant.c - what is given: by the launcher before the run, and by answers. Opened now,
 * kept open (security.md D2); never widened.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

/* Nothing of this lets a name be changed: the object is meant, wherever it is called. */
enum { OF_NAME = ACCESS_WRITE | ACCESS_APPEND | ACCESS_CREATE | ACCESS_DELETE };

/* Opens DIR, which must be a directory; its true path into ROOM. Negative errno; -EACCES: it is protected. */
static int open_directory(const struct judge *j, struct text dir, char room[LIMIT_PATH + 1], struct text *path)
{
	struct object object = { .fd = -1, .parentfd = -1 };
	char at[LIMIT_PATH + 1];
	size_t len;
	int fd, error;

	memcpy(at, dir.at, dir.len);
	at[dir.len] = '\0';
	fd = sys_openat2(AT_FDCWD, at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC);
	if (fd < 0)
		return fd;
	error = sys_path_of(fd, room, LIMIT_PATH + 1, &len);
	if (error == 0)
		error = sys_fstat(fd, &object.st);
	if (error == 0) {
		*path = object.path = (struct text){ room, len };
		object.exists = true;
		object.id = file_id_of(&object.st);
		if (guard_refuses(j, dir, &object, ACT_LOOK, CALL_PATH_OPEN))
			error = -EACCES;
	}
	if (error == 0)
		return fd;
	sys_close(fd);
	return error;
}

static int grant_subtree(struct judge *j, const struct rule *rule, struct branch *branch)
{
	char room[LIMIT_PATH + 1];
	int error;

	if (!branch->at.len)
		branch->at = rule->at.len ? rule->at : rule->path;
	branch->access = rule->access;
	branch->typed = rule->path;
	branch->fd = open_directory(j, rule->path, room, &branch->host);
	if (branch->fd < 0)
		return branch->fd;
	error = branch->kind == BRANCH_GIVEN && dir_is_too_broad(j, branch->host) ? -E2BIG : branch_add(j, branch, NULL);
	if (error < 0)
		sys_close(branch->fd);
	return error;
}

/* Names in one directory, or one name in it. */
static int give_names(struct judge *j, struct text dir, struct text leaf, struct text literal, struct given *given)
{
	char room[LIMIT_PATH + 1];
	struct text path;
	struct stat st;
	int error;

	given->fd = open_directory(j, dir, room, &path);
	if (given->fd < 0)
		return given->fd;
	error = sys_fstat(given->fd, &st);
	if (error < 0) {
		sys_close(given->fd);
		return error;
	}
	given->id = file_id_of(&st);
	given->leaf = leaf;
	given->literal = literal;
	return ledger_give(j, given);
}

static int give_fd(struct judge *j, int fd, struct given *given)
{
	given->fd = sys_dup(fd, 0);
	return given->fd < 0 ? given->fd : ledger_give(j, given);
}

static int give_object(struct judge *j, const struct rule *rule, struct given *given)
{
	struct route route = { .dirfd = AT_FDCWD, .host = rule->path, .guest = rule->path };
	struct object object;
	struct text path = arena_text(&j->arena, rule->path);
	int error;

	if (!path.at)
		return -ENOMEM;
	route.rest = path.at;
	object_open(&route, true, false, &object);
	error = object.error;
	if (error == 0 && !object.exists)
		error = -ENOENT;
	if (error == 0 && guard_refuses(j, path, &object, ACT_LOOK, CALL_PATH_OPEN))
		error = -EACCES;
	if (error == 0) {
		given->id = object.id;
		error = give_fd(j, object.fd, given);
	}
	if (error == 0 && !text_eq(object.path, path)) {	/* reached by its true name, too */
		given->name = object.path;
		error = give_fd(j, object.fd, given);
	}
	object_done(&object);
	return error;
}

/* AT leads to the object's name: what is there is looked at anew each time. */
static int lead_to(struct judge *j, const struct rule *rule)
{
	char room[LIMIT_PATH + 1];
	struct branch branch = { .at = rule->at, .file = text_leaf(rule->path), .kind = BRANCH_LED };
	int error;

	branch.fd = open_directory(j, text_parent(rule->path), room, &branch.host);
	if (branch.fd < 0)
		return branch.fd;
	error = branch_add(j, &branch, NULL);
	if (error < 0)
		sys_close(branch.fd);
	return error;
}

static int grant_object(struct judge *j, const struct rule *rule, struct given *given)
{
	struct text up = text_parent(rule->path), leaf = text_leaf(rule->path);
	int error = 0;

	if (rule->path.len <= 1 && (rule->at.len || rule->access & OF_NAME))
		return -EINVAL;		/* the root is no name in a directory */
	given->name = rule->path;
	if (rule->access & OF_NAME)
		error = give_names(j, up, leaf, TEXT(""), given);
	else
		error = give_object(j, rule, given);
	if (error == -ENOENT && rule->path.len > 1 && !(rule->access & OF_NAME))
		error = give_names(j, up, leaf, TEXT(""), given);
	return error == 0 && rule->at.len ? lead_to(j, rule) : error;
}

static int grant_variable(struct judge *j, struct text name)
{
	size_t size = j->env_names_size ? 2 * j->env_names_size : 8;
	struct text copy = arena_text(&j->arena, name), *grown;

	if (!copy.at)
		return -ENOMEM;
	if (j->nenv_names == j->env_names_size) {
		grown = mem_grow(j->env_names, j->env_names_size, size, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		j->env_names = grown;
		j->env_names_size = size;
	}
	j->env_names[j->nenv_names++] = copy;
	return 0;
}

/* WAY: what is to be made of a subtree. */
static int grant_any(struct judge *j, const struct rule *rule, struct branch *way, uint64_t *number)
{
	struct given given = { .access = rule->access, .origin = way->origin, .name = rule->path };
	size_t had = j->ledger.ngiven, grants = j->ledger.ngrants;
	int error = ledger_grant(j, rule, way->origin, &given.number);

	if (error < 0)
		return error;
	way->grant = given.number;
	if (given.access & ACCESS_WRITE)
		given.access |= ACCESS_APPEND;
	error = -EINVAL;
	if (rule->what == WHAT_SUBTREE)
		error = grant_subtree(j, rule, way);
	else if (rule->what == WHAT_OBJECT)
		error = grant_object(j, rule, &given);
	else if (rule->what == WHAT_PATTERN && !rule->at.len)
		error = give_names(j, rule->path, rule->pattern, rule->literal, &given);
	else if (rule->what == WHAT_ENV)
		error = grant_variable(j, rule->name);
	if (error < 0)
		ledger_take_back(j, had, grants);
	else
		*number = given.number;
	return error;
}

static bool is_sound(const struct rule *rule)
{
	if (rule->verb != VERB_ALLOW)
		return false;
	return rule->what > WHAT_PATTERN || (text_starts(rule->path, TEXT("/")) && rule->path.len <= LIMIT_PATH);
}

int judge_grant(struct judge *j, const struct rule *rule, struct text preopen, uint64_t *grant)
{
	struct branch way = {
		.at = preopen, .origin = ORIGIN_LAUNCHER, .kind = BRANCH_START, .flags = MOUNT_LAUNCHER | (preopen.len ? MOUNT_PREOPEN : 0),
	};

	if (!is_sound(rule) || (j->mode == MODE_OFF && (rule->what != WHAT_SUBTREE || !preopen.len)) || (j->mode != MODE_OFF && preopen.len))
		return -EINVAL;
	return grant_any(j, rule, &way, grant);
}

int grant_rule(struct judge *j, const struct rule *rule, enum origin origin)
{
	struct branch way = { .origin = origin, .kind = BRANCH_GIVEN };
	uint64_t number;

	return is_sound(rule) && rule->what <= WHAT_PATTERN ? grant_any(j, rule, &way, &number) : -EINVAL;
}

/* ---- what a yes gives ---- */

int side_give(struct matter *m, struct side *s, access_set access, enum lifetime lifetime, bool yes)
{
	struct judge *j = m->judge;
	struct given given = { .access = access, .yes = yes, .origin = j->asker.origin, .name = s->route.host };
	struct rule rule = side_rule(m, s, VERB_ALLOW);
	bool by_name = s->changing && m->need->call != CALL_PATH_FILESTAT_SET_TIMES;
	int fd, error;

	rule.access = access;
	rule.lifetime = lifetime;
	if (access & ACCESS_WRITE)
		given.access |= ACCESS_APPEND;
	if (by_name && (!s->object.exists || object_parent(&s->object) == 0)) {
		fd = s->object.parentfd;
		given.id = s->object.parent;
		given.leaf = text_of(s->object.leaf);
	} else {
		fd = s->object.fd;
		given.id = s->object.id;
	}
	if (fd < 0) {			/* the parent is missing: there is nothing to be kept */
		s->once = access;
		return 0;
	}
	error = ledger_grant(j, &rule, j->asker.origin, &given.number);
	return error < 0 ? error : give_fd(j, fd, &given);
}

int side_give_dir(struct matter *m, struct side *s)
{
	struct judge *j = m->judge;
	struct rule rule = side_dir_rule(s);
	struct branch branch = { .at = s->dir_at, .host = s->dir, .access = rule.access, .origin = j->asker.origin, .kind = BRANCH_GIVEN, .narrow = true };
	int error = ledger_grant(j, &rule, branch.origin, &branch.grant);

	if (error < 0)
		return error;
	branch.fd = sys_dup(s->dirfd, 0);
	if (branch.fd < 0)
		return branch.fd;
	error = branch_add(j, &branch, NULL);
	if (error < 0)
		sys_close(branch.fd);
	generation_bump(j);
	return error;
}

/* ---- and what becomes of it ---- */

size_t judge_grants(const struct judge *j, const struct judge_grant **out)
{
	*out = j->ledger.grants;
	return j->ledger.ngrants;
}

/* What the worker holds as a mount it gives up as something that is excluded: it comes back to ask. */
static void news_of_revoked(struct judge *j, uint64_t number)
{
	for (size_t i = 0; i < j->nbranches; i++) {
		const struct branch *b = j->branches[i];

		if (b->grant == number && b->fd >= 0 && !b->file.len)
			news_of_path(j, b->host);
	}
	j->generation.revoked++;
	if (j->generation_page)
		__atomic_store_n(&j->generation_page->revoked, j->generation.revoked, __ATOMIC_RELEASE);
}

int judge_revoke(struct judge *j, uint64_t number)
{
	if (number == 0 || number > j->ledger.ngrants || j->ledger.grants[number - 1].revoked)
		return -ENOENT;
	news_of_revoked(j, number);
	ledger_revoke(j, number);
	judge_tell(j, &(struct told){ .what = TOLD_REVOKED, .grant = number });
	return 0;
}
