/*
 * report.c - the list at the end of a run: what was missed, and what to type next time.
 *
 * It says nothing about names that do not exist where only reading was wanted: with
 * every permission they would not have been there either. What it says to type must
 * make the next run pass.
 */
#include "cli/report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 20, TOKEN_ROOM = 4 * PATH_ROOM, WIDEST = 56 };

/* What a need's word means for the advice. */
static const struct { const char *act; bool changes, directory; } acts[] = {
	{ "look", false, false }, { "opendir", false, true }, { "read", false, false }, { "list", false, true },
	{ "create", true, false }, { "change", true, false }, { "link", true, false },
};

/* ASKED: of those, the ones about which there was a question. */
static const struct { const char *outcome, *title; bool asked, always; } sections[] = {
	{ "unavailable", "refused, because nobody answered", true, true },
	{ "unavailable", "refused, because nobody could be asked", false, true },
	{ "denied", "refused", false, false },
	{ "hidden", "hidden, as if they were not there", false, false },
};

enum { SECTIONS = sizeof sections / sizeof *sections };

struct pass {
	const struct report *report;
	int section;
	bool print;
	int width, verbs;
	unsigned n;
};

/* ---- paths ---- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a rule's token; false when they do not fit. */
static bool token_bytes(const char *token, char *to, size_t size)
{
	bool quoted = *token == '"';
	size_t n = 0;

	for (const char *s = token + quoted; *s && !(quoted && *s == '"'); s++) {
		char c = *s;

		if (quoted && c == '\\' && s[1] == 'x' && hex(s[2]) >= 0 && hex(s[3]) >= 0) {
			c = (char)(hex(s[2]) << 4 | hex(s[3]));
			s += 3;
		} else if (quoted && c == '\\' && s[1]) {
			c = *++s;
		}
		if (n + 1 >= size)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	return true;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Takes the last component of PATH off, unless it is "/". */
static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path ? 1 : 0] = '\0';
}

static bool is_same_leaf(const char *a, const char *b)
{
	const char *leaf_a = strrchr(a, '/'), *leaf_b = strrchr(b, '/');

	return leaf_a && leaf_b && leaf_a[1] && strcmp(leaf_a, leaf_b) == 0;
}

