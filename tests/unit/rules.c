/* rules.c - the rule language: what parses, to what, what does not, and the fixed point. */
#include "policy/rules.h"

#include "test.h"

static const struct rule_places places = { { "/home/ada", 9 }, { "/w", 2 } };

/* LINE as it prints again; NULL: it is no rule, and *COLUMN says where. */
static const char *again(const char *line, size_t len, bool flag, size_t *column)
{
	static char printed[70000];
	struct arena arena = { 0 };
	struct rule rule;
	struct rule_error error = { 0 };
	struct buf out = { .limit = sizeof printed - 1 };
	const char *result = NULL;

	if (rule_parse(&arena, (struct text){ line, len }, &places, flag, &rule, &error) == 0) {
		rule_print(&out, &rule);
		memcpy(printed, out.at, out.len);
		printed[out.len] = '\0';
		result = printed;
	}
	*column = error.column;
	buf_done(&out);
	arena_done(&arena);
	return result;
}

static void check_good(void)
{
	static const struct { const char *line, *want; } rows[] = {
		{ "allow read /a/b", "allow read /a/b for always" },
		{ "  allow\tread   /a/b  # why", "allow read /a/b for always" },
		{ "allow rw /a/ for run", "allow read,write,create,delete,list,stat /a/ for run" },
		{ "allow stat,read,read /a for once", "allow read,stat /a for once" },
		{ "allow all /a", "allow read,write,append,create,delete,list,stat,meta,links /a for always" },
		{ "deny /a/", "deny read,write,append,create,delete,list,stat,meta,links /a/ for always" },
		{ "hide read ~/.ssh/", "hide read /home/ada/.ssh/ for always" },
		{ "ask write $CWD/x", "ask write /w/x for always" },
		{ "allow read ~/", "allow read /home/ada/ for always" },
		{ "allow read /", "allow read / for always" },
		{ "allow list \"/\" for run", "allow list \"/\" for run" },
		{ "allow read /a/*.h", "allow read /a/*.h for always" },
		{ "allow read /a/\"*\"*x", "allow read /a/\"*\"*x for always" },
		{ "allow read \"/a/*\"", "allow read \"/a/*\" for always" },
		{ "allow read /*", "allow read /* for always" },
		{ "allow read \"/a b\"/c", "allow read \"/a b/c\" for always" },
		{ "allow read \"/a b\"/*\"c d\"", "allow read \"/a b\"/*\"c d\" for always" },
		{ "allow read /a\"\\x0a\\\"\\\\\"b", "allow read \"/a\\x0a\\\"\\\\b\" for always" },
		{ "allow read /a#b", "allow read /a#b for always" },
		{ "allow read /a at /b", "allow read /a at /b for always" },
		{ "allow rw /a/ at /b/ for run", "allow read,write,create,delete,list,stat /a/ at /b for run" },
		{ "allow rw /a/ at /", "allow read,write,create,delete,list,stat /a/ at / for always" },
		{ "allow env EDITOR", "allow env EDITOR for always" },
		{ "allow env at", "allow env at for always" },
		{ "deny env \"A B\" for run", "deny env \"A B\" for run" },
		{ "allow connect net example.org:443", "allow connect net example.org:443 for always" },
		{ "allow connect,listen net [::1]:80-90", "allow connect,listen net [::1]:80-90 for always" },
		{ "deny net 10.0.0.1", "deny connect,listen net 10.0.0.1 for always" },
		{ "deny request", "deny request for always" },
		{ "allow read /\xc3\xa4", "allow read /\xc3\xa4 for always" },
		{ "allow read /a\xe2\x80\xae", "allow read \"/a\\xe2\\x80\\xae\" for always" },
		{ "allow read \"~\"/x", NULL }, { "allow read /~/x", "allow read /~/x for always" },
		{ "allow read \"/~\"", "allow read /~ for always" },
	};
	size_t column;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = again(rows[i].line, strlen(rows[i].line), false, &column);

		test_row(rows[i].want ? got && strcmp(got, rows[i].want) == 0 : !got, "%s -> %s", rows[i].line, got ? got : "no rule");
	}
}

