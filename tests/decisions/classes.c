/* classes.c - what sort of name, against classes.txt: for reading and for changing. */
#include "situation.h"

static const char *const words[CLASSES] = {
	[CLASS_SECRET] = "secret", [CLASS_QUIET] = "quiet", [CLASS_OTHER] = "other", [CLASS_SECRET_NAMED] = "named_secret",
	[CLASS_NEAR] = "near", [CLASS_NAMED] = "named", [CLASS_MAKER] = "maker",
};

static void row_check(struct situation *s, const struct rows *rows)
{
	struct text name = rows->words[0];

	for (int changing = 0; changing < 2; changing++) {
		enum class class = class_of(&s->evidence, name, changing);
		struct text want = rows->n < 3 ? TEXT("?") : rows->words[1 + changing];

		test_row(text_eq(want, text_of(words[class])), "%.*s, %s: %.*s (line %d; it is %s)", (int)name.len, name.at,
			 changing ? "changing" : "reading", (int)want.len, want.at, rows->line, words[class]);
	}
}

int main(void)
{
	static struct situation s;
	struct rows rows;
	bool ready = false;

	test_begin();
	if (!rows_open(&rows, "tests/decisions/classes.txt"))
		return test_end();
	while (rows_next(&rows)) {
		if (situation_line(&s, &rows)) {
			ready = false;
			continue;
		}
		if (!ready)
			ready = test_row(situation_ready(&s), "%s:%d: a situation", rows.name, rows.line);
		row_check(&s, &rows);
	}
	arena_done(&s.arena);
	return test_end();
}
