/*
 * table.h - the decision table (design/decisions.md 6), and nothing but it.
 */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

#include "cap/start.h"
#include "policy/class.h"

/* Zero refuses. Ordered: the strictest of several cells is the least. */
enum cell {
	CELL_NO,		/* acces */
	CELL_HIDE,		/* noent, and the host was not touched */
	CELL_ASK,
	CELL_YES,		/* granted without asking */
	CELL_TRUTH,		/* what stat says */
};

/* EXISTS only matters where the two cells differ: table_needs_object tells. */
enum cell table_cell(enum ask_mode mode, enum act act, enum class class, bool exists);
bool table_needs_object(enum ask_mode mode, enum act act, enum class class);

/* Does a look show the truth there, as far as the table says? Grants and listings may show more. */
bool table_shows(enum ask_mode mode, enum class class, bool exists);

/* What an ask becomes when nobody can be asked: VERDICT_DENY (acces) where a look shows it, else VERDICT_HIDE (noent; I10). */
enum verdict table_refusal(enum act act, bool shown);

const char *cell_word(enum cell cell);

#endif
