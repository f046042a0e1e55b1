/*
 * draw.c - questions as a person reads them, line by line, and what lines typed at
 * one say.
 */
#include "test.h"

#include "ask/draw.h"
#include "ask/fit.h"
#include "ask/page.h"

static const struct option options[] = { { .id = OPTION_RUN }, { .id = OPTION_NO } };

static struct question question_of(const struct question_need *needs, size_t n)
{
	return (struct question){ .number = 1, .program = TEXT("x.wasm"), .needs = needs, .nneeds = n, .options = options, .noptions = 2 };
}

static void draws(const char *name, const struct question_need *needs, size_t n, const char *want)
{
	struct question question = question_of(needs, n);
	struct talk talk;
	struct buf out = { 0 };
	size_t ends[QUESTION_NEEDS];

	if (talk_begin(&talk, &question))
		draw_question(&out, &talk, ends);
	if (!test_row(buf_ok(&out) && text_eq(buf_view(&out), text_of(want)), "%s", name))
		printf("    got:\n%.*s    want:\n%s", (int)out.len, out.at, want);
	buf_done(&out);
}

#define FILE_AT(literal, bytes) .path = TEXT(literal), .guest = TEXT(literal), .looked = true, .exists = true, .mode = S_IFREG, .size = (bytes)
#define NEW_AT(literal) .path = TEXT(literal), .guest = TEXT(literal), .looked = true
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
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, .path = TEXT("/b"), .guest = TEXT("/c"), .looked = true, .exists = true, .mode = S_IFREG, .size = 7 });
	DRAWS("a rename onto a secret says why that asks", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (7 bytes, would be replaced)\n"
	      "     near\n     the target: a secret\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .replaces = true, .why = "near" },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, FILE_AT("/b", 7), .why = "a secret" });
	DRAWS("and why once, when it is the same", "x.wasm wants to rename a file\n  1  rename  /a  (5 bytes)\n     to  /b  (new)\n     near\n",
	      { .act = ACT_CHANGE, .call = CALL_PATH_RENAME, FILE_AT("/a", 5), .second = TEXT("/b"), .why = "near" },
	      { .act = ACT_CREATE, .call = CALL_PATH_RENAME, NEW_AT("/b"), .why = "near" });
	DRAWS("several", "x.wasm wants 2 things\n  1  read  /a  (5 bytes)\n  2  create  /b  (new)\n  2  the program calls it: /c\n",
	      { .act = ACT_READ, FILE_AT("/a", 5) },
	      { .act = ACT_CREATE, .path = TEXT("/b"), .guest = TEXT("/c"), .looked = true });
	DRAWS("U06 runs of spaces", "x.wasm wants to read a file\n  1  read  / \\x20a \\x20\\x20b  (5 bytes)\n",
	      { .act = ACT_READ, FILE_AT("/  a   b", 5) });
	DRAWS("what was not looked at", "x.wasm wants to create a file\n  1  create  /a  (not looked at)\n",
	      { .act = ACT_CREATE, .path = TEXT("/a"), .guest = TEXT("/a") });
	DRAWS("a secret", "x.wasm wants to read a file\n  1  read  /a  (5 bytes, secret)\n",
	      { .act = ACT_READ, FILE_AT("/a", 5), .secret = true });
	DRAWS("a link that leads away, both names", "x.wasm wants to read a file\n  1  read  /a  (5 bytes)\n     by the link  /w/l \\x20x\n     why\n"
	      "     the program calls it: /w/l\n",
	      { .act = ACT_READ, .path = TEXT("/a"), .second = TEXT("/w/l  x"), .guest = TEXT("/w/l"), .why = "why",
		.looked = true, .exists = true, .mode = S_IFREG, .size = 5 });
	DRAWS("as it was spelled, where that says more", "x.wasm wants 2 things\n  1  read  /w/a  (5 bytes)\n  2  read  /a  (5 bytes)\n"
	      "  2  the program calls it: ../a\n",
	      { .act = ACT_READ, FILE_AT("/w/a", 5), .name = TEXT("a") },
	      { .act = ACT_READ, FILE_AT("/a", 5), .name = TEXT("../a") });
	DRAWS("U31 a reason is quoted, on one line, behind the facts", "x.wasm wants to read a file\n  1  read  /a  (5 bytes)\n     why\n"
	      "     the program says: \"Granted.\\x0aallow? \\x20\\x22 \\x20y\"\n",
	      { .act = ACT_READ, FILE_AT("/a", 5), .why = "why", .reason = TEXT("Granted.\nallow?  \"  y") });
	DRAWS("a variable", "x.wasm wants to read a variable\n  1  read  HOME\n",
	      { .kind = KIND_VARIABLE, .act = ACT_READ, .path = TEXT("HOME") });
	DRAWS("U08 letters of two scripts", "x.wasm wants to read a file\n  1  read  /h\xd0\xbeme/a  (5 bytes)\n"
	      "     careful: letters that look like others (? shows the bytes)\n",
	      { .act = ACT_READ, FILE_AT("/h\xd0\xbeme/a", 5) });
}

