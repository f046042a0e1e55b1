/*
 * Judge and guest together: what the judge says is covered the guest does by itself,
 * and comes back for what is excluded there: rules, secrets and sockets, by name and by
 * object, under a mount of the start and one of an answer; and for all of it after a
 * grant was revoked.
 */
#include "engine/fake.h"
#include "judge.h"
#include "wasi/abi.h"

enum { PATH = 4096, OTHER = 12288, BUF = 20480, OUT = 64, MEMORY = 65536 };

static struct fake *fake;
static struct authority *door;
static struct authority_server counting;
static unsigned needs;

static int count(void *self, const struct need *need, struct answer *out)
{
	const struct authority_server *server = judge_server(judge);

	(void)self;
	needs++;
	return server->judge(server->self, need, out);
}

/* A guest with the judge of SETTING behind its door. */
static void guest_make(const struct setting *setting)
{
	struct guest_options options = { .stdio = { -1, -1, -1 } };

	judge_make(setting);
	for (size_t i = 0; i < start.nmounts; i++)
		start.mounts[i].fd = fcntl(start.mounts[i].fd, F_DUPFD_CLOEXEC, 3);
	counting = *judge_server(judge);
	counting.judge = count;
	door = authority_local(&counting);
	options.authority = door;
	options.start = &start;
	if (!door || fake_new(&options, MEMORY, &fake) < 0)
		test_row(false, "fake_new");
	needs = 0;
}

static void guest_done(void)
{
	fake_free(fake);
	authority_free(door);
	judge_done();
}

/* BASE/NAME as the preopen "/" has it; its length. */
static uint32_t at(uint32_t where, const char *name)
{
	const char *path = in(name) + 1;

	memcpy(fake_memory(fake) + where, path, strlen(path));
	return (uint32_t)strlen(path);
}

static uint32_t number(uint32_t where)
{
	uint32_t n;

	memcpy(&n, fake_memory(fake) + where, sizeof n);
	return n;
}

static const char *word(uint32_t error)
{
	static const struct { uint32_t error; const char *word; } words[] = {
		{ WASI_SUCCESS, "ok" }, { WASI_ACCES, "acces" }, { WASI_NOENT, "noent" }, { WASI_EXIST, "exist" }, { WASI_XDEV, "xdev" }, { WASI_BUSY, "busy" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].error == error)
			return words[i].word;
	return "?";
}

static const char *opens(const char *name, uint32_t oflags, uint64_t rights)
{
	uint32_t error = fake_run(fake, "path_open", 3, WASI_LOOKUP_FOLLOW, PATH, at(PATH, name), oflags, rights, 0, 0, OUT);

	if (!error)
		fake_run(fake, "fd_close", number(OUT));
	return word(error);
}

static const char *reads(const char *name)
{
	return opens(name, 0, RIGHT_FD_READ);
}

static const char *looks(const char *name)
{
	return word(fake_run(fake, "path_filestat_get", 3, WASI_LOOKUP_FOLLOW, PATH, at(PATH, name), OUT));
}

static const char *unlinks(const char *name)
{
	return word(fake_run(fake, "path_unlink_file", 3, PATH, at(PATH, name)));
}

static const char *makes(const char *name)
{
	return word(fake_run(fake, "path_create_directory", 3, PATH, at(PATH, name)));
}

static const char *renames(const char *from, const char *to)
{
	return word(fake_run(fake, "path_rename", 3, PATH, at(PATH, from), 3, OTHER, at(OTHER, to)));
}

static const char *links(const char *from, const char *to)
{
	return word(fake_run(fake, "path_link", 3, 0, PATH, at(PATH, from), 3, OTHER, at(OTHER, to)));
}

static bool lists(const char *dir, const char *entry)
{
	uint32_t error = fake_run(fake, "path_open", 3, WASI_LOOKUP_FOLLOW, PATH, at(PATH, dir), WASI_O_DIRECTORY, RIGHT_FD_READ | RIGHT_FD_READDIR, 0, 0, OUT);
	uint32_t fd = number(OUT);
	bool found = false;

	if (!error)
		error = fake_run(fake, "fd_readdir", fd, BUF, 8192, 0, OUT);
	if (error)
		return test_row(false, "%s is listed", dir);
	for (uint32_t i = 0, n = number(OUT); i + 24 <= n; i += 24 + number(BUF + i + 16))
		found |= number(BUF + i + 16) == strlen(entry) && memcmp(fake_memory(fake) + BUF + i + 24, entry, strlen(entry)) == 0;
	fake_run(fake, "fd_close", fd);
	return found;
}

