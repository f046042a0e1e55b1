/*
 * judge_start.c - what the worker is told at start, what the launcher gives, and the
 * private /tmp.
 */
#include "judge.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static bool has(struct texts list, const char *word)
{
	for (size_t i = 0; i < list.n; i++)
		if (text_eq(list.at[i], text_of(word)))
			return true;
	return false;
}

static const struct start_dir *dir_of(const char *name)
{
	for (size_t i = 0; i < start.ndirs; i++)
		if (text_eq(start.dirs[i].name, text_of(in(name))))
			return &start.dirs[i];
	return NULL;
}

static const struct start_arg *arg_of(const char *name)
{
	for (size_t i = 0; i < start.nargs; i++)
		if (text_eq(start.args[i].name, text_of(in(name))))
			return &start.args[i];
	return NULL;
}

static void message(void)
{
	const struct start_dir *dir;

	shell("mkdir -p work/usr work/lib");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "@/other/o.txt near.txt /nowhere/x -o out/a.o --in=@/home",
		.env = { "LANG=C", "LC_ALL=C", "SECRET=1", "EDITOR=vi", "TMPDIR=/x", "LANGUAGE=de" }, .grants = { "allow env EDITOR", "allow list,read,stat @/other/dir/ at /data/in" } });
	CHECK(start.mode == MODE_NEEDS && start.generation_fd >= 0 && text_eq(start.cwd, text_of(in("work"))));
	CHECK(has(start.env, "LANG=C") && has(start.env, "LC_ALL=C") && has(start.env, "EDITOR=vi") && has(start.env, "TMPDIR=/x"));
	CHECK(!has(start.env, "SECRET=1") && !has(start.env, "LANGUAGE=de"));
	test_row(text_starts(start.env.at[start.env.n - 1], TEXT("PWD=/")), "PWD is the cwd");
	CHECK(has(start.tops, "usr") && has(start.tops, ".wasi") && has(start.tops, "nowhere") && has(start.tops, "data") && !has(start.tops, "out"));
	CHECK(start.locals.n == 2 && has(start.locals, "usr") && has(start.locals, "lib"));
	CHECK(arg_of("other/o.txt") && arg_of("other/o.txt")->existed && arg_of("other/o.txt")->claims && !arg_of("other/o.txt")->output);
	CHECK(arg_of("work/out/a.o") && text_eq(arg_of("work/out/a.o")->spelled, TEXT("out/a.o")));
	CHECK(start.nmounts == 1 && text_eq(start.mounts[0].at, TEXT("/data/in")) && start.mounts[0].access == ACCESS_DIR_RO && (start.mounts[0].flags & MOUNT_LAUNCHER));
	CHECK(start.nprotected == 2 && start.protected[0].ino != 0 && start.protected[0].nothing && !start.protected[1].nothing && !(start.mounts[0].flags & MOUNT_GUARDED));

	dir = dir_of("");
	dir = dir_of("/");
	CHECK(dir && has(dir->entries, "var") && has(dir->entries, "data") && has(dir->entries, "tmp") && !has(dir->entries, "nowhere"));
	dir = dir_of("/dev");
	CHECK(dir && has(dir->entries, "null") && has(dir->entries, "urandom"));
	dir = dir_of("/data");
	CHECK(dir && dir->entries.n == 1 && has(dir->entries, "in"));
	CHECK(dir_of("/nowhere") == NULL);
	CHECK(dir_of("other") == NULL);		/* the place of a named file: near */
	CHECK(dir_of("work") == NULL && dir_of("home") == NULL);	/* near; spelled */
	CHECK(dir_of("/var/tmp") && dir_of("/var"));
	judge_done();
	shell("rmdir work/usr work/lib");

	judge_make(&(struct setting){ .mode = MODE_BLIND, .argv = "@/other/o.txt out/x" });
	CHECK(dir_of("work") && dir_of("home"));	/* always synthetic in blind */
	CHECK(dir_of("other") == NULL && dir_of("work/out") == NULL);	/* not looked at */
	CHECK(!arg_of("other/o.txt")->existed);
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .cwd = "home" });
	dir = dir_of("home");
	CHECK(dir && dir->entries.n == 0);		/* broad: not near, stands for itself */
	judge_done();
}

