/*
 * judge.c - the judge from its door: real files, a scripted asker, every row of the
 * order of decisions.md 3 and what is carried out afterwards.
 */
#include "judge.h"

static void reading(void)
{
	enum origin by = ORIGIN_NOBODY;

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "named.txt src out.txt" });
	open_as("work/named.txt", NEED_READ);
	is("ok", 0, "a named file is read");
	test_row(holds(answer.fds[0], "named") && recorded("work/named.txt", ACT_READ, OUTCOME_GRANTED, &by) == 1 && by == ORIGIN_ARGUMENT, "by its argument");
	open_as("work/src/a.c", NEED_READ);
	is("ok", 0, "what is beneath a named directory is read");
	look("work/near.txt");
	is("ok", 0, "near, a look shows the truth");
	test_row(answer.has_stat && answer.filestat.st_size == 4 && answer.fds[0] < 0, "and only the truth");
	look("work/absent.txt");
	is("noent", 0, "near, absent");
	test_row(answer.sticks_ns == STICKY_ABSENT_NS, "absence sticks for a moment");
	open_as("work/absent.txt", NEED_READ);
	is("noent", 0, "an absent file is not a need");

	script.replies = "y";
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "near, reading asks");
	test_row(holds(answer.fds[0], "near") && strcmp(script.path, in("work/near.txt")) == 0 && script.exists, "and shows the true path");
	test_row(strncmp(script.rule, "allow read /", 12) == 0 && strstr(script.rule, "near.txt for run"), "and the rule: %s", script.rule);
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "I6 once");
	open_as("work/sub/../near.txt", NEED_READ);
	is("ok", 1, "the same object by another spelling");
	test_row(recorded("work/near.txt", ACT_READ, OUTCOME_GRANTED, &by) == 3 && by == ORIGIN_EMBEDDER, "recorded once, counted");

	open_as("work/more.txt", NEED_READ);
	is("acces", 2, "no: acces");
	test_row(answer.sticks_ns == STICKS_RUN, "a no sticks");
	open_as("work/more.txt", NEED_READ);
	is("acces", 2, "I6 a no is not asked again");
	shell("ln -sf more.txt work/link");
	open_as("work/link", NEED_READ);
	is("acces", 2, "I6 nor by a link to it");
	look("work/more.txt");
	is("ok", 2, "a look still shows it");
	look("other/o.txt");
	is("noent", 2, "elsewhere a look shows nothing, whatever is there");
	script.replies = "y";
	open_as("work/more.txt", NEED_WRITE);
	is("ok", 3, "changing it is another question");

	script.replies = "u";
	open_as("other/o.txt", NEED_READ);
	is("noent", 4, "I10 nobody answered: noent where a look shows nothing");
	open_as("other/o.txt", NEED_READ);
	is("noent", 4, "not asked again");
	test_row(recorded("other/o.txt", ACT_READ, OUTCOME_UNAVAILABLE, &by) == 2 && by == ORIGIN_NOBODY, "recorded as unavailable");
	open_as("other/none.txt", NEED_READ);
	is("noent", 4, "elsewhere, absent");
	judge_done();
}

