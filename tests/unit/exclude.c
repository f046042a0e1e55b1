/*
 * Names that a grant of a directory does not cover (decisions.md 4.8, 10): stars, the
 * secrets and rules as they are matched, and beneath real mounts, through links, "..",
 * directory descriptors, listings and exclusions that come later.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "base/sys.h"
#include "cap/glob.h"
#include "names/names.h"
#include "policy/class.h"
#include "test.h"

static void stars(void)
{
	static const struct { const char *pattern, *part; bool fold, shy, want; } rows[] = {
		{ "a", "a", false, false, true }, { "a", "A", false, false, false }, { "a", "A", true, false, true },
		{ "*", "", false, false, true }, { "*.pem", ".pem", false, false, true }, { "*.pem", ".pem", false, true, false },
		{ "*.pem", "x.pem", false, true, true }, { "*.pem", "x.pem.txt", false, false, false }, { "id_rsa*", "id_rsa", false, false, true },
		{ "id_rsa*", "id_rs", false, false, false }, { "a*b*c", "aXbXbc", false, false, true }, { "a*b*c", "aXcXb", false, false, false },
		{ "*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false, false }, { ".*_history", ".bash_history", false, false, true },
	};
	const struct glob literal = { TEXT("a*"), "11", false, false };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(glob_fits(&(struct glob){ text_of(rows[i].pattern), NULL, rows[i].fold, rows[i].shy }, text_of(rows[i].part)) == rows[i].want,
			 "%s %s %s%s", rows[i].part, rows[i].want ? "fits" : "does not fit", rows[i].pattern, rows[i].shy ? " (shy)" : "");
	test_row(glob_fits(&literal, TEXT("a*")) && !glob_fits(&literal, TEXT("ab")), "a star may stand for itself");
}

/* Letters: r reading and looking, c changing, l left out of listings; R and C: so is what is beneath; m: it is held in its place. */
static const struct { const char *name, *secrets, *granted; } rows[] = {
	{ "/home/ada", "m", "" },
	{ "/home", "m", "" },
	{ "/", "m", "m" },
	{ "/home/ada/notes", "", "" },
	{ "/home/ada/.ssh", "rclRCm", "" },
	{ "/home/ada/.ssh/id_rsa", "rclRC", "" },
	{ "/home/ada/.SSH/x", "rclRC", "" },
	{ "/home/eve/.ssh", "rclRCm", "" },
	{ "/home/ada/sub/.ssh", "", "" },
	{ "/home/ada/.sshx", "", "" },
	{ "/root/.aws/credentials", "rclRC", "" },
	{ "/srv/h*me/.netrc", "rclRCm", "" },
	{ "/srv/home/.netrc", "", "" },
	{ "/srv/true/.netrc", "rclRCm", "" },
	{ "/srv/h*me/.config", "m", "" },
	{ "/srv/h*me/.config/gh/hosts.yml", "rclRC", "" },
	{ "/srv/h*me/.bash_history", "rclRCm", "" },
	{ "/srv/h*me/.cargo", "cm", "" },
	{ "/srv/h*me/.cargo/credentials.toml", "rclRCm", "" },
	{ "/srv/h*me/.local/share/keyrings/x", "rclRC", "" },
	{ "/srv/h*me/.local/share", "m", "" },
	{ "/srv/h*me/.bashrc", "cCm", "" },
	{ "/srv/h*me/bin/tool", "cC", "" },
	{ "/data/bin/tool", "", "" },
	{ "/data/x.pem", "rclRC", "" },
	{ "/data/X.PEM", "rclRC", "" },
	{ "/data/cacert.pem", "", "" },
	{ "/data/cacert.pem/x.key", "rclRC", "" },
	{ "/data/id_rsa", "rclRC", "" },
	{ "/data/id_rsa.pub", "rclRC", "" },
	{ "/data/id_rsa.d/x", "rclRC", "" },
	{ "/data/.env", "rclRC", "" },
	{ "/data/.env.local", "rclRC", "" },
	{ "/data/.env.example", "", "" },
	{ "/data/.env.sample", "", "" },
	{ "/data/.environment", "", "" },
	{ "/data/env", "", "" },
	{ "/data/.git", "c", "" },
	{ "/data/.git/HEAD", "", "" },
	{ "/data/.git/hooks", "cC", "" },
	{ "/data/.git/hooks/pre-commit", "cC", "" },
	{ "/data/.git/config", "cC", "" },
	{ "/data/hooks", "", "" },
	{ "/data/.github/workflows/x.yml", "cC", "" },
	{ "/data/.vscode/tasks.json", "cC", "" },
	{ "/data/.vscode/settings.json", "", "" },
	{ "/etc/shadow", "rclRCm", "" },
	{ "/etc", "m", "" },
	{ "/data/etc/shadow", "", "" },
	{ "/proc/1/environ", "rclRC", "" },
	{ "/var", "m", "" },
	/* Rules. */
	{ "/data/deny", "rclRCm", "rclRCm" },
	{ "/data/deny/x/y", "rclRC", "rclRC" },
	{ "/data/denyx", "", "" },
	{ "/data/Deny", "", "" },
	{ "/data/one", "rm", "rm" },
	{ "/data/one/x", "", "" },
	{ "/data/star/a.h", "cCm", "cCm" },
	{ "/data/star/.h", "", "" },
	{ "/data/star/a.c", "", "" },
	{ "/data/star/x/a.h", "", "" },
	{ "/data/a*b", "rlRm", "rlRm" },
	{ "/data/axb", "", "" },
	{ "/data", "m", "m" },
};