static size_t claims(void)
{
	size_t n = 0;

	for (size_t i = 0; i < start.nargs; i++)
		n += start.args[i].claims;
	return n;
}

/* --dir HOST::/: the guest stands at its "/", and nothing that an argument spells leads elsewhere. */
static void another_root(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "-o out.o near.txt", .grants = { "allow rw @/work/ at /" } });
	test_row(text_eq(start.cwd, TEXT("/")) && has(start.env, "PWD=/"), "its / is another directory: it stands there");
	CHECK(arg_of("work/out.o") && claims() == 0 && dir_of("/") == NULL);
	open_as("/.env", NEED_READ);
	is("noent", 0, "a secret beneath another / is one by its host name");
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "-o out.o", .grants = { "allow rw @/work/ at /", "allow rw @/other/ at @/work" } });
	test_row(text_eq(start.cwd, text_of(in("work"))) && claims() == 1, "its cwd is a mount of its own: it stands there");
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEVER, .grants = { "allow rw /" } });
	test_row(text_eq(start.cwd, text_of(in("work"))), "its / is the host's: it stands where we do");
	judge_done();
}

static void classic(void)
{
	struct text set[2] = { TEXT("A=1"), TEXT("A=2") }, env[1] = { TEXT("LANG=C") };
	struct judge_options options = { .mode = MODE_OFF, .program = TEXT("p"), .env = { env, 1 }, .set_env = { set, 2 }, .cwd = text_of(in("work")) };
	struct rule rule = { .verb = VERB_ALLOW, .access = ACCESS_DIR, .what = WHAT_SUBTREE, .path = text_of(in("work")) };
	uint64_t grant = 0;

	CHECK(judge_new(&options, &judge) == 0);
	CHECK(judge_grant(judge, &rule, TEXT(""), &grant) == -EINVAL);
	CHECK(judge_grant(judge, &rule, TEXT("."), &grant) == 0 && grant == 1);
	rule.path = text_of(in("none"));
	CHECK(judge_grant(judge, &rule, TEXT("x"), &grant) == -ENOENT && grant == 1);
	rule.path = text_of(in("module.wasm"));
	CHECK(judge_grant(judge, &rule, TEXT("x"), &grant) == -ENOTDIR);
	CHECK(judge_start(judge, &arena, &start) == 0);
	CHECK(start.env.n == 1 && has(start.env, "A=2"));
	CHECK(start.ndirs == 0 && start.tops.n == 0 && start.nmounts == 1 && (start.mounts[0].flags & MOUNT_PREOPEN) && text_eq(start.mounts[0].at, TEXT(".")));
	judge_done();
}

