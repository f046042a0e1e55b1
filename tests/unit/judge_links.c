/*
 * judge_links.c - where links lead (decisions.md 4.5), what a program brought along and
 * what is its own (9), and what is not looked at (I1).
 */
#include "base/fault.h"
#include "judge.h"

static void links(void)
{
	enum origin by = ORIGIN_NOBODY;

	shell("ln -s ../other/o.txt work/to-other; ln -s near.txt work/to-near; ln -s ../home/.ssh/id work/to-secret; ln -s ../other work/to-dir; ln -s /etc/hosts work/to-quiet");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "to-other to-near to-secret to-dir/o.txt to-quiet" });
	look("work/to-other");
	is("ok", 0, "a link that an argument spells may be looked at");
	test_row(answer.filestat.st_size == 5, "through it");
	open_as("work/to-near", NEED_READ);
	is("ok", 0, "a near target is named then");
	test_row(recorded("work/to-near", ACT_READ, OUTCOME_GRANTED, &by) == 1 && by == ORIGIN_ARGUMENT, "by the argument");
	open_as("work/to-other", NEED_READ);
	is("acces", 1, "any other asks");
	test_row(strcmp(script.path, in("other/o.txt")) == 0 && strcmp(script.second, in("work/to-other")) == 0 && strcmp(script.class, "other") == 0 && strcmp(script.why, "a link leads there") == 0,
		 "and shows both names: %s, %s (%s)", script.path, script.second, script.class);
	look("work/to-dir/o.txt");
	is("ok", 1, "one that an argument passes through, too");
	look("work/to-quiet");
	is("ok", 1, "a quiet target may be looked at");
	open_as("work/to-quiet", NEED_READ);
	is("acces", 2, "and asks");
	look("work/to-secret");
	is("ok", 2, "a secret one may be looked at");
	open_as("work/to-secret", NEED_READ);
	is("acces", 3, "and asks");
	test_row(script.secret && strcmp(script.class, "secret") == 0, "as a secret");
	shell("ln -sfn ../other/dir work/to-other");
	look("work/to-other");
	is("noent", 3, "P31 led elsewhere since: as any link");
	judge_done();

	shell("ln -sfn ../other/o.txt work/to-other");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "late" });
	shell("ln -s ../other/o.txt work/late");
	look("work/to-other");
	is("noent", 0, "one that nobody spelled: the stricter class");
	look("work/late");
	is("noent", 0, "nor one that was not there at start");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_BLIND, .argv = "to-other" });
	look("work/to-other");
	is("noent", 0, "nor in blind");
	judge_done();
	shell("rm work/to-* work/late");
}

static void mounts(void)
{
	shell("ln -s ../o.txt other/dir/up; ln -s ../../work/near.txt other/dir/near; ln -s /etc/shadow other/dir/shadow; echo s > other/dir/.env; ln -s x/../../dir/real other/dir/round; echo r > other/dir/real; mkdir other/dir/x");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow rw @/other/dir/ at /mine" } });
	open_as("/mine/real", NEED_READ);
	is("ok", 0, "in a mount");
	look("/mine/up");
	is("noent", 0, "what a link out of it leads to is not shown");
	script.replies = "y";
	open_as("/mine/up", NEED_READ);
	is("ok", 1, "and asked about");
	test_row(strcmp(script.path, in("other/o.txt")) == 0 && strcmp(script.second, in("other/dir/up")) == 0 && holds(answer.fds[0], "other"), "with both names, and opened");
	open_as("other/o.txt", NEED_READ);
	is("ok", 1, "which gave the object, not the link");
	open_as("/mine/shadow", NEED_READ);
	is("noent", 1, "a secret is not there");
	open_as("/mine/near", NEED_READ);
	is("acces", 2, "near through other: other");
	test_row(strcmp(script.class, "other") == 0, "is the stricter of the two (%s)", script.class);
	open_as("/mine/round", NEED_READ);
	is("ok", 2, "one that leaves and comes back is in the mount");
	open_as("/mine/.env", NEED_READ);
	is("noent", 2, "a mount gives no secret (decisions.md 4.8)");
	open_as("/mine/.env", NEED_WRITE | NEED_CREAT);
	is("acces", 3, "creating one asks");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow rw @/home/.ssh/ at /mine" } });
	open_as("/mine/id", NEED_READ | NEED_WRITE);
	is("ok", 0, "a mount of a secret directory gives what is in it");
	judge_done();
	shell("rm -r other/dir; mkdir other/dir");
}

static void data(void)
{
	const struct judge_data all[] = {
		{ TEXT("/data/table"), TEXT("prog.wasm.d/table") }, { text_of(in("prog.wasm.d")), TEXT("prog.wasm.d") },
		{ TEXT("/data/out"), TEXT("prog.wasm.d/out") }, { TEXT("/data/none"), TEXT("none") }, { TEXT("/data/up"), TEXT("../x") },
	};

	shell("mkdir prog.wasm.d; echo t > prog.wasm.d/table; ln -s /etc/hosts prog.wasm.d/out");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .data = all, .ndata = 5 });
	open_as("/data/table", NEED_READ);
	is("ok", 0, "a file that the program brought along");
	test_row(holds(answer.fds[0], "t\n"), "under its guest name");
	open_as("/data/table", NEED_WRITE);
	is("acces", 0, "read-only");
	open_as("prog.wasm.d/table", NEED_READ);
	is("ok", 0, "the directory beside the module");
	call(CALL_FD_READDIR, "prog.wasm.d", NEED_DIRECTORY | NEED_FOLLOW);
	is("ok", 0, "listed");
	open_as("prog.wasm.d/out", NEED_READ);
	is("noent", 0, "no link out");
	open_as("/data/out", NEED_READ);
	is("noent", 0, "nor by a guest name");
	open_as("/data/up", NEED_READ);
	is("noent", 0, "nothing above the module");
	judge_done();
	shell("rm -r prog.wasm.d");
}

static void self(void)
{
	struct stat st;

	judge_make(&(struct setting){ .mode = MODE_NEVER, .self_dir = "state/wask/self/abc" });
	look("work/near.txt");
	test_row(!there("state"), "a program's own directory is made when it is reached for");
	open_as("/var/lib/self/x", NEED_READ | NEED_WRITE | NEED_CREAT);
	is("ok", 0, "and is its own to write");
	test_row(there("state/wask/self/abc/x") && stat(in("state/wask/self/abc"), &st) == 0 && (st.st_mode & 0777) == 0700, "0700");
	test_row(answer.fds[1] >= 0 && text_eq(answer.mount, TEXT("/var/lib/self")) && answer.access == ACCESS_DIR, "and mounted");
	open_as("/var/lib/self/.env", NEED_WRITE | NEED_CREAT);
	is("ok", 0, "whatever a name in it is");
	judge_done();
	shell("chmod 755 state/wask/self/abc");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .self_dir = "state/wask/self/abc" });
	open_as("/var/lib/self/x", NEED_READ);
	is("noent", 0, "B08 one that others may enter is not used");
	judge_done();
	shell("rm -r state/wask/self/abc; ln -s ../../../other state/wask/self/abc");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .self_dir = "state/wask/self/abc" });
	open_as("/var/lib/self/o.txt", NEED_READ);
	is("noent", 0, "B08 nor a link in its place");
	judge_done();
	shell("rm -r state");
}

int main(void)
{
	test_begin();
	umask(022);
	world_make();
	links();
	mounts();
	data();
	self();
	world_done();
	return test_end();
}
