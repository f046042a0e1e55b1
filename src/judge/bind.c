/*
 * bind.c - what rules name, opened once (design/protocols.md 1): a deny holds for the
 * object under every name, an allow for its true path.
 *
 * Before the guest starts: all that forbids, what is asked about beneath its mounts, and
 * what is allowed where the guest could put something else in the place. The rest when
 * the first need comes, before which nothing else can be changed. Many rules share few
 * directories, which are kept open meanwhile: one look at the name itself is all that
 * most rules cost.
 */
#include <errno.h>

#include "base/hash.h"
#include "base/sys.h"
#include "judge/inside.h"

/* A directory that rules name, or name something in. */
struct dir {
	struct text name;		/* as rules have it; empty: the slot is free */
	int fd;				/* O_PATH; negative: there is none */
	struct text path;		/* true path; of one that is not there that of the nearest above it, and the rest; empty: not known */
};

struct dirs {
	struct dir at[256];		/* by a hash of the name: the newer takes the slot */
};

static struct text join(struct judge *j, struct text dir, struct text name)
{
	return arena_join(&j->call, dir.len > 1 ? dir : TEXT(""), TEXT("/"), name);
}

/* Opens NAME and finds its true path. A descriptor or a negative errno. */
static int open_dir(struct judge *j, struct text name, struct text *path)
{
	char room[LIMIT_PATH + 1];
	struct text copy = arena_text(&j->call, name);
	size_t len;
	int fd = copy.at ? sys_openat2(AT_FDCWD, copy.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC) : -ENOMEM;

	if (fd >= 0 && sys_path_of(fd, room, sizeof room, &len) == 0) {
		*path = arena_text(&j->call, (struct text){ room, len });
		return fd;
	}
	sys_close(fd);
	return fd < 0 ? fd : -ENOENT;
}

/* The nearest directory above that there is, and the rest. */
static struct text path_absent(struct judge *j, struct text name)
{
	for (struct text up = name; up.len > 1;) {
		struct text path;
		int fd;

		up = text_parent(up);
		fd = open_dir(j, up, &path);
		if (fd < 0)
			continue;
		sys_close(fd);
		return join(j, path, text_from(name, up.len > 1 ? up.len + 1 : 1));
	}
	return TEXT("");
}

static const struct dir *dir_find(struct judge *j, struct dirs *dirs, struct text name)
{
	struct dir *dir = &dirs->at[hash_text(name, 0) % (sizeof dirs->at / sizeof *dirs->at)];

	if (dir->name.len && text_eq(dir->name, name))
		return dir;
	if (dir->name.len)
		sys_close(dir->fd);
	dir->name = name;
	dir->path = TEXT("");
	dir->fd = open_dir(j, name, &dir->path);
	if (dir->fd < 0)
		dir->path = path_absent(j, name);
	return dir;
}

/* Large: not on the stack, which may be a held guest's. */
static struct dirs *dirs_new(struct judge *j)
{
	return arena_new(&j->call, 1, sizeof(struct dirs));
}

static void dirs_done(struct dirs *dirs)
{
	for (size_t i = 0; dirs && i < sizeof dirs->at / sizeof *dirs->at; i++)
		if (dirs->at[i].name.len)
			sys_close(dirs->at[i].fd);
}

/* NAME in the directory is there: what is it, and, of a link, where does it lead? */
static void bind_there(struct judge *j, const struct dir *dir, struct text name, const struct stat *st, struct rule_object *out)
{
	char room[LIMIT_PATH + 1];
	struct text leaf;
	struct stat target;
	size_t len;
	int fd;

	out->self = file_id_of(st);
	out->linked = st->st_nlink > 1 && !S_ISDIR(st->st_mode);
	out->path = join(j, dir->path, name);
	if (!S_ISLNK(st->st_mode))
		return;
	leaf = arena_text(&j->call, name);
	if (!leaf.at)
		return;
	fd = sys_openat2(dir->fd, leaf.at, O_PATH, 0, SYS_NO_MAGIC);
	if (fd >= 0 && sys_fstat(fd, &target) == 0 && sys_path_of(fd, room, sizeof room, &len) == 0) {
		out->target = file_id_of(&target);
		out->linked |= target.st_nlink > 1 && !S_ISDIR(target.st_mode);
		out->path = arena_text(&j->call, (struct text){ room, len });
	}
	sys_close(fd);
}

static void bind_path(struct judge *j, struct dirs *dirs, struct text path, struct rule_object *out)
{
	const struct dir *dir = dir_find(j, dirs, text_parent(path));
	struct text name = text_leaf(path), leaf = arena_text(&j->call, name.len ? name : TEXT("."));
	struct stat st;

	if (dir->fd >= 0 && leaf.at && sys_fstatat(dir->fd, leaf.at, &st, AT_SYMLINK_NOFOLLOW) == 0)
		bind_there(j, dir, name, &st, out);
	else if (dir->path.len && name.len)
		out->path = join(j, dir->path, name);
}

static int bind_one(struct judge *j, struct dirs *dirs, size_t i)
{
	const struct ruling *r = rules_at(j->rules, i);
	struct rule_object object = { 0 };

	if (r->rule.what > WHAT_PATTERN)
		return 0;
	bind_path(j, dirs, r->rule.path, &object);
	return rules_bind(j->rules, i, &object);
}

int rule_bind(struct judge *j, size_t i)
{
	struct dirs *dirs = dirs_new(j);
	int error = dirs ? bind_one(j, dirs, i) : -ENOMEM;

	dirs_done(dirs);
	return error;
}

/* Is NAME in a directory whose entries the guest may change from the start on? Also when nobody can tell. */
static bool is_changeable(struct judge *j, struct dirs *dirs, struct text name)
{
	const struct dir *dir = dir_find(j, dirs, text_parent(name));

	for (size_t i = 0; i < j->nbranches; i++) {
		const struct branch *b = j->branches[i];

		if (b->kind == BRANCH_START && b->access & ACCESS_ANY_CHANGE && (!dir->path.len || text_beneath(dir->path, b->host)))
			return true;
	}
	return false;
}

static bool has_mounts(const struct judge *j)
{
	for (size_t i = 0; i < j->nbranches; i++)
		if (j->branches[i]->kind == BRANCH_START)
			return true;
	return false;
}

int rules_bind_first(struct judge *j)
{
	struct dirs *dirs;
	bool mounts = has_mounts(j);
	int error;

	if (!rules_at(j->rules, 0))
		return 0;
	dirs = dirs_new(j);
	error = dirs ? 0 : -ENOMEM;
	for (size_t i = 0; error == 0 && rules_at(j->rules, i); i++) {
		const struct rule *rule = &rules_at(j->rules, i)->rule;
		bool now = rule->verb < VERB_ASK || (mounts && rule->verb == VERB_ASK);

		if (now || (mounts && rule->what <= WHAT_PATTERN && is_changeable(j, dirs, rule->path)))
			error = bind_one(j, dirs, i);
	}
	dirs_done(dirs);
	arena_done(&j->call);
	return error;
}

int rules_bind_rest(struct judge *j)
{
	struct dirs *dirs;
	int error;

	if (j->bound || !rules_at(j->rules, 0))
		return 0;
	dirs = dirs_new(j);
	error = dirs ? 0 : -ENOMEM;
	for (size_t i = 0; error == 0 && rules_at(j->rules, i); i++)
		if (!rules_at(j->rules, i)->bound)
			error = bind_one(j, dirs, i);
	dirs_done(dirs);
	arena_done(&j->call);
	j->bound = error == 0;
	return error;
}
