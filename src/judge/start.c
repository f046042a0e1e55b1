/*
 * start.c - what the worker is told before the guest runs (cap/start.h).
 *
 * The host is looked at here, once, and only at what the command line names. In
 * `blind` not even that: whether the cwd has an entry with a top name is all.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/evidence.h"
#include "judge/inside.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const top_names[] = {
	"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc",
	"root", "run", "sbin", "srv", "sys", "tmp", "usr", "var", ".wasi",
};

/* Always there, read-only; opened when a program reaches for them. */
static const char *const data_names[] = { "/usr/share/zoneinfo", "/usr/share/locale", "/usr/lib/locale" };

static enum seen look_at(void *self, const char *path)
{
	struct stat st;

	(void)self;
	if (sys_fstatat(AT_FDCWD, path, &st, 0) == 0)
		return S_ISDIR(st.st_mode) ? SEEN_DIRECTORY : SEEN_FILE;
	return sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? SEEN_FILE : SEEN_NOTHING;
}

static struct text first_of(struct text path)
{
	return text_component(&path);
}

static void top_add(struct texts *tops, struct text name)
{
	for (size_t i = 0; i < tops->n; i++)
		if (text_eq(tops->at[i], name))
			return;
	if (name.len)
		tops->at[tops->n++] = name;
}

static size_t rules_count(const struct judge *j)
{
	size_t n = 0;

	while (rules_at(j->rules, n))
		n++;
	return n;
}

/* decisions.md 4.2; an argument counts when it is absolute, not when it was joined to the cwd. */
static int tops_make(struct judge *j, struct arena *arena, struct start *out)
{
	size_t room = COUNT(top_names) + 2 + j->evidence.nargs + j->nbranches + j->ledger.ngiven + 2 * rules_count(j);
	struct texts tops = { arena_new(arena, room, sizeof(struct text)), 0 };

	if (!tops.at)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT(top_names); i++)
		top_add(&tops, text_of(top_names[i]));
	top_add(&tops, first_of(j->cwd));
	top_add(&tops, first_of(j->home));
	for (size_t i = 0; i < j->evidence.nargs; i++)
		if (text_eq(j->evidence.args[i].spelled, text_from(j->evidence.args[i].name, 1)))
			top_add(&tops, first_of(j->evidence.args[i].name));
	for (size_t i = 0; i < j->nbranches; i++)
		top_add(&tops, first_of(j->branches[i]->at));
	for (size_t i = 0; i < j->ledger.ngiven; i++)
		top_add(&tops, first_of(j->ledger.given[i].name));
	for (size_t i = 0; rules_at(j->rules, i); i++) {
		top_add(&tops, first_of(rules_at(j->rules, i)->rule.path));
		top_add(&tops, first_of(rules_at(j->rules, i)->rule.at));
	}
	for (size_t i = 0; i < tops.n; i++) {
		tops.at[i] = arena_text(arena, tops.at[i]);
		if (!tops.at[i].at)
			return -ENOMEM;
	}
	out->tops = tops;
	return 0;
}

/* Those that the cwd has entries of. At the root a name means the same either way. */
static int locals_make(struct judge *j, struct arena *arena, struct start *out)
{
	struct texts locals = { arena_new(arena, out->tops.n, sizeof(struct text)), 0 };
	struct stat st;
	int fd;

	if (!locals.at)
		return -ENOMEM;
	fd = j->cwd.len > 1 ? sys_openat(AT_FDCWD, j->cwd.at, O_PATH | O_DIRECTORY, 0) : -1;
	for (size_t i = 0; fd >= 0 && i < out->tops.n; i++)
		if (sys_fstatat(fd, out->tops.at[i].at, &st, AT_SYMLINK_NOFOLLOW) == 0)
			locals.at[locals.n++] = out->tops.at[i];
	sys_close(fd);
	out->locals = locals;
	return 0;
}

static bool has_text(struct texts list, struct text t)
{
	for (size_t i = 0; i < list.n; i++)
		if (text_eq(list.at[i], t))
			return true;
	return false;
}

static void tmp_add(struct texts *tmp, struct text name, bool is_file)
{
	struct text all = TEXT("/tmp");

	if (!text_beneath(name, all))
		return;
	if (is_file && text_eq(text_parent(name), all))
		name = all;
	for (size_t i = 0; i < tmp->n; i++)
		if (text_beneath(name, tmp->at[i]))
			return;
	tmp->at[tmp->n++] = name;
}

