/*
 * The guest's namespace: where each name leads, what a mount covers, how a path
 * leaves, what sticks. The mounts are real directories; the rest of the host is
 * never looked at.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "names/names.h"
#include "test.h"

static char base_dir[64];
static int base_fd;

static struct text tops[] = { { "dev", 3 }, { "etc", 3 }, { "home", 4 }, { "lib", 3 }, { "tmp", 3 }, { "usr", 3 }, { "data", 4 } };
static struct text locals[] = { { "lib", 3 }, { "tmp", 3 } };
static struct text host_tmp[] = { { "/tmp/x", 6 } };
static struct start_arg args[] = {
	{ .name = { "/tmp/x", 6 }, .existed = true, .claims = true, .spelled = { "tmp/x", 5 } },
	{ .name = { "/home/u/proj/tmp/out.o", 22 }, .output = true, .claims = true, .spelled = { "tmp/out.o", 9 } },
	{ .name = { "/data/deep", 10 }, .existed = true, .spelled = { "lib/q", 5 } },
};
static struct start_dir dirs[] = {
	{ .name = { "/", 1 } }, { .name = { "/home", 5 } }, { .name = { "/home/u", 7 } }, { .name = { "/dev", 4 } },
};

enum { MOUNTS = 4 };
static const char *const mount_at[MOUNTS] = { "/home/u/proj/mnt", "/home/u/proj/mnt/in/ner", "/tmp", "/usr/share/zone" };
static const char *const mount_host[MOUNTS] = { "mnt", "ner", "tmp", "zone" };

static int dir_fd(const char *path)
{
	return openat(base_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void fill_start(struct start *start, struct start_mount mounts[MOUNTS])
{
	*start = (struct start){
		.mode = MODE_NEEDS, .cwd = TEXT("/home/u/proj"), .home = TEXT("/home/u"),
		.tops = { tops, sizeof tops / sizeof *tops }, .locals = { locals, 2 }, .tmp = { host_tmp, 1 },
		.args = args, .nargs = sizeof args / sizeof *args, .dirs = dirs, .ndirs = sizeof dirs / sizeof *dirs,
		.mounts = mounts, .nmounts = MOUNTS, .generation_fd = -1,
	};
	for (int i = 0; i < MOUNTS; i++)
		mounts[i] = (struct start_mount){ .at = text_of(mount_at[i]), .fd = dir_fd(mount_host[i]),
						  .access = i == 3 ? ACCESS_DIR_RO : ACCESS_DIR, .flags = MOUNT_LAUNCHER };
}

static struct names *new_names(struct start *start, struct start_mount mounts[MOUNTS])
{
	struct names *names = NULL;

	fill_start(start, mounts);
	if (names_new(start, &names) < 0)
		abort();
	return names;
}

/* What a place is, in a word: what a row compares. */
static void place_print(int result, const struct place *place, char out[9000])
{
	const char *kinds[] = { "hole", "covered", "synthetic", "device" };

	if (result < 0) {
		snprintf(out, 9000, "%s", strerrorname_np(-result));
		return;
	}
	snprintf(out, 9000, "%s %.*s%s%s%s", kinds[place->kind], (int)place->name.len, place->name.at,
		 place->slash ? " /" : "", place->kind == PLACE_COVERED ? " : " : "", place->kind == PLACE_COVERED ? place->rest : "");
}