static void hidden(void)
{
	static const char *const names[] = { "work/.env", "home/.ssh/id", "home/.config/foo/x", "/etc/hosts", "/etc/shadow", "/proc/self/status", "home/.ssh/none" };

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "named.txt" });
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		look(names[i]);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 look at %s: noent, by the name alone", names[i]);
		open_as(names[i], NEED_READ);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 read %s", names[i]);
		open_as(names[i], NEED_WRITE);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 change %s", names[i]);
		call(CALL_PATH_UNLINK_FILE, names[i], 0);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 unlink %s", names[i]);
	}
	test_row(script.asked == 0, "no question");
	shell("ln -sf ../home/.config/foo/x work/to-quiet; ln -sf ../home/.ssh/id work/to-secret; ln -s ../other/o.txt work/to-other");
	open_as("work/to-quiet", NEED_READ);
	is("noent", 0, "a link to a quiet file: the stricter class");
	look("work/to-secret");
	is("noent", 0, "a link to a secret");
	call(CALL_PATH_FILESTAT_GET, "work/to-secret", 0);
	is("ok", 0, "the link itself may be looked at");
	call(CALL_PATH_READLINK, "work/to-secret", 0);
	test_row(text_eq(answer.text, TEXT("../home/.ssh/id")), "and read");
	script.replies = "y";
	open_as("work/to-other", NEED_READ);
	test_row(script.asked == 1 && strcmp(script.path, in("other/o.txt")) == 0 && strcmp(script.class, "other") == 0, "a link elsewhere: its target is asked about");

	open_as("home/.ssh/new", NEED_WRITE | NEED_CREAT);
	is("acces", 2, "creating a secret name asks, all the same");
	test_row(strcmp(script.path, in("home/.ssh/new")) == 0 && !script.exists, "and shows opened parent and name");
	open_as("home/.bashrc", NEED_WRITE);
	is("noent", 2, "a dotfile is not there to be changed");
	script.replies = "n";
	open_as("work/.git/config", NEED_WRITE);
	is("acces", 3, "secret only for changing, and shown: asks");
	judge_done();
	shell("rm -f work/to-*");

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = ".env @/home" });
	look("work/.env");
	is("ok", 0, "a named secret may be looked at");
	script.replies = "y";
	open_as("work/.env", NEED_READ);
	is("ok", 1, "and asks");
	look("home/.config");
	is("noent", 1, "a dotfile of a home that was not listed");
	call(CALL_FD_READDIR, "home", NEED_FOLLOW | NEED_DIRECTORY | NEED_READ);
	is("ok", 1, "a broad directory that was spelled is listed");
	look("home/.config");
	is("ok", 1, "what a listing showed, a look shows");
	look("home/.ssh");
	is("noent", 1, "but for secrets");
	judge_done();
}

