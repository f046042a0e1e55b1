/* draw.c - the needs of a question as numbered lines; see draw.h. */
#include "ask/draw.h"

#include "ask/fit.h"

/* What a call does, where that says more than its row of the table. */
static const char *const call_verbs[CALLS] = {
	[CALL_PATH_CREATE_DIRECTORY]	= "make",
	[CALL_PATH_FILESTAT_SET_TIMES]	= "set the times of",
	[CALL_PATH_REMOVE_DIRECTORY]	= "remove",
	[CALL_PATH_UNLINK_FILE]		= "remove",
};

static bool is_rename(const struct question_need *need)
{
	return need->call == CALL_PATH_RENAME && need->second.len > 0;
}

const char *question_verb(const struct question_need *need)
{
	const char *verb = (size_t)need->call < CALLS ? call_verbs[need->call] : NULL;

	if (is_rename(need))
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
		return need->call == CALL_PATH_CREATE_DIRECTORY ? "directory" : "file";
	return S_ISDIR(need->mode) ? "directory" : S_ISLNK(need->mode) ? "link" : "file";
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
		buf_str(out, need->looked ? "new" : "not looked at");
	else if (S_ISREG(need->mode))
		draw_size(out, need->size);
	else
		buf_str(out, S_ISDIR(need->mode) ? "directory" : S_ISLNK(need->mode) ? "link" : "special");
}

static void draw_target(struct buf *out, const struct question_need *source, const struct question_need *target)
{
	buf_str(out, "     to  ");
	fit_name(out, source->second);
	buf_str(out, "  (");
	if (target)
		draw_facts(out, target);
	else
		buf_str(out, source->replaces ? "exists" : "new");
	buf_str(out, source->replaces ? ", would be replaced" : "");
	buf_str(out, target && target->secret ? ", secret)\n" : ")\n");
}

static bool differs(const char *why, const char *other)
{
	return !other || strcmp(why, other) != 0;
}

/* What a person might not see by looking at the path. */
static void draw_warnings(struct buf *out, const struct question_need *need)
{
	if (need->second.len > 0 && !is_rename(need)) {
		buf_str(out, "     by the link  ");
		fit_name(out, need->second);
		buf_char(out, '\n');
	}
	if (fit_is_alike(need->path) || fit_is_alike(need->second))
		buf_str(out, "     careful: letters that look like others (? shows the bytes)\n");
}

static void draw_item(struct buf *out, const struct talk *talk, size_t item)
{
	const struct question_need *need = talk_need(talk, item), *target = talk_target(talk, item);
	const bool changes = need->act == ACT_CREATE || need->act == ACT_CHANGE;

	buf_print(out, "%3zu  %s  ", item + 1, question_verb(need));
	fit_name(out, need->path);
	if (need->kind == KIND_FILE) {
		buf_str(out, "  (");
		draw_facts(out, need);
		buf_str(out, need->exists && changes && need->access & ACCESS_READ ? ", also read" : "");
		buf_str(out, need->secret ? ", secret)" : ")");
	} else {
		buf_str(out, need->secret ? "  (secret)" : "");
	}
	buf_char(out, '\n');
	if (is_rename(need))
		draw_target(out, need, target);
	draw_warnings(out, need);
	if (need->why)
		buf_print(out, "     %s\n", need->why);
	if (target && target->why && differs(target->why, need->why))
		buf_print(out, "     the target: %s\n", target->why);
}

/* Would the name say more than the path does? "x" says nothing of "/a/x", "../x" does. */
static bool is_told(struct text path, struct text name)
{
	if (text_eq(path, name))
		return true;
	return text_ends(path, name) && path.len > name.len && path.at[path.len - name.len - 1] == '/';
}

static void draw_number(struct buf *out, const struct talk *talk, size_t item)
{
	if (talk->nitems > 1)
		buf_print(out, "%3zu  ", item + 1);
	else
		buf_str(out, "     ");
}

/* The program's words, which say that they are the program's. */
static void draw_words(struct buf *out, const struct talk *talk, size_t need)
{
	const struct question_need *n = &talk->question->needs[need];
	const size_t item = talk_item_of(talk, need);
	const bool spelled = n->name.len > 0 && !is_told(n->path, n->name);

	if (spelled || (n->guest.len > 0 && !text_eq(n->guest, n->path))) {
		draw_number(out, talk, item);
		buf_str(out, "the program calls it: ");
		fit_words(out, spelled ? n->name : n->guest);
		buf_char(out, '\n');
	}
	if (n->reason.len > 0) {
		draw_number(out, talk, item);
		buf_str(out, "the program says: ");
		fit_quoted(out, n->reason);
		buf_char(out, '\n');
	}
}

static void draw_head(struct buf *out, const struct talk *talk)
{
	const size_t open = talk_open(talk);
	const struct question_need *need = talk_need(talk, 0);

	if (open < talk->nitems) {
		buf_print(out, "%zu of %zu %s open\n", open, talk->nitems, open == 1 ? "is" : "are");
		return;
	}
	fit_words(out, talk->question->program);
	if (open == 1)
		buf_print(out, " wants to %s a %s\n", question_verb(need), need_thing(need));
	else
		buf_print(out, " wants %zu things\n", open);
}

void draw_question(struct buf *out, const struct talk *talk, size_t ends[QUESTION_NEEDS])
{
	const struct question *question = talk->question;

	draw_head(out, talk);
	for (size_t i = 0; i < talk->nitems; i++) {
		ends[i] = 0;
		if (talk->said[i] != TALK_OPEN)
			continue;
		draw_item(out, talk, i);
		ends[i] = out->len;
	}
	if (question->former.n > 0)
		buf_print(out, "     another version of it had %zu %s (? shows)\n", question->former.n, question->former.n == 1 ? "rule" : "rules");
	for (size_t i = 0; i < question->nneeds; i++)
		if (talk->said[talk_item_of(talk, i)] == TALK_OPEN)
			draw_words(out, talk, i);
	if (question->title.len > 0) {
		buf_str(out, "     the program says of it all: ");
		fit_quoted(out, question->title);
		buf_char(out, '\n');
	}
}