static void find_rows(struct names *names)
{
	static const struct { unsigned preopen; const char *path, *want; } rows[] = {
		{ 1, "a.txt", "hole /home/u/proj/a.txt" },
		{ 1, "./a//b/./c", "hole /home/u/proj/a/b/c" },
		{ 1, "a/.", "hole /home/u/proj/a/." },
		{ 1, "a/../b", "hole /home/u/proj/a/../b" },
		{ 1, "a/", "hole /home/u/proj/a /" },
		{ 1, ".", "hole /home/u/proj /" },
		{ 0, ".", "hole /home/u/proj /" },
		{ 1, "etc/passwd", "hole /etc/passwd" },
		{ 0, "etc/passwd", "hole /etc/passwd" },
		{ 0, "/etc/passwd", "hole /etc/passwd" },
		{ 0, "/", "synthetic / /" },
		{ 0, "a.txt", "hole /home/u/proj/a.txt" },
		{ 1, "lib/x", "hole /home/u/proj/lib/x" },
		{ 0, "lib/x", "hole /lib/x" },
		{ 1, "lib/q", "hole /home/u/proj/lib/q" },
		{ 1, "tmp/x", "hole /tmp/x" },
		{ 1, "./tmp/./x/y", "hole /tmp/x/y" },
		{ 1, "tmp/out.o", "hole /home/u/proj/tmp/out.o" },
		{ 1, "tmp/other", "hole /home/u/proj/tmp/other" },
		{ 0, "tmp/other", "covered /tmp/other : other" },
		{ 0, "tmp", "covered /tmp : ." },
		{ 0, "tmp/xx", "covered /tmp/xx : xx" },
		{ 1, "data/x", "hole /data/x" },
		{ 1, "../x", "hole /home/u/x" },
		{ 1, "..", "synthetic /home/u /" },
		{ 1, "../../../../..", "synthetic / /" },
		{ 1, "../../../../../etc/x", "hole /etc/x" },
		{ 1, "mnt", "covered /home/u/proj/mnt : ." },
		{ 1, "mnt/", "covered /home/u/proj/mnt / : ." },
		{ 1, "mnt/a/../b/", "covered /home/u/proj/mnt/a/../b / : a/../b/" },
		{ 1, "mnt//a", "covered /home/u/proj/mnt/a : a" },
		{ 1, "mnt/..", "hole /home/u/proj /" },
		{ 1, "mnt/../a", "hole /home/u/proj/a" },
		{ 1, "mnt/in", "covered /home/u/proj/mnt/in : in" },
		{ 1, "mnt/in/", "covered /home/u/proj/mnt/in / : in//" },
		{ 1, "mnt/in/q", "covered /home/u/proj/mnt/in/q : in/q" },
		{ 1, "mnt/in/ner/x", "covered /home/u/proj/mnt/in/ner/x : x" },
		{ 1, "mnt/in/ner/..", "covered /home/u/proj/mnt/in / : in/." },
		{ 1, "mnt/in/ner/../q", "covered /home/u/proj/mnt/in/q : in/q" },
		{ 1, "mnt/in/nerd", "covered /home/u/proj/mnt/in/nerd : in/nerd" },
		{ 1, "mntx", "hole /home/u/proj/mntx" },
		{ 1, "dev/null", "device /dev/null" },
		{ 1, "dev/null/", "device /dev/null /" },
		{ 1, "dev/null/x", "ENOTDIR" },
		{ 1, "dev/null/..", "ENOTDIR" },
		{ 1, "dev/../dev/zero", "device /dev/zero" },
		{ 1, "dev/tty", "hole /dev/tty" },
		{ 1, "home", "synthetic /home" },
		{ 1, "usr/share", "hole /usr/share" },
		{ 1, "", "ENOENT" },
	};
	char got[9000];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct names_dir dir;
		struct text name;
		struct place place;

		names_preopen(names, rows[i].preopen, &dir, &name);
		place_print(names_find(names, &dir, text_of(rows[i].path), &place), &place, got);
		test_row(strcmp(got, rows[i].want) == 0, "fd %u \"%s\" leads to %s (got %s)", rows[i].preopen + 3, rows[i].path, rows[i].want, got);
	}
}