static void check_bad(void)
{
	static const struct { const char *line; size_t column; } rows[] = {
		{ "", 1 }, { "# comment", 10 }, { "permit read /a", 1 }, { "Allow read /a", 1 }, { "\"allow\" read /a", 1 },
		{ "allow", 6 }, { "allow /a", 7 }, { "ask /a", 5 }, { "allow reed /a", 7 }, { "allow read,, /a", 7 },
		{ "allow read", 11 }, { "allow read a", 12 }, { "allow read ~ada/x", 12 }, { "allow read ~", 12 },
		{ "allow read $HOME/x", 12 }, { "allow read /a/./b", 12 }, { "allow read /a/../b", 12 }, { "allow read /..", 12 },
		{ "allow read /a//b", 12 }, { "allow read //", 12 }, { "allow read /a//", 12 }, { "allow read /a/*/b", 12 },
		{ "allow read /a/*/", 12 }, { "allow read /a\\x20b", 14 }, { "allow read \"/a", 12 }, { "allow read \"/a\\n\"", 15 },
		{ "allow read \"/a\\x00\"", 15 }, { "allow read \"/a\\xg0\"", 15 }, { "allow read /a/\"/\"", 12 }, { "allow read /a\"/\"", 12 },
		{ "allow read /a b", 15 }, { "allow read /a for", 18 }, { "allow read /a for ever", 19 }, { "allow read /a at", 17 },
		{ "allow read /a at b", 18 }, { "allow read /a at /b/../c", 18 }, { "allow read /a at /b*", 18 }, { "allow read /a/* at /b", 17 },
		{ "deny /a at /b", 9 }, { "allow read /a for run at /b", 23 }, { "allow read env A", 12 }, { "allow env", 10 },
		{ "allow env A=B", 11 }, { "allow env \"\"", 11 }, { "allow connect /a", 15 }, { "allow read net a", 12 },
		{ "allow connect net", 18 }, { "allow connect net a:0", 19 }, { "allow connect net a:65536", 19 }, { "allow connect net a:", 19 },
		{ "allow connect net a:9-8", 19 }, { "allow connect net a:1-", 19 }, { "allow connect net a:b", 19 }, { "allow connect net ::1", 19 },
		{ "allow connect net a/b", 19 }, { "allow connect net []:1", 19 }, { "allow read request", 12 }, { "deny request x", 14 },
		{ "allow read /a\x01", 14 }, { "allow read /a\x7f", 14 }, { "allow read /a\xc2\x85", 14 }, { "\xef\xbb\xbf" "allow read /a", 1 },
		{ "allow read /\xff", 13 }, { "allow read /\xc0\xaf", 13 }, { "allow read /\xed\xa0\x80", 13 }, { "allow read /a\r", 14 },
	};
	static char longest[20100];
	size_t column;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = again(rows[i].line, strlen(rows[i].line), false, &column);

		test_row(!got && column == rows[i].column, "no rule: %s (column %zu, is %zu)", rows[i].line, rows[i].column, column);
	}
	test_row(!again("allow read /a\0b", 15, false, &column) && column == 14, "W16 no rule: NUL in a path");
	test_row(!again("allow read /a for always", 24, true, &column) && column == 19, "no rule: for always in a flag");
	test_row(strcmp(again("allow read /a", 13, true, &column), "allow read /a for run") == 0, "a flag's rule is for this run");
	memset(longest, ' ', sizeof longest);
	memcpy(longest, "allow read /a", 13);
	test_row(again(longest, 20000, false, &column) != NULL, "20,000 bytes are a line");
	test_row(!again(longest, 20001, false, &column) && column == 20001, "20,001 are none");
	memset(longest + 12, 'a', 4094);
	test_row(again(longest, 20000, false, &column) != NULL, "a path of 4,095 bytes");
	longest[12 + 4094] = 'a';
	test_row(!again(longest, 20000, false, &column), "none of 4,096");
}

static void check_places(void)
{
	struct rule_places none = { { NULL, 0 }, { NULL, 0 } }, root = { { "/", 1 }, { "/", 1 } };
	struct arena arena = { 0 };
	struct rule rule = { .name = TEXT("untouched") };
	struct rule_error error;

	CHECK(rule_parse(&arena, TEXT("allow read ~/x"), &none, false, &rule, &error) < 0 && text_eq(rule.name, TEXT("untouched")));
	CHECK(rule_parse(&arena, TEXT("allow read $CWD/x"), &none, false, &rule, &error) < 0);
	CHECK(rule_parse(&arena, TEXT("allow read ~/x"), &root, false, &rule, &error) == 0 && text_eq(rule.path, TEXT("/x")));
	CHECK(rule_parse(&arena, TEXT("allow read $CWD/"), &root, false, &rule, &error) == 0 && rule.what == WHAT_SUBTREE);
	CHECK(rule_parse(&arena, TEXT("allow read /a/x*"), &root, false, &rule, &error) == 0 && rule.what == WHAT_PATTERN &&
	      text_eq(rule.path, TEXT("/a")) && text_eq(rule.pattern, TEXT("x*")) && text_eq(rule.literal, TEXT("10")));
	CHECK(rule_parse(&arena, TEXT("nonsense"), &root, false, &rule, NULL) < 0);
	arena_done(&arena);
}

