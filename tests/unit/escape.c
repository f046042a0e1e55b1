/*
 * escape.c - what may be seen as it is, and that nothing else ever is.
 *
 * The table gives the shown form letter by letter; the random rows undo the
 * escaping with a reader of their own and compare with the bytes that went in.
 */
#include "test.h"

#include "base/escape.h"
#include "base/limits.h"

typedef void show_fn(struct buf *out, struct text t);

static bool shows(show_fn *show, struct text in, struct text want)
{
	struct buf out = { 0 };
	bool same;

	show(&out, in);
	same = buf_ok(&out) && text_eq(buf_view(&out), want);
	if (!same)
		printf("# shown: %.*s\n", (int)out.len, out.at ? out.at : "");
	buf_done(&out);
	return same;
}

struct row {
	const char *name;
	struct text in, want;
};

#define SAME(name, literal) { name, { literal, sizeof literal - 1 }, { literal, sizeof literal - 1 } }
#define ROW(name, in, want) { name, { in, sizeof in - 1 }, { want, sizeof want - 1 } }

static const struct row plain_rows[] = {
	SAME("U12 empty", ""),
	SAME("U12 ASCII", "/home/ada/a b!\"#$%&'()*+,-.:;<=>?@[]^_`{|}~"),
	SAME("U07 letters stay: German, Greek, Cyrillic, Hebrew, Arabic, Han, Hangul",
	     "/\xc3\xa4\xc3\x9f/\xce\xa9/\xd0\x96/\xd7\x90/\xd8\xa7/\xe6\x97\xa5\xe6\x9c\xac/\xed\x95\x9c"),
	SAME("U07 a combining accent and an emoji stay", "e\xcc\x81 \xf0\x9f\x98\x80"),
	ROW("U03 backslash", "a\\x1b", "a\\x5cx1b"),
	ROW("U13 NUL", "a\0b", "a\\x00b"),
	ROW("U02 ESC", "\x1b[2J", "\\x1b[2J"),
	ROW("U02 OSC ended by BEL", "\x1b]0;x\a", "\\x1b]0;x\\x07"),
	ROW("U02 DCS", "\x1bP$qm\x1b\\", "\\x1bP$qm\\x1b\\x5c"),
	ROW("U02 newline, tab, CR, backspace, DEL", "\n\t\r\b\x7f", "\\x0a\\x09\\x0d\\x08\\x7f"),
	ROW("U02 C1 as raw bytes", "\x80\x9b" "2J\x9f", "\\x80\\x9b2J\\x9f"),
	ROW("U02 C1 as UTF-8", "\xc2\x80\xc2\x9b" "2J\xc2\x9f", "\\xc2\\x80\\xc2\\x9b2J\\xc2\\x9f"),
	ROW("U07 ALM", "\xd8\x9c", "\\xd8\\x9c"),
	ROW("U07 LRM, RLM", "\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f"),
	ROW("U07 LRE, RLE, PDF, LRO, RLO", "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae",
	    "\\xe2\\x80\\xaa\\xe2\\x80\\xab\\xe2\\x80\\xac\\xe2\\x80\\xad\\xe2\\x80\\xae"),
	ROW("U07 LRI, RLI, FSI, PDI", "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
	    "\\xe2\\x81\\xa6\\xe2\\x81\\xa7\\xe2\\x81\\xa8\\xe2\\x81\\xa9"),
	ROW("U07 ZWSP, ZWNJ, ZWJ, WJ", "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0",
	    "\\xe2\\x80\\x8b\\xe2\\x80\\x8c\\xe2\\x80\\x8d\\xe2\\x81\\xa0"),
	ROW("U07 BOM, SHY", "\xef\xbb\xbf\xc2\xad", "\\xef\\xbb\\xbf\\xc2\\xad"),
	ROW("U07 line and paragraph separator", "\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"),
	ROW("U07 tag characters", "\xf3\xa0\x80\x80\xf3\xa0\x81\x81", "\\xf3\\xa0\\x80\\x80\\xf3\\xa0\\x81\\x81"),
	ROW("U07 Hangul fillers, variation selector", "\xe3\x85\xa4\xef\xbe\xa0\xef\xb8\x8f",
	    "\\xe3\\x85\\xa4\\xef\\xbe\\xa0\\xef\\xb8\\x8f"),
	ROW("U07 spaces that are not the space", "\xc2\xa0\xe2\x80\x83\xe3\x80\x80", "\\xc2\\xa0\\xe2\\x80\\x83\\xe3\\x80\\x80"),
	ROW("U07 private use, unassigned, noncharacter", "\xee\x80\x80\xcd\xb8\xef\xbf\xbf", "\\xee\\x80\\x80\\xcd\\xb8\\xef\\xbf\\xbf"),
	ROW("U07 surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"),
	ROW("U07 overlong slash and ESC", "\xc0\xaf\xc1\x9b\xe0\x80\x9b", "\\xc0\\xaf\\xc1\\x9b\\xe0\\x80\\x9b"),
	ROW("U07 beyond Unicode", "\xf4\x90\x80\x80\xf8\x88\x80\x80\x80", "\\xf4\\x90\\x80\\x80\\xf8\\x88\\x80\\x80\\x80"),
	ROW("U07 broken off in the middle", "a\xe2\x82", "a\\xe2\\x82"),
	ROW("U07 stray continuation before a letter", "\xa9z", "\\xa9z"),
	ROW("U03 the Deno path is shown whole", "/tmp/hello\x1b[/../../etc/hosts", "/tmp/hello\\x1b[/../../etc/hosts"),
};