static void launcher(void)
{
	enum origin by = ORIGIN_TABLE;

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow read /etc/passwd", "allow create,append @/work/log.txt",
		"allow read @/home/.config/foo/*", "allow rw,append,meta,links @/other/dir/ at /mine", "allow read,list,stat @/work/src/" } });
	open_as("/etc/passwd", NEED_READ);
	is("ok", 0, "a granted object, though quiet");
	look("/etc/passwd");
	is("ok", 0, "every word is a look, too");
	open_as("/etc/passwd", NEED_WRITE);
	is("acces", 0, "and only the words that were given (I10: shown, so acces)");
	open_as("/etc/group", NEED_READ);
	is("noent", 0, "not its neighbour");
	open_as("home/.config/foo/x", NEED_READ);
	is("ok", 0, "a pattern");
	shell("cp home/.config/foo/x home/.config/foo/.dot");
	open_as("home/.config/foo/.dot", NEED_READ);
	is("noent", 0, "never a leading dot");
	open_as("work/log.txt", NEED_WRITE | NEED_APPEND | NEED_CREAT);
	is("ok", 0, "create and append: made");
	open_as("work/log.txt", NEED_WRITE | NEED_APPEND | NEED_CREAT);
	is("ok", 0, "appended to");
	open_as("work/log.txt", NEED_WRITE);
	is("acces", 1, "not written: what it made under such a grant is not its own");

	call(CALL_PATH_CREATE_DIRECTORY, "/mine/sub", 0);
	is("ok", 1, "beneath a mount");
	test_row(there("other/dir/sub"), "led through it");
	open_as("/mine/sub/../x", NEED_WRITE | NEED_CREAT);
	is("ok", 1, "and \"..\" resolved there");
	open_as("/mine/../../../../etc/passwd", NEED_READ);
	is("noent", 1, "P23 above it is nothing that was given, whatever folding the name says");
	shell("ln -s /etc/group other/dir/out; ln -s ../o.txt other/dir/up");
	open_as("/mine/out", NEED_READ);
	is("noent", 1, "W18 a link that leaves a mount is a hole for its target: a quiet one is not there");
	open_as("/mine/up", NEED_READ);
	is("acces", 2, "W18 another one is asked about");
	test_row(strcmp(script.path, in("other/o.txt")) == 0 && strcmp(script.second, in("other/dir/up")) == 0, "with both names");
	open_as("/mine/out", NEED_WRITE | NEED_CREAT);
	is("acces", 3, "W18 also with O_CREAT");
	test_row(file_holds("other/o.txt", "other"), "W18 and its target is as it was");
	call(CALL_PATH_FILESTAT_GET, "/mine/up", 0);
	is("ok", 3, "the link itself is in the mount");
	script.replies = "y";
	call2(CALL_PATH_RENAME, "/mine/x", 0, "work/from-mount");
	is("ok", 4, "a rename out of a mount asks about its target");
	test_row(there("work/from-mount") && recorded("/mine/x", ACT_CHANGE, OUTCOME_GRANTED, &by) == 1, "and happens");
	open_as("work/src/a.c", NEED_READ);
	is("ok", 4, "a read-only mount, read");
	open_as("work/src/a.c", NEED_WRITE);
	is("acces", 5, "changed: asks, as a near name");
	judge_done();
	shell("rm -rf work/log.txt work/from-mount other/dir/* home/.config/foo/.dot");
}

static const char *const changes[] = { "write", "unlink", "times", "rename", "mkdir" };

static void change(size_t how, const char *name)
{
	switch (how) {
	case 0:
		open_as(name, NEED_WRITE);
		break;
	case 1:
		call(CALL_PATH_UNLINK_FILE, name, 0);
		break;
	case 2:
		call(CALL_PATH_FILESTAT_SET_TIMES, name, NEED_FOLLOW);
		break;
	case 3:
		call2(CALL_PATH_RENAME, name, 0, "/x/to");
		break;
	default:
		call(CALL_PATH_CREATE_DIRECTORY, name, 0);
	}
}

/* What a mount lacks is asked, whatever its place is; refused it is acces, for a look shows it (I10). */
static void read_only(void)
{
	static const char *const grants[] = { "allow list,read,stat @/other/ at /x", "allow list,read,stat @/home/.config/foo/ at /x" };
	static const char *const files[] = { "/x/o.txt", "/x/x" };
	const struct record_row *rows;
	bool told = false;

	for (size_t i = 0; i < 2; i++) {
		for (size_t how = 0; how < 5; how++) {
			const char *want = how == 4 ? "EEXIST" : "acces";

			judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { grants[i] } });
			look(files[i]);
			is("ok", 0, files[i]);
			change(how, files[i]);
			test_row(strcmp(came(), want) == 0 && script.asked == (how < 4), "beneath :ro, %s asks: %s (%s, %u)", changes[how], files[i], came(), script.asked);
			judge_done();
			judge_make(&(struct setting){ .mode = MODE_NEVER, .grants = { grants[i] } });
			change(how, files[i]);
			test_row(strcmp(came(), want) == 0, "I10 nobody there, %s: %s (%s)", changes[how], files[i], came());
			judge_done();
		}
	}

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { grants[0] } });
	script.replies = "y";
	call(CALL_PATH_CREATE_DIRECTORY, "/x/nd", 0);
	is("ok", 1, "made beneath :ro, after a yes");
	open_as("/x/nd/n", NEED_WRITE | NEED_CREAT);
	is("ok", 1, "and its own: new names in it");
	call(CALL_PATH_UNLINK_FILE, "/x/nd/n", 0);
	is("ok", 1, "and removed");
	judge_done();
	shell("rmdir other/dir/nd other/nd 2>/dev/null || :");

	judge_make(&(struct setting){ .mode = MODE_NEVER, .grants = { grants[0] } });
	open_as("/x/new", NEED_WRITE | NEED_CREAT);
	for (size_t i = 0; i < judge_record(judge, &rows); i++)
		told |= text_eq(rows[i].name, TEXT("/x/new")) && text_eq(rows[i].path, text_of(in("other/new")));
	test_row(strcmp(came(), "acces") == 0 && told, "the record has the host's name of what is missing beneath a mount");
	judge_done();
}

