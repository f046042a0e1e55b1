/*
 * policy.c - policy files: what parses, what does not and where, whom a section is for,
 * the fixed point, and whose a file must be.
 */
#include "policy/policy.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "policy/file.h"

#include "test.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static const struct rule_places places = { { "/home/ada", 9 }, { "/w", 2 } };

/* TEXT as it prints again in OUT; false: it is no policy, and OUT is "LINE:COLUMN: message". */
static bool again(struct text text, struct buf *out)
{
	struct arena arena = { 0 };
	struct policy policy;
	struct policy_error error;
	bool good = policy_parse(&arena, TEXT("p"), text, &places, &policy, &error) == 0;

	buf_reset(out);
	if (good)
		policy_print(out, &policy);
	else
		policy_error_print(out, TEXT("p"), &error);
	buf_char(out, '\0');
	arena_done(&arena);
	return good;
}

static void check_good(struct buf *out)
{
	static const struct { const char *text, *want; } rows[] = {
		{ "", "" }, { "\n\n", "" }, { "# nothing\n  # at all\n\t\n", "" }, { "[*]\n", "" },
		{ "deny /a", "[*]\ndeny read,write,append,create,delete,list,stat,meta,links /a for always\n" },
		{ "[*] # for all\nallow read ~/x\n", "[*]\nallow read /home/ada/x for always\n" },
		{ "allow read /a\nallow read /b for run\n", "[*]\nallow read /a for always\nallow read /b for run\n" },
		{ "[sha256:" HEX " \"rg.wasm\"]\nallow read /a\n", "[sha256:" HEX " \"rg.wasm\"]\nallow read /a for always\n" },
		{ "[sha256:" HEX "]\n", "[sha256:" HEX "]\n" },
		{ "[sha256:" HEX " rg]\n", "[sha256:" HEX " \"rg\"]\n" },
		{ "[sha256:" HEX " \"a]b \\x0a\"]\n", "[sha256:" HEX " \"a]b \\x0a\"]\n" },
		{ "[sha256:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF]", "[sha256:" HEX "]\n" },
		{ "[sha256:" HEX "]\nallow read /a\n[*]\nask read /b\n", "[*]\nask read /b for always\n\n[sha256:" HEX "]\nallow read /a for always\n" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool good = again(text_of(rows[i].text), out);

		if (!test_row(good && strcmp(out->at, rows[i].want) == 0, "good policy %zu prints as it should", i))
			printf("# %s\n", out->at);
	}
}

static void check_bad(struct buf *out)
{
	const struct { const char *name; struct text text; const char *want; } rows[] = {
		{ "an unknown word", TEXT("allow read /a\npermit read /b\n"), "p:2:1:" },
		{ "an unknown word, indented", TEXT("\n\n  allow reed /a\n"), "p:3:9:" },
		{ "no include", TEXT("include /etc/wask\n"), "p:1:1:" },
		{ "U13 NUL", TEXT("allow read /a\nallow read /b\0 /c\n"), "p:2:14:" },
		{ "U13 NUL in a comment", TEXT("# a\0\n"), "p:1:4:" },
		{ "U13 CR", TEXT("allow read /a\r\n"), "p:1:14:" },
		{ "U13 a byte order mark", TEXT("\xef\xbb\xbf" "allow read /a\n"), "p:1:1:" },
		{ "U13 an overlong slash", TEXT("allow read /a\xc0\xaf" "b\n"), "p:1:14:" },
		{ "U13 not UTF-8 in a comment", TEXT("# \xff\n"), "p:1:3:" },
		{ "U13 a control character in a comment", TEXT("# \x1b[1A\n"), "p:1:3:" },
		{ "U13 something after a rule", TEXT("allow read /a\nallow read /a /b\n"), "p:2:15:" },
		{ "U13 something after a section", TEXT("[*] deny /a\n"), "p:1:5:" },
		{ "[*] twice", TEXT("[*]\n[*]\n"), "p:2:1:" },
		{ "[*] after its rules", TEXT("deny /a\n[*]\n"), "p:2:1:" },
		{ "a program twice", TEXT("[sha256:" HEX " \"a\"]\n[sha256:" HEX " \"b\"]\n"), "p:2:1:" },
		{ "a program twice, other case", TEXT("[sha256:" HEX "]\n [sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef]\n"), "p:2:2:" },
		{ "a hash too short", TEXT("[sha256:0123]\n"), "p:1:9:" },
		{ "a hash that is none", TEXT("[sha256:g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef]\n"), "p:1:9:" },
		{ "a section without its end", TEXT("[*\n"), "p:1:1:" },
		{ "a section whose end is quoted", TEXT("[sha256:" HEX " \"a]\"\n"), "p:1:74:" },
		{ "a section by name", TEXT("[rg.wasm]\n"), "p:1:1:" },
		{ "an empty section name", TEXT("[]\n"), "p:1:1:" },
		{ "a section that is quoted", TEXT("\"[*]\"\n"), "p:1:1:" },
	};
	char *longest = malloc(20010);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool good = again(rows[i].text, out);

		test_row(!good && strncmp(out->at, rows[i].want, strlen(rows[i].want)) == 0, "%s is no policy: %s", rows[i].name, out->at);
	}
	memset(longest, '#', 20001);
	test_row(again((struct text){ longest, 20000 }, out), "a comment of 20,000 bytes");
	test_row(!again((struct text){ longest, 20001 }, out) && strncmp(out->at, "p:1:20001:", 10) == 0, "none of 20,001: %s", out->at);
	free(longest);
}