static void alike_rows(void)
{
	static const struct {
		const char *name, *what;
		bool alike;
	} rows[] = {
		{ "/home/ada/notes", "plain ASCII", false },
		{ "/home/\xd0\xb0\xd0\xb4\xd0\xb0/r", "a component in one script", false },
		{ "/\xe6\x97\xa5\xe6\x9c\xac/x", "Chinese", false },
		{ "/\xe3\x83\x8e\xe3\x83\xbc\xe3\x83\x88", "a Japanese letter among its like", false },
		{ "/caf\xc3\xa9", "an accent", false },
		{ "/\xff\xd0", "bytes that are no text", false },
		{ "/h\xd0\xbeme", "Cyrillic o", true },
		{ "/etc/pa\xce\xbdswd", "Greek nu", true },
		{ "/etc\xef\xbc\x8fpasswd", "full-width slash", true },
		{ "/etc\xe2\x88\x95passwd", "division slash", true },
		{ "/etc\xe2\xa7\xb8passwd", "big solidus", true },
		{ "/\xd0\xb0\xe2\x81\x84\xd0\xb0", "a false slash between Cyrillic letters", true },
		{ "/etc\xe3\x83\x8epasswd", "a Japanese letter among Latin ones", true },
		{ "/\xf0\x9d\x90\x9e" "tc", "a mathematical letter", true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(fit_is_alike(text_of(rows[i].name)) == rows[i].alike, "U08 %s", rows[i].what);
}

static void drawn(const char *name, const struct buf *out, const char *want)
{
	if (!test_row(buf_ok(out) && text_eq(buf_view(out), text_of(want)), "%s", name))
		printf("    got:\n%.*s\n    want:\n%s\n", (int)out->len, out->at, want);
}

/* ---- prompts ---- */

#define CONSTANT(literal) { (literal), sizeof(literal) - 1 }

static struct text rules_of[OPTIONS][2] = {
	[OPTION_RUN] = { CONSTANT("allow read /a for run"), CONSTANT("allow read \"/d/b \\xff\" for run") },
	[OPTION_ONCE] = { CONSTANT("allow read /a for once"), CONSTANT("allow read /d/b for once") },
	[OPTION_ALWAYS] = { CONSTANT("allow read /a for always"), CONSTANT("allow read /d/b for always") },
	[OPTION_DIRS] = { CONSTANT("allow read,list,stat /d/ for run"), CONSTANT("allow read,list,stat /d/ for run") },
	[OPTION_NO] = { CONSTANT("deny read /a for run"), CONSTANT("deny read /d/b for run") },
	[OPTION_STOP] = { CONSTANT("deny read /a for run"), CONSTANT("deny read /d/b for run") },
};

static const uint8_t of[] = { 0, 1 };

#define OPTION_OF(id, n) { id, { rules_of[id], n }, of }
static const struct option one_each[] = {
	OPTION_OF(OPTION_RUN, 1), OPTION_OF(OPTION_ONCE, 1), OPTION_OF(OPTION_ALWAYS, 1),
	OPTION_OF(OPTION_DIRS, 1), OPTION_OF(OPTION_NO, 1), OPTION_OF(OPTION_STOP, 1),
};
static const struct option two_each[] = {
	OPTION_OF(OPTION_RUN, 2), OPTION_OF(OPTION_ONCE, 2), OPTION_OF(OPTION_ALWAYS, 2),
	OPTION_OF(OPTION_DIRS, 2), OPTION_OF(OPTION_NO, 2), OPTION_OF(OPTION_STOP, 2),
};

static const struct question_need plain[] = {
	{ .act = ACT_READ, .class = "near", .why = "why", .path = CONSTANT("/a") },
	{ .act = ACT_READ, .class = "other", .path = CONSTANT("/d/b\xff") },
};
static const struct question_need secret[] = {
	{ .class = "near", .path = CONSTANT("/a") },
	{ .class = "secret", .secret = true, .path = CONSTANT("/d/b") },
};

static struct question whole_of(const struct question_need *needs, size_t n)
{
	struct question question = question_of(needs, n);

	question.options = n == 1 ? one_each : two_each;
	question.noptions = OPTIONS;
	return question;
}

typedef void draw_fn(struct buf *out, const struct talk *talk);

static void prompts(const char *name, const struct question *question, draw_fn *draw, const char *const lines[], const char *want)
{
	struct talk talk;
	struct buf out = { 0 };

	talk_begin(&talk, question);
	for (size_t i = 0; lines && lines[i]; i++)
		talk_hear(&talk, text_of(lines[i]));
	draw(&out, &talk);
	drawn(name, &out, want);
	buf_done(&out);
}

#define LINES(...) (const char *const[]){ __VA_ARGS__, NULL }

static void prompt_rows(void)
{
	struct question one = question_of(plain, 1), secret_one = question_of(secret + 1, 1), two = whole_of(plain, 2), full = whole_of(plain, 1);
	struct question both = question_of(plain, 2), secrets = whole_of(secret, 2);

	prompts("the prompt offers what has a letter", &one, draw_prompt, NULL, "allow?  y yes, this run  n no (Enter)  ? help  > ");
	prompts("U21 a secret's prompt wants the word", &secret_one, draw_prompt, NULL, "allow?  type run: yes, this run  n no (Enter)  ? help  > ");
	prompts("several may be answered alone", &both, draw_prompt, NULL, "allow?  y yes, this run  n no (Enter)  1 y alone  ? help  > ");
	prompts("all options; dirs says what it gives and wants its word", &full, draw_prompt, NULL,
		"     dirs: allow read,list,stat /d/ for run\n"
		"allow?  y yes, this run  o once  a always  type dirs  n no (Enter)  s stop  ? help  > ");
	prompts("one directory for two is named once", &two, draw_prompt, NULL,
		"     dirs: allow read,list,stat /d/ for run\n"
		"allow?  y yes, this run  o once  a always  type dirs  n no (Enter)  s stop  1 y alone  ? help  > ");
	prompts("U21 a secret among others: words for all", &secrets, draw_prompt, NULL,
		"     dirs: allow read,list,stat /d/ for run\n"
		"allow?  type run: yes, this run  type once: this call alone  type always: remember it  type dirs"
		"  n no (Enter)  s stop  1 y alone  ? help  > ");
}

static void help_rows(void)
{
	static struct text former[] = { CONSTANT("allow read /old for always") };
	struct question two = whole_of(plain, 2), full = whole_of(plain, 1);

	full.former = (struct texts){ former, 1 };
	prompts("help: why, and the rules of each option", &full, draw_help, NULL,
		"  1  asked because: why (near)\n"
		"y or run: yes, this run\n     allow read /a for run\n"
		"o or once: this call alone\n     allow read /a for once\n"
		"a or always: remember it\n     allow read /a for always\n"
		"dirs, typed out: what lies around it too\n     allow read,list,stat /d/ for run\n"
		"n or no: no; Enter alone says it too\n     deny read /a for run\n"
		"s or stop: no, and ask nothing more\n     deny read /a for run\n"
		"another version of this program had:\n     allow read /old for always\n");
	prompts("help for what is left alone, with the bytes of its path", &two, draw_help, LINES("1 y"),
		"  2  asked because: it is not granted (other)\n     its bytes: /d/b\\xff\n"
		"y or run: yes, this run\n     allow read \"/d/b \\xff\" for run\n"
		"o or once: this call alone\n     allow read /d/b for once\n"
		"a or always: remember it\n     allow read /d/b for always\n"
		"dirs, typed out: what lies around it too\n     allow read,list,stat /d/ for run\n"
		"n or no: no; Enter alone says it too\n     deny read /d/b for run\n"
		"s or stop: no, and ask nothing more\n     deny read /d/b for run\n");
}

static void decision_rows(void)
{
	struct question one = whole_of(plain, 1), two = whole_of(plain, 2);

	prompts("granted, for this run", &one, draw_decision, LINES("y"), "granted: read /a for this run\n");
	prompts("granted, once", &one, draw_decision, LINES("o"), "granted: read /a for this call alone\n");
	prompts("granted, always", &one, draw_decision, LINES("a"), "granted: read /a, remembered\n");
	prompts("granted, around it", &one, draw_decision, LINES("dirs"), "granted: read,list,stat /d/ for this run\n");
	prompts("refused", &one, draw_decision, LINES("n"), "refused\n");
	prompts("refused by nothing said", &one, draw_decision, NULL, "refused\n");
	prompts("stopped", &one, draw_decision, LINES("s"), "refused, and nothing more is asked in this run\n");
	prompts("all of two", &two, draw_decision, LINES("y"), "granted: 1-2 (run)\n");
	prompts("two in different ways", &two, draw_decision, LINES("2 dirs", "o"), "granted: 1 (once); 2 (dirs)\n");
	prompts("one of two", &two, draw_decision, LINES("2 y", ""), "granted: 2 (run); refused: 1\n");
	prompts("one of two, and stopped", &two, draw_decision, LINES("2 y", "s"), "granted: 2 (run); refused: 1, and nothing more is asked in this run\n");
	prompts("none of two", &two, draw_decision, LINES("1 n", ""), "refused\n");
}

/* ---- answers ---- */

/* What came of LINES, said to a question of N needs: a letter for each, "." for open; "?" in front: the last line is no answer. */
static void says(const struct question *question, const char *const lines[], const char *want)
{
	struct talk talk;
	struct reply reply;
	enum heard heard = HEARD_HELP;
	char got[QUESTION_NEEDS + 2] = "", name[256] = "";
	size_t n = 0;

	talk_begin(&talk, question);
	for (size_t i = 0; lines[i]; i++) {
		heard = talk_hear(&talk, text_of(lines[i]));
		snprintf(name + strlen(name), sizeof name - strlen(name), "%s\"%s\"", i ? ", " : "", lines[i]);
	}
	reply = talk_reply(&talk);
	if (heard == HEARD_NOTHING || heard == HEARD_HELP)
		got[n++] = heard == HEARD_HELP ? 'h' : '?';
	for (size_t i = 0; i < question->nneeds; i++) {
		size_t choice = reply.choice[i];

		got[n++] = talk.said[talk_item_of(&talk, i)] == TALK_OPEN ? '.' : choice ? option_letter(question->options[choice - 1].id) : 'n';
	}
	test_row(strcmp(got, want) == 0, "U21 %s of %zu%s: %s, wanted %s", name, question->nneeds, question->needs[0].secret ? " secrets" : "", got, want);
	test_row((reply.kind == REPLY_OPTION) == (strpbrk(got, "yoads") != NULL), "  and the reply is of that kind");
}

static void answer_rows(void)
{
	static const struct {
		const char *line, *plain, *secret;
	} rows[] = {
		{ "y", "y", "?." }, { " YES\r", "y", "?." }, { "run", "y", "y" }, { "Run ", "y", "y" }, { "1 y", "y", "?." }, { "1 run", "y", "y" },
		{ "", "n", "n" }, { " \t", "n", "n" }, { "n", "n", "n" }, { "NO", "n", "n" }, { "1 n", "n", "n" },
		{ "dirs", "d", "d" }, { "1 dirs", "d", "d" }, { "d", "?.", "?." }, { "D", "?.", "?." },
		{ "A", "a", "?." }, { "always", "a", "a" }, { "o", "o", "?." }, { "once", "o", "o" },
		{ "s", "s", "s" }, { "stop", "s", "s" }, { "1 s", "?.", "?." },
		{ "?", "h.", "h." }, { "??", "?.", "?." }, { "? y", "?.", "?." },
		{ "yn", "?.", "?." }, { "y n", "?.", "?." }, { "allow", "?.", "?." }, { "1", "?.", "?." }, { "1y", "?.", "?." }, { "2 y", "?.", "?." },
		{ "0 y", "?.", "?." }, { "y 1", "?.", "?." }, { ", y", "?.", "?." }, { "1, y", "?.", "?." }, { "-1 y", "?.", "?." }, { "all", "?.", "?." },
	};
	struct question one = whole_of(plain, 1), one_secret = whole_of(secret + 1, 1), few = question_of(plain, 1);
	struct talk talk;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		says(&one, LINES(rows[i].line), rows[i].plain);
		says(&one_secret, LINES(rows[i].line), rows[i].secret);
	}
	says(&few, LINES("dirs"), "?.");
	says(&few, LINES("A"), "?.");
	talk_begin(&talk, &one);
	test_row(talk_hear(&talk, (struct text){ "y\0", 2 }) == HEARD_NOTHING, "U21 answer y and NUL");
}

static void number_rows(void)
{
	static const struct option choices[] = { { .id = OPTION_RUN }, { .id = OPTION_ONCE }, { .id = OPTION_NO }, { .id = OPTION_STOP } };
	static struct question_need needs[QUESTION_NEEDS], pair[] = {
		{ .act = ACT_CHANGE, .call = CALL_PATH_RENAME, .path = CONSTANT("/a"), .second = CONSTANT("/b") },
		{ .act = ACT_CREATE, .call = CALL_PATH_RENAME, .path = CONSTANT("/b") },
		{ .act = ACT_READ, .path = CONSTANT("/c") },
	};
	struct question five = question_of(needs, 5), renames = question_of(pair, 3), most = question_of(needs, QUESTION_NEEDS), mixed = whole_of(secret, 2);
	struct talk talk;

	five.options = renames.options = most.options = choices;
	five.noptions = renames.noptions = most.noptions = 4;
	says(&five, LINES("1,3 y"), "y.y..");
	says(&five, LINES("1-3 y"), "yyy..");
	says(&five, LINES("2-2,4-5 o"), ".o.oo");
	says(&five, LINES("1 , 3\ty"), "y.y..");
	says(&five, LINES("1,3 y", "4 o", "n"), "ynyon");
	says(&five, LINES("1,3 y", ""), "ynynn");
	says(&five, LINES("1,3 y", "y"), "yyyyy");
	says(&five, LINES("2 n", "y"), "ynyyy");
	says(&five, LINES("2 y", "s"), "sysss");
	says(&five, LINES("1 y", "1 n"), "?y....");
	says(&five, LINES("1 y", "1-2 y"), "?y....");
	says(&five, LINES("2 y", "1-3 y"), "?.y...");
	says(&five, LINES("6 y"), "?.....");
	says(&five, LINES("0-2 y"), "?.....");
	says(&five, LINES("3-1 y"), "?.....");
	says(&five, LINES("1-99999999999999999999 y"), "?.....");
	says(&five, LINES("4294967297 y"), "?.....");
	says(&five, LINES("1,,2 y"), "?.....");
	says(&five, LINES("1- y"), "?.....");
	says(&five, LINES("1 2 y"), "?.....");
	says(&five, LINES("1,2 s"), "?.....");
	says(&five, LINES("1,2 ?"), "?.....");
	says(&most, LINES("1-32 y"), "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
	says(&most, LINES("32 y", ""), "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnny");
	says(&renames, LINES("1 y"), "yy.");
	says(&renames, LINES("2 y", ""), "nny");
	says(&mixed, LINES("1 y"), "?..");
	says(&mixed, LINES("1 run"), "y.");
	most.nneeds = QUESTION_NEEDS + 1;
	test_row(!talk_begin(&talk, &most), "more needs than there may be are no question");
	most.nneeds = 0;
	test_row(!talk_begin(&talk, &most), "nor are none");
}

/* ---- names and pages ---- */

static void fits(const char *name, void (*fit)(struct buf *, struct text), struct text t, const char *want)
{
	struct buf out = { 0 };

	fit(&out, t);
	drawn(name, &out, want);
	buf_done(&out);
}

static int hex(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static size_t unescape(struct text shown, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < shown.len; i++) {
		if (shown.at[i] != '\\') {
			out[n++] = shown.at[i];
			continue;
		}
		out[n++] = (char)(hex(shown.at[i + 2]) * 16 + hex(shown.at[i + 3]));
		i += 3;
	}
	return n;
}

static void fit_rows(void)
{
	char every[256], back[1024];
	struct buf out = { 0 };
	size_t wrong = 0;
	uint32_t seed = 1;

	fits("a rule's own escapes stay", fit_rule, TEXT("allow read \"/a\\x1b\\\"b\" for run"), "allow read \"/a\\x1b\\\"b\" for run");
	fits("U06 a rule cannot pad itself", fit_rule, TEXT("allow read \"/a   b\" for run"), "allow read \"/a \\x20\\x20b\" for run");
	fits("U02 a rule that is none is escaped", fit_rule, TEXT("\033[2J\n\\x"), "\\x1b[2J\\x0a\\x");
	fits("U08 the bytes of a name", fit_bytes, TEXT("/h\xd0\xbe  \\\n"), "/h\\xd0\\xbe \\x20\\x5c\\x0a");
	fits("U31 what is quoted cannot end its quotes", fit_quoted, TEXT("a\" b"), "\"a\\x22 b\"");
	for (size_t i = 0; i < sizeof every; i++)
		every[i] = (char)i;
	fit_name(&out, (struct text){ every, sizeof every });
	test_row(unescape(buf_view(&out), back) == sizeof every && memcmp(back, every, sizeof every) == 0, "U03 every byte value comes back");
	for (int round = 0; round < 100000; round++) {
		char name[40];
		size_t n = (seed >> 8) % sizeof name;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			name[i] = (seed >> 30) ? (char)(seed >> 20) : (char)("\\ x0/\xe2\x80\xae"[(seed >> 16) % 8]);
		}
		seed = seed * 1664525 + 1013904223;
		buf_reset(&out);
		fit_name(&out, (struct text){ name, n });
		wrong += unescape(buf_view(&out), back) != n || memcmp(back, name, n) != 0;
	}
	test_row(wrong == 0, "U03 100,000 random names come back: %zu do not", wrong);
	buf_done(&out);
}

/* The pages of TEXT, "|" between them, are WANT. */
static void pages(const char *name, struct text text, struct page page, const char *want)
{
	struct buf out = { 0 };

	while (text.len > 0) {
		struct text now = page_first(text, &page);

		if (now.len == 0 || now.len > page.bytes)
			break;
		buf_text(&out, now);
		text = text_from(text, now.len);
		buf_str(&out, text.len ? "|" : "");
	}
	drawn(name, &out, want);
	buf_done(&out);
}

static void page_rows(void)
{
	struct page all = { .bytes = 1000, .rows = 0, .columns = 80 }, two = { .bytes = 1000, .rows = 2, .columns = 80 };
	struct page narrow = { .bytes = 1000, .rows = 2, .columns = 4 }, small = { .bytes = 8, .rows = 0, .columns = 80 };

	pages("a short text is one page", TEXT("a\nb\nc\n"), all, "a\nb\nc\n");
	pages("as many lines as there are rows", TEXT("a\nb\nc\n"), two, "a\nb\n|c\n");
	pages("what continues a line stays with it", TEXT("a\nb\n     b2\nc\n"), two, "a\n|b\n     b2\n|c\n");
	pages("and is whole, whatever rows there are", TEXT("a\n     a2\n     a3\nc\n"), two, "a\n     a2\n     a3\n|c\n");
	pages("wrapped lines count as the rows they take", TEXT("a\nbbbbb\nc\n"), narrow, "a\n|bbbbb\n|c\n");
	pages("a text of more bytes goes on at a line", TEXT("aaaa\nbbbb\ncccc\n"), small, "aaaa\n|bbbb\n|cccc\n");
	pages("a line of more bytes is cut", TEXT("aaaaaaaaaaaa\nb\n"), small, "aaaaaaaa|aaaa\nb\n");
	pages("a line of more bytes begins beneath what is before it", TEXT("a\naaaaaaaaaaaa\n"), small, "a\naaaaaa|aaaaaa\n");
	pages("not in an escape", TEXT("aaaaaa\\x00b\n"), small, "aaaaaa|\\x00b\n");
	pages("not in one that just fits", TEXT("aaaa\\x00bb\n"), small, "aaaa\\x00|bb\n");
	pages("not in a character", TEXT("aaaaaaa\xd0\xb0\n"), small, "aaaaaaa|\xd0\xb0\n");
}

int main(void)
{
	test_begin();
	draw_rows();
	alike_rows();
	prompt_rows();
	help_rows();
	decision_rows();
	answer_rows();
	number_rows();
	fit_rows();
	page_rows();
	return test_end();
}