static void creating(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "out.txt -o dist/deep/a.o" });
	open_as("work/out.txt", NEED_WRITE | NEED_CREAT);
	is("ok", 0, "what you name is created");
	test_row(answer.fds[0] >= 0 && write(answer.fds[0], "x", 1) == 1, "and written");
	open_as("work/out.txt", NEED_WRITE | NEED_CREAT | NEED_TRUNC);
	is("ok", 0, "own: again");
	open_as("work/out.txt", NEED_READ | NEED_WRITE);
	is("ok", 0, "own: read and write");
	call(CALL_PATH_FILESTAT_SET_TIMES, "work/out.txt", NEED_FOLLOW);
	is("ok", 0, "own: times");
	call2(CALL_PATH_RENAME, "work/out.txt", 0, "work/out2.txt");
	is("acces", 1, "own: renamed to a name that was not typed asks");
	script.replies = "y";
	call2(CALL_PATH_RENAME, "work/out.txt", 0, "work/out3.txt");
	is("ok", 2, "and yes");
	open_as("work/out3.txt", NEED_WRITE);
	is("ok", 2, "still own");
	call(CALL_PATH_UNLINK_FILE, "work/out3.txt", 0);
	is("ok", 2, "own: unlinked");
	open_as("work/out.txt", NEED_WRITE | NEED_CREAT | NEED_EXCL);
	is("ok", 2, "named and absent again");
	call(CALL_PATH_CREATE_DIRECTORY, "work/dist", 0);
	is("ok", 2, "a directory on the way to an output");
	call(CALL_PATH_CREATE_DIRECTORY, "work/dist/deep", 0);
	is("ok", 2, "and the next");
	open_as("work/dist/deep/a.o", NEED_WRITE | NEED_CREAT);
	is("ok", 2, "the output");
	open_as("work/dist/deep/b.o", NEED_WRITE | NEED_CREAT);
	is("ok", 2, "in a directory of its own");
	open_as("work/dist/deep/.env", NEED_WRITE | NEED_CREAT);
	is("acces", 3, "but for secrets");
	call(CALL_FD_READDIR, "work/dist/deep", NEED_DIRECTORY);
	is("ok", 3, "own: listed");
	call(CALL_PATH_CREATE_DIRECTORY, "work/sub", 0);
	is("EEXIST", 3, "mkdir of what a look shows: exist");
	open_as("work/near.txt", NEED_WRITE | NEED_CREAT | NEED_EXCL);
	is("EEXIST", 3, "O_EXCL of what a look shows: exist");
	open_as("work/none/x", NEED_WRITE | NEED_CREAT);
	is("ENOENT", 3, "near, the parent is missing: noent");
	script.replies = "y";
	open_as("other/none/deep/x", NEED_WRITE | NEED_CREAT);
	is("ENOENT", 4, "elsewhere it is asked about all the same");
	test_row(strcmp(script.path, in("other/none/deep/x")) == 0, "shown as what exists and the rest: %s", script.path);
	call(CALL_PATH_CREATE_DIRECTORY, "work/__pycache__", 0);
	is("acces", 4, "__pycache__ is refused without a question");
	open_as("work/sub/__pycache__/a.pyc", NEED_WRITE | NEED_CREAT | NEED_EXCL);
	is("acces", 4, "and what would be in it");

	script.replies = "y";
	open_as("work/near2.txt", NEED_WRITE | NEED_CREAT);
	is("ok", 5, "creating near asks");
	test_row(strstr(script.rule, "allow read,write,create,delete,stat,meta /") == script.rule, "and gives that one name: %s", script.rule);
	call(CALL_PATH_UNLINK_FILE, "work/near2.txt", 0);
	open_as("work/near2.txt", NEED_WRITE | NEED_CREAT);
	is("ok", 5, "made again by the same name");
	script.replies = "y";
	open_as("work/more.txt", NEED_WRITE | NEED_CREAT | NEED_TRUNC);
	is("ok", 6, "O_CREAT of what exists asks");
	test_row(script.replaces && file_holds("work/more.txt", ""), "says that it replaces, and truncates");
	put("work/more.txt", "more");
	call(CALL_PATH_SYMLINK, "work/sym", 0);
	is("acces", 6, "no links where no grant covers the name");
	call2(CALL_PATH_LINK, "work/near.txt", 0, "work/hard");
	is("acces", 6, "nor hard ones");
	test_row(!there("work/sym") && !there("work/hard"), "and none was made");
	judge_done();
	shell("rm -rf work/out* work/dist work/near2.txt");
}

/* What this run made stays its own under the name that it moves it to. */
static void moving(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "yy";
	call(CALL_PATH_CREATE_DIRECTORY, "other/d", 0);
	open_as("other/d/f", NEED_WRITE | NEED_CREAT);
	call(CALL_PATH_CREATE_DIRECTORY, "other/d/deep", 0);
	open_as("other/d/deep/g", NEED_WRITE | NEED_CREAT);
	is("ok", 1, "made elsewhere, and in it");
	call2(CALL_PATH_RENAME, "other/d", 0, "other/e");
	is("ok", 2, "renamed");
	look("other/e");
	is("ok", 2, "an own directory is still shown");
	look("other/e/f");
	is("ok", 2, "what is in it, too");
	open_as("other/e/deep/g", NEED_READ | NEED_WRITE);
	is("ok", 2, "however deep");
	shell("mkdir other/d; touch other/d/f");
	look("other/d/f");
	is("noent", 2, "not what now has the old name");
	judge_done();
	shell("rm -r other/d other/e");
}

