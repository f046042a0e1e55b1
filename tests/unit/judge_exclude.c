/*
 * What the judge's own grants of directories do not cover (decisions.md 4.8): it comes
 * to the same as the worker, by the name and by the object, and then the table decides.
 */
#include "judge.h"

enum { R = NEED_READ, W = NEED_WRITE, C = NEED_WRITE | NEED_CREAT, X = NEED_WRITE | NEED_CREAT | NEED_EXCL };

static const struct {
	const char *grant, *replies;
	enum call call;
	const char *name;
	uint32_t flags;
	const char *target, *want;
	unsigned asked;
} rows[] = {
	/* The whole home. */
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/plain", R | NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/plain", W, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/.ssh/id", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/.ssh", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/.ssh/absent", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_FD_READDIR, "home/.ssh", NEED_FOLLOW | NEED_DIRECTORY | R, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/lssh/id", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/lkey", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/sub/../.ssh/id", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/.ENV", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/.env.example", X, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_OPEN, "home/new.pem", X, NULL, "acces", 1 },
	{ "allow rw,meta,links @/home/", "y", CALL_PATH_OPEN, "home/new.pem", X, NULL, "ok", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/.bashrc", R | NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_OPEN, "home/.bashrc", W, NULL, "acces", 1 },
	{ "allow rw,meta,links @/home/", "y", CALL_PATH_OPEN, "home/.bashrc", W, NULL, "ok", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_UNLINK_FILE, "home/.ssh/id", 0, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_UNLINK_FILE, "home/plain", 0, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_RENAME, "home/plain", 0, "home/.netrc", "acces", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_RENAME, "home/.ssh/id", 0, "home/taken", "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_RENAME, "home/plain", 0, "home/taken", "ok", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_RENAME, "home/.config", 0, "home/taken", "acces", 1 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_RENAME, "home/sub", 0, "home/.local", "acces", 1 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_REMOVE_DIRECTORY, "home/.config", 0, NULL, "acces", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_SYMLINK, "home/.local", 0, NULL, "acces", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_FILESTAT_SET_TIMES, "home/proj/.git", NEED_FOLLOW, NULL, "acces", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_SET_TIMES, "home/proj", NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "n", CALL_PATH_OPEN, "home/proj/.git/hooks/new", X, NULL, "acces", 1 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_OPEN, "home/proj/.git/new", X, NULL, "ok", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/sock", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/sub/../.ssh", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/.ssh/../plain", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/.aws/../plain", NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow rw,meta,links @/home/", "", CALL_PATH_FILESTAT_GET, "home/.config/../plain", NEED_FOLLOW, NULL, "ok", 0 },
	{ NULL, "", CALL_PATH_FILESTAT_GET, "home/.ssh/../../work/near.txt", NEED_FOLLOW, NULL, "noent", 0 },
	{ NULL, "", CALL_PATH_FILESTAT_GET, "home/../work/near.txt", NEED_FOLLOW, NULL, "ok", 0 },
	/* What is a secret itself is given whole, also when its name alone is one. */
	{ "allow rw @/home/.ssh/", "", CALL_PATH_OPEN, "home/.ssh/id", R | NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow rw @/home/.ssh/", "", CALL_PATH_OPEN, "home/.ssh/new.pem", X, NULL, "ok", 0 },
	{ "allow rw @/home/lssh/", "", CALL_PATH_OPEN, "home/lssh/id", R | NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow rw @/home/proj/.git/", "", CALL_PATH_OPEN, "home/proj/.git/hooks/new", X, NULL, "ok", 0 },
	{ "allow rw @/home/x.key/", "", CALL_PATH_OPEN, "home/x.key/y.key", X, NULL, "ok", 0 },
	/* A pattern never gives a secret, an object does. */
	{ "allow read @/home/*", "", CALL_PATH_OPEN, "home/plain", R | NEED_FOLLOW, NULL, "ok", 0 },
	{ "allow read @/home/*.pem", "", CALL_PATH_OPEN, "home/old.pem", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow read @/home/.ssh/*", "", CALL_PATH_OPEN, "home/.ssh/id", R | NEED_FOLLOW, NULL, "noent", 0 },
	{ "allow read @/home/old.pem", "", CALL_PATH_OPEN, "home/old.pem", R | NEED_FOLLOW, NULL, "ok", 0 },
	/* The private /tmp is the program's own. */
	{ "allow rw @/home/", "", CALL_PATH_OPEN, "/tmp/x.pem", X, NULL, "ok", 0 },
};

static void fill_home(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	shell("rm -rf home && mkdir -p home/.ssh home/.config/gh home/proj/.git/hooks home/sub home/x.key && cp cache/x/entry home/plain && cp home/plain home/.ssh/id && "
	      "cp home/plain home/.bashrc && cp home/plain home/.env && cp home/plain home/old.pem && ln -s .ssh home/lssh && ln -s .ssh/id home/lkey");
	snprintf(at.sun_path, sizeof at.sun_path, "%s/home/sock", base);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		test_row(false, "bind: %s", strerror(errno));
	close(fd);
}

/* Refused, nothing is done; and the record has what was hidden. */
static void effects(void)
{
	enum origin by = ORIGIN_NOBODY;

	fill_home();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow rw @/home/" } });
	look("home/.ssh");
	test_row(recorded("home/.ssh", ACT_LOOK, OUTCOME_HIDDEN, &by) == 1 && by == ORIGIN_TABLE, "a secret beneath a grant is hidden by the table, and recorded");
	open_as("home/.bashrc", NEED_WRITE | NEED_TRUNC);
	is("acces", 1, "emptying .bashrc");
	test_row(file_holds("home/.bashrc", "cache"), "it is as it was");
	call2(CALL_PATH_RENAME, "home/.config", 0, "home/taken");
	test_row(there("home/.config/gh") && !there("home/taken"), "what was not to be moved is where it was");
	judge_done();
}

int main(void)
{
	test_begin();
	world_make();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct need need = { .call = (uint8_t)rows[i].call, .flags = rows[i].flags, .times = { { .tv_sec = 5 }, { .tv_sec = 6 } } };

		fill_home();
		judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { rows[i].grant } });
		script.replies = rows[i].replies;
		need.name = text_of(in(rows[i].name));
		need.target = rows[i].target ? text_of(in(rows[i].target)) : rows[i].call == CALL_PATH_SYMLINK ? TEXT("x") : TEXT("");
		put_need(need);
		is(rows[i].want, rows[i].asked, rows[i].name);
		if (text_eq(text_of(rows[i].name), TEXT("/tmp/x.pem")))
			test_row(answer.fds[1] >= 0 && answer.mount_flags & MOUNT_SECRETS, "its mount says so");
		judge_done();
	}
	effects();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "proj/a proj", .grants = { "allow rw @/home/", "allow read @/home/.ssh/" }, .cwd = "home" });
	test_row(start.nmounts == 2 && !(start.mounts[0].flags & MOUNT_SECRETS) && start.mounts[1].flags & MOUNT_SECRETS, "the worker is told which directory gives secrets");
	test_row(start.exclusions.n > 80 && start.exclusions.homes.n == 2 && text_eq(start.exclusions.homes.at[0], text_of(in("home"))), "and which names are some");
	test_row(start.nargs == 2 && start.args[0].beneath && !start.args[1].beneath, "and which arguments name what is beneath them");
	judge_done();
	world_done();
	return test_end();
}