static void long_paths(struct names *names)
{
	static char path[LIMIT_PATH + 2];
	struct names_dir dir, opened = { .kind = DIR_HOLE, .name = TEXT("/data/d"), .fd = -1 };
	struct text name;
	struct place place;

	memset(path, 'a', sizeof path - 1);
	for (size_t i = 0; i < sizeof path; i += 200)
		path[i] = '/';
	path[0] = 'a';
	names_preopen(names, 1, &dir, &name);
	test_row(names_find(names, &dir, (struct text){ path, LIMIT_PATH + 1 }, &place) == -ENAMETOOLONG, "a path of 4096 bytes is too long");
	test_row(names_find(names, &dir, (struct text){ path, LIMIT_PATH }, &place) == -ENAMETOOLONG, "a hole's whole name of over 4095 bytes is too long");
	memcpy(path, "tmp/", 4);
	names_preopen(names, 0, &dir, &name);
	test_row(names_find(names, &dir, (struct text){ path, LIMIT_PATH }, &place) == 0 && strlen(place.rest) == LIMIT_PATH - 4, "a path of 4095 bytes beneath a mount is fine");
	memset(path, '/', LIMIT_PATH);
	test_row(names_find(names, &opened, (struct text){ path, LIMIT_PATH }, &place) == -EPERM, "4095 slashes");
	path[0] = '.';
	test_row(names_find(names, &opened, (struct text){ path, LIMIT_PATH }, &place) == 0 && text_eq(place.name, TEXT("/data/d/.")), "a dot and 4094 slashes are the directory itself");
}

static void opened_directories(struct names *names)
{
	struct names_dir hole = { .kind = DIR_HOLE, .name = TEXT("/home/u/proj/sub"), .fd = -1 }, root;
	struct text name;
	struct place place;
	char got[9000];

	place_print(names_find(names, &hole, TEXT("../mnt/x"), &place), &place, got);
	test_row(strcmp(got, "hole /home/u/proj/sub/../mnt/x") == 0, "\"..\" out of a directory that may be a link is not cut: %s", got);
	test_row(names_find(names, &hole, TEXT("/etc"), &place) == -EPERM, "W17 an absolute path on an opened directory: perm");
	names_preopen(names, 0, &root, &name);
	place_print(names_self(names, &root, ACCESS_STAT, &place), &place, got);
	test_row(strcmp(got, "synthetic / /") == 0, "the preopen / itself is the root: %s", got);
}

/* Opens as a call would: leaves and tries again. */
static int open_following(struct names *names, struct place places[2], int *turns)
{
	struct place *place = &places[0], *next = &places[1];
	int fd;

	for (*turns = 0;; ++*turns) {
		if (place->kind != PLACE_COVERED)
			return -ENXIO;
		fd = names_open(place, O_PATH, 0);
		if (fd != -EXDEV)
			return fd;
		fd = names_leave(names, place, true, next);
		if (fd < 0)
			return fd;
		struct place *swap = place;
		place = next;
		next = swap;
	}
}

static void leaving(struct names *names)
{
	static const struct { const char *path; int want; const char *kind; } rows[] = {
		{ "mnt/dir/../file", 0, "dots inside" },
		{ "mnt/dir/../../mnt/file", 0, "\"..\" out of a mount and back in" },
		{ "mnt/dir/../../a", -ENXIO, "\"..\" out of a mount into a hole" },
		{ "mnt/dir/../..", -ENXIO, "\"..\" out of a mount to a hole" },
		{ "mnt/dir/../../../..", -ENXIO, "\"..\" out of a mount to the synthetic directories" },
		{ "mnt/inside/../../mnt/file", 0, "a link inside, then \"..\" out and back" },
		{ "mnt/out", -EACCES, "a relative link out of the mount" },
		{ "mnt/out/", -EACCES, "W19 a relative link out of the mount, with a slash" },
		{ "mnt/abs", -EACCES, "an absolute link out of the mount" },
		{ "mnt/abs/passwd", -EACCES, "a path through an absolute link" },
		{ "mnt/outback", -EACCES, "a link out of the mount and back in" },
		{ "mnt/inside/file2", 0, "a relative link that stays" },
		{ "mnt/loop1", -ELOOP, "a loop of one" },
		{ "mnt/loop2", -ELOOP, "a loop of two" },
		{ "mnt/chain39", 0, "40 links" },
		{ "mnt/chain40", -ELOOP, "41 links" },
		{ "mnt/dir/../../mnt/chain39", 0, "40 links, reached by leaving" },
		{ "mnt/absent/../../x", -ENOENT, "what is absent does not leave" },
		{ "mnt/file/../../x", -ENOTDIR, "what is no directory does not leave" },
	};
	struct place places[2];
	struct names_dir dir;
	struct text name;
	int turns, fd;

	names_preopen(names, 1, &dir, &name);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fd = names_find(names, &dir, text_of(rows[i].path), &places[0]);
		if (fd == 0)
			fd = open_following(names, places, &turns);
		test_row(rows[i].want < 0 ? fd == rows[i].want : fd >= 0, "%s: %s (got %d)", rows[i].kind, rows[i].path, fd);
		sys_close(fd);
	}
}

