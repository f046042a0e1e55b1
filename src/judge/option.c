/*
 * option.c - what an asker may choose, as rules (decisions.md 7.2).
 *
 * `dirs` stands for one directory: it is opened before the question is put, and that
 * very directory is given.
 */
#include <errno.h>

#include "base/sys.h"
#include "judge/inside.h"

enum {
	DIRS_READING = ACCESS_READ | ACCESS_LIST | ACCESS_STAT,
	DIRS_CHANGES = ACCESS_WRITE | ACCESS_APPEND | ACCESS_CREATE | ACCESS_DELETE | ACCESS_META,
	DIRS_FROM = 2,			/* changes in the same directory that were asked about before */
	LINES = 2,			/* of one need in one option */
};

struct text rule_line(struct arena *arena, const struct rule *rule)
{
	struct buf line = { .limit = 8 * LIMIT_PATH };
	struct text text = { 0 };

	rule_print(&line, rule);
	if (buf_ok(&line))
		text = arena_text(arena, buf_view(&line));
	buf_done(&line);
	return text;
}

/* ---- the directory of `dirs` ---- */

bool dir_is_too_broad(const struct judge *j, struct text dir)
{
	if (!name_is_broad(&j->evidence, dir))
		return false;
	for (size_t i = 0; i < j->evidence.nargs; i++)
		if (text_eq(j->evidence.args[i].name, dir))
			return false;
	return true;
}

/* Of reading: the cwd if it lies there, else its innermost place, else its directory. AT: what the guest calls it. */
static struct text dir_of_reading(const struct judge *j, const struct side *s, struct text *at)
{
	struct text path = s->object.path, best = { 0 };

	if (text_beneath(path, j->true_cwd) && !dir_is_too_broad(j, j->true_cwd)) {
		*at = j->cwd;
		return j->true_cwd;
	}
	for (size_t i = 0; i < j->evidence.places.n; i++)
		if (text_beneath(path, j->evidence.places.at[i]) && j->evidence.places.at[i].len > best.len && !dir_is_too_broad(j, j->evidence.places.at[i]))
			best = j->evidence.places.at[i];
	if (!best.len)
		best = s->act == ACT_READ ? text_parent(path) : path;
	*at = best;
	return !dir_is_too_broad(j, best) ? best : TEXT("");
}

/* Of changes: from the third in one directory on. */
static struct text dir_of_changes(struct judge *j, const struct side *s, struct text *at)
{
	struct text dir = text_parent(s->object.path);

	if (s->object.parentfd < 0 || ledger_asked_in(j, s->object.parent, true) < DIRS_FROM)
		return TEXT("");
	*at = dir;
	return !dir_is_too_broad(j, dir) ? dir : TEXT("");
}

static void side_find_dir(struct matter *m, struct side *s)
{
	struct text at, dir;
	struct text path;

	if (!s->object.path.len || s->object.error < 0)
		return;
	if (s->changing && s->object.exists)
		object_parent(&s->object);
	dir = s->changing ? dir_of_changes(m->judge, s, &at) : dir_of_reading(m->judge, s, &at);
	if (!dir.len)
		return;
	path = arena_text(&m->arena, dir);
	s->dir_at = arena_text(&m->arena, at);
	s->dir = path;
	if (path.at && s->dir_at.at)
		s->dirfd = sys_openat2(AT_FDCWD, path.at, O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC | SYS_NO_LINKS);
	if (s->dirfd < 0)
		s->dirfd = -1;
}

struct rule side_rule(const struct matter *m, const struct side *s, enum verb verb)
{
	return (struct rule){
		.verb = verb, .access = side_gift(m, s), .what = WHAT_OBJECT, .lifetime = LIFE_RUN,
		.path = s->object.path.len ? s->object.path : s->route.host,
	};
}

struct rule side_dir_rule(const struct side *s)
{
	return (struct rule){
		.verb = VERB_ALLOW, .access = s->changing ? DIRS_CHANGES : DIRS_READING, .what = WHAT_SUBTREE, .lifetime = LIFE_RUN, .path = s->dir,
	};
}

/* ---- the options ---- */

struct lines {
	struct texts rules;
	uint8_t *of;
};

static int line_add(struct matter *m, struct lines *lines, size_t side, const struct rule *rule)
{
	struct text line = rule_line(&m->arena, rule);

	if (!line.at)
		return -ENOMEM;
	lines->rules.at[lines->rules.n] = line;
	lines->of[lines->rules.n++] = (uint8_t)side;
	return 0;
}

/* Does the directory leave the object itself out? */
static bool stays_out(const struct side *s)
{
	return s->class == CLASS_SECRET || s->class == CLASS_QUIET;
}

static int side_lines(struct matter *m, size_t i, enum option_id id, struct lines *lines)
{
	const struct side *s = &m->side[i];
	struct rule rule = side_rule(m, s, id == OPTION_NO || id == OPTION_STOP ? VERB_DENY : VERB_ALLOW), dir;
	int error = 0;

	if (id == OPTION_ONCE)
		rule.lifetime = LIFE_ONCE;
	if (id == OPTION_ALWAYS)
		rule.lifetime = LIFE_ALWAYS;
	if (id == OPTION_DIRS && s->dirfd >= 0) {
		dir = side_dir_rule(s);
		error = line_add(m, lines, i, &dir);
		if (error < 0 || !stays_out(s))
			return error;
	}
	return line_add(m, lines, i, &rule);
}

static bool is_offered(const struct matter *m, enum option_id id)
{
	if (id == OPTION_ALWAYS)
		return m->judge->remembers;
	return id != OPTION_DIRS || m->side[0].dirfd >= 0 || (m->n > 1 && m->side[1].dirfd >= 0);
}

int options_make(struct matter *m)
{
	struct option *options = arena_new(&m->arena, OPTIONS, sizeof *options);
	size_t n = 0;

	if (!options)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		side_find_dir(m, &m->side[i]);
	for (enum option_id id = 0; id < OPTIONS; id++) {
		struct lines lines = { { arena_new(&m->arena, LINES * m->n, sizeof(struct text)), 0 }, arena_new(&m->arena, LINES * m->n, 1) };
		int error = lines.rules.at && lines.of ? 0 : -ENOMEM;

		if (!is_offered(m, id))
			continue;
		for (size_t i = 0; error == 0 && i < m->n; i++)
			error = side_lines(m, i, id, &lines);
		if (error < 0)
			return error;
		options[n++] = (struct option){ .id = id, .rules = lines.rules, .of = lines.of };
	}
	m->question.options = options;
	m->question.noptions = n;
	return 0;
}