static void check_sections(void)
{
	struct rules *rules = rules_new();
	struct policy policy;
	struct policy_error error;
	struct known a = { .path = TEXT("/a"), .written = TEXT("/a") }, b = { .path = TEXT("/b/c"), .written = TEXT("/b/c") };
	const struct ruling *r;

	CHECK(policy_parse(rules_arena(rules), TEXT("p"), TEXT("allow read /a\n  ask read /b/c\n[sha256:" HEX "]\nask read /a\nallow read /b/\n[sha256:" HEX2 "]\ndeny /\n"),
			   &places, &policy, &error) == 0);
	CHECK(policy_apply(&policy, TEXT(HEX), rules) == 0);
	CHECK(rules_at(rules, 3) && !rules_at(rules, 4));
	r = rules_match(rules, STAGE_PERMIT, &a, ACCESS_READ);
	test_row(r && r->rule.verb == VERB_ASK && r->source.from == RULE_PROGRAM && r->source.line == 4, "the program's section speaks before [*]");
	r = rules_match(rules, STAGE_PERMIT, &b, ACCESS_READ);
	test_row(r && r->rule.verb == VERB_ALLOW && r->source.line == 5, "also where [*] is more specific");
	test_row(!rules_match(rules, STAGE_FORBID, &a, ACCESS_READ), "another program's section does not hold");
	test_row(rules_at(rules, 1)->source.line == 2 && rules_at(rules, 1)->source.column == 3, "a rule knows where it stands");
	rules_free(rules);
	rules = rules_new();
	CHECK(policy_parse(rules_arena(rules), TEXT("p"), TEXT(""), &places, &policy, &error) == 0 && policy_apply(&policy, TEXT(HEX), rules) == 0);
	test_row(!rules_match(rules, STAGE_PERMIT, &a, ACCESS_READ) && !rules_at(rules, 0), "B25 an empty policy permits nothing");
	policy = (struct policy){ .n = 77 };
	CHECK(policy_parse(rules_arena(rules), TEXT("p"), TEXT("nonsense"), &places, &policy, &error) < 0 && policy.n == 77);
	rules_free(rules);
}

/* What we ship parses, and says what its comments say. */
static void check_example(void)
{
	static char text[65536];
	FILE *file = fopen("examples/policy", "re");
	struct rules *rules = rules_new();
	struct policy policy;
	struct policy_error error = { 0 };
	size_t n = file ? fread(text, 1, sizeof text, file) : 0;
	struct known lock = { .written = TEXT("/home/ada/work/a.lock"), .path = TEXT("/home/ada/work/a.lock") };

	CHECK(n > 1000 && n < sizeof text);
	test_row(policy_parse(rules_arena(rules), TEXT("policy"), (struct text){ text, n }, &places, &policy, &error) == 0,
		 "examples/policy parses: %s", error.line > 1 ? error.message : "no error");
	CHECK(policy.n == 2 && policy_apply(&policy, TEXT(HEX), rules) == 0);
	CHECK(rules_match(rules, STAGE_FORBID, &lock, ACCESS_WRITE) && !rules_match(rules, STAGE_FORBID, &lock, ACCESS_READ));
	CHECK(rules_match_env(rules, STAGE_PERMIT, TEXT("EDITOR")) && !rules_match_request(rules, STAGE_FORBID));
	rules_free(rules);
	if (file)
		fclose(file);
}

/* ---- parse, print, parse, print ---- */

static uint32_t state = 99;

static uint32_t random_to(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

static size_t random_file(char *to)
{
	static const char *const lines[] = {
		"allow read /a/b", "deny /etc/ # no", "hide write ~/.x/", "ask rw $CWD/*.c for run", "allow env EDITOR", "deny request",
		"allow connect net h:1-9", "allow rw /a/ at /b", "[*]", "[sha256:" HEX " \"a b\"]", "[sha256:" HEX2 "]", "# comment", "",
		"  allow\tread \"/a b\"/*\"\\x41\"", "allow list \"/\"", "deny stat /",
	};
	size_t n = 0;

	for (uint32_t i = random_to(8); i > 0; i--) {
		const char *line = lines[random_to(sizeof lines / sizeof *lines)];
		size_t len = strlen(line), from = n;

		memcpy(to + n, line, len);
		n += len;
		if (len && random_to(6) == 0)
			to[from + random_to((uint32_t)len)] = "\"\\* /~#[]ax\t.,:-\x80"[random_to(17)];
		to[n++] = '\n';
	}
	return n;
}

static void check_fixed_point(struct buf *out)
{
	static char text[4096], first[65536];
	size_t parsed = 0, refused = 0, wrong = 0;

	for (int i = 0; i < 150000; i++) {
		if (!again((struct text){ text, random_file(text) }, out)) {
			refused++;
			continue;
		}
		parsed++;
		memcpy(first, out->at, out->len);
		wrong += !again(text_of(first), out) || strcmp(first, out->at) != 0;
	}
	test_row(wrong == 0 && parsed > 20000 && refused > 20000, "print is a fixed point: %zu policies, %zu refused, %zu wrong", parsed, refused, wrong);
}

/* ---- whose it must be ---- */

static char dir[] = "/var/tmp/wask-policy-XXXXXX";

static const char *at(const char *name)
{
	static char path[2][4096];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
	return path[turn];
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0);
	close(fd);
}