/* A directory descriptor keeps its object; what leaves it goes by its name. */
static void moved_directory(struct names *names)
{
	struct names_dir dir, moved;
	struct text name;
	struct place place, next;
	int turns;

	mkdirat(base_fd, "mnt/move", 0700);
	mkdirat(base_fd, "mnt/move/sub", 0700);
	names_preopen(names, 1, &dir, &name);
	names_find(names, &dir, TEXT("mnt/move/sub"), &place);
	moved = (struct names_dir){ .kind = DIR_COVERED, .name = TEXT("/home/u/proj/mnt/move/sub"), .mount = place.mount, .fd = names_open(&place, O_PATH, 0) };
	renameat(base_fd, "mnt/move/sub", base_fd, "sub-outside");
	names_find(names, &moved, TEXT("../secret"), &place);
	turns = names_open(&place, O_PATH, 0);
	test_row(turns == -EXDEV, "P04 \"..\" of a directory moved out of the mount: %d", turns);
	test_row(names_leave(names, &place, true, &next) == 0 && next.dirfd == next.mount->fd, "it is resolved by its name from then on");
	turns = names_open(&next, O_PATH, 0);
	if (turns == -EXDEV)
		turns = names_leave(names, &next, true, &place);
	test_row(turns == -ENOENT, "and does not reach what lies beside it now: %d", turns);
	sys_close(moved.fd);
	renameat(base_fd, "sub-outside", base_fd, "mnt/move/sub");
}

static void kernel_answers(void)
{
	int mnt = dir_fd("mnt"), root = open("/", O_PATH | O_CLOEXEC);

	test_row(sys_openat2(mnt, "..", O_PATH, 0, SYS_BENEATH | SYS_NO_MAGIC) == -EXDEV, "P01 the kernel answers \"..\" with EXDEV");
	test_row(sys_openat2(mnt, "/etc", O_PATH, 0, SYS_BENEATH | SYS_NO_MAGIC) == -EXDEV, "P01 and an absolute path");
	test_row(sys_openat2(root, "proc/self/root", O_PATH, 0, SYS_BENEATH | SYS_NO_MAGIC) == -ELOOP, "P01 and a magic link with ELOOP");
	close(mnt);
	close(root);
}

static void parents(struct names *names)
{
	static const struct { const char *path, *leaf; bool owned; } rows[] = {
		{ "mnt/a", "a", false }, { "mnt/a/", "a/", false }, { "mnt/dir/b//", "b//", true }, { "mnt", ".", false }, { "mnt/dir/.", ".", true },
	};
	struct names_dir dir;
	struct text name;

	names_preopen(names, 1, &dir, &name);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct place place;
		const char *leaf = "";
		bool owned = false;
		int fd = -1, result;

		names_find(names, &dir, text_of(rows[i].path), &place);
		result = names_parent(&place, &fd, &owned, &leaf);
		test_row(result == 0 && owned == rows[i].owned && strcmp(leaf, rows[i].leaf) == 0, "the parent of %s holds %s (got %d %s)", rows[i].path, rows[i].leaf, result, leaf);
		if (owned)
			sys_close(fd);
	}
}

