/* table.c - the decision table as an array; see table.def for what it says. */
#include "policy/table.h"

struct cells {
	uint8_t exists, absent;		/* enum cell; a row that nobody wrote is zero: no */
};

#define NO	{ CELL_NO, CELL_NO }
#define HIDE	{ CELL_HIDE, CELL_HIDE }
#define ASK	{ CELL_ASK, CELL_ASK }
#define YES	{ CELL_YES, CELL_YES }
#define TRUTH	{ CELL_TRUTH, CELL_TRUTH }
#define BOTH(exists, absent) { CELL_##exists, CELL_##absent }

static const struct cells table[MODE_OFF + 1][ACTS][CLASSES] = {
#define ROW(mode, act, ...) [MODE_##mode][ACT_##act] = { __VA_ARGS__ },
#include "policy/table.def"
#undef ROW
};

static const char *const cell_words[] = { "no", "hide", "ask", "yes", "truth" };

const char *cell_word(enum cell cell)
{
	return (size_t)cell < sizeof cell_words / sizeof *cell_words ? cell_words[cell] : "?";
}

static struct cells cells_of(enum ask_mode mode, enum act act, enum class class)
{
	if (mode == MODE_NEVER)
		mode = MODE_NEEDS;
	if (mode > MODE_OFF || act >= ACTS || class >= CLASSES)
		return (struct cells)NO;
	return table[mode][act][class];
}

enum cell table_cell(enum ask_mode mode, enum act act, enum class class, bool exists)
{
	struct cells cells = cells_of(mode, act, class);

	return exists ? cells.exists : cells.absent;
}

bool table_needs_object(enum ask_mode mode, enum act act, enum class class)
{
	struct cells cells = cells_of(mode, act, class);

	return cells.exists != cells.absent;
}

bool table_shows(enum ask_mode mode, enum class class, bool exists)
{
	return exists && table_cell(mode, ACT_LOOK, class, true) == CELL_TRUTH;
}

enum verdict table_refusal(enum act act, bool shown)
{
	return act == ACT_CREATE || shown ? VERDICT_DENY : VERDICT_HIDE;
}