static const struct row token_rows[] = {
	SAME("token: bare path", "/data/in.csv"),
	SAME("token: # inside is itself", "/data/a#b"),
	SAME("token: letters stay bare", "/\xc3\xa4/\xe6\x97\xa5"),
	ROW("token: empty", "", "\"\""),
	ROW("token: space", "/my file", "\"/my file\""),
	ROW("token: quote", "/a\"b", "\"/a\\\"b\""),
	ROW("token: backslash", "/a\\x41", "\"/a\\\\x41\""),
	ROW("token: star is literal", "/a*b", "\"/a*b\""),
	ROW("token: # first", "#a", "\"#a\""),
	ROW("token: ~ and $ first", "~/a", "\"~/a\""),
	ROW("token: newline", "/a\nallow all /", "\"/a\\x0aallow all /\""),
	ROW("token: bidi", "/a\xe2\x80\xae", "\"/a\\xe2\\x80\\xae\""),
	ROW("token: invalid byte", "/a\xff", "\"/a\\xff\""),
};

static void table(const char *what, show_fn *show, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		test_row(shows(show, rows[i].in, rows[i].want), "%s (%s)", rows[i].name, what);
}

static void cut_rows(void)
{
	char long_name[4096];
	struct buf want = { 0 };

	memset(long_name, 'a', sizeof long_name);
	test_row(shows(escape_cut, (struct text){ long_name, 256 }, (struct text){ long_name, 256 }), "U06 256 bytes are shown whole");
	buf_add(&want, long_name, 256);
	buf_str(&want, "... (257 bytes)");
	test_row(shows(escape_cut, (struct text){ long_name, 257 }, buf_view(&want)), "U06 257 bytes are cut, with the length");
	buf_reset(&want);
	buf_add(&want, long_name, 256);
	buf_str(&want, "... (4096 bytes)");
	test_row(shows(escape_cut, (struct text){ long_name, sizeof long_name }, buf_view(&want)), "U06 4096 bytes are cut, with the length");
	memcpy(long_name + 255, "\xc3\xa4", 2);
	buf_reset(&want);
	buf_add(&want, long_name, 255);
	buf_str(&want, "... (300 bytes)");
	test_row(shows(escape_cut, (struct text){ long_name, 300 }, buf_view(&want)), "U06 the cut splits no character");
	memset(long_name, 0x1b, sizeof long_name);
	buf_reset(&want);
	escape_cut(&want, (struct text){ long_name, sizeof long_name });
	test_row(want.len == 4 * 256 + strlen("... (4096 bytes)"), "U06 what is escaped is bounded too");
	buf_done(&want);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Undoes \xNN, and in a token \" and \\ besides. Returns the length, or -1 when it is not in escaped form. */
static long unescape(struct text t, bool token, char *out)
{
	long n = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] != '\\') {
			out[n++] = t.at[i];
			continue;
		}
		if (token && i + 1 < t.len && (t.at[i + 1] == '"' || t.at[i + 1] == '\\')) {
			out[n++] = t.at[++i];
			continue;
		}
		if (i + 3 >= t.len || t.at[i + 1] != 'x' || hex_digit(t.at[i + 2]) < 0 || hex_digit(t.at[i + 3]) < 0)
			return -1;
		out[n++] = (char)(hex_digit(t.at[i + 2]) << 4 | hex_digit(t.at[i + 3]));
		i += 3;
	}
	return n;
}

