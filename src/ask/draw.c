/* draw.c - a question as text for a person; see draw.h. */
#include "ask/draw.h"

#include "base/escape.h"
#include "base/limits.h"

/* What a call does, where that says more than its row of the table. */
static const char *const call_verbs[CALLS] = {
	[CALL_PATH_CREATE_DIRECTORY]	= "make",
	[CALL_PATH_FILESTAT_SET_TIMES]	= "set the times of",
	[CALL_PATH_REMOVE_DIRECTORY]	= "remove",
	[CALL_PATH_UNLINK_FILE]		= "remove",
};

const char *question_verb(const struct question_need *need)
{
	const char *verb = (size_t)need->call < CALLS ? call_verbs[need->call] : NULL;

	if (need->second.len > 0)
		return "rename";
	if (verb)
		return verb;
	if (need->act == ACT_CREATE && need->exists)
		return need->replaces ? "change or replace" : "change";
	if (need->act == ACT_CHANGE && (need->access & (ACCESS_APPEND | ACCESS_WRITE)) == ACCESS_APPEND)
		return "append to";
	if (need->act == ACT_OPENDIR)
		return "list";
	return act_verb(need->act);
}

static const char *need_thing(const struct question_need *need)
{
	if (need->kind != KIND_FILE)
		return kind_word(need->kind);
	if (!need->exists)
		return need->call == CALL_PATH_CREATE_DIRECTORY ? "a directory" : "a file";
	return S_ISDIR(need->mode) ? "a directory" : S_ISLNK(need->mode) ? "a link" : "a file";
}

typedef void escape_fn(struct buf *out, struct text t);

/*
 * Escaped, and every space after a space as well: so no name can pad itself to the
 * edge of a terminal and go on as if it were our next line.
 */
static void draw_name(struct buf *out, escape_fn *escape, struct text name)
{
	struct buf shown = { .limit = LIMIT_QUESTION_TEXT };
	struct text view;
	char before = ' ';

	escape(&shown, name);
	view = buf_view(&shown);
	out->failed = out->failed || !buf_ok(&shown);
	for (size_t i = 0; i < view.len; i++) {
		if (view.at[i] == ' ' && before == ' ')
			buf_str(out, "\\x20");
		else
			buf_char(out, view.at[i]);
		before = view.at[i];
	}
	buf_done(&shown);
}

/* "3.2 KB" */
static void draw_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		buf_print(out, bytes == 1 ? "1 byte" : "%u bytes", (unsigned)bytes);
		return;
	}
	while (i + 1 < sizeof units / sizeof *units && bytes / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	buf_print(out, "%u.%u %s", (unsigned)(bytes / unit), (unsigned)(bytes % unit / (unit / 10)), units[i]);
}

static void draw_facts(struct buf *out, const struct question_need *need)
{
	if (!need->exists)
		buf_str(out, "new");
	else if (S_ISREG(need->mode))
		draw_size(out, need->size);
	else
		buf_str(out, S_ISDIR(need->mode) ? "directory" : S_ISLNK(need->mode) ? "link" : "special");
}

/* Is need I the target of the rename before it? It is shown with its source. */
static bool is_target(const struct question *question, size_t i)
{
	const struct question_need *need = question->needs + i;

	return i > 0 && i < question->nneeds && need[-1].second.len > 0 && need->call == need[-1].call
	       && text_eq(need->path, need[-1].second);
}

static void draw_target(struct buf *out, const struct question_need *source, const struct question_need *target)
{
	buf_str(out, "     to  ");
	draw_name(out, escape_plain, source->second);
	buf_str(out, "  (");
	if (target && target->exists) {
		draw_facts(out, target);
		buf_str(out, ", ");
	}
	buf_str(out, source->replaces ? "would be replaced)\n" : "new)\n");
}

static void draw_need(struct buf *out, const struct question_need *need, const struct question_need *target, size_t number)
{
	const bool changes = need->act == ACT_CREATE || need->act == ACT_CHANGE;

	buf_print(out, "%3zu  %s  ", number, question_verb(need));
	draw_name(out, escape_plain, need->path);
	buf_str(out, "  (");
	draw_facts(out, need);
	buf_str(out, need->exists && changes && need->access & ACCESS_READ ? ", also read)\n" : ")\n");
	if (need->second.len > 0)
		draw_target(out, need, target);
	if (need->why)
		buf_print(out, "     %s\n", need->why);
	if (target && target->why && !(need->why && strcmp(need->why, target->why) == 0))
		buf_print(out, "     the target: %s\n", target->why);
}

/* The program's words come last, and say that they are the program's. */
static void draw_guest_name(struct buf *out, const struct question_need *need, size_t number, size_t n)
{
	struct text words = need->guest;

	if (words.len == 0 || text_eq(words, need->path))
		return;
	if (n == 1)
		buf_str(out, "     the program calls it: ");
	else
		buf_print(out, "%3zu  the program calls it: ", number);
	draw_name(out, escape_cut, words);
	buf_char(out, '\n');
}

/* How many numbered lines there will be. */
static size_t count_shown(const struct question *question)
{
	size_t n = 0;

	for (size_t i = 0; i < question->nneeds; i++)
		n += !is_target(question, i);
	return n;
}

void question_draw(struct buf *out, const struct question *question)
{
	const struct question_need *needs = question->needs;
	const size_t shown = count_shown(question);
	size_t number = 0;

	draw_name(out, escape_cut, question->program);
	if (shown == 1)
		buf_print(out, " wants to %s %s\n", question_verb(&needs[0]), need_thing(&needs[0]));
	else
		buf_print(out, " wants %zu things\n", shown);
	for (size_t i = 0; i < question->nneeds; i++)
		if (!is_target(question, i))
			draw_need(out, &needs[i], is_target(question, i + 1) ? &needs[i + 1] : NULL, ++number);
	number = 0;
	for (size_t i = 0; i < question->nneeds; i++) {
		number += !is_target(question, i);
		draw_guest_name(out, &needs[i], number, shown);
	}
}