static void move_first(struct texts *tmp, struct text name)
{
	for (size_t i = 1; i < tmp->n; i++)
		if (text_eq(tmp->at[i], name)) {
			tmp->at[i] = tmp->at[0];
			tmp->at[0] = name;
		}
}

/* Host names beneath /tmp (decisions.md 4.4), "/tmp" itself first. What is not looked at is a file when it is an output. */
static int tmp_names(struct judge *j)
{
	const struct evidence *e = &j->evidence;
	struct texts tmp = { arena_new(&j->arena, 1 + e->nargs + e->places.n + j->nbranches + j->ledger.ngiven + 2 * rules_count(j), sizeof(struct text)), 0 };

	if (!tmp.at)
		return -ENOMEM;
	tmp_add(&tmp, j->cwd, false);
	for (size_t i = 0; i < e->places.n; i++)
		tmp_add(&tmp, e->places.at[i], false);
	for (size_t i = 0; i < e->nargs; i++)
		tmp_add(&tmp, e->args[i].name, e->args[i].output ||
			(j->mode != MODE_BLIND && !(e->args[i].existed && e->arg_is_dir[i])));
	for (size_t i = 0; i < j->nbranches; i++)
		if (j->branches[i]->kind == BRANCH_START)
			tmp_add(&tmp, j->branches[i]->at, false);
	for (size_t i = 0; i < j->ledger.ngiven; i++)
		tmp_add(&tmp, j->ledger.given[i].name, j->ledger.given[i].literal.len == 0);
	for (size_t i = 0; rules_at(j->rules, i); i++) {
		const struct rule *rule = &rules_at(j->rules, i)->rule;

		tmp_add(&tmp, rule->path, rule->what == WHAT_OBJECT);
		tmp_add(&tmp, rule->at, rule->what == WHAT_OBJECT);
	}
	move_first(&tmp, TEXT("/tmp"));
	j->tmp = tmp;
	return 0;
}

/* As a grant with a number, of what the rule language would say about it. */
int add_package(struct judge *j, struct branch *branch)
{
	const struct rule rule = {
		.verb = VERB_ALLOW, .access = branch->access, .what = branch->file.len ? WHAT_OBJECT : WHAT_SUBTREE,
		.path = branch->host, .at = text_eq(branch->at, branch->host) ? TEXT("") : branch->at,
	};
	int error = ledger_grant(j, &rule, ORIGIN_PACKAGE, &branch->grant);

	return error < 0 ? error : branch_add(j, branch, NULL);
}

/* Where the "at" of a rule leads, a directory or one name. */
static int add_led(struct judge *j)
{
	int error = 0;

	for (size_t i = 0; error == 0 && rules_at(j->rules, i); i++) {
		const struct rule *rule = &rules_at(j->rules, i)->rule;
		struct branch led = { .at = rule->at, .host = rule->path, .fd = -1, .kind = BRANCH_LED };

		if (rule->verb != VERB_ALLOW || !rule->at.len || rule->what > WHAT_SUBTREE || (rule->what == WHAT_OBJECT && rule->path.len <= 1))
			continue;
		if (rule->what == WHAT_OBJECT) {
			led.host = text_parent(rule->path);
			led.file = text_leaf(rule->path);
		}
		error = branch_add(j, &led, NULL);
	}
	return error;
}

/* The private /tmp and what is always there: opened when they are reached for. */
static int add_lazy(struct judge *j, bool tmp_is_local)
{
	struct branch tmp = {
		.at = TEXT("/tmp"), .host = TEXT("/tmp"), .fd = -1, .access = ACCESS_DIR, .origin = ORIGIN_PACKAGE, .kind = BRANCH_TMP,
	}, data = { .fd = -1, .access = ACCESS_DIR_RO, .origin = ORIGIN_PACKAGE, .kind = BRANCH_DATA },
	self = { .at = TEXT("/var/lib/self"), .fd = -1, .access = ACCESS_DIR, .origin = ORIGIN_PACKAGE, .kind = BRANCH_SELF };
	int error;

	error = add_package(j, &tmp);
	tmp.at = j->tmp_path;
	if (error == 0 && tmp_is_local)
		error = branch_add(j, &tmp, NULL);
	for (size_t i = 0; error == 0 && i < COUNT(data_names); i++) {
		data.at = data.host = text_of(data_names[i]);
		error = add_package(j, &data);
	}
	self.host = j->self_dir;
	return error == 0 && self.host.len ? add_package(j, &self) : error;
}

