/*
 * grant.c - what the launcher gives before the run: opened now, kept open (security.md D2).
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
	struct object object = OBJECT_NONE;
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
		object.id = identity_of(&object.st);
		if (guard_refuses(j, dir, &object, ACT_LOOK, CALL_PATH_OPEN))
			error = -EACCES;
	}
	if (error == 0)
		return fd;
	sys_close(fd);
	return error;
}

static int grant_subtree(struct judge *j, const struct rule *rule, struct text preopen, uint64_t number)
{
	char room[LIMIT_PATH + 1];
	struct branch branch = {
		.at = preopen.len ? preopen : rule->at.len ? rule->at : rule->path, .access = rule->access, .grant = number,
		.typed = rule->path, .origin = ORIGIN_LAUNCHER, .kind = BRANCH_START, .flags = MOUNT_LAUNCHER | (preopen.len ? MOUNT_PREOPEN : 0),
	};
	int error;

	if ((j->mode == MODE_OFF) != (preopen.len > 0))
		return -EINVAL;
	branch.fd = open_directory(j, rule->path, room, &branch.host);
	if (branch.fd < 0)
		return branch.fd;
	error = branch_add(j, &branch);
	if (error < 0)
		sys_close(branch.fd);
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
	given->id = identity_of(&st);
	given->leaf = leaf;
	given->literal = literal;
	return ledger_give(j, given);
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
	object_open(&route, true, &object);
	error = object.error;
	if (error == 0 && !object.exists)
		error = -ENOENT;
	if (error == 0 && guard_refuses(j, path, &object, ACT_LOOK, CALL_PATH_OPEN))
		error = -EACCES;
	if (error == 0) {
		given->id = object.id;
		given->fd = sys_dup(object.fd, 0);
		error = given->fd < 0 ? given->fd : ledger_give(j, given);
	}
	if (error == 0 && !text_eq(object.path, path)) {	/* reached by its true name, too */
		given->name = object.path;
		given->fd = sys_dup(object.fd, 0);
		error = given->fd < 0 ? given->fd : ledger_give(j, given);
	}
	object_done(&object);
	return error;
}

static int grant_object(struct judge *j, const struct rule *rule, struct given *given)
{
	int error;

	if (rule->at.len)
		return -EINVAL;
	if ((rule->access & OF_NAME) && rule->path.len <= 1)
		return -EINVAL;		/* the root is no name in a directory */
	given->name = rule->path;
	if (rule->access & OF_NAME)
		return give_names(j, text_parent(rule->path), text_leaf(rule->path), TEXT(""), given);
	error = give_object(j, rule, given);
	if (error != -ENOENT || rule->path.len <= 1)
		return error;
	return give_names(j, text_parent(rule->path), text_leaf(rule->path), TEXT(""), given);
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

int judge_grant(struct judge *j, const struct rule *rule, struct text preopen, uint64_t *grant)
{
	struct given given = { .number = j->grants + 1, .access = rule->access, .origin = ORIGIN_LAUNCHER, .name = rule->path };
	int error = -EINVAL;

	if (rule->verb != VERB_ALLOW || (j->mode == MODE_OFF && rule->what != WHAT_SUBTREE))
		return -EINVAL;
	if (rule->what <= WHAT_PATTERN && (!text_starts(rule->path, TEXT("/")) || rule->path.len > LIMIT_PATH))
		return -EINVAL;
	if (given.access & ACCESS_WRITE)
		given.access |= ACCESS_APPEND;
	if (rule->what == WHAT_SUBTREE)
		error = grant_subtree(j, rule, preopen, given.number);
	else if (rule->what == WHAT_OBJECT)
		error = grant_object(j, rule, &given);
	else if (rule->what == WHAT_PATTERN)
		error = give_names(j, rule->path, rule->pattern, rule->literal, &given);
	else if (rule->what == WHAT_ENV)
		error = grant_variable(j, rule->name);
	if (error < 0)
		return error;
	j->grants++;
	*grant = given.number;
	return 0;
}