static bool mounts(const char *at, access_set access)
{
	return answer.fds[1] >= 0 && text_eq(answer.mount, text_of(at)) && answer.access == access;
}

static void forbid_openat2(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(3);
}

/* P01: the kernel's answers are looked at before anything rests on them. */
static void old_kernel(void)
{
	struct judge_options options = { .mode = MODE_NEVER, .program = TEXT("p"), .cwd = TEXT("/") };
	int status, pid = fork();

	if (pid == 0) {
		forbid_openat2();
		_exit(judge_new(&options, &judge) != -ENOSYS);
	}
	test_row(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0,
		 "P01 a kernel without openat2: nothing starts (%d)", status);
}

static bool private_gone(const char *path)
{
	return access(path, F_OK) < 0;
}

static void private_tmp(void)
{
	char proc[64], path[256] = "";
	int fd, next;

	judge_make(&(struct setting){ .mode = MODE_NEVER });
	test_row(dir_of("/tmp") == NULL, "/tmp is no synthetic directory");
	look("/tmp/none");
	is("ENOENT", 0, "nothing is in the private /tmp");
	test_row(mounts("/tmp", ACCESS_DIR), "and it is mounted with the first answer");
	open_as("/tmp/x", NEED_READ | NEED_WRITE | NEED_CREAT | NEED_EXCL);
	is("ok", 0, "made there");
	test_row(!private_gone("/tmp/x") ? false : true, "not in the host's /tmp");
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", answer.fds[1]);
	test_row(readlink(proc, path, sizeof path - 1) > 0 && strstr(path, "/wask-"), "but in a directory of its own: %s", path);
	call2(CALL_PATH_SYMLINK, "/tmp/l", 0, "x");
	call2(CALL_PATH_SYMLINK, "/tmp/abs", 0, "/etc/passwd");
	is("EPERM", 0, "W17 a link to an absolute name: perm");

	/* Deep, wide, and with a link out. */
	fd = openat(answer.fds[1], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 3000; i++) {
		if (i < 300)
			close(openat(fd, i % 2 ? "a" : "b", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		mkdirat(fd, "d", 0700);
		symlinkat(base, fd, "out");
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);
	judge_done();
	test_row(path[0] && private_gone(path), "P21 and gone at the end, however deep");
	test_row(there("work/near.txt"), "P21 without following links");

	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "/tmp/wask-judge-file" });
	CHECK(start.tmp.n == 1 && has(start.tmp, "/tmp"));
	open_as("/tmp/wask-judge-file2", NEED_READ);
	is("noent", 0, "a file directly in /tmp was named: all of it is the host's");
	test_row(answer.fds[1] < 0, "and none is private");
	judge_done();

	shell("mkdir work/tmp");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "/tmp/wask-judge-dir/x" });
	CHECK(has(start.tmp, "/tmp/wask-judge-dir/x") && !has(start.tmp, "/tmp"));
	CHECK(has(start.env, "TMPDIR=/.wasi/tmp"));
	open_as("/.wasi/tmp/y", NEED_WRITE | NEED_CREAT);
	is("ok", 0, "tmp is a local name: the private directory has another one, too");
	test_row(mounts("/.wasi/tmp", ACCESS_DIR), "mounted there");
	look("/tmp/y");
	is("ok", 0, "the same directory");
	judge_done();
	shell("rmdir work/tmp");
}