static void changing(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "named.txt" });
	open_as("work/named.txt", NEED_READ | NEED_TRUNC);
	is("acces", 1, "truncating what is named to be read asks");
	test_row(file_holds("work/named.txt", "named"), "W01 and a no leaves it as it was");
	script.replies = "y";
	call2(CALL_PATH_RENAME, "work/near.txt", 0, "work/more.txt");
	is("ok", 2, "a rename is one question");
	test_row(script.nneeds == 2 && script.replaces && strcmp(script.second, in("work/more.txt")) == 0, "with both names");
	test_row(file_holds("work/more.txt", "near") && !there("work/near.txt"), "and happens");
	call2(CALL_PATH_RENAME, "work/more.txt", 0, "work/near.txt");
	is("ok", 2, "back: both names were given");
	put("work/more.txt", "more");
	call2(CALL_PATH_RENAME, "work/none.txt", 0, "work/x.txt");
	is("noent", 2, "an absent source is not there");
	call2(CALL_PATH_RENAME, "home/.ssh/id", 0, "work/x.txt");
	is("noent", 2, "nor a secret one");
	call2(CALL_PATH_RENAME, "work/near.txt", 0, "work/none/x.txt");
	is("ENOENT", 2, "a target without a parent: no question");
	call2(CALL_PATH_RENAME, "work/more.txt", 0, "work/__pycache__");
	is("acces", 2, "a target that is refused: as a look at the source says");
	call2(CALL_PATH_RENAME, "work/named.txt", 0, "work/y.txt");
	is("acces", 2, "I6 the no to truncating was a no to every change");
	call(CALL_PATH_UNLINK_FILE, "work/sub", 0);
	is("EISDIR", 2, "unlink of a directory");
	call(CALL_PATH_REMOVE_DIRECTORY, "work/src/a.c", 0);
	is("ENOTDIR", 2, "rmdir of a file");
	script.replies = "yy";
	call(CALL_PATH_FILESTAT_SET_TIMES, "work/more.txt", NEED_FOLLOW);
	is("ok", 3, "times ask");
	look("work/more.txt");
	test_row(answer.filestat.st_mtim.tv_sec == 6, "and are set");
	call(CALL_PATH_REMOVE_DIRECTORY, "work/sub", 0);
	is("ok", 4, "rmdir asks");
	test_row(!there("work/sub"), "and happens");
	shell("mkdir work/sub");
	judge_done();
}

/* I10: what was given or shown, a look shows; and a refusal there is acces. */
static void shown(void)
{
	enum origin by = ORIGIN_TABLE;

	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "y";
	open_as("other/o.txt", NEED_READ);
	look("other/o.txt");
	test_row(strcmp(came(), "ok") == 0 && answer.filestat.st_size == 5 && script.asked == 1, "I10 a yes to reading is one to looking");
	script.replies = "y";
	call(CALL_PATH_FILESTAT_SET_TIMES, "other/o.txt", NEED_FOLLOW);
	is("ok", 2, "its times");
	put("other/p.txt", "p");
	script.replies = "y";
	call(CALL_PATH_FILESTAT_SET_TIMES, "other/p.txt", NEED_FOLLOW);
	is("ok", 3, "the times alone");
	look("other/p.txt");
	is("ok", 3, "I10 a yes to setting times is one to looking");
	put("other/q.txt", "q");
	look("other/q.txt");
	is("noent", 3, "its neighbour stays hidden");

	script.replies = "y";
	call(CALL_FD_READDIR, "other", NEED_FOLLOW | NEED_DIRECTORY | NEED_READ);
	is("ok", 4, "a listing elsewhere, after a yes");
	look("other/q.txt");
	is("ok", 4, "what a listing showed, a look shows");
	look("other/none");
	is("noent", 4, "but only what is there");
	open_as("other/q.txt", NEED_READ);
	is("acces", 5, "read: asked as before");
	script.replies = "u";
	open_as("other/dir", NEED_READ | NEED_DIRECTORY);
	is("acces", 6, "I10 nobody answered, and a look shows it: acces");
	judge_done();
	shell("rm other/p.txt other/q.txt");

	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	open_as("other/n.txt", NEED_WRITE | NEED_CREAT);
	is("acces", 1, "no to a new name");
	put("work/f.txt", "f");
	call2(CALL_PATH_RENAME, "work/f.txt", 0, "other/n.txt");
	is("acces", 1, "a rename to it: refused without a question");
	test_row(recorded("other/n.txt", ACT_CREATE, OUTCOME_DENIED, &by) == 2 && by == ORIGIN_EMBEDDER &&
		 recorded("work/f.txt", ACT_CHANGE, OUTCOME_DENIED, NULL) == 0, "recorded by the name that was refused");
	judge_done();
	shell("rm work/f.txt");
}