static const struct exclude rules[] = {
	{ { "/data/deny", 10 }, { 0 }, ACCESS_ALL, EXCLUDE_UNLISTED },
	{ { "/data/one", 9 }, { 0 }, ACCESS_READ, EXCLUDE_ITSELF },
	{ { "/data/star/*.h", 14 }, { 0 }, ACCESS_WRITE, 0 },
	{ { "/data/a*b", 9 }, { "111111111", 9 }, ACCESS_READ, EXCLUDE_UNLISTED },
};
static struct text homes[] = { { "/srv/h*me", 9 }, { "/srv/true", 9 } };

static struct exclude_set *set_new(struct arena *arena)
{
	const struct excludes secrets = secrets_of((struct texts){ homes, 2 }), more = { .at = rules, .n = sizeof rules / sizeof *rules };
	struct exclude_set *set = exclude_new(arena, NULL);

	if (!set || exclude_add(set, &secrets) < 0 || exclude_add(set, &more) < 0)
		abort();
	return set;
}

/* The same on top of what many share: whose homes these are the upper one says. */
static struct exclude_set *set_on_shared(struct arena *arena)
{
	const struct excludes secrets = secrets_of((struct texts){ 0 }), more = { .homes = { homes, 2 }, .at = rules, .n = sizeof rules / sizeof *rules };
	struct exclude_set *shared = exclude_new(arena, NULL), *set = exclude_new(arena, shared);

	if (!shared || !set || exclude_add(shared, &secrets) < 0 || exclude_add(set, &more) < 0)
		abort();
	test_row(!exclude_at(shared, TEXT("/srv/true/.ssh"), 0, true).self && exclude_at(set, TEXT("/srv/true/.ssh"), 0, true).self == ACCESS_ALL, "what is shared knows no homes of others");
	return set;
}

static void objects(struct arena *arena)
{
	static const struct excluded_object of[] = { { { 1, 2 }, ACCESS_READ }, { { 1, 2 }, ACCESS_WRITE }, { { 2, 1 }, ACCESS_STAT } };
	struct exclude_set *shared = exclude_new(arena, NULL), *set = exclude_new(arena, shared);

	if (!shared || !set || exclude_add(shared, &(struct excludes){ .objects = of, .nobjects = 1 }) < 0 || exclude_add(set, &(struct excludes){ .objects = of + 1, .nobjects = 2 }) < 0)
		abort();
	test_row(exclude_object(set, (struct file_id){ 1, 2 }) == (ACCESS_READ | ACCESS_WRITE) && exclude_object(set, (struct file_id){ 2, 1 }) == ACCESS_STAT && !exclude_object(set, (struct file_id){ 1, 1 }),
		 "by object: the words of all that name it");
}

