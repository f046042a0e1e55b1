/*
 * alike.c - letters that pass for others (U08): fit_is_alike.
 *
 * Names in one script, whichever, are ordinary. What is marked is a Latin letter and
 * a look-alike of one in the same component, and what passes for a slash anywhere.
 */
#include "ask/fit.h"

struct range {
	uint32_t from, to;
};

/* Scripts with letters that look like Latin ones; and letters that look like a slash beside them. */
static const struct range look_alikes[] = {
	{ 0x0370, 0x03ff }, { 0x0400, 0x052f },		/* Greek, Cyrillic */
	{ 0x0530, 0x058f }, { 0x10a0, 0x10ff },		/* Armenian, Georgian */
	{ 0x13a0, 0x13ff }, { 0x1400, 0x167f },		/* Cherokee, Canadian syllabics */
	{ 0x1c80, 0x1c8f }, { 0x1d00, 0x1dbf },		/* Cyrillic, small capitals and other phonetic letters */
	{ 0x1f00, 0x1fff }, { 0x2100, 0x218f },		/* Greek, letter-like symbols and numerals */
	{ 0x2c80, 0x2cff }, { 0x2de0, 0x2dff },		/* Coptic, Cyrillic */
	{ 0x30ce, 0x30ce }, { 0x31d3, 0x31d3 }, { 0x4e3f, 0x4e3f },
	{ 0xa4d0, 0xa4ff }, { 0xa640, 0xa69f },		/* Lisu, Cyrillic */
	{ 0xab70, 0xabbf }, { 0xff21, 0xff5a },		/* Cherokee, full width */
	{ 0x10280, 0x1044f }, { 0x1d400, 0x1d7ff },	/* Lycian to Deseret, mathematical letters */
};

static const struct range slashes[] = {
	{ 0x0337, 0x0338 }, { 0x2044, 0x2044 }, { 0x2215, 0x2215 }, { 0x2571, 0x2571 },
	{ 0x27cb, 0x27cb }, { 0x29f8, 0x29f8 }, { 0x3033, 0x3033 }, { 0xff0f, 0xff0f },
};

static const struct range latin[] = { { 'A', 'Z' }, { 'a', 'z' }, { 0x00c0, 0x024f } };

static bool is_in(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof *(ranges), c)

/* Takes a character off T; what is no UTF-8 is 0, byte by byte: it is shown as \xNN and looks like nothing else. */
static uint32_t take_char(struct text *t)
{
	const unsigned char *at = (const unsigned char *)t->at;
	const size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t c = n < 2 ? at[0] : at[0] & (0x7fU >> n);
	bool valid = n > 0 && n <= t->len;

	for (size_t i = 1; valid && i < n; i++) {
		valid = (at[i] & 0xc0) == 0x80;
		c = c << 6 | (at[i] & 0x3f);
	}
	*t = text_from(*t, valid ? n : 1);
	return valid ? c : 0;
}

static bool component_is_alike(struct text t)
{
	bool has_latin = false, has_look_alike = false;

	while (t.len > 0) {
		uint32_t c = take_char(&t);

		if (IS_IN(slashes, c))
			return true;
		has_latin |= IS_IN(latin, c);
		has_look_alike |= IS_IN(look_alikes, c);
	}
	return has_latin && has_look_alike;
}

bool fit_is_alike(struct text name)
{
	while (name.len > 0)
		if (component_is_alike(text_component(&name)))
			return true;
	return false;
}