static bool is_same_object(const char *a, const char *b)
{
	struct stat left, right;

	return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/*
 * Cuts PATH to the nearest directory above it that is there (or to itself, when IT
 * may be one), and NAME, the guest's, in step. False: where NAME leads PATH is no
 * matter of another name, or NAME leads there on the host as well: PATH alone will do.
 */
static bool cut_to_directory(char *path, char *name, bool it)
{
	bool step = true;

	while (path[1] && !(it && is_directory(path))) {
		step = step && is_same_leaf(path, name);
		cut_last(path);
		cut_last(name);
		it = true;
	}
	return step && strcmp(path, name) != 0 && !is_same_object(path, name);
}

static bool beneath(const char *path, const char *dir)
{
	size_t len = dir ? strlen(dir) : 0;

	return len > 0 && strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* One word for a shell: quoted when it must be; false: it cannot be typed. */
static bool shell_word(const char *word, char *to, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%=";
	bool quote = word[strspn(word, plain)] != '\0';
	int n;

	for (const unsigned char *c = (const unsigned char *)word; *c; c++) {
		if (*c < ' ' || *c == 0x7f || *c == '\'')
			return false;
	}
	n = snprintf(to, size, quote ? "'%s'" : "%s", word);
	return n > 0 && (size_t)n < size;
}

/* Is PATH the kernel's own name for what is there? Through a link, perhaps one that the program made, the list advises nothing. */
static bool is_true_path(const char *path)
{
	char link[32], found[TOKEN_ROOM];
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		n = readlink(link, found, sizeof found - 1);
		close(fd);
	}
	if (n < 0)
		return false;
	found[n] = '\0';
	return strcmp(found, path) == 0;
}

/* ---- advice ---- */

static const char *shown_path(const struct wask_record *row)
{
	return row->path[0] ? row->path : row->name;
}

static int act_of(const struct wask_record *row)
{
	for (int i = 0; i < (int)(sizeof acts / sizeof *acts); i++) {
		if (strcmp(acts[i].act, row->act) == 0)
			return i;
	}
	return -1;
}

/* What cannot be had, whatever one types; NULL: it can. */
static const char *no_way(const struct report *report, const struct wask_record *row, const char *path, bool changes)
{
	if (strcmp(row->by, "person") == 0)
		return "you said no";
	if (beneath(path, report->cache))
		return "wask's own: never given";
	if (changes && report->module && strcmp(path, report->module) == 0)
		return "the running program: never changed";
	if (strcmp(row->clazz, "secret") == 0 && report->no_args)
		return "a secret: name it as an argument, without --no-args";
	if (strcmp(row->clazz, "secret") == 0)
		return report->person ? "a secret: name it as an argument, then you are asked"
				      : "a secret: name it as an argument, and be there to be asked";
	return NULL;
}

static bool ends(const char *word, const char *end)
{
	size_t len = strlen(word), want = strlen(end);

	return len >= want && strcmp(word + len - want, end) == 0;
}

/* HOST, or HOST::GUEST, so that --dir reads it as it is meant; false: it cannot be typed. */
static bool dir_word(const char *host, const char *guest, char *to, size_t size)
{
	static char text[2 * TOKEN_ROOM + 8];
	const char *last = guest ? guest : host;

	if (strstr(host, "::"))
		return false;
	snprintf(text, sizeof text, "%s%s%s%s%s", host, ends(host, ":") ? "/" : "", guest ? "::" : "", guest ? guest : "",
		 ends(last, ":ro") ? "/" : "");
	return shell_word(text, to, size);
}

/* Is something to be made that is not there? Its name as an argument is enough then (sentence 1). */
static bool is_new(const struct wask_record *row, const char *path)
{
	struct stat st;

	return strcmp(row->act, "create") == 0 && strcmp(row->clazz, "named") != 0 && lstat(path, &st) < 0;
}

static void advise(const struct report *report, const struct wask_record *row)
{
	static char path[TOKEN_ROOM], name[TOKEN_ROOM], word[2 * TOKEN_ROOM + 16];
	int act = act_of(row);
	bool changes = act >= 0 && acts[act].changes, directory = act >= 0 && acts[act].directory, renamed, name_it;
	const char *never;

	if (!token_bytes(shown_path(row), path, sizeof path) || !token_bytes(row->name, name, sizeof name))
		return;
	if (strstr(shown_path(row), "\\x") || strstr(row->name, "\\x")) {	/* shown as it is, it might say something else (U02) */
		fputs("--dir with its directory", stderr);
		return;
	}
	never = no_way(report, row, path, changes);
	if (never) {
		fputs(never, stderr);
		return;
	}
	name_it = is_new(row, path) || (!changes && !directory);
	renamed = cut_to_directory(path, name, directory);
	if (strstr(path, "::")) {	/* --dir would cut it there */
		fputs("its name cannot be given to --dir: ", stderr);
		fputs(changes ? "give one above it" : report->no_args ? "name it as an argument, without --no-args" : "name it as an argument", stderr);
		return;
	}
	name_it = name_it && !renamed && !report->no_args;
	if (!is_true_path(path) || !dir_word(path, renamed ? name : NULL, word, sizeof word)) {
		fputs("--dir with its directory", stderr);
		return;
	}
	fprintf(stderr, "%s--dir %s%s", name_it ? "name it as an argument, or " : "", word, changes ? "" : ":ro");
}

/* Reading what does not exist is nothing that was missed. */
static bool is_missed(const struct wask_record *row)
{
	char path[TOKEN_ROOM];
	struct stat st;
	int act = act_of(row);

	if (act < 0 || acts[act].changes || strcmp(row->outcome, "unavailable") == 0)
		return true;
	return token_bytes(shown_path(row), path, sizeof path) && lstat(path, &st) == 0;
}

static bool is_of(const struct wask_record *row, int section)
{
	if (strcmp(row->outcome, sections[section].outcome) != 0)
		return false;
	return strcmp(row->outcome, "unavailable") != 0 || sections[section].asked == (row->asked != 0);
}

static int visit(void *self, const struct wask_record *row)
{
	struct pass *pass = self;
	int width = (int)strlen(shown_path(row)), verb = (int)strlen(row->verb);

	if (!is_of(row, pass->section) || !is_missed(row))
		return 0;
	if (pass->n++ >= SHOWN)
		return 0;
	if (!pass->print) {
		if (width > pass->width && width <= WIDEST)
			pass->width = width;
		if (verb > pass->verbs)
			pass->verbs = verb;
		return 0;
	}
	fprintf(stderr, "  %-*s  %-*s  %-6s  ", pass->verbs, row->verb, pass->width, shown_path(row), row->clazz);
	advise(pass->report, row);
	fputc('\n', stderr);
	return 0;
}

static void print_section(const struct report *report, struct wask_run *run, int section)
{
	struct pass pass = { .report = report, .section = section, .verbs = 6 };
	bool unasked = report->person && strcmp(sections[section].outcome, "unavailable") == 0 && !sections[section].asked;

	wask_run_record(run, visit, &pass);
	if (pass.n == 0)
		return;
	fprintf(stderr, "wask: %s:\n", unasked ? "refused without a question" : sections[section].title);
	pass.n = 0;
	pass.print = true;
	wask_run_record(run, visit, &pass);
	if (pass.n > SHOWN)
		fprintf(stderr, "  and %u others\n", pass.n - SHOWN);
}

void report_print(const struct report *report, struct wask_run *run)
{
	uint64_t omitted = wask_run_omitted(run);

	for (int i = 0; i < SECTIONS; i++) {
		if (sections[i].always || report->terminal)
			print_section(report, run, i);
	}
	if (omitted && report->terminal)
		fprintf(stderr, "wask: and %llu others that were not kept\n", (unsigned long long)omitted);
}
