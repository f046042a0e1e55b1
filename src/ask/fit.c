/* fit.c - names and words made fit to be read; see fit.h. */
#include "ask/fit.h"

#include "base/escape.h"
#include "base/limits.h"

typedef void escape_fn(struct buf *out, struct text t);

/* VIEW is escaped already. QUOTES: these are escaped too. */
static void put(struct buf *out, struct text view, char before, bool quotes)
{
	for (size_t i = 0; i < view.len; i++) {
		if (view.at[i] == ' ' && before == ' ')
			buf_str(out, "\\x20");
		else if (view.at[i] == '"' && quotes)
			buf_str(out, "\\x22");
		else
			buf_char(out, view.at[i]);
		before = view.at[i];
	}
}

static void put_escaped(struct buf *out, escape_fn *escape, struct text t, char before, bool quotes)
{
	struct buf shown = { .limit = LIMIT_QUESTION_TEXT };

	escape(&shown, t);
	out->failed = out->failed || !buf_ok(&shown);
	put(out, buf_view(&shown), before, quotes);
	buf_done(&shown);
}

void fit_name(struct buf *out, struct text name)
{
	put_escaped(out, escape_plain, name, ' ', false);
}

void fit_words(struct buf *out, struct text words)
{
	put_escaped(out, escape_cut, words, ' ', false);
}

void fit_quoted(struct buf *out, struct text words)
{
	buf_char(out, '"');
	put_escaped(out, escape_cut, words, '"', true);
	buf_char(out, '"');
}

/* Between its backslashes it is plain, if it is what it says it is; and then this changes nothing but spaces. */
void fit_rule(struct buf *out, struct text line)
{
	char before = ' ';

	while (line.len > 0) {
		size_t n = 0;

		if (line.at[0] == '\\') {
			buf_char(out, '\\');
			before = '\\';
			line = text_from(line, 1);
			continue;
		}
		while (n < line.len && line.at[n] != '\\')
			n++;
		put_escaped(out, escape_plain, (struct text){ line.at, n }, before, false);
		before = line.at[n - 1];
		line = text_from(line, n);
	}
}

void fit_bytes(struct buf *out, struct text name)
{
	static const char hex[] = "0123456789abcdef";
	char before = ' ';

	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.at[i];

		if (byte > ' ' && byte < 0x7f && byte != '\\')
			buf_char(out, name.at[i]);
		else if (byte == ' ' && before != ' ')
			buf_char(out, ' ');
		else
			buf_print(out, "\\x%c%c", hex[byte >> 4], hex[byte & 15]);
		before = name.at[i];
	}
}