static void letters(const struct exclude_set *set, const char *name, bool secrets, char out[8])
{
	struct excluded hit = exclude_at(set, text_of(name), 0, secrets);
	const struct { bool is; char letter; } all[] = {
		{ hit.self & ACCESS_READ, 'r' }, { hit.self & ACCESS_WRITE, 'c' }, { hit.unlisted, 'l' }, { hit.beneath & ACCESS_READ, 'R' },
		{ hit.beneath & ACCESS_WRITE, 'C' }, { exclude_is_above(set, text_of(name), secrets), 'm' },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].is)
			out[n++] = all[i].letter;
	out[n] = '\0';
}

static void table(const struct exclude_set *set)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text name = text_of(rows[i].name);
		char got[2][8];
		bool maybe = exclude_maybe(set, name);

		letters(set, rows[i].name, true, got[0]);
		letters(set, rows[i].name, false, got[1]);
		test_row(strcmp(got[0], rows[i].secrets) == 0 && strcmp(got[1], rows[i].granted) == 0, "%s: \"%s\", and where secrets are given \"%s\" (got \"%s\", \"%s\")",
			 rows[i].name, rows[i].secrets, rows[i].granted, got[0], got[1]);
		if (strpbrk(rows[i].secrets, "rc"))
			test_row(maybe, "%s could be one, by its last components", rows[i].name);
	}
	test_row(!exclude_maybe(set, TEXT("src/main.c")) && !exclude_maybe(set, TEXT("./a//b/../c/")), "ordinary names could not");
	test_row(exclude_at(set, TEXT("/data/.git/hooks"), 10, true).self & ACCESS_WRITE, "a pattern may begin before what is looked at");
	test_row(!exclude_at(set, TEXT("/data/deny/x"), 10, true).self, "but not end before it");
}

static void unsound(struct arena *arena)
{
	static const struct exclude bad[] = {
		{ .pattern = { "", 0 } }, { .pattern = { "/", 1 } }, { .pattern = { "a/../b", 6 } }, { .pattern = { "./a", 3 } }, { .pattern = { "a\0b", 3 } },
		{ .pattern = { "/a", 2 }, .literal = { "1", 1 } }, { .pattern = { "/a", 2 }, .flags = EXCLUDE_PLAIN }, { .pattern = { "a/b", 3 }, .flags = EXCLUDE_PLAIN },
	};
	struct exclude_set *set = exclude_new(arena, NULL);

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		test_row(exclude_add(set, &(struct excludes){ .at = &bad[i], .n = 1 }) == -EINVAL, "\"%s\" is no pattern", bad[i].pattern.at);
}

static double ns_each(const struct exclude_set *set, struct text name)
{
	enum { TIMES = 200000 };
	struct timespec from, to;
	size_t hits = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < TIMES; i++)
		hits += exclude_maybe(set, name);
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (hits)
		abort();
	return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / TIMES;
}

static void many(struct arena *arena)
{
	enum { MANY = 10000 };
	struct exclude_set *set = set_new(arena);
	char name[64];
	double ns;
	int failed = 0;

	for (int i = 0; i < MANY && !failed; i++) {
		struct exclude one = { .pattern = { name, 0 }, .access = ACCESS_ALL };

		one.pattern.len = (size_t)snprintf(name, sizeof name, "/data/%c%d/%c%d.txt", 'a' + i % 26, i, 'a' + i / 26 % 26, i);
		failed = exclude_add(set, &(struct excludes){ .at = &one, .n = 1 });
	}
	test_row(!failed && exclude_at(set, TEXT("/data/a26/b26.txt"), 0, false).self == ACCESS_ALL, "10000 rules are found");
	ns = ns_each(set, TEXT("some/dir/file.c"));
	test_row(ns < 20000, "an ordinary name among 10000 rules (%.0f ns)", ns);
}

/* ---- beneath mounts ---- */

static char base_dir[64];
static int base_fd;

static void make_file(const char *name)
{
	close(openat(base_fd, name, O_CREAT | O_WRONLY, 0600));
}