static void data(void)
{
	struct stat st;

	if (stat("/usr/share/zoneinfo", &st) < 0 || !S_ISDIR(st.st_mode)) {
		printf("# no zoneinfo here\n");
		return;
	}
	judge_make(&(struct setting){ .mode = MODE_NEVER });
	look("/usr/share/zoneinfo");
	is("ok", 0, "zoneinfo is always there");
	test_row(mounts("/usr/share/zoneinfo", ACCESS_DIR_RO), "read-only, as a mount");
	open_as("/usr/share/zoneinfo/x", NEED_WRITE | NEED_CREAT);
	is("acces", 0, "and not changed");
	open_as("/usr/share/zoneinfo/UTC", NEED_WRITE);
	is("acces", 0, "I10 nor what a look shows in it");
	CHECK(dir_of("/usr") && dir_of("/usr/share") && has(dir_of("/usr/share")->entries, "zoneinfo"));
	look("/usr/share/doc");
	is("noent", 0, "what is beside it is not");
	judge_done();
}

static void tallies(void)
{
	const struct authority_server *server;
	const struct record_row *rows;
	struct need need = { .act = ACT_READ, .call = CALL_PATH_OPEN, .flags = NEED_READ | NEED_FOLLOW, .access = ACCESS_READ };
	char name[64];

	judge_make(&(struct setting){ .mode = MODE_NEVER });
	server = judge_server(judge);
	need.name = text_of(in("home/.ssh/id"));
	put_need(need);
	server->tally(server->self, &(struct tally){ &need, 9999 });
	test_row(recorded("home/.ssh/id", ACT_READ, OUTCOME_HIDDEN, NULL) == 10000, "what the worker answered alone is added");
	need.name = text_of(in("never/asked"));
	server->tally(server->self, &(struct tally){ &need, 5 });
	CHECK(judge_record(judge, &rows) == 1);
	need = (struct need){ .act = ACT_LIST, .call = CALL_FD_READDIR, .flags = NEED_DIRECTORY, .access = ACCESS_LIST, .name = TEXT("/dev") };
	server->tally(server->self, &(struct tally){ &need, 1 });
	server->tally(server->self, &(struct tally){ &need, 2 });
	test_row(recorded("/dev", ACT_LIST, OUTCOME_GRANTED, NULL) == 3, "I8 the listing of a directory that stands for itself is recorded");
	need.name = TEXT("/etc");
	server->tally(server->self, &(struct tally){ &need, 1 });
	CHECK(judge_record(judge, &rows) == 2);		/* of no other is the worker believed */
	for (int i = 0; i < LIMIT_RECORD + 5; i++) {
		snprintf(name, sizeof name, "/etc/n%d", i);
		open_as(name, NEED_READ);
	}
	CHECK(judge_record(judge, &rows) == LIMIT_RECORD && judge_omitted(judge) == 7);
	judge_done();
}

static void own_ring(void)
{
	char name[64];
	bool all = true;

	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "--outdir=dist" });
	call(CALL_PATH_CREATE_DIRECTORY, "work/dist", 0);
	for (int i = 0; i < 3 * LIMIT_CREATIONS; i++) {
		snprintf(name, sizeof name, "work/dist/f%d", i);
		open_as(name, NEED_WRITE | NEED_CREAT);
		all &= strcmp(came(), "ok") == 0;
	}
	test_row(all, "more files than the judge keeps open");
	open_as(name, NEED_WRITE);
	is("ok", 0, "the newest are known as its own");
	open_as("work/dist/f0", NEED_WRITE);
	is("acces", 0, "the oldest would be asked about");
	judge_done();
	shell("rm -r work/dist");
}

int main(void)
{
	test_begin();
	umask(022);
	world_make();
	message();
	another_root();
	classic();
	launcher();
	read_only();
	private_tmp();
	data();
	tallies();
	own_ring();
	old_kernel();
	world_done();
	return test_end();
}
