/*
 * rows.h - text tables: a line is words, "#" at its start makes it a comment.
 *
 * In a word "\s" is a space and "\n" a newline, so that arguments can hold them.
 */
#ifndef DECISIONS_ROWS_H
#define DECISIONS_ROWS_H

#include "base/text.h"
#include "test.h"

enum { WORDS = 32, LINE = 4096 };

struct rows {
	FILE *file;
	const char *name;
	int line;
	char text[LINE];
	struct text words[WORDS];
	size_t n;
};

static bool rows_open(struct rows *rows, const char *path)
{
	*rows = (struct rows){ .name = path, .file = fopen(path, "re") };
	return test_row(rows->file != NULL, "%s can be read", path);
}

/* Takes "\s" and "\n" out, in place. */
static struct text word_of(char *at)
{
	char *to = at, *from = at;

	while (*from) {
		if (from[0] == '\\' && (from[1] == 's' || from[1] == 'n')) {
			*to++ = from[1] == 's' ? ' ' : '\n';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return (struct text){ at, (size_t)(to - at) };
}

/* The next line that has words; false at the end. */
static bool rows_next(struct rows *rows)
{
	while (fgets(rows->text, LINE, rows->file)) {
		char *at = rows->text, *save = NULL;

		rows->line++;
		rows->n = 0;
		if (at[0] == '#')
			continue;
		for (char *word; rows->n < WORDS && (word = strtok_r(at, " \n", &save)); at = NULL)
			rows->words[rows->n++] = word_of(word);
		if (rows->n)
			return true;
	}
	fclose(rows->file);
	return false;
}

#endif