static void make_host(void)
{
	static const char *const made[] = { "h", "h/.ssh", "h/d", "h/d/sub", "h/.config", "h/.config/gh", "h/p", "h/p/.git", "h/p/.git/hooks", "h/bin", "priv", "c" };
	static const char *const files[] = { "h/a", "h/.env", "h/.env.example", "h/.ssh/id", "h/d/x.pem", "h/d/f", "h/.bashrc", "h/p/.git/hooks/pre", "h/bin/tool", "priv/x.pem" };
	static const char *const links[][2] = {
		{ "d", "h/ld" }, { "../h/d", "h/lup" }, { ".ssh", "h/lssh" }, { "d/x.pem", "h/lpem" }, { "a", "h/la" }, { "../../etc", "h/lout" },
		{ ".env", "h/lenv" }, { "../.env", "h/d/lenv" }, { "../a", "h/d/la" }, { "new", "h/lnew" }, { "/etc/shadow", "h/labs" }, { "lssh", "h/llssh" },
		{ "a/", "h/lslash" }, { "../d/../a/", "h/d/lslash" }, { ".aws/../a", "h/laws" }, { "../.aws/../a", "h/d/laws" }, { "laws", "h/llaws" }, { "../d/../.config/gh/../../a", "h/d/lgh" },
	};
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(base_dir, sizeof base_dir, "/var/tmp/wask-exclude-XXXXXX");
	if (!mkdtemp(base_dir))
		abort();
	base_fd = open(base_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		mkdirat(base_fd, made[i], 0700);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		make_file(files[i]);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		symlinkat(links[i][0], base_fd, links[i][1]);
	symlinkat("loop", base_fd, "c/loop");
	symlinkat("../priv/x.pem", base_fd, "c/0");
	make_file("c/f");
	for (int i = 0; i <= 40; i++) {
		char from[16], to[16];

		snprintf(from, sizeof from, i ? "chain%d" : "f", i - 1);
		snprintf(to, sizeof to, "c/chain%d", i);
		symlinkat(from, base_fd, to);
	}
	snprintf(at.sun_path, sizeof at.sun_path, "%s/h/sock", base_dir);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		abort();
	close(fd);
}

static void remove_host(void)
{
	char command[128];

	snprintf(command, sizeof command, "exec rm -rf '%s'", base_dir);
	if (!fork())
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	while (wait(NULL) > 0)
		;
	close(base_fd);
}

enum { MOUNTS = 3 };
static char home[80], named_file[96], named_dir[96];
static struct text home_text[1];
static struct start_arg args[2];

static void fill_start(struct start *start, struct start_mount mounts[MOUNTS])
{
	snprintf(home, sizeof home, "%s/h", base_dir);
	snprintf(named_file, sizeof named_file, "%s/d/x.pem", home);
	snprintf(named_dir, sizeof named_dir, "%s/named", home);
	home_text[0] = text_of(home);
	args[0] = (struct start_arg){ .name = text_of(named_file), .existed = true };
	args[1] = (struct start_arg){ .name = text_of(named_dir), .existed = true, .beneath = true };
	mounts[0] = (struct start_mount){ .at = TEXT("/g"), .fd = openat(base_fd, "h", O_PATH | O_CLOEXEC), .access = ACCESS_DIR, .flags = MOUNT_LAUNCHER };
	mounts[1] = (struct start_mount){ .at = TEXT("/priv"), .fd = openat(base_fd, "priv", O_PATH | O_CLOEXEC), .access = ACCESS_DIR, .flags = MOUNT_SECRETS };
	mounts[2] = (struct start_mount){ .at = TEXT("/c"), .fd = openat(base_fd, "c", O_PATH | O_CLOEXEC), .access = ACCESS_DIR_RO, .flags = MOUNT_LAUNCHER };
	*start = (struct start){ .mode = MODE_NEEDS, .cwd = TEXT("/g"), .mounts = mounts, .nmounts = MOUNTS, .generation_fd = -1,
				 .args = args, .nargs = 2, .exclusions = secrets_of((struct texts){ home_text, 1 }) };
}

static struct names *names_made(struct start *start, struct start_mount mounts[MOUNTS])
{
	struct names *names;

	fill_start(start, mounts);
	if (names_new(start, &names) < 0)
		abort();
	return names;
}

/*
 * As a call does it: excluded before anything is opened, settled as often as it takes.
 * "ask", "moves" or what opening says.
 */
static const char *outcome(struct names *names, struct names_dir *dir, const char *path, access_set want, int flags)
{
	static struct place places[2];
	struct place *place = &places[0];
	const char *said = "never ends";
	int failed = names_find(names, dir, text_of(path), place), fd;

	for (int turns = 0; turns <= LIMIT_LINKS && failed == 0; turns++) {
		struct place *next = &places[!(turns & 1)];

		said = place->kind == PLACE_COVERED ? NULL : "hole";
		if (said)
			break;
		names_exclude(names, place);
		said = place->excluded & want ? "ask" : want & ACCESS_DELETE && names_holds(place) ? "holds" : NULL;
		if (said)
			break;
		fd = names_open(place, flags, 0600);
		sys_close(fd);
		said = fd >= 0 ? "ok" : fd == -EXDEV ? NULL : strerrorname_np(-fd);
		if (said)
			break;
		failed = names_leave(names, place, !(flags & O_NOFOLLOW), next);
		place = next;
		said = "never ends";
	}
	return failed < 0 ? strerrorname_np(-failed) : said;
}

static void beneath(struct names *names, struct names_dir *dir)
{
	enum { R = ACCESS_READ, W = ACCESS_WRITE, D = ACCESS_DELETE, S = ACCESS_STAT };
	static const struct { const char *path; access_set want; const char *said; } paths[] = {
		{ "a", R, "ok" }, { "a", W, "ok" }, { "absent", R, "ENOENT" }, { "d/f", R, "ok" }, { ".", R, "ok" }, { "d/", R, "ok" },
		{ ".env", R, "ask" }, { ".ENV", S, "ask" }, { ".env.example", R, "ok" }, { ".ssh", S, "ask" }, { ".ssh/absent", R, "ask" }, { "d/x.pem", R, "ask" },
		{ "./.env", R, "ask" }, { ".//.ssh//id", R, "ask" }, { ".env/", R, "ask" },
		{ "d/../a", R, "ok" }, { "d/../.env", R, "ask" }, { ".ssh/../a", R, "ask" }, { ".aws/../a", R, "ask" }, { "d/../.aws/./x/../../a", R, "ask" }, { ".config/../a", R, "ok" }, { "d/sub/../../.ssh/id", R, "ask" }, { "d/../../h/a", R, "hole" }, { "absent/../a", R, "ENOENT" },
		{ "d/../absent", R, "ENOENT" }, { "a/../d", R, "ENOTDIR" }, { ".ssh/../../h/a", R, "ask" }, { ".aws/../../h/a", R, "ask" }, { "../h/.aws/../a", R, "hole" },
		{ "lslash", R, "ENOTDIR" }, { "d/lslash", R, "ENOTDIR" }, { "laws", R, "ask" }, { "d/laws", R, "ask" }, { "llaws", S, "ask" }, { "ld/laws", R, "ask" }, { "d/lgh", R, "ask" },
		{ "la", R, "ok" }, { "ld/f", R, "ok" }, { "ld/../a", R, "ok" }, { "ld/../.env", R, "ask" }, { "ld/x.pem", R, "ask" }, { "ld/absent", R, "ENOENT" },
		{ "ld/absent/x", R, "ENOENT" }, { "ld", R, "ok" }, { "ld/", R, "ok" }, { "ld/.", R, "ok" }, { "ld/sub/..", R, "ok" },
		{ "lssh", R, "ask" }, { "lssh/", R, "ask" }, { "lssh/id", R, "ask" }, { "lssh/absent", R, "ask" }, { "llssh/id", R, "ask" }, { "lssh/../a", R, "ask" },
		{ "lpem", R, "ask" }, { "lenv", R, "ask" }, { "d/lenv", R, "ask" }, { "ld/lenv", R, "ask" }, { "d/la", R, "ok" }, { "ld/la", R, "ok" }, { "ld/la/", R, "ENOTDIR" },
		{ "lup", R, "EACCES" }, { "lup/f", R, "EACCES" }, { "lout", R, "EACCES" }, { "labs", R, "EACCES" },
		{ ".bashrc", R, "ok" }, { ".bashrc", W, "ask" }, { "bin/tool", R, "ok" }, { "bin/tool", W, "ask" }, { "bin/absent", ACCESS_CREATE, "ask" },
		{ "p/.git", R, "ok" }, { "p/.git", ACCESS_META, "ask" }, { "p/.git/x", ACCESS_CREATE, "ENOENT" }, { "p/.git/hooks/x", ACCESS_CREATE, "ask" },
		{ ".config", R, "ok" }, { ".config", D, "holds" }, { ".config/", D, "holds" }, { "ld/../.config", D, "holds" }, { ".local", D, "holds" }, { "p", D, "ok" },
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *said = outcome(names, dir, paths[i].path, paths[i].want, O_PATH);

		test_row(strcmp(said, paths[i].said) == 0, "%s, words %x: %s (got %s)", paths[i].path, paths[i].want, paths[i].said, said);
	}
	test_row(strcmp(outcome(names, dir, "la", R, O_PATH | O_NOFOLLOW), "ok") == 0, "a link itself");
	test_row(strcmp(outcome(names, dir, "d/la", R, O_RDONLY | O_NOFOLLOW), "ELOOP") == 0, "a link that is not followed");
	test_row(strcmp(outcome(names, dir, "lssh", R, O_PATH | O_NOFOLLOW), "ok") == 0, "a link to a secret itself is looked at, it says nothing more than its text");
	test_row(strcmp(outcome(names, dir, "ld/", R, O_PATH | O_NOFOLLOW), "ok") == 0, "a slash behind a link follows it");
	test_row(strcmp(outcome(names, dir, "lnew", ACCESS_CREATE, O_WRONLY | O_CREAT), "ok") == 0 && faccessat(base_fd, "h/new", F_OK, 0) == 0, "a new name through a link is made where it leads");
	test_row(strcmp(outcome(names, dir, "ld/made", ACCESS_CREATE, O_WRONLY | O_CREAT), "ok") == 0 && faccessat(base_fd, "h/d/made", F_OK, 0) == 0, "and in a linked directory");
}

static void mounts_apart(struct names *names)
{
	struct names_dir root = { .kind = DIR_ROOT, .fd = -1 };

	test_row(strcmp(outcome(names, &root, "/priv/x.pem", ACCESS_ALL & ~ACCESS_DELETE, O_PATH), "ok") == 0, "a mount that gives secrets gives them");
	test_row(strcmp(outcome(names, &root, "/g/d/x.pem", ACCESS_STAT, O_PATH), "ask") == 0, "another does not");
	test_row(strcmp(outcome(names, &root, "/c/chain39", ACCESS_READ, O_PATH), "ok") == 0, "40 links");
	test_row(strcmp(outcome(names, &root, "/c/chain40", ACCESS_READ, O_PATH), "never ends") == 0, "41 links: LIMIT_LINKS turns, then loop");
	test_row(strcmp(outcome(names, &root, "/c/loop", ACCESS_READ, O_PATH), "never ends") == 0, "a loop of links");
	test_row(strcmp(outcome(names, &root, "/c/0", ACCESS_READ, O_PATH), "EACCES") == 0, "a link from one mount into another is still a link that leaves");
}

/* An opened directory: its object counts, wherever it is called. */
static struct names_dir opened(struct names *names, struct names_dir *dir, const char *path)
{
	struct place place;

	names_find(names, dir, text_of(path), &place);
	names_exclude(names, &place);
	return (struct names_dir){ .kind = DIR_COVERED, .name = TEXT("/g/elsewhere"), .mount = place.mount, .fd = names_open(&place, O_PATH | O_DIRECTORY, 0),
				   .own = { .self = place.excluded, .beneath = place.beneath }, .additions = place.additions };
}

static void by_descriptor(struct names *names, struct names_dir *dir)
{
	static const struct { const char *dir, *path; access_set want; const char *said; } paths[] = {
		{ "d", "f", ACCESS_READ, "ok" }, { "d", "x.pem", ACCESS_READ, "ask" }, { "d", "lenv", ACCESS_READ, "ask" }, { "d", "la", ACCESS_READ, "ok" }, { "d", "../.env", ACCESS_READ, "ask" }, { "d", "../a", ACCESS_READ, "ok" }, { "d", "../../h/a", ACCESS_READ, "hole" },
		{ "d", "x.pem/../../a", ACCESS_READ, "ask" }, { "d", "y.pem/../../a", ACCESS_READ, "ask" }, { "d", "laws", ACCESS_READ, "ask" }, { "d", "lenv/", ACCESS_STAT, "ask" }, { "d", "lslash", ACCESS_STAT, "ENOTDIR" }, { "d", "sub/../lgh", ACCESS_STAT, "ask" },
		{ "bin", "tool", ACCESS_READ, "ok" }, { "bin", "tool", ACCESS_WRITE, "ask" }, { "bin", ".", ACCESS_META, "ask" }, { "bin", "sub/x", ACCESS_CREATE, "ask" },
		{ "p", ".git/hooks/x", ACCESS_CREATE, "ask" }, { "p/.git", "hooks/x", ACCESS_CREATE, "ask" }, { "p/.git", "config", ACCESS_CREATE, "ask" },
		{ "p/.git", "x", ACCESS_CREATE, "ENOENT" }, { "p/.git", ".", ACCESS_META, "ask" }, { "p/.git/hooks", "pre", ACCESS_WRITE, "ask" },
		{ "p/.git/hooks", "pre", ACCESS_READ, "ok" }, { ".config", "gh", ACCESS_STAT, "ask" }, { ".config", "x", ACCESS_CREATE, "ENOENT" },
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct names_dir at = opened(names, dir, paths[i].dir);
		const char *said = outcome(names, &at, paths[i].path, paths[i].want, O_PATH);

		test_row(strcmp(said, paths[i].said) == 0, "from a descriptor of %s: %s, words %x: %s (got %s)", paths[i].dir, paths[i].path, paths[i].want, paths[i].said, said);
		close(at.fd);
	}
}

static void list(struct names *names, const struct mount *mount, int fd, char *out, size_t size)
{
	struct names_view *view = calloc(1, sizeof *view);
	DIR *stream = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char *shown[64];
	size_t n = 0;
	struct dirent *entry;

	names_view_init(names, mount, fd, view);
	while ((entry = readdir(stream)) && n < 64)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && names_lists(view, text_of(entry->d_name), entry->d_type, entry->d_ino))
			shown[n++] = strdup(entry->d_name);
	out[0] = '\0';
	for (size_t done = 0; done < n; done++) {
		size_t least = 0;

		for (size_t i = 0; i < n; i++)
			if (shown[i] && (!shown[least] || strcmp(shown[i], shown[least]) < 0))
				least = i;
		snprintf(out + strlen(out), size - strlen(out), "%s%s", done ? " " : "", shown[least]);
		free(shown[least]);
		shown[least] = NULL;
	}
	closedir(stream);
	free(view);
}

