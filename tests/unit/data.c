/* data.c - the data files that users extend: what parses, and where it does not. */
#include "policy/data.h"

#include "test.h"

static void bad(const char *name, bool secrets, struct text text, size_t line, size_t column)
{
	struct arena arena = { 0 };
	struct policy_error error = { 0 };
	struct secret_lines lines = { .n = 77 };
	struct texts paths = { .n = 77 };
	int failed = secrets ? secrets_parse(&arena, text, &lines, &error) : companions_parse(&arena, text, &paths, &error);

	test_row(failed < 0 && error.line == line && error.column == column && lines.n == 77 && paths.n == 77,
		 "%s: %s (%zu:%zu)", name, error.message ? error.message : "none", error.line, error.column);
	arena_done(&arena);
}

static void check_secrets(void)
{
	static const struct { enum secret_when when; const char *pattern; } want[] = {
		{ SECRET_READ, "~/.foo" }, { SECRET_CHANGE, "/srv/x/*.conf" }, { SECRET_ITSELF, ".hidden" }, { SECRET_NOT, "*.sample.pem" },
		{ SECRET_READ, "a b/c" }, { SECRET_READ, "~x" },
	};
	struct arena arena = { 0 };
	struct policy_error error;
	struct secret_lines got;

	CHECK(secrets_parse(&arena, TEXT("# mine\nread ~/.foo\nchange /srv/x/*.conf # later\n\n itself\t.hidden\nnot *.sample.pem\nread \"a b\"/c\nread ~x"), &got, &error) == 0);
	CHECK(got.n == sizeof want / sizeof *want);
	for (size_t i = 0; i < got.n; i++)
		test_row(got.at[i].when == want[i].when && text_eq(got.at[i].pattern, text_of(want[i].pattern)), "a secret: %s", want[i].pattern);
	CHECK(secrets_parse(&arena, TEXT(""), &got, &error) == 0 && got.n == 0);
	arena_done(&arena);
	bad("an unknown word", true, TEXT("read ~/.a\nhide ~/.b\n"), 2, 1);
	bad("a pattern is missing", true, TEXT("read\n"), 1, 5);
	bad("a pattern is missing before a comment", true, TEXT("change # x\n"), 1, 7);
	bad("a component is empty", true, TEXT("read a//b\n"), 1, 6);
	bad("a slash at the end", true, TEXT("read a/\n"), 1, 6);
	bad("the root", true, TEXT("read /\n"), 1, 6);
	bad("a home itself", true, TEXT("read ~/\n"), 1, 6);
	bad("a home by name", true, TEXT("read ~ada/x\n"), 1, 6);
	bad("..", true, TEXT("read ~/../x\n"), 1, 6);
	bad(".", true, TEXT("read ./x\n"), 1, 6);
	bad("not with a path", true, TEXT("not a/b\n"), 1, 5);
	bad("two patterns", true, TEXT("read a b\n"), 1, 8);
	bad("U13 CR", true, TEXT("read a\r\n"), 1, 7);
	bad("U13 NUL", true, TEXT("read a\0b\n"), 1, 7);
	bad("U13 not UTF-8", true, TEXT("read \xff\n"), 1, 6);
}

static void check_companions(void)
{
	static char many[3 * 1025 + 1];
	struct arena arena = { 0 };
	struct policy_error error;
	struct texts got;

	CHECK(companions_parse(&arena, TEXT(".npmignore\n.git/info/x # y\n"), &got, &error) == 0 && got.n == 2);
	CHECK(text_eq(got.at[0], TEXT(".npmignore")) && text_eq(got.at[1], TEXT(".git/info/x")));
	for (size_t i = 0; i < 1025; i++)
		memcpy(many + 3 * i, "ab\n", 3);
	CHECK(companions_parse(&arena, (struct text){ many, sizeof many - 4 }, &got, &error) == 0 && got.n == 1024);
	bad("too many", false, (struct text){ many, sizeof many - 1 }, 1025, 1);
	bad("an absolute companion", false, TEXT("/etc/x\n"), 1, 1);
	bad("of a home", false, TEXT("~/x\n"), 1, 1);
	bad("a star", false, TEXT("*.ignore\n"), 1, 1);
	bad("up", false, TEXT("a/../../x\n"), 1, 1);
	bad("an empty token", false, TEXT("\"\"\n"), 1, 1);
	arena_done(&arena);
}

int main(void)
{
	test_begin();
	check_secrets();
	check_companions();
	return test_end();
}
