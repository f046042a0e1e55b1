/*
 * evidence.c - arguments and places; see evidence.h.
 *
 * Evidence opens nothing: an argument counts when the program reaches for its name.
 */
#include "judge/evidence.h"

#include <errno.h>

#include "base/limits.h"
#include "judge/arguments.h"
#include "policy/fold.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* What makes a directory a project. */
static const char *const markers[] = { ".git", ".hg", "package.json", "pyproject.toml", "Cargo.toml", "go.mod" };

struct collector {
	struct arena *arena;
	const struct evidence_of *of;
	struct start_arg *args;
	bool *is_dir;
	size_t nargs;
	struct text *places;
	size_t nplaces;
	struct evidence *out;
};

static enum seen look_at(const struct collector *c, struct text path)
{
	return c->of->look ? c->of->look(c->of->self, path.at) : SEEN_NOTHING;
}

/* As a guest would write it on fd 4: no leading slash, no "." and no empty component. */
static int spell(struct arena *arena, struct text value, struct text *out)
{
	char *to = arena_new(arena, value.len + 1, 1);
	size_t n = 0;
	struct text part;

	if (!to)
		return -ENOMEM;
	while ((part = text_component(&value)).len) {
		if (text_eq(part, TEXT(".")))
			continue;
		if (n > 0)
			to[n++] = '/';
		memcpy(to + n, part.at, part.len);
		n += part.len;
	}
	*out = (struct text){ to, n };
	return 0;
}

/* Does the candidate mean a directory it would rather not: the cwd or above, without being spelled out? */
static bool is_accident(const struct collector *c, const struct candidate *candidate, struct text name)
{
	return !candidate->whole && text_beneath(c->out->cwd, name);
}

static int arg_add(struct collector *c, const struct candidate *candidate)
{
	struct text cwd = c->out->cwd, raw, name;
	bool absolute = text_starts(candidate->value, TEXT("/"));
	char *room = arena_new(c->arena, cwd.len + candidate->value.len + 2, 1);
	struct start_arg *arg = &c->args[c->nargs];
	enum seen seen;

	raw = absolute ? arena_text(c->arena, candidate->value) : arena_join(c->arena, cwd, TEXT("/"), candidate->value);
	if (!room || !raw.at)
		return -ENOMEM;
	name = path_fold(cwd, candidate->value, room);
	if (name.len > LIMIT_PATH || is_accident(c, candidate, name))
		return 0;
	seen = look_at(c, raw);
	if (candidate->switch_o && seen == SEEN_DIRECTORY)
		return 0;
	*arg = (struct start_arg){ .name = name, .existed = seen != SEEN_NOTHING, .output = candidate->output };
	if (spell(c->arena, candidate->value, &arg->spelled) < 0)
		return -ENOMEM;
	arg->claims = arg->spelled.len && (arg->output || (absolute && arg->existed));
	c->is_dir[c->nargs] = c->of->look ? seen == SEEN_DIRECTORY || (arg->output && !arg->existed) : !candidate->switch_o;
	c->nargs++;
	return 0;
}

static int arg_order(const struct start_arg *a, const struct start_arg *b)
{
	int order = text_order(a->name, b->name);

	return order ? order : a->output - b->output;
}

static void arg_swap(struct collector *c, size_t i, size_t j)
{
	struct start_arg arg = c->args[i];
	bool is_dir = c->is_dir[i];

	c->args[i] = c->args[j];
	c->is_dir[i] = c->is_dir[j];
	c->args[j] = arg;
	c->is_dir[j] = is_dir;
}

static void arg_sink(struct collector *c, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && arg_order(&c->args[child], &c->args[child + 1]) < 0)
			child++;
		if (arg_order(&c->args[i], &c->args[child]) >= 0)
			return;
		arg_swap(c, i, child);
	}
}

/* Heap sort: the two arrays together, and no worst case that a command line could aim at. */
static void args_sort(struct collector *c)
{
	for (size_t i = c->nargs / 2; i-- > 0;)
		arg_sink(c, i, c->nargs);
	for (size_t n = c->nargs; n-- > 1;) {
		arg_swap(c, 0, n);
		arg_sink(c, 0, n);
	}
}

/* Equal names that are equally outputs become one. */
static void args_merge(struct collector *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nargs; i++) {
		if (n > 0 && arg_order(&c->args[n - 1], &c->args[i]) == 0 &&
		    text_eq(c->args[n - 1].spelled, c->args[i].spelled)) {
			c->args[n - 1].existed |= c->args[i].existed;
			c->args[n - 1].claims |= c->args[i].claims;
			c->is_dir[n - 1] |= c->is_dir[i];
			continue;
		}
		c->args[n] = c->args[i];
		c->is_dir[n++] = c->is_dir[i];
	}
	c->nargs = n;
}

