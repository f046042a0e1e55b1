/*
 * arguments.c - which names a command line means, against arguments.txt. The rows of a
 * situation are all there are: a name more is as wrong as a name less.
 */
#include "situation.h"

struct expected {
	char name[LINE];
	bool existed, output, claims, found;
};

static struct expected expected[WORDS];
static size_t nexpected;

static void check_all(struct situation *s, int line)
{
	if (!s->cwd.len || !test_row(situation_ready(s), "arguments.txt:%d: a situation", line))
		return;
	for (size_t i = 0; i < s->evidence.nargs; i++) {
		const struct start_arg *arg = &s->evidence.args[i];
		bool found = false;

		for (size_t k = 0; k < nexpected && !found; k++) {
			struct expected *e = &expected[k];

			if (e->found || !text_eq(text_of(e->name), arg->name) || e->output != arg->output)
				continue;
			found = e->found = true;
			test_row(e->existed == arg->existed && e->claims == arg->claims, "%s: existed %d, output %d, claims %d (before line %d; is %d %d %d)",
				 e->name, e->existed, e->output, e->claims, line, arg->existed, arg->output, arg->claims);
		}
		if (!found)
			test_row(false, "%.*s output %d is a name that no row has (before line %d)", (int)arg->name.len, arg->name.at, arg->output, line);
	}
	for (size_t k = 0; k < nexpected; k++)
		if (!expected[k].found)
			test_row(false, "%s output %d is named (before line %d)", expected[k].name, expected[k].output, line);
	nexpected = 0;
}

static void row_keep(struct situation *s, const struct rows *rows)
{
	struct expected *e = &expected[nexpected++];
	char room[2 * LINE];
	struct text name = path_fold(s->cwd, rows->words[0], room);

	memcpy(e->name, name.at, name.len);
	e->name[name.len] = '\0';
	e->existed = e->output = e->claims = e->found = false;
	for (size_t i = 1; i < rows->n; i++) {
		e->existed |= text_eq(rows->words[i], TEXT("existed"));
		e->output |= text_eq(rows->words[i], TEXT("output"));
		e->claims |= text_eq(rows->words[i], TEXT("claims"));
	}
}

int main(void)
{
	static struct situation s;
	struct rows rows;

	test_begin();
	if (!rows_open(&rows, "tests/decisions/arguments.txt"))
		return test_end();
	while (rows_next(&rows)) {
		bool fresh = rows.n > 1 && text_eq(rows.words[0], TEXT("!")) && text_eq(rows.words[1], TEXT("cwd"));

		if (fresh)
			check_all(&s, rows.line);
		if (!situation_line(&s, &rows))
			row_keep(&s, &rows);
	}
	check_all(&s, rows.line);
	arena_done(&s.arena);
	return test_end();
}