/* GOT is WANT; so far SO many needs came to the judge, and ASKED questions to somebody. */
static void row(const char *got, const char *want, unsigned so, unsigned asked, const char *name)
{
	test_row(strcmp(got, want) == 0 && needs == so && script.asked == asked, "%s: %s, %u needs, %u asked (is %s, %u, %u)", name, want, so, asked, got, needs, script.asked);
}

#define ALL "allow read,write,append,create,delete,list,stat,meta,links @/other/"


static void fill(void)
{
	shell("rm -rf other && mkdir -p other/dir/deep other/hid other/free && echo secret >other/secret.txt && ln other/secret.txt other/twin && "
	      "echo o >other/o.txt && echo x >other/hid/x && echo y >other/dir/deep/y && echo d >other/dir/d && echo a >other/asked.txt && echo k >other/p.key && ln -s secret.txt other/link");
}

static void rules_in_mounts(void)
{
	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL },
		.flags = { "deny read @/other/secret.txt", "hide read,write,create,delete,list,stat,meta @/other/hid/", "deny read,write,list @/other/dir/deep/", "deny read @/other/*.key" }, .policy = { "ask read @/other/asked.txt" } });
	row(reads("other/o.txt"), "ok", 0, 0, "a directory with rules in it is a mount all the same");
	row(looks("other/secret.txt"), "ok", 0, 0, "a word that no rule takes away is the mount's");
	row(reads("other/secret.txt"), "acces", 1, 0, "a denied name");
	row(reads("other/link"), "acces", 1, 0, "through a link: it sticks to the name that it leads to");
	row(reads("other/twin"), "acces", 2, 0, "by another name of the object");
	row(looks("other/hid/x"), "noent", 3, 0, "a hidden one");
	row(reads("other/dir/d"), "ok", 3, 0, "beside a denied directory");
	row(reads("other/dir/deep/y"), "acces", 4, 0, "in it");
	test_row(lists("other", "o.txt") && !lists("other", "hid") && lists("other", "asked.txt"), "a listing leaves out what is hidden");
	needs = 0;
	script.replies = "y";
	row(reads("other/asked.txt"), "ok", 1, 1, "an ask rule");
	row(reads("other/asked.txt"), "ok", 2, 1, "answered once");
	script.replies = "nn";
	row(links("other/secret.txt", "other/free/s"), "acces", 3, 1, "what is denied in part gets no second name");
	renames("other/secret.txt", "other/free/s");
	test_row(strcmp(reads("other/free/s"), "ok") != 0, "nor is it read when it was moved");
	test_row(strcmp(renames("other/p.key", "other/free/p"), "ok") != 0 && strcmp(reads("other/free/p"), "ok") != 0, "nor what a pattern denies in part");
	test_row(strcmp(renames("other/dir", "other/away"), "ok") != 0 && there("other/dir/deep/y"), "what holds something denied is not moved unasked");
	guest_done();
}

/* Somebody says yes to the move: what is denied in it stays so. */
static void moved_with_rules(void)
{
	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL }, .flags = { "deny read @/other/dir/deep/" } });
	script.replies = "yy";
	renames("other/dir", "other/away");
	test_row(there("other/away/deep/y"), "a directory is moved when somebody says so");
	test_row(strcmp(reads("other/away/deep/y"), "acces") == 0, "what is denied in it still is");
	test_row(strcmp(reads("other/away/d"), "ok") == 0, "and the rest is not");
	guest_done();
}