/* What an argument names that is broad: listing beneath it asks. */
static void broad(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = ".", .cwd = "home" });
	call(CALL_FD_READDIR, "home/.config", NEED_FOLLOW | NEED_DIRECTORY);
	is("noent", 0, "a dotfile of home before home was listed");
	call(CALL_FD_READDIR, "home", NEED_FOLLOW | NEED_DIRECTORY);
	is("ok", 0, "home, spelled, is listed");
	script.replies = "y";
	call(CALL_FD_READDIR, "home/.config", NEED_FOLLOW | NEED_DIRECTORY);
	is("ok", 1, "listing beneath it asks");
	call(CALL_FD_READDIR, "home/.ssh", NEED_FOLLOW | NEED_DIRECTORY);
	is("noent", 1, "but for secrets");
	open_as("home/.bashrc", NEED_READ);
	is("acces", 1, "I10 read: acces, for a look shows it");
	open_as("home/.bashrc", NEED_WRITE);
	is("acces", 2, "only its changing is secret: asked, as a look shows it");
	call(CALL_PATH_FILESTAT_SET_TIMES, "home/.config", NEED_FOLLOW);
	is("acces", 2, "I10 changing a quiet one: acces");
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = ".", .cwd = "home" });
	call(CALL_FD_READDIR, "home", NEED_FOLLOW | NEED_DIRECTORY);
	call(CALL_FD_READDIR, "home/.config", NEED_FOLLOW | NEED_DIRECTORY);
	is("acces", 0, "I10 never: acces");
	judge_done();
}

static void without_args(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "named.txt @/other/o.txt out.txt", .no_args = true });
	CHECK(start.argv.n == 4 && start.nargs == 0);
	open_as("work/named.txt", NEED_READ);
	is("acces", 1, "without arguments as evidence nothing is named");
	look("other/dir");
	is("noent", 1, "and what is beside one is not near");
	open_as("work/out.txt", NEED_WRITE | NEED_CREAT);
	is("acces", 2, "nor is an output");
	judge_done();
}

static void swap_file(void)
{
	shell("mv work/near.txt work/moved.txt; printf evil > work/near.txt");
}

static void swap_link(void)
{
	shell("ln -s ../other/o.txt work/fresh.txt");
}

static void swapped(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script = (struct script){ .replies = "y", .during = swap_file };
	open_as("work/near.txt", NEED_READ);
	test_row(script.asked == 1 && holds(answer.fds[0], "near"), "U30 swapped while asked: the object that was shown is read");
	script.replies = "n";
	open_as("work/near.txt", NEED_READ);
	is("acces", 2, "U30 and the other one asks again");
	shell("mv work/moved.txt work/near.txt");
	script = (struct script){ .replies = "y", .during = swap_file };
	call(CALL_PATH_UNLINK_FILE, "work/near.txt", 0);
	is("acces", 1, "U30 swapped before unlink: refused");
	test_row(file_holds("work/near.txt", "evil"), "and nothing is removed");
	script.replies = "n";
	call(CALL_PATH_UNLINK_FILE, "work/near.txt", 0);
	is("acces", 2, "U30 the yes was not for this one");
	shell("mv work/moved.txt work/near.txt");
	script = (struct script){ .replies = "y", .during = swap_link };
	open_as("work/fresh.txt", NEED_WRITE | NEED_CREAT | NEED_TRUNC);
	is("acces", 1, "P13 a link in the place of a new name: refused");
	test_row(file_holds("other/o.txt", "other"), "P13 and its target is as it was");
	shell("ln -sf ../other/made.txt work/fresh.txt");
	open_as("work/fresh.txt", NEED_WRITE | NEED_CREAT);
	is("acces", 1, "P13 a link that leads nowhere, with O_CREAT: refused without a question");
	test_row(!there("other/made.txt"), "P13 and nothing is made");
	open_as("work/fresh.txt", NEED_READ);
	is("noent", 1, "read: not there");
	shell("rm work/fresh.txt");
	judge_done();
}

