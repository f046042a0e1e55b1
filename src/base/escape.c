/*
 * escape.c - bytes made fit to be shown; see escape.h.
 *
 * Nothing is ever dropped: what may not be seen as it is becomes \xNN, byte by
 * byte, and so does the backslash that would make this ambiguous. What decides is
 * the Unicode category, never a list of known tricks (U02, U03, U07).
 */
#include "base/escape.h"

#include <utf8proc.h>

#include "base/limits.h"

/* Is C one visible, ordinary character of its own (or the plain space)? */
static bool is_plain(utf8proc_int32_t c)
{
	const utf8proc_property_t *property;

	if (c < 0x80)
		return c >= ' ' && c < 0x7f;
	property = utf8proc_get_property(c);
	if (property->ignorable || c == 0x2800)	/* fillers, joiners, variation selectors: shown as nothing; the blank Braille pattern is one to the eye */
		return false;
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_ZS:
		return false;
	default:
		return true;
	}
}

/* Length of the character at the start of T, at least 1; *PLAIN: may it stand as it is? */
static size_t next_char(struct text t, bool *plain)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)t.at, (utf8proc_ssize_t)t.len, &c);

	*plain = n > 0 && is_plain(c);
	return n > 0 ? (size_t)n : 1;
}

static void escape_bytes(struct buf *out, struct text t)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < t.len; i++) {
		unsigned char byte = (unsigned char)t.at[i];
		char shown[4] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

		buf_add(out, shown, sizeof shown);
	}
}

void escape_plain(struct buf *out, struct text t)
{
	while (t.len > 0) {
		bool plain;
		struct text c = { t.at, next_char(t, &plain) };

		if (plain && c.at[0] != '\\')
			buf_text(out, c);
		else
			escape_bytes(out, c);
		t = text_from(t, c.len);
	}
}

/* The longest start of T that has at most LIMIT bytes and splits no character. */
static struct text start_of(struct text t, size_t limit)
{
	struct text rest = t;
	size_t len = 0;

	while (rest.len > 0) {
		bool plain;
		size_t n = next_char(rest, &plain);

		if (n > limit - len)
			break;
		len += n;
		rest = text_from(rest, n);
	}
	return (struct text){ t.at, len };
}

void escape_cut(struct buf *out, struct text t)
{
	if (t.len <= LIMIT_GUEST_TEXT) {
		escape_plain(out, t);
		return;
	}
	escape_plain(out, start_of(t, LIMIT_GUEST_TEXT));
	buf_print(out, "... (%zu bytes)", t.len);
}

/* What the lexer of rules would not take as one literal token without quotes. */
static bool needs_quotes(struct text t)
{
	if (t.len == 0 || t.at[0] == '#' || t.at[0] == '~' || t.at[0] == '$')
		return true;
	while (t.len > 0) {
		bool plain;
		size_t n = next_char(t, &plain);

		if (!plain || memchr(" \"*\\", t.at[0], 4))
			return true;
		t = text_from(t, n);
	}
	return false;
}

void escape_token(struct buf *out, struct text t)
{
	if (needs_quotes(t))
		escape_quoted(out, t);
	else
		buf_text(out, t);
}

void escape_quoted(struct buf *out, struct text t)
{
	buf_char(out, '"');
	while (t.len > 0) {
		bool plain;
		struct text c = { t.at, next_char(t, &plain) };

		if (!plain)
			escape_bytes(out, c);
		else if (c.at[0] == '"' || c.at[0] == '\\')
			buf_print(out, "\\%c", c.at[0]);
		else
			buf_text(out, c);
		t = text_from(t, c.len);
	}
	buf_char(out, '"');
}