static bool is_hosts_root(const struct branch *branch)
{
	struct stat mount, root;

	return sys_fstat(branch->fd, &mount) == 0 && sys_fstatat(AT_FDCWD, "/", &root, 0) == 0 &&
	       file_id_eq(file_id_of(&mount), file_id_of(&root));
}

/*
 * Where the guest stands: at the cwd, unless its "/" is another directory (--dir
 * HOST::/) and covers the cwd's name too; then there, as with classic preopens.
 */
static struct text guest_cwd(const struct judge *j)
{
	const struct branch *over = NULL;

	for (size_t i = 0; i < j->nbranches; i++) {
		const struct branch *b = j->branches[i];

		if (b->kind == BRANCH_START && !(b->flags & MOUNT_PREOPEN) && text_beneath(j->cwd, b->at) && (!over || b->at.len > over->at.len))
			over = b;
	}
	return over && over->at.len == 1 && !is_hosts_root(over) ? over->at : j->cwd;
}

/* Does something that is protected lie at or beneath BRANCH, or may another name of it? */
static uint32_t guarded_flag(const struct judge *j, const struct branch *branch)
{
	for (size_t i = 0; i < j->nguarded; i++)
		if (j->guarded[i].linked || text_beneath(j->guarded[i].name, branch->host))
			return MOUNT_GUARDED;
	return 0;
}

static int mounts_make(struct judge *j, struct arena *arena, struct start *out)
{
	out->mounts = arena_new(arena, j->nbranches, sizeof *out->mounts);
	if (!out->mounts)
		return -ENOMEM;
	for (size_t i = 0; i < j->nbranches; i++) {
		struct branch *b = j->branches[i];
		access_set words = b->kind == BRANCH_START ? branch_words(j, b) : 0;

		if (!words)
			continue;
		news_of_branch(j, b);
		out->mounts[out->nmounts] = (struct start_mount){
			.at = arena_text(arena, b->at), .fd = b->fd, .access = words, .grant = b->grant,
			.flags = b->flags | guarded_flag(j, b) | (branch_has_secrets(j, b) ? MOUNT_SECRETS : 0) };
		if (!out->mounts[out->nmounts++].at.at)
			return -ENOMEM;
	}
	return 0;
}

/* What an argument spells leads to the cwd's own: where the guest stands elsewhere it claims nothing. */
static int args_make(struct judge *j, struct arena *arena, struct start *out)
{
	bool at_cwd = text_eq(out->cwd, j->cwd);

	out->args = arena_new(arena, j->evidence.nargs, sizeof *out->args);
	if (!out->args)
		return -ENOMEM;
	for (size_t i = 0; i < j->evidence.nargs; i++) {
		struct start_arg *arg = &out->args[out->nargs++];

		*arg = j->evidence.args[i];
		arg->name = arena_text(arena, arg->name);
		arg->spelled = arena_text(arena, arg->spelled);
		if (!arg->name.at || !arg->spelled.at)
			return -ENOMEM;
		arg->beneath = arg_names_beneath(&j->evidence, i);
		arg->claims = arg->claims && at_cwd;
	}
	return 0;
}

static int texts_copy(struct arena *arena, struct texts from, struct texts *out)
{
	struct texts copy = { arena_new(arena, from.n, sizeof(struct text)), from.n };

	if (!copy.at)
		return -ENOMEM;
	for (size_t i = 0; i < from.n; i++) {
		copy.at[i] = arena_text(arena, from.at[i]);
		if (!copy.at[i].at)
			return -ENOMEM;
	}
	*out = copy;
	return 0;
}

static int protected_make(struct judge *j, struct arena *arena, struct start *out)
{
	out->protected = arena_new(arena, j->nguarded, sizeof *out->protected);
	if (!out->protected)
		return -ENOMEM;
	for (size_t i = 0; i < j->nguarded; i++) {
		const struct guarded *g = &j->guarded[i];

		out->protected[out->nprotected] = (struct start_protected){ g->id.dev, g->id.ino, arena_text(arena, g->name), g->nothing };
		if (!out->protected[out->nprotected++].name.at)
			return -ENOMEM;
	}
	return 0;
}

/* Its texts are the judge's. */
static int exclusions_make(struct judge *j, struct arena *arena, struct start *out)
{
	int error = news_of_start(j);

	if (error < 0)
		return error;
	if (j->in_process)
		out->secrets = j->evidence.secrets;
	else
		out->exclusions = j->evidence.secret_names;
	news_give(j, arena, &out->exclusions);
	return texts_copy(arena, out->exclusions.homes, &out->exclusions.homes);
}