static bool may_look_into(const struct collector *c, struct text dir)
{
	enum class class = class_of(c->out, dir, false);

	return c->of->look && class != CLASS_SECRET && class != CLASS_SECRET_NAMED && class != CLASS_QUIET;
}

static bool is_project(const struct collector *c, struct text dir)
{
	for (size_t i = 0; may_look_into(c, dir) && i < COUNT(markers); i++) {
		struct text path = arena_join(c->arena, dir.len > 1 ? dir : TEXT(""), TEXT("/"), text_of(markers[i]));

		if (path.at && look_at(c, path) != SEEN_NOTHING)
			return true;
	}
	return false;
}

/* The place of NAME: its nearest project that is not broad, else its own directory; empty: none. */
static struct text place_of(const struct collector *c, struct text name)
{
	struct text own = text_parent(name);

	for (struct text dir = own; dir.len > 1; dir = text_parent(dir))
		if (!name_is_broad(c->out, dir) && is_project(c, dir))
			return dir;
	return name_is_broad(c->out, own) ? TEXT("") : own;
}

/* Keeps the places sorted; one more that is there already is dropped. */
static void place_add(struct collector *c, struct text place)
{
	size_t i = c->nplaces;

	for (size_t k = 0; k < c->nplaces; k++)
		if (text_eq(c->places[k], place))
			return;
	for (; i > 0 && text_order(c->places[i - 1], place) > 0; i--)
		c->places[i] = c->places[i - 1];
	c->places[i] = place;
	c->nplaces++;
}

/* Many files of one directory have one place: it is looked for once. */
static void places_find(struct collector *c)
{
	struct text last = TEXT("");

	for (size_t i = 0; i < c->nargs; i++) {
		struct text place;

		if (!c->args[i].output && (!c->args[i].existed || c->is_dir[i]))
			continue;
		if (last.len && text_eq(last, text_parent(c->args[i].name)))
			continue;
		last = text_parent(c->args[i].name);
		place = place_of(c, c->args[i].name);
		if (place.len)
			place_add(c, place);
	}
}

static int paths_split(struct arena *arena, struct text path, struct texts *out)
{
	size_t n = 1, made = 0;
	struct text *at;

	for (size_t i = 0; i < path.len; i++)
		n += path.at[i] == ':';
	at = arena_new(arena, n, sizeof *at);
	if (!at)
		return -ENOMEM;
	while (path.len) {
		const char *colon = memchr(path.at, ':', path.len);
		struct text part = { path.at, colon ? (size_t)(colon - path.at) : path.len };
		char *room = arena_new(arena, part.len + 2, 1);

		if (!room)
			return -ENOMEM;
		if (text_starts(part, TEXT("/")))
			at[made++] = path_fold(TEXT("/"), part, room);
		path = text_from(path, part.len + 1);
	}
	*out = (struct texts){ at, made };
	return 0;
}

static int secrets_compile(struct arena *arena, const struct evidence_of *of, struct evidence *out)
{
	struct exclude_set *set = exclude_new(arena, of->builtin);
	struct excludes more;
	int error;

	if (!set)
		return -ENOMEM;
	error = secrets_more(arena, (struct texts){ out->homes, EVIDENCE_HOMES }, of->secrets, &more);
	if (error == 0)
		error = secrets_all(arena, &more, &out->secret_names);
	if (error == 0)
		error = exclude_add(set, of->builtin ? &more : &out->secret_names);
	out->secrets = error == 0 ? set : NULL;
	return error;
}

int evidence_collect(struct arena *arena, const struct evidence_of *of, struct evidence *out)
{
	struct collector c = { .arena = arena, .of = of, .out = out };
	struct candidates candidates = { 0 };
	int error;

	*out = (struct evidence){ .cwd = of->cwd, .companions = of->companions };
	for (size_t i = 0; i < EVIDENCE_HOMES; i++)
		out->homes[i] = of->homes[i];
	error = secrets_compile(arena, of, out);
	if (error == 0)
		error = paths_split(arena, of->path, &out->paths);
	if (error == 0)
		error = candidates_collect(arena, of->argv, &candidates);
	if (error < 0)
		return error;
	c.args = arena_new(arena, candidates.n, sizeof *c.args);
	c.is_dir = arena_new(arena, candidates.n, sizeof *c.is_dir);
	c.places = arena_new(arena, candidates.n, sizeof *c.places);
	if (!c.args || !c.is_dir || !c.places)
		error = -ENOMEM;
	for (size_t i = 0; error == 0 && i < candidates.n; i++)
		error = arg_add(&c, &candidates.at[i]);
	candidates_done(&candidates);
	if (error < 0)
		return error;
	args_sort(&c);
	args_merge(&c);
	out->args = c.args;
	out->arg_is_dir = c.is_dir;
	out->nargs = c.nargs;
	places_find(&c);
	out->places = (struct texts){ c.places, c.nplaces };
	return 0;
}
