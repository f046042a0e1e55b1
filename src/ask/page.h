/*
 * page.h - a long text in pieces that a person can read (design/decisions.md 7.5).
 *
 * Pure. Nothing is left out: the pages one after the other are the text.
 */
#ifndef ASK_PAGE_H
#define ASK_PAGE_H

#include "base/text.h"

struct page {
	size_t bytes;			/* at most */
	size_t rows, columns;		/* of the screen that are free. ROWS 0: as many as it takes */
};

/*
 * The first page of TEXT. A line stays with those that continue it (five spaces),
 * and a line of more rows than there are is whole; only one of more than BYTES is
 * cut, neither in a character nor in an escape.
 */
struct text page_first(struct text text, const struct page *page);

#endif