static void special(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	shell("mkfifo work/fifo");
	snprintf(at.sun_path, sizeof at.sun_path, "%s/work/sock", base);
	if (bind(listening, (struct sockaddr *)&at, sizeof at) < 0)
		test_row(false, "bind");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "/proc/self/environ /dev/tty /dev/ptmx /proc /dev/null /sys/kernel fifo2" });
	for (uint32_t rw = 1; rw < 4; rw++) {
		open_as("work/fifo", rw * NEED_READ);
		test_row(strcmp(came(), "acces") == 0 && script.asked == 0, "P09 a FIFO is not opened (%u)", rw);
	}
	look("work/fifo");
	is("ok", 0, "a look shows a FIFO");
	test_row(S_ISFIFO(answer.filestat.st_mode), "P09 as one");
	look("work/sock");
	is("noent", 0, "a socket is a secret");
	open_as("work/sock", NEED_READ | NEED_WRITE);
	is("noent", 0, "P26 and not opened");
	open_as("/proc/self/environ", NEED_READ);
	is("noent", 0, "P06 /proc, even named, is not opened: its true path was not");
	open_as("/proc/self/mem", NEED_WRITE);
	is("noent", 0, "P06 nor what was not named");
	open_as("/proc", NEED_READ | NEED_DIRECTORY);
	is("acces", 0, "P06 nor listed");
	look("/proc/self/root/etc/hosts");
	is("noent", 0, "P07 nor walked through for a look");
	open_as("/sys/kernel", NEED_DIRECTORY | NEED_READ);
	is("acces", 0, "P06 nor /sys");
	open_as("/dev/tty", NEED_READ);
	test_row(strcmp(came(), "ok") != 0 && script.asked == 0 && answer.fds[0] < 0, "P08 U16 a terminal, even named, is not opened");
	open_as("/dev/tty", NEED_WRITE);
	test_row(strcmp(came(), "ok") != 0 && script.asked == 0 && answer.fds[0] < 0, "U16 nor written to");
	open_as("/dev/ptmx", NEED_READ | NEED_WRITE);
	test_row(strcmp(came(), "ok") != 0 && script.asked == 0 && answer.fds[0] < 0, "P08 nor ptmx");
	open_as("/dev/pts/0", NEED_READ);
	is("noent", 0, "P10 nor a pty that was not named");
	open_as("/dev/null", NEED_READ);
	is("acces", 0, "P08 nor a device, even named (the worker has its own)");
	judge_done();
	close(listening);
	shell("rm work/fifo work/sock");
}

/* P10: whatever is opened, the session has no controlling terminal afterwards. */
static void controlling(void)
{
	int status, pid = fork();

	if (pid == 0) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		char name[64] = "";

		setsid();
		if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof name) != 0)
			_exit(3);
		judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = name });
		script.replies = "yyy";
		open_as(name, NEED_READ | NEED_WRITE);
		_exit(answer.verdict == VERDICT_ALLOW || open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0);
	}
	test_row(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0, "P10 a named pty: not opened, no controlling terminal (%d)", status);
}

static void directories(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "src" });
	open_as("work/sub", NEED_READ | NEED_DIRECTORY);
	is("ok", 0, "opening a near directory is a look");
	test_row(answer.has_stat && answer.fds[0] < 0, "and gives no directory to the worker");
	open_as("work/sub", NEED_READ);
	is("ok", 0, "without O_DIRECTORY, too");
	call(CALL_FD_READDIR, "work/sub", NEED_DIRECTORY | NEED_FOLLOW);
	is("acces", 1, "listing it asks");
	call(CALL_FD_READDIR, "work/src", NEED_DIRECTORY | NEED_FOLLOW);
	is("ok", 1, "listing a named one does not");
	test_row(answer.fds[0] >= 0, "and gives it");
	script.replies = "y";
	open_as("other/dir", NEED_READ | NEED_DIRECTORY);
	is("ok", 2, "opening one elsewhere is listing it");
	call(CALL_FD_READDIR, "other/dir", NEED_DIRECTORY | NEED_FOLLOW);
	is("ok", 2, "once");
	open_as("other/dir", NEED_READ | NEED_DIRECTORY);
	is("ok", 2, "and again");
	open_as("work/near.txt", NEED_READ | NEED_DIRECTORY);
	is("ENOTDIR", 2, "P22 a file is no directory");
	look("work/near.txt/");
	is("ENOTDIR", 2, "P22 a slash in the name itself");
	call(CALL_PATH_FILESTAT_GET, "work/near.txt", NEED_DIRECTORY);
	is("ENOTDIR", 2, "P22 a slash behind a file");
	call(CALL_PATH_UNLINK_FILE, "work/near.txt", NEED_DIRECTORY);
	is("ENOTDIR", 2, "P22 unlink with a slash");
	call(CALL_PATH_CREATE_DIRECTORY, "work/sub", NEED_DIRECTORY);
	is("EEXIST", 2, "P22 mkdir with a slash");
	open_as("work/sub", NEED_WRITE | NEED_READ);
	is("EISDIR", 2, "a directory is not written");
	judge_done();
}