static uint32_t state = 12345;

static uint32_t random_next(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

/* Lines of likely pieces and unlikely bytes. */
static size_t random_line(char *to)
{
	static const char *const pieces[] = {
		"allow ", "deny ", "hide ", "ask ", "read", "write", ",", "rw", "all", " ", "\t", "/", "/a", "/b c", "\"", "\\", "\\x41",
		"\\\"", "*", "**", "~/", "$CWD/", "env ", "net ", "request", "host", ":80", "-90", " at ", " for ", "run", "once", "always",
		"#", ".", "..", "\xc3\xa4", "\xe2\x80\xae", "\xff", "\x01", "'",
	};
	size_t n = 0, parts = 1 + random_next() % 12;

	if (random_next() % 4) {
		memcpy(to, "allow read /", 12);
		n = 12;
	}
	for (size_t i = 0; i < parts; i++) {
		const char *piece = pieces[random_next() % (sizeof pieces / sizeof *pieces)];

		memcpy(to + n, piece, strlen(piece));
		n += strlen(piece);
		if (random_next() % 16 == 0)
			to[n++] = (char)random_next();
	}
	return n;
}

/* Any bytes as a path, through the printer: the rule must come back the same. */
static bool round_trip(const struct rule *rule)
{
	struct arena arena = { 0 };
	struct buf out = { .limit = 70000 };
	struct rule got;
	struct rule_error error;
	bool same;

	rule_print(&out, rule);
	same = rule_parse(&arena, buf_view(&out), &places, false, &got, &error) == 0 && got.what == rule->what &&
	       got.access == rule->access && text_eq(got.path, rule->path) && text_eq(got.pattern, rule->pattern) &&
	       text_eq(got.literal, rule->literal) && got.lifetime == rule->lifetime;
	buf_done(&out);
	arena_done(&arena);
	return same;
}

static void check_fixed_point(void)
{
	char line[512], first[70000];
	size_t n, column, parsed = 0, wrong = 0, lost = 0;

	for (int i = 0; i < 200000; i++) {
		const char *got = again(line, n = random_line(line), false, &column);

		if (!got)
			continue;
		parsed++;
		memcpy(first, got, strlen(got) + 1);
		got = again(first, strlen(first), false, &column);
		if ((!got || strcmp(got, first) != 0) && wrong++ < 5)
			printf("# %.*s -> %s -> %s\n", (int)n, line, first, got ? got : "no rule");
	}
	test_row(parsed > 10000 && wrong == 0, "parse, print, parse, print is a fixed point: %zu rules, %zu wrong", parsed, wrong);
	for (int i = 0; i < 100000; i++) {
		char path[40] = "/", literal[40];
		struct rule rule = { .verb = VERB_ALLOW, .access = ACCESS_READ, .what = WHAT_OBJECT, .lifetime = LIFE_RUN };

		n = 1 + random_next() % 30;
		for (size_t k = 1; k <= n; k++) {
			path[k] = (char)(1 + random_next() % 255);
			if (path[k] == '/' || path[k] == '.')
				path[k] = 'x';
			literal[k] = '1';
		}
		rule.path = (struct text){ path, n + 1 };
		if (i % 2) {
			path[1 + random_next() % n] = '*';
			for (size_t k = 1; k <= n; k++)
				literal[k] = path[k] == '*' && random_next() % 2 ? '0' : '1';
			if (memchr(literal + 1, '0', n))
				rule = (struct rule){ .verb = VERB_ALLOW, .access = ACCESS_READ, .what = WHAT_PATTERN, .lifetime = LIFE_RUN,
						      .path = TEXT("/"), .pattern = { path + 1, n }, .literal = { literal + 1, n } };
		}
		lost += !round_trip(&rule);
	}
	test_row(lost == 0, "any bytes as a path come back: 100000 paths, %zu wrong", lost);
}

int main(void)
{
	test_begin();
	check_good();
	check_bad();
	check_places();
	check_fixed_point();
	return test_end();
}
