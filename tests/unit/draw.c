/*
 * draw.c - questions as a person reads them, line by line, and what a line typed
 * at one says.
 */
#include "test.h"

#include "ask/draw.h"

static const struct option options[] = {
	{ .id = "run", .label = "yes, this run" },
	{ .id = "dirs", .label = "no letter of this terminal" },
	{ .id = "no", .label = "no" },
};

static struct question question_of(const struct question_need *needs, size_t n)
{
	return (struct question){ .number = 1, .program = TEXT("x.wasm"), .needs = needs, .nneeds = n, .options = options, .noptions = 3 };
}

static void draws(const char *name, const struct question_need *needs, size_t n, const char *want)
{
	struct question question = question_of(needs, n);
	struct buf out = { 0 };

	question_draw(&out, &question);
	if (!test_row(buf_ok(&out) && text_eq(buf_view(&out), text_of(want)), "%s", name))
		printf("    got:\n%.*s    want:\n%s", (int)out.len, out.at, want);
	buf_done(&out);
}

#define FILE_AT(literal, bytes) .path = TEXT(literal), .guest = TEXT(literal), .exists = true, .mode = S_IFREG, .size = (bytes)
#define NEW_AT(literal) .path = TEXT(literal), .guest = TEXT(literal)
#define DRAWS(name, want, ...) do { \
	const struct question_need needs_[] = { __VA_ARGS__ }; \
	draws(name, needs_, sizeof needs_ / sizeof *needs_, want); \
} while (0)

static void draw_rows(void)
{
	DRAWS("a file to read", "x.wasm wants to read a file\n  1  read  /a  (0 bytes)\n     because\n",
	      { .act = ACT_READ, FILE_AT("/a", 0), .why = "because" });
	DRAWS("under another name", "x.wasm wants to read a file\n  1  read  /a  (1 byte)\n     the program calls it: /b\\x0a\n",
	      { .act = ACT_READ, .path = TEXT("/a"), .guest = TEXT("/b\n"), .exists = true, .mode = S_IFREG, .size = 1 });
	DRAWS("a directory to list", "x.wasm wants to list a directory\n  1  list  /a  (directory)\n",
	      { .act = ACT_LIST, .path = TEXT("/a"), .exists = true, .mode = S_IFDIR });
	DRAWS("a directory to open", "x.wasm wants to list a directory\n  1  list  /a  (directory)\n",
	      { .act = ACT_OPENDIR, .path = TEXT("/a"), .exists = true, .mode = S_IFDIR });
	DRAWS("a new file", "x.wasm wants to create a file\n  1  create  /a  (new)\n",
	      { .act = ACT_CREATE, .access = ACCESS_CREATE | ACCESS_READ | ACCESS_WRITE, NEW_AT("/a") });
	DRAWS("a new directory", "x.wasm wants to make a directory\n  1  make  /a  (new)\n",
	      { .act = ACT_CREATE, .call = CALL_PATH_CREATE_DIRECTORY, NEW_AT("/a") });
	DRAWS("a file that is made again", "x.wasm wants to change or replace a file\n  1  change or replace  /a  (999 bytes)\n",
	      { .act = ACT_CREATE, .access = ACCESS_CREATE | ACCESS_WRITE, FILE_AT("/a", 999), .replaces = true });
	DRAWS("a file to change and read", "x.wasm wants to change a file\n  1  change  /a  (1.0 KB, also read)\n",
	      { .act = ACT_CHANGE, .access = ACCESS_READ | ACCESS_WRITE, FILE_AT("/a", 1000) });
	DRAWS("a file to append to", "x.wasm wants to append to a file\n  1  append to  /a  (26.0 MB)\n",
	      { .act = ACT_CHANGE, .access = ACCESS_APPEND, FILE_AT("/a", 26000123) });
	DRAWS("a link to remove", "x.wasm wants to remove a link\n  1  remove  /a  (link)\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_UNLINK_FILE, .path = TEXT("/a"), .exists = true, .mode = S_IFLNK });
	DRAWS("times", "x.wasm wants to set the times of a file\n  1  set the times of  /a  (18.4 EB)\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_FILESTAT_SET_TIMES, FILE_AT("/a", UINT64_MAX) });
	DRAWS("a rename onto a new name", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (new)\n     why\n     the target: why not\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .why = "why" },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, NEW_AT("/b"), .why = "why not" });
	DRAWS("a rename onto a file", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (7 bytes, would be replaced)\n"
	      "     the program calls it: /c\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .replaces = true },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, .path = TEXT("/b"), .guest = TEXT("/c"), .exists = true, .mode = S_IFREG, .size = 7 });
	DRAWS("a rename onto a secret says why that asks", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (7 bytes, would be replaced)\n"
	      "     near\n     the target: a secret\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .replaces = true, .why = "near" },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, FILE_AT("/b", 7), .why = "a secret" });
	DRAWS("and why once, when it is the same", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (new)\n     near\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .why = "near" },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, NEW_AT("/b"), .why = "near" });
	DRAWS("several", "x.wasm wants 2 things\n  1  read  /a  (5 bytes)\n  2  create  /b  (new)\n  2  the program calls it: /c\n",
	      { .act = ACT_READ, FILE_AT("/a", 5) },
	      { .act = ACT_CREATE, .path = TEXT("/b"), .guest = TEXT("/c") });
	DRAWS("U06 runs of spaces", "x.wasm wants to read a file\n  1  read  / \\x20a \\x20\\x20b  (5 bytes)\n",
	      { .act = ACT_READ, FILE_AT("/  a   b", 5) });
}