static void guarded(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "@/cache @/cache/x/entry @/module.wasm", .grants = { "allow read @/other/o.txt" } });
	script.replies = "yyyyyyyy";
	look("cache");
	is("acces", 0, "I9 protected: nothing at all, though named");
	open_as("cache/x/entry", NEED_READ);
	is("acces", 0, "I9 nor beneath it");
	open_as("cache/new", NEED_WRITE | NEED_CREAT);
	is("acces", 0, "I9 nor anything new");
	shell("ln -sf ../cache/x/entry work/to-cache; ln -f cache/x/entry work/hard");
	open_as("work/to-cache", NEED_READ);
	is("acces", 0, "I9 nor through a link");
	open_as("module.wasm", NEED_READ);
	is("ok", 0, "the module is read");
	open_as("module.wasm", NEED_WRITE);
	is("acces", 0, "and not changed");
	call(CALL_PATH_UNLINK_FILE, "module.wasm", 0);
	is("acces", 0, "nor removed");
	shell("ln -f module.wasm work/hard");
	open_as("work/hard", NEED_WRITE);
	is("acces", 0, "nor by another name");
	call2(CALL_PATH_RENAME, "work/near.txt", 0, "module.wasm");
	is("acces", 0, "nor replaced");
	call2(CALL_PATH_RENAME, ".", 0, "work/x");
	is("acces", 0, "I9 what holds it is not moved");
	test_row(there("cache") && there("module.wasm"), "all is there");
	judge_done();
	shell("rm work/hard work/to-cache");
}

static void nobody(void)
{
	enum origin by = ORIGIN_TABLE;

	judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "named.txt new.txt" });
	open_as("work/named.txt", NEED_READ);
	is("ok", 0, "never: named is read");
	open_as("work/near.txt", NEED_READ);
	is("acces", 0, "I10 never: acces where a look shows it");
	test_row(recorded("work/near.txt", ACT_READ, OUTCOME_UNAVAILABLE, &by) == 1 && by == ORIGIN_NOBODY, "and recorded as unavailable");
	open_as("work/none", NEED_READ);
	is("noent", 0, "I10 never: absent");
	open_as("work/none", NEED_WRITE | NEED_CREAT);
	is("acces", 0, "I10 never: a create is acces");
	open_as("home/.config/new", NEED_WRITE | NEED_CREAT);
	is("acces", 0, "I10 never: also where a look shows nothing");
	test_row(answer.sticks_ns == STICKS_RUN, "I1 and by the name alone");
	open_as("home/.config/foo/x", NEED_WRITE);
	is("noent", 0, "never: quiet is not there");
	open_as("work/new.txt", NEED_WRITE | NEED_CREAT);
	is("ok", 0, "never: what you name is created");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .nobody = true });
	open_as("work/near.txt", NEED_READ);
	is("acces", 0, "nobody there: at once");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_OFF });
	look("work/near.txt");
	is("acces", 0, "off: there are no holes");
	judge_done();
	shell("rm -f work/new.txt");
}

