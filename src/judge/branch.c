/*
 * branch.c - directories of the host in the guest's namespace: --dir, answers, what is
 * always there. Some are opened, or made, when they are first reached for.
 *
 * A branch means the directory that was opened, wherever it is called now; its name is
 * believed only as long as that very directory has it.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

int branch_add(struct judge *judge, const struct branch *branch, struct branch **out)
{
	struct branch *copy = arena_new(&judge->arena, 1, sizeof *copy), **grown;

	if (judge->nbranches == LIMIT_MOUNTS)
		return -ENOSPC;
	if (!copy)
		return -ENOMEM;
	*copy = *branch;
	copy->at = arena_text(&judge->arena, branch->at);
	copy->host = arena_text(&judge->arena, branch->host);
	copy->typed = arena_text(&judge->arena, branch->typed);
	copy->file = arena_text(&judge->arena, branch->file);
	if (!copy->at.at || !copy->host.at || !copy->typed.at || !copy->file.at)
		return -ENOMEM;
	if (judge->nbranches == judge->branches_size) {
		size_t size = judge->branches_size ? 2 * judge->branches_size : 8;

		grown = mem_grow(judge->branches, judge->branches_size, size, sizeof(struct branch *));
		if (!grown)
			return -ENOMEM;
		judge->branches = grown;
		judge->branches_size = size;
	}
	judge->branches[judge->nbranches++] = copy;
	if (out)
		*out = copy;
	return 0;
}

void branch_end(struct branch *branch)
{
	sys_close(branch->fd);
	branch->fd = -1;
	branch->access = 0;
	branch->kind = BRANCH_GIVEN;
}

/* The private /tmp: made once, whatever names lead to it. */
static int open_tmp(struct judge *judge, struct branch *branch)
{
	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i]->kind == BRANCH_TMP && judge->branches[i]->fd >= 0) {
			branch->host = judge->branches[i]->host;
			return sys_dup(judge->branches[i]->fd, 0);
		}
	return tmp_make(judge, &branch->host);
}

/* What a rule's "at" leads to: links on the way are followed, and the true path is kept. */
static int open_led(struct judge *judge, struct branch *branch)
{
	char room[LIMIT_PATH + 1];
	struct text path;
	size_t len;
	int fd = sys_openat2(AT_FDCWD, branch->host.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC);

	if (fd < 0)
		return fd;
	if (sys_path_of(fd, room, sizeof room, &len) < 0 || !(path = arena_text(&judge->arena, (struct text){ room, len })).at) {
		sys_close(fd);
		return -ENOMEM;
	}
	branch->host = path;
	return fd;
}

int branch_open(struct judge *judge, struct branch *branch)
{
	int fd = branch->fd;

	if (fd >= 0)
		return 0;
	switch (branch->kind) {
	case BRANCH_TMP:
		fd = open_tmp(judge, branch);
		break;
	case BRANCH_SELF:
		fd = self_open(judge);
		break;
	case BRANCH_DATA:
		fd = sys_openat2(AT_FDCWD, branch->host.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS);
		break;
	case BRANCH_LED:
		fd = open_led(judge, branch);
		break;
	default:
		return -EBADF;			/* revoked */
	}
	if (fd < 0)
		return fd;
	branch->fd = fd;
	return 0;
}

bool branch_is_over(const struct branch *branch, const struct object *object)
{
	char room[LIMIT_PATH + 1];
	size_t len;

	if (branch->fd < 0 || branch->file.len || !object->path.len || !text_beneath(object->path, branch->host))
		return false;
	return sys_path_of(branch->fd, room, sizeof room, &len) == 0 && text_eq((struct text){ room, len }, branch->host);
}

/* "unless the grant's own path is a secret name or lies beneath one" (decisions.md 4.8); and what is the program's own. */
bool branch_has_secrets(const struct judge *judge, const struct branch *branch)
{
	if (branch->origin == ORIGIN_PACKAGE)
		return true;
	return judge->mode != MODE_OFF && (name_is_secret(&judge->evidence, branch->host, true) ||
					   (branch->typed.len && name_is_secret(&judge->evidence, branch->typed, true)));
}