/* A page that the worker maps read-only: a grant more, and its refusals are stale. */
static int generation_share(struct judge *j)
{
	int fd = sys_memfd("wask-generation"), error = fd < 0 ? fd : sys_ftruncate(fd, sizeof(struct generation));

	if (error == 0)
		j->generation_page = sys_map(fd, sizeof(struct generation), true);
	if (!j->generation_page) {
		sys_close(fd);
		return error < 0 ? error : -ENOMEM;
	}
	j->generation_fd = fd;
	*j->generation_page = j->generation;
	return 0;
}

/* Where a name that the command line spells led at start: only when a link is on the way. */
static int links_find(struct judge *j)
{
	const struct evidence *e = &j->evidence;
	char room[LIMIT_PATH + 1];

	j->links = arena_new(&j->arena, e->nargs, sizeof *j->links);
	if (!j->links)
		return -ENOMEM;
	for (size_t i = 0; i < e->nargs; i++) {
		struct text name = arena_text(&j->call, e->args[i].name), path;
		size_t len;
		int fd = e->args[i].existed && name.at ? sys_openat2(AT_FDCWD, name.at, O_PATH, 0, SYS_NO_MAGIC) : -1;
		int error = fd < 0 ? fd : sys_path_of(fd, room, sizeof room, &len);

		sys_close(fd);
		if (error < 0 || text_eq((struct text){ room, len }, name))
			continue;
		path = arena_text(&j->arena, (struct text){ room, len });
		if (!path.at)
			return -ENOMEM;
		j->links[j->nlinks++] = (struct seen_link){ e->args[i].name, path };
	}
	arena_done(&j->call);
	return 0;
}

int judge_look(struct judge *j)
{
	const struct evidence_of of = {
		.argv = j->no_args ? (struct texts){ 0 } : j->argv, .cwd = j->cwd, .homes = { j->home, j->evidence.homes[1] }, .path = j->path,
		.builtin = j->builtin, .secrets = j->secrets, .companions = j->companions, .look = j->mode == MODE_BLIND ? NULL : look_at,
	};
	int error;

	if (j->has_evidence)
		return 0;
	j->look = of.look;
	error = evidence_collect(&j->arena, &of, &j->evidence);
	if (error == 0)
		error = rules_bind_first(j);
	j->has_evidence = error == 0;
	return error == 0 && j->mode != MODE_BLIND ? links_find(j) : error;
}

static int start_virtual(struct judge *j, struct arena *arena, struct start *out)
{
	int error = judge_look(j);

	if (error == 0)
		error = add_led(j);
	if (error == 0)
		error = data_add(j);
	if (error == 0)
		error = tops_make(j, arena, out);
	if (error == 0)
		error = locals_make(j, arena, out);
	if (error == 0)
		error = tmp_names(j);
	if (error == 0)
		error = add_lazy(j, has_text(out->locals, TEXT("tmp")));
	if (error == 0)
		error = synthetic_make(j, arena, out);
	if (error == 0)
		error = args_make(j, arena, out);
	if (error == 0)
		error = texts_copy(arena, j->tmp, &out->tmp);
	return error == 0 && !j->in_process ? generation_share(j) : error;
}

int judge_start(struct judge *j, struct arena *arena, struct start *out)
{
	struct start start = { .mode = j->mode, .generation_fd = -1 };
	int error = 0;

	start.cwd = arena_text(arena, guest_cwd(j));
	start.home = arena_text(arena, j->home);
	if (!start.cwd.at || !start.home.at)
		return -ENOMEM;
	error = texts_copy(arena, j->argv, &start.argv);
	if (error == 0 && j->mode != MODE_OFF)
		error = start_virtual(j, arena, &start);
	if (error == 0)
		error = env_make(j, arena, start.cwd, has_text(start.locals, TEXT("tmp")), &start.env);
	if (error == 0)
		error = mounts_make(j, arena, &start);
	if (error == 0 && j->mode != MODE_OFF)
		error = exclusions_make(j, arena, &start);
	if (error == 0)
		error = protected_make(j, arena, &start);
	if (error < 0)
		return error;
	start.generation_fd = j->generation_fd;
	start.generation = j->in_process ? &j->generation : NULL;
	*out = start;
	return 0;
}