/* Bytes that make trouble: mostly pieces of tricky sequences, some of anything. */
static size_t random_bytes(unsigned *seed, char *out, size_t room)
{
	static const char *const pieces[] = { "\\", "\\x", "\\x1b", "\x1b[", "\xe2\x80", "\xae", "\xc2", "\x9b", "\xf0\x9f",
		"\x98\x80", "\xcc\x81", "\"", "*", " ", "#", "/", "..", "a", "\xed\xa0\x80", "\xff", "\r", "\n", "\xc3\xa4" };
	size_t n = 0, want = (size_t)rand_r(seed) % 40;

	while (n < want && n + 8 < room) {
		if (rand_r(seed) % 3 == 0) {
			out[n++] = (char)(rand_r(seed) >> 3);
			continue;
		}
		const char *piece = pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof *pieces)];
		memcpy(out + n, piece, strlen(piece));
		n += strlen(piece);
	}
	return n;
}

/* Is it printable ASCII, or a byte of a UTF-8 sequence that was checked by the table rows? */
static bool no_control(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] < ' ' || t.at[i] == 0x7f)
			return false;
	return true;
}

static bool comes_back(show_fn *show, bool token, struct text in)
{
	struct buf out = { 0 };
	struct text shown;
	char back[512];
	bool same;
	long n;

	show(&out, in);
	shown = buf_view(&out);
	same = buf_ok(&out) && no_control(shown);
	if (token && shown.len && shown.at[0] == '"')
		shown = (struct text){ shown.at + 1, shown.len - 2 };
	n = unescape(shown, token && shown.at != out.at, back);
	same = same && n == (long)in.len && (in.len == 0 || memcmp(back, in.at, in.len) == 0);
	buf_done(&out);
	return same;
}

static void random_rows(void)
{
	unsigned seed = 20230328;
	char in[64];
	long bad_plain = 0, bad_token = 0;

	for (long i = 0; i < 100000; i++) {
		struct text t = { in, random_bytes(&seed, in, sizeof in) };

		bad_plain += !comes_back(escape_plain, false, t);
		bad_token += !comes_back(escape_token, true, t);
	}
	test_row(bad_plain == 0, "U03 1e5 random names: unescape(shown) is the name (%ld wrong)", bad_plain);
	test_row(bad_token == 0, "U03 1e5 random names: the token reads back as the name (%ld wrong)", bad_token);
}

/* Every code point there is: one that is shown must be a letter, mark, number, punctuation or symbol in any reader's eyes. */
static void code_point_rows(void)
{
	static const struct { long from, to; } never[] = {
		{ 0x00, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0xd800, 0xf8ff },
		{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xe0000, 0x10ffff },
	};
	long shown = 0;

	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		for (long c = never[i].from; c <= never[i].to; c++) {
			char utf8[4];
			size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
			struct buf out = { 0 };
			long rest = c;

			for (size_t k = n; k-- > 1; rest >>= 6)
				utf8[k] = (char)(0x80 | (rest & 0x3f));
			utf8[0] = (char)(n == 1 ? rest : (0xff00 >> n | rest));
			escape_plain(&out, (struct text){ utf8, n });
			shown += out.len != 4 * n;
			buf_done(&out);
		}
	test_row(shown == 0, "U07 no control, format, private or odd-space code point is ever shown (%ld are)", shown);
}

int main(void)
{
	test_begin();
	table("plain", escape_plain, plain_rows, sizeof plain_rows / sizeof *plain_rows);
	table("token", escape_token, token_rows, sizeof token_rows / sizeof *token_rows);
	cut_rows();
	random_rows();
	code_point_rows();
	return test_end();
}