static bool is_package(const struct branch *branch)
{
	return branch->kind == BRANCH_TMP || branch->kind == BRANCH_SELF || branch->kind == BRANCH_DATA;
}

/* Are there quiet names in it that are to stay out? */
static bool has_quiet(const struct judge *judge, const struct branch *branch)
{
	if (branch->narrow && name_is_broad(&judge->evidence, branch->host))
		return true;
	for (size_t i = 0; branch->narrow && i < judge->evidence.paths.n; i++)
		if (text_beneath(judge->evidence.paths.at[i], branch->host))
			return true;
	return false;
}

/* The worker knows nothing of what is protected in mounts that come later, and one name has one mount. */
static bool is_shared(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; i < judge->nguarded; i++)
		if (text_beneath(judge->guarded[i].name, branch->host))
			return true;
	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i]->kind == BRANCH_START && text_eq(judge->branches[i]->at, branch->at))
			return true;
	return false;
}

/* Words that rules take out of all of it; of a rule's own branch what the rules give. */
static access_set words_of_rules(const struct judge *judge, const struct branch *branch, access_set words)
{
	struct object object = { .fd = branch->fd, .parentfd = -1, .exists = true };
	struct file_id above[LIMIT_COMPONENT];
	struct known known = { .written = branch->host, .path = branch->host, .above = above };
	access_set left = 0;

	if (!rules_at(judge->rules, 0))
		return words;
	if (sys_fstat(branch->fd, &object.st) < 0)
		return 0;
	known.ids[0] = file_id_of(&object.st);
	known.nabove = rules_want_above(judge->rules) ? object_above(&object, above, LIMIT_COMPONENT) : 0;
	if (known.nabove == LIMIT_COMPONENT)
		return 0;
	for (access_set word = 1; word && word <= words; word <<= 1) {
		const struct ruling *permit = branch->kind == BRANCH_RULE ? rules_match(judge->rules, STAGE_PERMIT, &known, word) : NULL;

		if (!(words & word) || rules_match(judge->rules, STAGE_FORBID, &known, word))
			continue;
		if (branch->kind != BRANCH_RULE || (permit && permit->rule.verb == VERB_ALLOW))
			left |= word;
	}
	return left;
}

access_set branch_words(const struct judge *judge, const struct branch *branch)
{
	access_set words = branch->kind == BRANCH_RULE ? branch->offers : branch->access;

	if (branch->file.len || branch->fd < 0 || branch->kind == BRANCH_LED)
		return 0;
	if (judge->mode == MODE_OFF)
		return words;
	if (branch->kind != BRANCH_START && !is_package(branch) && (is_shared(judge, branch) || has_quiet(judge, branch)))
		return 0;
	words = words_of_rules(judge, branch, words);
	if (branch->kind != BRANCH_START && words & ACCESS_CREATE && words & ACCESS_WRITE && !(words & ACCESS_READ))
		return 0;		/* what is made there is to be known as its own */
	return words;
}

struct branch *branch_of_rule(struct judge *judge, const struct ruling *ruling)
{
	struct text path = ruling->object.path.len ? ruling->object.path : ruling->rule.path;
	struct branch branch = { .at = ruling->rule.path, .host = path, .fd = -1, .offers = ruling->rule.access, .origin = ORIGIN_RULE, .kind = BRANCH_RULE };
	struct branch *made = NULL;
	struct text copy;

	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i]->kind == BRANCH_RULE && text_eq(judge->branches[i]->at, branch.at))
			return judge->branches[i];
	copy = arena_text(&judge->call, path);
	if (!copy.at)
		return NULL;
	branch.fd = sys_openat2(AT_FDCWD, copy.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS);
	if (branch.fd >= 0 && (ledger_grant(judge, &ruling->rule, ORIGIN_RULE, &branch.grant) < 0 || branch_add(judge, &branch, &made) < 0))
		sys_close(branch.fd);
	return made;
}

bool branch_covers(const struct route *route, access_set access)
{
	return route->branch && access_covers(route->branch->access, access);
}