static struct need need_of(const char *name)
{
	return (struct need){ .kind = KIND_FILE, .act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ, .flags = NEED_READ, .name = text_of(name) };
}

static uint64_t tallied_count;
static unsigned tallied;

static void take_tally(void *self, const struct tally *tally)
{
	(void)self;
	tallied++;
	tallied_count += tally->count;
}

static int judge_nothing(void *self, const struct need *need, struct answer *out)
{
	(void)self, (void)need, (void)out;
	return -EPERM;
}

static const struct authority_server server = { .judge = judge_nothing, .tally = take_tally };

static int learn_refusal(struct names *names, const struct need *need, uint64_t sticks, uint64_t generation)
{
	struct answer answer = ANSWER_NO;

	answer.verdict = VERDICT_HIDE;
	answer.sticks_ns = sticks;
	answer.generation = generation;
	return names_learn(names, need, &answer);
}

static void sticking(struct names *names)
{
	struct authority *authority = authority_local(&server);
	struct need hidden = need_of("/hidden"), absent = need_of("/absent"), never = need_of("/never"), other = hidden;
	uint8_t verdict;
	uint64_t from, to;

	test_row(!names_sticky(names, &hidden, &verdict), "nothing sticks at first");
	learn_refusal(names, &hidden, STICKS_RUN, 0);
	learn_refusal(names, &absent, STICKY_ABSENT_NS, 0);
	learn_refusal(names, &never, STICKS_NOT, 0);
	test_row(names_sticky(names, &hidden, &verdict) && verdict == VERDICT_HIDE, "a refusal sticks with its verdict");
	other.flags |= NEED_WRITE;
	test_row(!names_sticky(names, &other, &verdict), "another need of the same name is another need");
	test_row(!names_sticky(names, &never, &verdict), "what is not to stick does not");
	sys_clock(CLOCK_MONOTONIC, &from);
	for (to = from; names_sticky(names, &absent, &verdict);)
		sys_clock(CLOCK_MONOTONIC, &to);
	test_row(to - from > 50000000 && to - from < 5000000000, "\"absent\" sticks for a tenth of a second (%llu ns)", (unsigned long long)(to - from));
	tallied = 0, tallied_count = 0;
	names_sticky(names, &hidden, &verdict);
	names_tallies(names, authority);
	test_row(tallied == 2 && tallied_count > 2, "what was used is told, once a need");
	names_tallies(names, authority);
	test_row(tallied == 2, "and not told again");
	authority_free(authority);
}

static void sticking_by_generation(void)
{
	struct start_mount mounts[MOUNTS];
	struct start start;
	struct names *names;
	struct need hidden = need_of("/hidden");
	uint8_t verdict;
	uint64_t *page;
	int fd = memfd_create("generation", MFD_CLOEXEC);

	if (ftruncate(fd, 4096) < 0)
		abort();
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	*page = 5;
	fill_start(&start, mounts);
	start.generation_fd = fd;
	if (names_new(&start, &names) < 0)
		abort();
	close(fd);
	learn_refusal(names, &hidden, STICKS_RUN, 4);
	test_row(!names_sticky(names, &hidden, &verdict), "an answer of an older generation does not stick");
	learn_refusal(names, &hidden, STICKS_RUN, 5);
	test_row(names_sticky(names, &hidden, &verdict) && names_generation(names) == 5, "one of this generation does");
	*page = 6;
	test_row(!names_sticky(names, &hidden, &verdict), "until it changes, without a system call");
	names_free(names);
	munmap(page, 4096);
}