/* 0 and the text "x", or what is wrong. */
static void reads(const char *name, const char *path, uid_t uid, const char *want)
{
	struct buf out = { 0 };
	const char *why = "nothing";
	int error = policy_file_read(path, uid, &out, &why);
	const char *got = error == -ENOENT ? "absent" : error < 0 ? why : text_eq(buf_view(&out), TEXT("x")) ? "read" : "something else";

	test_row(strcmp(got, want) == 0, "%s: %s", name, got);
	buf_done(&out);
}

static void check_links(void)
{
	CHECK(symlink("good", at("link")) == 0 && symlink(at("sub/target"), at("absolute")) == 0 && symlink("nowhere", at("dangling")) == 0);
	CHECK(symlink("loop", at("loop")) == 0 && symlink("open", at("to-open")) == 0 && symlink("wide/x", at("to-wide")) == 0 && symlink("sub", at("to-dir")) == 0);
	reads("U13 a link is followed", at("link"), getuid(), "read");
	reads("U13 a link elsewhere", at("absolute"), getuid(), "read");
	reads("U13 a link through a link", at("to-dir/target"), getuid(), "read");
	reads("U13 a link that leads nowhere is a mistake", at("dangling"), getuid(), "a link to it leads nowhere");
	reads("U13 a link to itself", at("loop"), getuid(), "there are too many links");
	reads("U13 its target can be written by others", at("to-open"), getuid(), "it can be written by others");
	reads("U13 its target's directory can be written by others", at("to-wide"), getuid(), "its directory can be written by others");
	reads("U13 a link to a directory", at("to-dir"), getuid(), "it is not a regular file");
}

static void check_files(void)
{
	CHECK(mkdtemp(dir) && mkdir(at("sub"), 0700) == 0 && mkdir(at("wide"), 0700) == 0 && chmod(at("wide"), 0777) == 0);
	put("good", "x", 0644);
	put("open", "x", 0646);
	put("group", "x", 0664);
	put("sub/target", "x", 0600);
	put("wide/x", "x", 0600);
	CHECK(mkfifo(at("fifo"), 0600) == 0);
	reads("a file of ours", at("good"), getuid(), "read");
	reads("U13 writable by others", at("open"), getuid(), "it can be written by others");
	reads("U13 writable by a group", at("group"), getuid(), "it can be written by others");
	reads("U13 in a directory that others can write", at("wide/x"), getuid(), "its directory can be written by others");
	reads("U13 a FIFO is not waited for", at("fifo"), getuid(), "it is not a regular file");
	reads("U13 a directory", at("sub"), getuid(), "it is not a regular file");
	reads("U13 a device", "/dev/null", getuid(), "it is not a regular file");
	reads("absent", at("none"), getuid(), "absent");
	reads("absent with its directory", at("none/policy"), getuid(), "absent");
	reads("absent where others can write", at("wide/none"), getuid(), "absent");
	reads("beneath a file", at("good/policy"), getuid(), "its directory cannot be opened");
	reads("U22 a path that is not absolute", "policy", getuid(), "its path is not absolute, or too long");
	reads("a path that ends in a slash", at("good/"), getuid(), "it is not a file");
	reads("root's file", "/etc/hostname", getuid(), access("/etc/hostname", R_OK) == 0 ? "something else" : "absent");
	if (getuid() == 0) {
		put("theirs", "x", 0644);
		CHECK(mkdir(at("their"), 0755) == 0);
		put("their/x", "x", 0644);
		CHECK(chown(at("theirs"), 65534, 65534) == 0 && chown(at("their"), 65534, 65534) == 0);
		reads("U13 a file of somebody else", at("theirs"), 0, "it belongs to somebody else");
		reads("U13 in a directory of somebody else", at("their/x"), 0, "its directory belongs to somebody else");
		reads("U13 the same is well for its owner", at("their/x"), 65534, "read");
	} else {
		reads("U13 another's file", at("good"), getuid() + 1, "its directory belongs to somebody else");
	}
	check_links();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(void)
{
	struct buf out = { .limit = 1 << 20 };

	test_begin();
	umask(022);
	check_good(&out);
	check_bad(&out);
	check_sections();
	check_example();
	check_fixed_point(&out);
	check_files();
	CHECK(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
	buf_done(&out);
	return test_end();
}