static void blind(void)
{
	judge_make(&(struct setting){ .mode = MODE_BLIND, .argv = "named.txt" });
	for (int absent = 0; absent < 2; absent++) {
		const char *near = absent ? "work/none" : "work/near.txt", *other = absent ? "other/none" : "other/o.txt";

		look(near);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 blind: near is not looked at (%d)", absent);
		open_as(near, NEED_READ);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 blind: nor read (%d)", absent);
		open_as(near, NEED_WRITE);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 blind: nor changed (%d)", absent);
		look(other);
		test_row(strcmp(came(), "noent") == 0 && answer.sticks_ns == STICKS_RUN, "I1 blind: other (%d)", absent);
		open_as(near, NEED_WRITE | NEED_CREAT | NEED_EXCL);
		test_row(strcmp(came(), "acces") == 0 && script.asked == (unsigned)absent + 1, "I1 blind: creating asks, whatever is there (%d)", absent);
	}
	open_as("work/nowhere/x", NEED_WRITE | NEED_CREAT);
	is("acces", 3, "I1 blind: also where the parent is missing");
	open_as("work/named.txt", NEED_READ);
	is("ok", 3, "blind: named is read");
	judge_done();
}

static void limits(void)
{
	char name[64];

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .who = ORIGIN_PERSON });
	for (int i = 0; i < 14; i++) {
		snprintf(name, sizeof name, "work/new%d", i);
		open_as(name, NEED_WRITE | NEED_CREAT);
	}
	is("acces", 12, "U20 twelve questions to a person, no more");
	test_row(recorded("work/new13", ACT_CREATE, OUTCOME_UNAVAILABLE, NULL) == 1, "beyond it: as never");
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "i";
	open_as("work/near.txt", NEED_READ);
	is("acces", 1, "Ctrl-C: no grant");
	CHECK(judge_interrupted(judge));
	open_as("work/more.txt", NEED_READ);
	is("acces", 1, "and no question more");
	judge_done();
}

static void unsound(void)
{
	static char longest[5000];
	struct need good = { .call = CALL_PATH_FILESTAT_GET, .flags = NEED_FOLLOW }, need;

	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	good.name = text_of(in("work/near.txt"));
	CHECK(put_need(good) == 0 && answer.verdict == VERDICT_ALLOW);
	need = good, need.flags |= 0x800;
	CHECK(put_need(need) < 0);
	need = good, need.call = CALLS;
	CHECK(put_need(need) < 0);
	need = good, need.kind = 24;
	CHECK(put_need(need) < 0);
	need = good, need.reserved = 1;
	CHECK(put_need(need) < 0);
	need = good, need.name = TEXT("work/near.txt");
	CHECK(put_need(need) < 0);
	need = good, need.name = TEXT("");
	CHECK(put_need(need) < 0);
	need = good, need.name = TEXT("/etc\0/x");
	test_row(put_need(need) < 0, "W16 NUL in a name: refused");
	memset(longest, 'a', sizeof longest);
	longest[0] = '/';
	need = good, need.name = (struct text){ longest, 4096 };
	CHECK(put_need(need) < 0);
	need.name.len = 4095;
	CHECK(put_need(need) == 0 && answer.verdict == VERDICT_HIDE);
	for (size_t i = 0; i < 4095; i += 2)
		longest[i] = '/';
	need.name.len = 4095;
	CHECK(put_need(need) == 0 && answer.verdict == VERDICT_HIDE);
	need = good, need.call = CALL_PATH_RENAME;
	CHECK(put_need(need) < 0);		/* no target */
	need = good, need.act = ACT_LOOK, need.call = CALL_PATH_UNLINK_FILE;
	CHECK(put_need(need) == 0 && answer.verdict == VERDICT_DENY && script.asked == 1);	/* the act is the judge's own */
	CHECK(there("work/near.txt"));
	judge_done();
}

int main(void)
{
	test_begin();
	umask(022);
	world_make();
	reading();
	hidden();
	creating();
	moving();
	changing();
	shown();
	broad();
	without_args();
	swapped();
	special();
	controlling();
	directories();
	guarded();
	nobody();
	blind();
	limits();
	unsound();
	world_done();
	return test_end();
}
