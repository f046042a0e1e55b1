/*
 * class.c - what sort of hole a name is: the first class that fits (decisions.md 5).
 *
 * What the command line and the places name is found by looking up each ancestor
 * of the name in a sorted list, so thousands of arguments cost no more than a few.
 */
#include "policy/class.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const class_words[] = {
#define CLASS(name, word) word,
#include "policy/classes.def"
#undef CLASS
};

static const struct text companions[] = {
#define COMPANION(path) { path, sizeof(path) - 1 },
#include "policy/companions.def"
#undef COMPANION
};

const char *class_word(enum class class)
{
	return class < CLASSES ? class_words[class] : "?";
}

/* The first argument whose name is not before NAME. */
static size_t arg_find(const struct evidence *e, struct text name)
{
	size_t low = 0, high = e->nargs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (text_order(e->args[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The cwd, what is above it and a broad directory name only themselves. */
bool arg_names_beneath(const struct evidence *e, size_t arg)
{
	struct text dir = e->args[arg].name;

	return e->arg_is_dir[arg] && !text_beneath(e->cwd, dir) && !name_is_broad(e, dir);
}

/* CLASS_MAKER, CLASS_NAMED, or CLASSES: the command line does not name it. */
static enum class named_by_args(const struct evidence *e, struct text name)
{
	size_t i = arg_find(e, name);
	enum class found = CLASSES;

	if (i < e->nargs && text_eq(e->args[i].name, name))
		return CLASS_MAKER;
	for (struct text up = name; up.len > 1;) {
		up = text_parent(up);
		for (i = arg_find(e, up); i < e->nargs && text_eq(e->args[i].name, up); i++) {
			if (!arg_names_beneath(e, i))
				continue;
			if (e->args[i].output)
				return CLASS_MAKER;
			found = CLASS_NAMED;
		}
	}
	return found;
}

/* Is an argument DIR itself, when it is one for what is beneath, or something beneath DIR? */
static bool arg_in(const struct evidence *e, struct text dir)
{
	size_t low = arg_find(e, dir), high = e->nargs;

	if (dir.len == 1)			/* the root: all are beneath it */
		return e->nargs > 0;
	for (size_t i = low; i < e->nargs && text_eq(e->args[i].name, dir); i++)
		if (e->arg_is_dir[i])
			return true;
	while (low < high) {			/* the first that is not before "DIR/" */
		size_t mid = low + (high - low) / 2;
		struct text name = e->args[mid].name;
		int order = text_order((struct text){ name.at, name.len < dir.len ? name.len : dir.len }, dir);

		if (order < 0 || (order == 0 && (name.len == dir.len || name.at[dir.len] < '/')))
			low = mid + 1;
		else
			high = mid;
	}
	return low < e->nargs && text_beneath(e->args[low].name, dir) && e->args[low].name.len > dir.len;
}

static bool companion_is(const struct evidence *e, struct text name, struct text path)
{
	struct text dir = { name.at, name.len - path.len };

	if (name.len <= path.len || !text_ends(name, path) || name.at[dir.len - 1] != '/')
		return false;
	dir.len -= dir.len > 1;
	return arg_in(e, dir);
}

/* A companion of what the command line names, beside it or above. */
static bool name_is_companion(const struct evidence *e, struct text name)
{
	for (size_t i = 0; i < COUNT(companions); i++)
		if (companion_is(e, name, companions[i]))
			return true;
	for (size_t i = 0; i < e->companions.n; i++)
		if (companion_is(e, name, e->companions.at[i]))
			return true;
	return false;
}

static bool place_is(const struct evidence *e, struct text name)
{
	size_t low = 0, high = e->places.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = text_order(e->places.at[mid], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool name_is_near(const struct evidence *e, struct text name)
{
	if (text_beneath(name, e->cwd) && !name_is_broad(e, e->cwd))
		return true;
	for (struct text up = name; e->places.n; up = text_parent(up)) {
		if (place_is(e, up))
			return true;
		if (up.len <= 1)
			break;
	}
	return false;
}

enum class class_of(const struct evidence *e, struct text name, bool changing)
{
	enum class named = named_by_args(e, name);

	if (named == CLASSES && !changing && name_is_companion(e, name))
		named = CLASS_NAMED;
	if (name_is_secret(e, name, changing))
		return named == CLASSES ? CLASS_SECRET : CLASS_SECRET_NAMED;
	if (named != CLASSES)
		return named;
	if (name_is_near(e, name))
		return CLASS_NEAR;
	return name_is_quiet(e, name) ? CLASS_QUIET : CLASS_OTHER;
}

bool name_is_pycache(struct text name)
{
	struct text part;

	while ((part = text_component(&name)).len)
		if (text_eq(part, TEXT("__pycache__")))
			return true;
	return false;
}