static void prompt_rows(void)
{
	static const struct question_need plain = { .class = "other" }, secret = { .class = "secret" };
	struct question question = question_of(&plain, 1);
	struct buf out = { 0 };

	question_prompt(&out, &question);
	test_row(text_eq(buf_view(&out), TEXT("allow?  y yes, this run  n no (Enter)  > ")), "the prompt offers what has a letter");
	buf_reset(&out);
	question = question_of(&secret, 1);
	question_prompt(&out, &question);
	test_row(text_eq(buf_view(&out), TEXT("allow?  type run: yes, this run  n no (Enter)  > ")), "U21 a secret's prompt wants the word");
	buf_done(&out);
}

static void answer_rows(void)
{
	static const struct {
		const char *line;
		enum said plain, secret;
	} rows[] = {
		{ "y", SAID_OPTION, SAID_UNKNOWN },
		{ " YES\r", SAID_OPTION, SAID_UNKNOWN },
		{ "run", SAID_OPTION, SAID_OPTION },
		{ "Run ", SAID_OPTION, SAID_OPTION },
		{ "", SAID_NO, SAID_NO },
		{ " \t", SAID_NO, SAID_NO },
		{ "n", SAID_NO, SAID_NO },
		{ "NO", SAID_NO, SAID_NO },
		{ "dirs", SAID_UNKNOWN, SAID_UNKNOWN },
		{ "d", SAID_UNKNOWN, SAID_UNKNOWN },
		{ "A", SAID_UNKNOWN, SAID_UNKNOWN },
		{ "yn", SAID_UNKNOWN, SAID_UNKNOWN },
		{ "y n", SAID_UNKNOWN, SAID_UNKNOWN },
		{ "allow", SAID_UNKNOWN, SAID_UNKNOWN },
	};
	static const struct question_need plain = { .class = "near" }, secret[] = { { .class = "near" }, { .class = "secret" } };
	const struct question ask_plain = question_of(&plain, 1), ask_secret = question_of(secret, 2);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t option = 77, other = 77;
		bool right = answer_read(&ask_plain, text_of(rows[i].line), &option) == rows[i].plain
			     && answer_read(&ask_secret, text_of(rows[i].line), &other) == rows[i].secret;

		right = right && option == (rows[i].plain == SAID_OPTION ? 0 : 77) && other == (rows[i].secret == SAID_OPTION ? 0 : 77);
		test_row(right, "U21 answer \"%s\"", rows[i].line[0] < ' ' ? "(blank)" : rows[i].line);
	}
	test_row(answer_read(&ask_plain, (struct text){ "y\0", 2 }, &(size_t){ 0 }) == SAID_UNKNOWN, "U21 answer y and NUL");
}

int main(void)
{
	test_begin();
	draw_rows();
	prompt_rows();
	answer_rows();
	return test_end();
}
