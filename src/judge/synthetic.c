/*
 * synthetic.c - directories that stand for themselves (decisions.md 4.3): the way to
 * the cwd, to home, to mounts and to arguments, and what a listing of them shows.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/evidence.h"
#include "judge/inside.h"

/* Always there (decisions.md 4.4); the worker has them. */
static const char *const devices[] = {
	"/dev/null", "/dev/zero", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr",
};

struct names_list {
	struct text *at;
	size_t n, size;
};

/* Component by component: what is beneath a name follows it at once. */
static int name_order(const void *a, const void *b)
{
	struct text x = *(const struct text *)a, y = *(const struct text *)b;
	size_t n = x.len < y.len ? x.len : y.len;

	for (size_t i = 0; i < n; i++)
		if (x.at[i] != y.at[i]) {
			int p = x.at[i] == '/' ? -1 : (unsigned char)x.at[i], q = y.at[i] == '/' ? -1 : (unsigned char)y.at[i];

			return p < q ? -1 : 1;
		}
	return (x.len > y.len) - (x.len < y.len);
}

static int list_add(struct names_list *list, struct text name)
{
	size_t size = list->size ? 2 * list->size : 32;
	struct text *grown;

	if (list->n == list->size) {
		grown = mem_grow(list->at, list->size, size, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		list->at = grown;
		list->size = size;
	}
	list->at[list->n++] = name;
	return 0;
}

static void list_sort(struct names_list *list)
{
	size_t n = 0;

	if (list->n)
		qsort(list->at, list->n, sizeof *list->at, name_order);
	for (size_t i = 0; i < list->n; i++)
		if (n == 0 || !text_eq(list->at[n - 1], list->at[i]))
			list->at[n++] = list->at[i];
	list->n = n;
}

/* Package data that this host has not is not shown; it is ours, so that `blind` may know. */
static bool is_mount(const struct branch *branch)
{
	struct stat st;

	return branch->kind != BRANCH_DATA || (sys_fstatat(AT_FDCWD, branch->host.at, &st, 0) == 0 && S_ISDIR(st.st_mode));
}

/* Denied and hidden names are in no listing (decisions.md 4.8). */
static int shown_add(const struct judge *j, struct names_list *shown, struct text name)
{
	const struct known known = { .written = name, .path = name };

	return rules_match(j->rules, STAGE_FORBID, &known, ACCESS_STAT) ? 0 : list_add(shown, name);
}

/* Mounts, devices, existing arguments, the cwd and home: what a listing on the way shows. */
static int collect_shown(const struct judge *j, struct names_list *shown)
{
	int error = list_add(shown, j->cwd);

	for (size_t i = 0; error == 0 && i < sizeof devices / sizeof *devices; i++)
		error = list_add(shown, text_of(devices[i]));
	if (error == 0 && j->home.len)
		error = shown_add(j, shown, j->home);
	for (size_t i = 0; error == 0 && i < j->nbranches; i++)
		if (is_mount(j->branches[i]))
			error = shown_add(j, shown, j->branches[i]->at);
	for (size_t i = 0; error == 0 && i < j->evidence.nargs; i++)
		if (j->evidence.args[i].existed)
			error = shown_add(j, shown, j->evidence.args[i].name);
	list_sort(shown);
	return error;
}

static bool is_directory(const struct judge *j, struct text name)
{
	char path[LIMIT_PATH + 1];

	if (!j->look || name.len > LIMIT_PATH)
		return false;
	memcpy(path, name.at, name.len);
	path[name.len] = '\0';
	return j->look(NULL, path) == SEEN_DIRECTORY;
}

/* Is NAME a mount's, or neither a hole? */
static bool is_covered(const struct judge *j, struct text name)
{
	for (size_t i = 0; i < j->nbranches; i++) {
		const struct branch *b = j->branches[i];

		if (b->kind == BRANCH_START && !(b->flags & MOUNT_PREOPEN) && text_beneath(name, b->at))
			return true;
		if (b->kind == BRANCH_TMP && text_eq(name, b->at) && !(j->tmp.n && text_eq(j->tmp.at[0], TEXT("/tmp"))))
			return true;
	}
	return false;
}

static bool is_synthetic(const struct judge *j, struct text name)
{
	enum class class = class_of(&j->evidence, name, false);

	if (is_covered(j, name))
		return false;
	return j->mode == MODE_BLIND || class < CLASS_SECRET_NAMED;
}

/* The ancestors of NAME; of an argument that was not there only those that are. */
static int add_ancestors(const struct judge *j, struct text name, bool exists, struct names_list *dirs)
{
	int error = 0;

	for (struct text up = name; error == 0 && up.len > 1;) {
		up = text_parent(up);
		if (dirs->n && text_eq(dirs->at[dirs->n - 1], up))
			break;			/* a sibling has been this way */
		exists = exists || is_directory(j, up);
		if (exists && is_synthetic(j, up))
			error = list_add(dirs, up);
	}
	return error;
}

static int collect_dirs(const struct judge *j, const struct names_list *shown, struct names_list *dirs)
{
	int error = is_synthetic(j, j->cwd) ? list_add(dirs, j->cwd) : 0;

	if (error == 0 && j->home.len && is_synthetic(j, j->home) && (j->mode == MODE_BLIND || is_directory(j, j->home)))
		error = list_add(dirs, j->home);
	for (size_t i = 0; error == 0 && i < shown->n; i++)
		error = add_ancestors(j, shown->at[i], true, dirs);
	for (size_t i = 0; error == 0 && i < j->evidence.nargs; i++)
		if (!j->evidence.args[i].existed)
			error = add_ancestors(j, j->evidence.args[i].name, false, dirs);
	list_sort(dirs);
	return error;
}

/* The judge keeps the names: what the worker says it listed is believed of these only. */
static int keep_dirs(struct judge *j, const struct names_list *dirs)
{
	struct texts kept = { arena_new(&j->arena, dirs->n, sizeof(struct text)), dirs->n };

	if (!kept.at)
		return -ENOMEM;
	if (dirs->n)
		memcpy(kept.at, dirs->at, dirs->n * sizeof *kept.at);
	j->synthetic = kept;
	return 0;
}

static struct start_dir *dir_find(struct start *out, struct text name)
{
	size_t low = 0, high = out->ndirs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = name_order(&out->dirs[mid].name, &name);

		if (order == 0)
			return &out->dirs[mid];
		*(order < 0 ? &low : &high) = order < 0 ? mid + 1 : mid;
	}
	return NULL;
}

