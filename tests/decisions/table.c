/*
 * table.c - the decision table against table.txt: each cell is named by exactly one
 * row, and says what the row says.
 */
#include "policy/table.h"
#include "rows.h"

static const char *const classes[CLASSES] = {
	[CLASS_SECRET] = "secret", [CLASS_QUIET] = "quiet", [CLASS_OTHER] = "other", [CLASS_SECRET_NAMED] = "named_secret",
	[CLASS_NEAR] = "near", [CLASS_NAMED] = "named", [CLASS_MAKER] = "maker",
};
static const char *const modes[] = { [MODE_NEVER] = "never", [MODE_NEEDS] = "needs", [MODE_BLIND] = "blind" };
static int named[MODE_OFF][ACTS][CLASSES][2];

static int index_of(struct text word, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (list[i] && text_eq(word, text_of(list[i])))
			return i;
	return -1;
}

static int act_of(struct text word)
{
	for (int i = 0; i < ACTS; i++)
		if (text_eq(word, text_of(act_word((enum act)i))))
			return i;
	return -1;
}

/* What a guest sees of a cell in this mode. */
static const char *verdict_of(int mode, int act, int class, bool exists)
{
	enum cell cell = table_cell((enum ask_mode)mode, (enum act)act, (enum class)class, exists);

	if (mode == MODE_NEVER && cell == CELL_ASK)
		cell = table_refusal((enum act)act, table_shows(MODE_NEVER, (enum class)class, exists)) == VERDICT_DENY ? CELL_NO : CELL_HIDE;
	return cell == CELL_NO ? "acces" : cell_word(cell);
}

static void row_check(const struct rows *rows)
{
	const struct text *w = rows->words;
	int mode = rows->n >= 5 ? index_of(w[0], modes, MODE_OFF) : -1;
	int act = mode < 0 ? -1 : act_of(w[1]), class = mode < 0 ? -1 : index_of(w[2], classes, CLASSES);
	bool both = mode >= 0 && text_eq(w[3], TEXT("-"));

	if (mode < 0 || act < 0 || class < 0) {
		test_row(false, "%s:%d: not a row", rows->name, rows->line);
		return;
	}
	for (int exists = 0; exists < 2; exists++) {
		if (!both && exists != text_eq(w[3], TEXT("yes")))
			continue;
		named[mode][act][class][exists]++;
		test_row(text_eq(w[4], text_of(verdict_of(mode, act, class, exists))), "%s %s %s %s: %.*s (line %d; the table says %s)",
			 modes[mode], act_word((enum act)act), classes[class], exists ? "exists" : "absent",
			 (int)w[4].len, w[4].at, rows->line, verdict_of(mode, act, class, exists));
	}
}

int main(void)
{
	struct rows rows;
	int missing = 0;

	test_begin();
	if (!rows_open(&rows, "tests/decisions/table.txt"))
		return test_end();
	while (rows_next(&rows))
		row_check(&rows);
	for (int mode = 0; mode < MODE_OFF; mode++)
		for (int act = 0; act < ACTS; act++)
			for (int class = 0; class < CLASSES; class++)
				for (int exists = 0; exists < 2; exists++)
					if (named[mode][act][class][exists] != 1) {
						test_row(false, "%s %s %s %s is named %d times", modes[mode], act_word((enum act)act),
							 classes[class], exists ? "exists" : "absent", named[mode][act][class][exists]);
						missing++;
					}
	test_row(missing == 0, "every cell is named by one row");
	CHECK(table_cell(MODE_OFF, ACT_LOOK, CLASS_NAMED, true) == CELL_NO);
	CHECK(table_cell((enum ask_mode)77, ACT_LOOK, CLASS_NAMED, true) == CELL_NO);
	CHECK(table_cell(MODE_NEEDS, (enum act)77, CLASS_NAMED, true) == CELL_NO);
	CHECK(table_cell(MODE_NEEDS, ACT_LOOK, (enum class)77, true) == CELL_NO);
	return test_end();
}