static void listings(struct names *names, struct names_dir *dir)
{
	static const struct { const char *dir; bool hole; const char *want; } dirs_listed[] = {
		{ ".", false, ".bashrc .config .env.example a bin d la ld lnew lout lpem lslash lup new p" },
		{ ".", true, ".bashrc .config .env.example a bin d la ld lnew lout lpem lslash lup new p" },
		{ "d", false, "f la lslash made sub x.pem" },		/* x.pem is named */
		{ "p/.git", false, "hooks" }, { ".config", false, "" },
	};
	struct place place;
	char got[1024];
	int fd;

	for (size_t i = 0; i < sizeof dirs_listed / sizeof *dirs_listed; i++) {
		names_find(names, dir, text_of(dirs_listed[i].dir), &place);
		fd = names_open(&place, O_PATH | O_DIRECTORY, 0);
		list(names, dirs_listed[i].hole ? NULL : place.mount, fd, got, sizeof got);
		test_row(strcmp(got, dirs_listed[i].want) == 0, "a listing of %s%s: %s (got %s)", dirs_listed[i].dir, dirs_listed[i].hole ? ", which was asked for" : "", dirs_listed[i].want, got);
		close(fd);
	}
	fd = openat(base_fd, "h/.ssh", O_PATH | O_DIRECTORY | O_CLOEXEC);
	list(names, NULL, fd, got, sizeof got);
	test_row(strcmp(got, "id") == 0, "whoever was allowed to list a secret directory sees what is in it: %s", got);
	close(fd);
	fd = openat(base_fd, "priv", O_PATH | O_DIRECTORY | O_CLOEXEC);
	names_find(names, &(struct names_dir){ .kind = DIR_ROOT, .fd = -1 }, TEXT("/priv"), &place);
	list(names, place.mount, fd, got, sizeof got);
	test_row(strcmp(got, "x.pem") == 0, "a mount that gives secrets shows them: %s", got);
	close(fd);
}