/* Puts each shown name into the directories on the way to it. SHOWN is in name_order: equal entries come together. */
static void fill_entries(const struct names_list *shown, struct start *out, bool count)
{
	for (size_t i = 0; i < out->ndirs; i++)
		out->dirs[i].entries.n = 0;
	for (size_t i = 0; i < shown->n; i++)
		for (struct text at = shown->at[i]; at.len > 1; at = text_parent(at)) {
			struct start_dir *dir = dir_find(out, text_parent(at));
			struct text leaf = text_leaf(at);

			if (!dir)
				continue;
			if (!count && dir->entries.n && text_eq(dir->entries.at[dir->entries.n - 1], leaf))
				continue;
			if (!count)
				dir->entries.at[dir->entries.n] = leaf;
			dir->entries.n++;
		}
}

static int entries_make(struct arena *arena, const struct names_list *shown, struct start *out)
{
	fill_entries(shown, out, true);
	for (size_t i = 0; i < out->ndirs; i++) {
		out->dirs[i].entries.at = arena_new(arena, out->dirs[i].entries.n, sizeof(struct text));
		if (!out->dirs[i].entries.at)
			return -ENOMEM;
	}
	fill_entries(shown, out, false);
	for (size_t i = 0; i < out->ndirs; i++)
		for (size_t k = 0; k < out->dirs[i].entries.n; k++) {
			struct text *entry = &out->dirs[i].entries.at[k];

			*entry = arena_text(arena, *entry);
			if (!entry->at)
				return -ENOMEM;
		}
	return 0;
}

int synthetic_make(struct judge *j, struct arena *arena, struct start *out)
{
	struct names_list shown = { 0 }, dirs = { 0 };
	int error = collect_shown(j, &shown);

	if (error == 0)
		error = collect_dirs(j, &shown, &dirs);
	if (error == 0)
		error = keep_dirs(j, &dirs);
	if (error == 0)
		out->dirs = arena_new(arena, dirs.n, sizeof *out->dirs);
	if (error == 0 && !out->dirs)
		error = -ENOMEM;
	for (size_t i = 0; error == 0 && i < dirs.n; i++) {
		out->dirs[i] = (struct start_dir){ .name = arena_text(arena, dirs.at[i]) };
		if (!out->dirs[i].name.at)
			error = -ENOMEM;
		out->ndirs++;
	}
	if (error == 0)
		error = entries_make(arena, &shown, out);
	mem_free(shown.at);
	mem_free(dirs.at);
	return error;
}
