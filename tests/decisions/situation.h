/*
 * situation.h - a command line, and a world to look at, out of "! KEY words..." lines
 * of a text table.
 */
#ifndef DECISIONS_SITUATION_H
#define DECISIONS_SITUATION_H

#include "judge/evidence.h"
#include "policy/fold.h"
#include "rows.h"

enum { THINGS = 64 };

/* What "! KEY ..." lines say: a command line, and a world to look at. */
struct situation {
	struct arena arena;
	char text[8 * LINE];
	size_t used;
	struct text cwd, home, path;
	struct text argv[WORDS], dirs[THINGS], files[THINGS], companions[THINGS];
	size_t nargv, ndirs, nfiles, ncompanions;
	bool blind;
	struct evidence evidence;
};

static struct text keep(struct situation *s, struct text t)
{
	char *at = s->text + s->used;

	memcpy(at, t.at, t.len);
	at[t.len] = '\0';
	s->used += t.len + 1;
	return (struct text){ at, t.len };
}

static struct text keep_folded(struct situation *s, struct text t)
{
	char *at = s->text + s->used;

	s->used += s->cwd.len + t.len + 2;
	return path_fold(s->cwd, t, at);
}

/* "! cwd" starts a situation afresh; true: this line was of the situation. */
static bool situation_line(struct situation *s, const struct rows *rows)
{
	struct text key = rows->n > 1 ? rows->words[1] : TEXT("");

	if (!text_eq(rows->words[0], TEXT("!")))
		return false;
	if (text_eq(key, TEXT("cwd"))) {
		arena_done(&s->arena);
		*s = (struct situation){ .used = 0 };
		s->cwd = keep(s, rows->words[2]);
	}
	for (size_t i = 2; i < rows->n; i++) {
		if (text_eq(key, TEXT("home")))
			s->home = keep(s, rows->words[i]);
		if (text_eq(key, TEXT("path")))
			s->path = keep(s, rows->words[i]);
		if (text_eq(key, TEXT("mode")))
			s->blind = text_eq(rows->words[i], TEXT("blind"));
		if (text_eq(key, TEXT("argv")))
			s->argv[s->nargv++] = keep(s, rows->words[i]);
		if (text_eq(key, TEXT("dirs")))
			s->dirs[s->ndirs++] = keep_folded(s, rows->words[i]);
		if (text_eq(key, TEXT("companions")))
			s->companions[s->ncompanions++] = keep(s, rows->words[i]);
		if (text_eq(key, TEXT("files")))
			s->files[s->nfiles++] = keep_folded(s, rows->words[i]);
	}
	return true;
}

static bool has(const struct text *list, size_t n, struct text t)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(list[i], t))
			return true;
	return false;
}

/* A directory is there when it is listed, or when something beneath it is. */
static enum seen look_up(void *self, const char *path)
{
	const struct situation *s = self;
	char room[LINE];
	struct text name = path_fold(TEXT("/"), text_of(path), room);

	if (has(s->files, s->nfiles, name))
		return SEEN_FILE;
	for (size_t i = 0; i < s->ndirs; i++)
		if (text_beneath(s->dirs[i], name))
			return SEEN_DIRECTORY;
	for (size_t i = 0; i < s->nfiles; i++)
		if (text_beneath(s->files[i], name))
			return SEEN_DIRECTORY;
	return SEEN_NOTHING;
}

static bool situation_ready(struct situation *s)
{
	const struct evidence_of of = {
		.argv = { s->argv, s->nargv }, .cwd = s->cwd, .homes = { s->home }, .path = s->path,
		.look = s->blind ? NULL : look_up, .self = s,
	};

	if (evidence_collect(&s->arena, &of, &s->evidence) < 0)
		return false;
	s->evidence.companions = (struct texts){ s->companions, s->ncompanions };
	return true;
}

#endif