/* What an answer takes out holds from then on, for what was opened before, too. */
static void later(struct names *names, struct names_dir *dir)
{
	struct names_dir at = opened(names, dir, "d");
	struct need need = { .name = TEXT("/x") };
	struct exclude one = { .access = ACCESS_ALL, .flags = EXCLUDE_UNLISTED };
	struct answer answer = ANSWER_NO;
	char pattern[100], got[1024];
	int fd = openat(base_fd, "h", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct place place;

	one.pattern = (struct text){ pattern, (size_t)snprintf(pattern, sizeof pattern, "%s/d", home) };
	answer.exclusions = (struct excludes){ .at = &one, .n = 1 };
	answer.sticks_ns = STICKS_NOT;
	test_row(strcmp(outcome(names, &at, "f", ACCESS_READ, O_PATH), "ok") == 0, "before: given");
	test_row(names_learn(names, &need, &answer) == 0, "a refusal that takes a directory out");
	test_row(strcmp(outcome(names, dir, "d/f", ACCESS_READ, O_PATH), "ask") == 0, "then it is asked about");
	test_row(strcmp(outcome(names, &at, "f", ACCESS_READ, O_PATH), "ask") == 0, "also from a descriptor that was there before");
	test_row(strcmp(outcome(names, dir, "ld/f", ACCESS_READ, O_PATH), "ask") == 0, "and through a link");
	test_row(strcmp(outcome(names, dir, "a", ACCESS_READ, O_PATH), "ok") == 0, "the rest is as it was");
	list(names, dir->mount, fd, got, sizeof got);
	test_row(!strstr(got, " d ") && !strstr(got, " ld "), "no listing shows it: %s", got);
	test_row(!names_lists_made(names, text_of(home), TEXT("d")) && names_lists_made(names, text_of(home), TEXT("a")), "no synthetic one either");
	one.pattern = text_of(home);
	names_learn(names, &need, &answer);
	test_row(strcmp(outcome(names, dir, "a", ACCESS_READ, O_PATH), "ask") == 0, "the mount's own directory taken out: nothing is given");
	one.pattern = TEXT("..");
	names_learn(names, &need, &answer);
	test_row(names_find(names, &(struct names_dir){ .kind = DIR_ROOT, .fd = -1 }, TEXT("/priv/x.pem"), &place) == 0 && place.kind == PLACE_COVERED &&
		 place.mount->access == 0 && dir->mount->access == 0, "exclusions that cannot be kept: nothing is given any more");
	close(at.fd);
	close(fd);
}

int main(void)
{
	struct arena arena = { 0 };
	struct start_mount mounts[MOUNTS];
	struct start start;
	struct names *names;
	struct names_dir dir = { .kind = DIR_CWD, .fd = -1 };
	struct place place;

	test_begin();
	stars();
	table(set_new(&arena));
	table(set_on_shared(&arena));
	objects(&arena);
	unsound(&arena);
	many(&arena);
	arena_done(&arena);
	make_host();
	names = names_made(&start, mounts);
	names_find(names, &dir, TEXT("."), &place);
	dir = (struct names_dir){ .kind = DIR_COVERED, .name = TEXT("/g"), .mount = place.mount, .fd = place.mount->fd, .own = place.from, .additions = 1 };
	beneath(names, &dir);
	mounts_apart(names);
	by_descriptor(names, &dir);
	listings(names, &dir);
	later(names, &dir);
	names_free(names);
	remove_host();
	return test_end();
}