static void sticking_bounded(void)
{
	static char name[LIMIT_PATH + 1];
	struct start_mount mounts[MOUNTS];
	struct start start;
	struct names *names = new_names(&start, mounts);
	struct authority *authority = authority_local(&server);
	uint8_t verdict;
	int result = 0;
	unsigned n;

	for (n = 0; result == 0 && n < 2 * LIMIT_STICKY; n++) {
		struct need need = need_of(name);

		need.name.len = (size_t)snprintf(name, sizeof name, "/name/%u", n);
		result = learn_refusal(names, &need, STICKS_RUN, 0);
	}
	test_row(result == -ENOSPC && n == LIMIT_STICKY + 1, "65536 refusals are remembered, one more is not (%u)", n - 1);
	for (unsigned i = 0; i < 100; i++) {
		struct need need = need_of(name);

		need.name.len = (size_t)snprintf(name, sizeof name, "/name/%u", i);
		if (!names_sticky(names, &need, &verdict))
			result = -1;
	}
	test_row(result == -ENOSPC, "what was remembered still is");
	tallied = 0;
	result = learn_refusal(names, &(struct need){ .name = TEXT("/new") }, STICKS_RUN, 1);
	test_row(result == 0, "a new generation makes room");
	names_tallies(names, authority);
	test_row(tallied == 100, "and what was used and is over is still told (%u)", tallied);
	names_free(names);

	names = new_names(&start, mounts);
	memset(name, 'x', LIMIT_PATH);
	name[0] = '/';
	for (n = 0, result = 0; result == 0 && n < LIMIT_STICKY; n++) {
		struct need need = need_of(name);

		snprintf(name + 1, 10, "%08u", n);
		name[9] = 'x';
		need.name.len = LIMIT_PATH;
		result = learn_refusal(names, &need, STICKS_RUN, 0);
	}
	test_row(result == -ENOSPC && (n - 1) * (size_t)LIMIT_PATH <= LIMIT_STICKY_BYTES, "and no more than 16 MiB of names (%u of 4095 bytes)", n - 1);
	names_free(names);
	authority_free(authority);
}

static int learn_mount(struct names *names, const char *at, int fd, access_set access)
{
	struct answer answer = ANSWER_NO;
	struct need need = need_of("/x");

	answer.verdict = VERDICT_ALLOW;
	answer.mount = text_of(at);
	answer.access = access;
	answer.fds[1] = fd;
	return names_learn(names, &need, &answer);
}

static void learning(struct names *names)
{
	struct names_dir dir;
	struct text name;
	struct place place;
	const struct mount *first;

	names_preopen(names, 1, &dir, &name);
	test_row(learn_mount(names, "/home/u/proj/learn", dir_fd("ner"), ACCESS_READ) == 0
		 && names_find(names, &dir, TEXT("learn/a"), &place) == 0 && place.kind == PLACE_COVERED
		 && place.mount->access == ACCESS_READ && strcmp(place.rest, "a") == 0, "an answer's mount covers what is beneath");
	first = place.mount;
	learn_mount(names, "/home/u/proj/learn", dir_fd("ner"), ACCESS_CREATE);
	test_row(names_find(names, &dir, TEXT("learn/a"), &place) == 0 && place.mount == first
		 && first->access == (ACCESS_READ | ACCESS_CREATE), "two grants of one object are one mount");
	learn_mount(names, "/home/u/proj/learn", dir_fd("mnt"), ACCESS_STAT);
	test_row(names_find(names, &dir, TEXT("learn/a"), &place) == 0 && place.mount != first && place.mount->access == ACCESS_STAT,
		 "another object in its place inherits nothing");
	test_row(learn_mount(names, "relative", dir_fd("ner"), ACCESS_READ) == -EINVAL, "a relative mount name is none");
	test_row(learn_mount(names, "/a/../b", dir_fd("ner"), ACCESS_READ) == -EINVAL, "nor one with dots");
	test_row(learn_mount(names, "/a/file", openat(base_fd, "mnt/file", O_PATH | O_CLOEXEC), ACCESS_READ) == -ENOTDIR, "nor a file");
	test_row(names_find(names, &dir, TEXT("tmp/../tmp/y"), &place) == 0, "the tree goes on working");
}

