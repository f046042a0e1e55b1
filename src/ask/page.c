/* page.c - where a long text is cut; see page.h. */
#include "ask/page.h"

#define CONTINUES TEXT("     ")

/* Length of the line at the start of T, with its LF. */
static size_t line_length(struct text t)
{
	const char *end = memchr(t.at, '\n', t.len);

	return end ? (size_t)(end - t.at) + 1 : t.len;
}

/* Rather too many: a byte takes a column. */
static size_t line_rows(size_t len, size_t columns)
{
	return columns && len > columns ? (len - 1 + columns - 1) / columns : 1;
}

/* A line and what continues it. */
static struct text take_unit(struct text t, size_t columns, size_t *rows)
{
	size_t len = 0;

	*rows = 0;
	do {
		size_t line = line_length(text_from(t, len));

		*rows += line_rows(line, columns);
		len += line;
	} while (len < t.len && text_starts(text_from(t, len), CONTINUES));
	return (struct text){ t.at, len };
}

/* The most of T that LIMIT bytes hold without cutting a line, or else a character or an escape. It may be nothing. */
static struct text cut(struct text t, size_t limit)
{
	size_t len = 0, line;

	while (len < t.len && (line = line_length(text_from(t, len))) <= limit - len)
		len += line;
	if (len > 0 || t.len <= limit)
		return (struct text){ t.at, len ? len : t.len };
	len = limit;
	while (len > 0 && ((unsigned char)t.at[len] & 0xc0) == 0x80)
		len--;
	for (size_t back = 1; back < sizeof "\\xNN" - 1 && back <= len; back++)
		if (t.at[len - back] == '\\')
			return (struct text){ t.at, len - back };
	return (struct text){ t.at, len };
}

struct text page_first(struct text text, const struct page *page)
{
	size_t len = 0, rows = 0;

	while (len < text.len) {
		size_t more;
		struct text unit = take_unit(text_from(text, len), page->columns, &more);

		if (page->rows && len && rows + more > page->rows)
			break;
		if (unit.len > page->bytes)		/* of no page: it begins on this one */
			return (struct text){ text.at, len + cut(unit, page->bytes - len).len };
		if (unit.len > page->bytes - len)
			break;
		rows += more;
		len += unit.len;
	}
	return (struct text){ text.at, len };
}