static void answers_become_mounts(void)
{
	const struct judge_grant *grants;
	unsigned before;

	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "dnnn";
	row(reads("work/near.txt"), "ok", 1, 1, "a yes to the directory");
	row(reads("work/more.txt"), "ok", 2, 1, "what else is in it: nobody is asked, and the directory becomes a mount");
	row(reads("work/src/a.c"), "ok", 2, 1, "from then on the judge is not either");
	row(reads("work/near.txt"), "ok", 2, 1, "for all of it");
	row(reads("work/.env"), "noent", 3, 1, "a secret in it is not given");
	row(opens("work/near.txt", 0, RIGHT_FD_WRITE), "acces", 4, 2, "nor is changing");
	before = script.asked;
	script.replies = "nyy";
	CHECK(judge_revoke(judge, judge_grants(judge, &grants)) == 0);
	row(reads("work/more.txt"), "acces", 5, before + 1, "a revoked grant: the next call asks");
	row(reads("work/src/a.c"), "ok", 6, before + 2, "and so does every other");
	row(reads("work/src/a.c"), "ok", 7, before + 2, "until somebody says yes to that");
	guest_done();
}

static void launchers_revoked(void)
{
	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL } });
	row(reads("other/o.txt"), "ok", 0, 0, "what the launcher gave");
	CHECK(judge_revoke(judge, 1) == 0);
	script.replies = "n";
	row(reads("other/o.txt"), "acces", 1, 1, "taken back, it is asked about");
	row(looks("other/dir"), "noent", 2, 1, "and not shown");
	guest_done();
}

/* A rule that an answer makes holds in mounts that are there already. */
static void answers_forbid(void)
{
	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL } });
	row(reads("other/dir/d"), "ok", 0, 0, "before");
	script.replies = "r";
	script.rules[0] = "allow read @/work/near.txt";
	script.rules[1] = "deny read @/other/dir/";
	row(reads("work/near.txt"), "ok", 1, 1, "an answer that also denies");
	row(reads("other/dir/d"), "acces", 2, 1, "what it denies is denied beneath the mount");
	row(reads("other/o.txt"), "ok", 2, 1, "what it does not is not");
	guest_done();
}

/* What a rule names is what it named before the guest could put a link in its place. */
static void rules_come_first(void)
{
	fill();
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL }, .flags = { "allow read @/other/o.txt", "allow read @/other/late" } });
	script.replies = "nnn";
	memcpy(fake_memory(fake) + BUF, "../work/near.txt", 16);
	CHECK(strcmp(unlinks("other/o.txt"), "ok") == 0);
	CHECK(fake_run(fake, "path_symlink", BUF, 16, 3, PATH, at(PATH, "other/o.txt")) == WASI_SUCCESS);
	CHECK(fake_run(fake, "path_symlink", BUF, 16, 3, PATH, at(PATH, "other/late")) == WASI_SUCCESS);
	row(reads("other/o.txt"), "acces", 1, 1, "a link in the place of what a rule allows is asked about");
	row(reads("other/late"), "acces", 2, 1, "where there was nothing, too: the refusal is the object's");
	guest_done();
}

static void sockets(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fill();
	snprintf(name.sun_path, sizeof name.sun_path, "%s/other/sock", base);
	if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0)
		test_row(false, "bind: %s", strerror(errno));
	guest_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { ALL } });
	row(looks("other/sock"), "noent", 1, 0, "a socket: a look");
	row(unlinks("other/sock"), "noent", 2, 0, "removing it");
	row(renames("other/sock", "other/taken"), "noent", 3, 0, "moving it");
	test_row(strcmp(renames("other/o.txt", "other/sock"), "ok") != 0, "moving something onto it");
	test_row(strcmp(links("other/sock", "other/taken"), "ok") != 0, "another name of it");
	test_row(strcmp(makes("other/sock"), "exist") != 0, "making a directory does not tell that it is there");
	test_row(strcmp(opens("other/sock", WASI_O_CREAT | WASI_O_EXCL, RIGHT_FD_WRITE), "exist") != 0, "nor does making a file");
	test_row(there("other/sock") && there("other/o.txt") && !there("other/taken"), "all is as it was");
	row(unlinks("other/o.txt"), "ok", needs, script.asked, "a file beside it is removed");
	test_row(!there("other/o.txt"), "it is gone");
	guest_done();
	close(fd);
}

int main(void)
{
	test_begin();
	world_make();
	rules_in_mounts();
	moved_with_rules();
	answers_become_mounts();
	launchers_revoked();
	answers_forbid();
	rules_come_first();
	sockets();
	world_done();
	return test_end();
}