/* --ask=off: the launcher's directories as typed, and nothing else. */
static void classic(void)
{
	struct start_mount mounts[2] = {
		{ .at = TEXT("."), .fd = dir_fd("mnt"), .access = ACCESS_DIR, .flags = MOUNT_LAUNCHER | MOUNT_PREOPEN },
		{ .at = TEXT("/d"), .fd = dir_fd("ner"), .access = ACCESS_DIR_RO, .flags = MOUNT_LAUNCHER | MOUNT_PREOPEN },
	};
	struct start start = { .mode = MODE_OFF, .mounts = mounts, .nmounts = 2, .generation_fd = -1 };
	struct names *names;
	struct names_dir dir;
	struct text name;
	struct place place, next;

	CHECK(names_new(&start, &names) == 0);
	test_row(names_preopen(names, 0, &dir, &name) == 0 && text_eq(name, TEXT(".")), "the first preopen is named as typed");
	test_row(names_find(names, &dir, TEXT("../x"), &place) == 0 && names_open(&place, O_PATH, 0) == -EXDEV
		 && names_leave(names, &place, true, &next) == -EPERM, "W17 stepping outside: perm");
	test_row(names_find(names, &dir, TEXT("/etc/passwd"), &place) == -EPERM, "W17 absolute: perm");
	test_row(names_find(names, &dir, TEXT("dir/../../mnt/file"), &place) == 0 && names_open(&place, O_PATH, 0) == -EXDEV, "W17 also when it returns");
	test_row(names_find(names, &dir, TEXT("dev/null"), &place) == 0 && place.kind == PLACE_COVERED, "no devices");
	test_row(names_preopen(names, 1, &dir, &name) == 0 && text_eq(name, TEXT("/d")) && !(dir.mount->access & ACCESS_WRITE), "the second one");
	test_row(names_preopen(names, 2, &dir, &name) == -EBADF, "and no more");
	names_free(names);
}

static void make_host(void)
{
	char from[32], to[32];

	snprintf(base_dir, sizeof base_dir, "/tmp/wask-names-XXXXXX");
	if (!mkdtemp(base_dir))
		abort();
	base_fd = open(base_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < MOUNTS; i++)
		mkdirat(base_fd, mount_host[i], 0700);
	mkdirat(base_fd, "mnt/dir", 0700);
	close(openat(base_fd, "mnt/file", O_CREAT | O_WRONLY, 0600));
	close(openat(base_fd, "mnt/dir/file2", O_CREAT | O_WRONLY, 0600));
	close(openat(base_fd, "secret", O_CREAT | O_WRONLY, 0600));
	symlinkat("../secret", base_fd, "mnt/out");
	symlinkat("/etc", base_fd, "mnt/abs");
	symlinkat("../mnt/file", base_fd, "mnt/outback");
	symlinkat("./dir", base_fd, "mnt/inside");
	symlinkat("loop1", base_fd, "mnt/loop1");
	symlinkat("loop3", base_fd, "mnt/loop2");
	symlinkat("loop2", base_fd, "mnt/loop3");
	symlinkat("file", base_fd, "mnt/chain0");
	for (int i = 1; i <= 40; i++) {
		snprintf(from, sizeof from, "chain%d", i - 1);
		snprintf(to, sizeof to, "mnt/chain%d", i);
		symlinkat(from, base_fd, to);
	}
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

int main(void)
{
	struct start_mount mounts[MOUNTS];
	struct start start;
	struct names *names;

	test_begin();
	make_host();
	names = new_names(&start, mounts);
	find_rows(names);
	long_paths(names);
	opened_directories(names);
	kernel_answers();
	leaving(names);
	moved_directory(names);
	parents(names);
	learning(names);
	sticking(names);
	names_free(names);
	sticking_by_generation();
	sticking_bounded();
	classic();
	remove_host();
	return test_end();
}
