/*
 * judge_answers.c - what an asker may answer (decisions.md 7): options and what they
 * give, rules of its own, what it is told, and what is taken back.
 */
#include "judge.h"

static void once(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "oy";
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "once");
	test_row(strcmp(script.offered, "run once dirs no stop ") == 0, "what is offered: %s", script.offered);
	test_row(holds(answer.fds[0], "near") && answer.lifetime == LIFE_ONCE && script.ntold == 0, "gives this call's descriptor and no grant");
	open_as("work/near.txt", NEED_READ);
	is("ok", 2, "and asks again");
	test_row(answer.lifetime == LIFE_RUN && script.ntold == 1, "run is a grant");
	open_as("work/near.txt", NEED_READ);
	is("ok", 2, "which lasts");
	script.replies = "oo";
	call(CALL_FD_READDIR, "work/sub", NEED_DIRECTORY | NEED_FOLLOW);
	is("ok", 3, "a listing once");
	test_row(answer.fds[0] >= 0 && answer.fds[1] < 0, "and nothing beneath it");
	open_as("work/new", NEED_WRITE | NEED_CREAT);
	is("ok", 4, "made once");
	open_as("work/new", NEED_READ | NEED_WRITE);
	is("ok", 4, "what it made is its own");
	judge_done();
	shell("rm work/new");

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .remembers = true });
	script.replies = "a";
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "always");
	test_row(strcmp(script.offered, "run once always dirs no stop ") == 0, "offered when there is a memory: %s", script.offered);
	test_row(strstr(script.told[0], "grant ") && strstr(script.told[0], "for always"), "%s", script.told[0]);
	judge_done();
}

static void dirs_of_reading(void)
{
	char want[9000];

	shell("mkdir -p other/lib/deep");
	put("other/lib/a", "a");
	put("other/lib/deep/b", "b");
	put("other/lib/.env", "secret");
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "d";
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "dirs, near");
	snprintf(want, sizeof want, "allow read,list,stat %s/ for run", in("work"));
	test_row(strcmp(script.dirs[0], want) == 0 && !script.dirs[1][0], "is the cwd: %s", script.dirs[0]);
	open_as("work/more.txt", NEED_READ);
	is("ok", 1, "and all that lies in it");
	call(CALL_FD_READDIR, "work/src", NEED_DIRECTORY | NEED_FOLLOW);
	is("ok", 1, "listed, too");
	open_as("work/src/a.c", NEED_READ);
	is("ok", 1, "however deep");
	open_as("work/.env", NEED_READ);
	is("noent", 1, "secrets stay out");
	open_as("work/more.txt", NEED_WRITE);
	is("acces", 2, "and it is for reading only");
	script.replies = "d";
	open_as("other/lib/a", NEED_READ);
	is("ok", 3, "dirs, elsewhere");
	snprintf(want, sizeof want, "allow read,list,stat %s/ for run", in("other/lib"));
	test_row(strcmp(script.dirs[0], want) == 0, "is its directory: %s", script.dirs[0]);
	open_as("other/lib/deep/b", NEED_READ);
	is("ok", 3, "beneath it");
	open_as("other/lib/.env", NEED_READ);
	is("noent", 3, "but for secrets");
	script.replies = "y";
	open_as("other/o.txt", NEED_READ);
	is("ok", 4, "above it asks");
	judge_done();

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "@/other/lib/a .env", .cwd = "home" });
	script.replies = "n";
	open_as("other/lib/deep/b", NEED_READ);
	snprintf(want, sizeof want, "allow read,list,stat %s/ for run", in("other/lib"));
	is("acces", 1, "the place of a named file");
	test_row(strcmp(script.dirs[0], want) == 0, "is what dirs stands for: %s", script.dirs[0]);
	put("home/x.txt", "x");
	open_as("home/x.txt", NEED_READ);
	test_row(script.asked == 2 && !script.dirs[0][0], "never a broad directory that nobody spelled: %s", script.offered);
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = ".", .cwd = "home" });
	script.replies = "d";
	open_as("home/x.txt", NEED_READ);
	snprintf(want, sizeof want, "allow read,list,stat %s/ for run", in("home"));
	test_row(script.asked == 1 && strcmp(script.dirs[0], want) == 0, "but one that an argument spells: %s", script.dirs[0]);
	open_as("home/.config/foo/x", NEED_READ);
	is("noent", 1, "where quiet names stay out");
	open_as("home/.ssh/id", NEED_READ);
	is("noent", 1, "and secret ones");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = ".env" });
	script.replies = "d";
	open_as("work/near.txt", NEED_READ);
	open_as("work/.env", NEED_READ);
	is("ok", 1, "a secret that is spelled does not stay out");
	judge_done();
	shell("rm -r other/lib home/x.txt");
}

static void dirs_of_changes(void)
{
	char want[9000];

	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "yyd";
	open_as("work/n1", NEED_WRITE | NEED_CREAT);
	open_as("work/n2", NEED_WRITE | NEED_CREAT);
	test_row(script.asked == 2 && !script.dirs[0][0], "dirs is not offered for the first two changes in a directory");
	open_as("work/n3", NEED_WRITE | NEED_CREAT);
	snprintf(want, sizeof want, "allow write,append,create,delete,meta %s/ for run", in("work"));
	test_row(script.asked == 3 && strcmp(script.dirs[0], want) == 0, "from the third on: %s", script.dirs[0]);
	is("ok", 3, "made");
	open_as("work/n4", NEED_WRITE | NEED_CREAT);
	is("ok", 3, "the fourth asks no more");
	open_as("work/n4", NEED_READ | NEED_WRITE);
	is("ok", 3, "what it made there is its own");
	call(CALL_PATH_UNLINK_FILE, "work/more.txt", 0);
	is("ok", 3, "create and change beneath it");
	put("work/more.txt", "more");
	open_as("work/near.txt", NEED_READ);
	is("acces", 4, "reading asks");
	open_as("work/.git/config", NEED_WRITE);
	is("acces", 5, "and so do secrets in it");
	open_as("work/.envrc", NEED_WRITE | NEED_CREAT);
	is("acces", 6, "and what runs later");
	judge_done();
	shell("rm work/n?");
}

static void stopping(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "s";
	open_as("work/near.txt", NEED_READ);
	is("acces", 1, "stop: no");
	open_as("work/more.txt", NEED_READ);
	is("acces", 1, "and nothing is asked any more");
	test_row(recorded("work/more.txt", ACT_READ, OUTCOME_UNAVAILABLE, NULL) == 1, "as in never");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "xz";
	open_as("work/near.txt", NEED_READ);
	is("acces", 1, "I3 an option that was not offered: no");
	open_as("work/more.txt", NEED_READ);
	is("acces", 2, "I3 a reply that is none: no");
	judge_done();
}

/* The rules in RULES as the answer to opening NAME with FLAGS. */
static void answer_with(const char *name, uint32_t flags, const char *a, const char *b)
{
	script.replies = "r";
	script.rules[0] = a;
	script.rules[1] = b;
	open_as(name, flags);
}

static void rules(void)
{
	struct setting plain = { .mode = MODE_NEEDS };
	enum origin by = ORIGIN_NOBODY;

	judge_make(&plain);
	answer_with("work/near.txt", NEED_READ | NEED_WRITE, "allow read @/work/near.txt", NULL);
	is("acces", 1, "an answer narrower than the need: refused");
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "but what it allows is allowed");
	answer_with("other/o.txt", NEED_READ, "allow read @/other/", NULL);
	is("ok", 2, "a wider subtree");
	test_row(holds(answer.fds[0], "other") && strstr(script.told[1], "allow read /") && strstr(script.told[1], "/other/ for run"), "is a grant that it is told of: %s", script.told[1]);
	put("other/q.txt", "q");
	open_as("other/q.txt", NEED_READ);
	is("ok", 2, "for all in it");
	open_as("other/q.txt", NEED_WRITE);
	is("acces", 3, "but only the word that it names");
	judge_done();

	judge_make(&plain);
	answer_with("other/q.txt", NEED_READ, "deny read @/other/q.txt", "allow read @/other/*.txt");
	is("acces", 1, "deny and allow: the deny holds");
	open_as("other/o.txt", NEED_READ);
	is("ok", 1, "the pattern, too");
	test_row(recorded("other/q.txt", ACT_READ, OUTCOME_DENIED, &by) == 1 && by == ORIGIN_EMBEDDER, "by who said so");
	answer_with("work/near.txt", NEED_READ, "hide @/work/near.txt", NULL);
	is("noent", 2, "hide");
	look("work/near.txt");
	is("noent", 2, "is a rule of this run");
	answer_with("work/more.txt", NEED_READ, NULL, NULL);
	is("acces", 3, "no rule at all: refused");
	judge_done();

	judge_make(&plain);
	answer_with("work/near.txt", NEED_READ, "allow read @/other/o.txt at @/work/near.txt", NULL);
	is("ok", 1, "at: something else stands in under this name");
	test_row(holds(answer.fds[0], "other"), "and is what is read");
	open_as("work/near.txt", NEED_READ);
	test_row(holds(answer.fds[0], "other") && script.asked == 1, "and stays");
	answer_with("other/dir/x", NEED_READ | NEED_WRITE | NEED_CREAT, "allow rw @/work/sub/ at @/other/dir", NULL);
	is("ok", 2, "a directory that stands in");
	test_row(there("work/sub/x") && !there("other/dir/x"), "is where the file is made");
	judge_done();
	shell("rm work/sub/x other/q.txt");

	judge_make(&plain);
	answer_with("work/near.txt", NEED_READ, "allow read @/work/near.txt for once", NULL);
	is("ok", 1, "for once");
	answer_with("work/near.txt", NEED_READ, "allow read @/work/near.txt", NULL);
	is("ok", 2, "asks again");
	judge_done();
}

static void too_wide(void)
{
	static const struct { const char *rule, *why; } bad[] = {
		{ "allow read /", "a broad directory that nobody spelled" },
		{ "allow read @/home/", "a home" },
		{ "allow read /usr/", "a directory of the system" },
		{ "allow read @/cache/x/entry", "I9 U32 something protected" },
		{ "allow read @/cache/", "I9 a protected directory" },
		{ "allow write @/module.wasm", "I9 writing what is never changed" },
		{ "allow read @/work/root/", "a link to a broad one" },
		{ "allow frobnicate /x", "no rule" },
		{ "allow read @/work/near.txt for always", "remembering without a memory" },
		{ "ask read @/work/near.txt", "an ask rule" },
		{ "allow env HOME", "a variable" },
		{ "allow read @/other/o.txt at @/work/more.txt", "at for another name than was asked about" },
		{ "allow read @/none/such/", "a directory that is not there" },
		{ "", "an empty line" },
	};
	const struct judge_grant *grants;

	shell("ln -s / work/root");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		judge_make(&(struct setting){ .mode = MODE_NEEDS });
		answer_with("work/near.txt", NEED_READ, "allow read @/work/near.txt", bad[i].rule);
		test_row(strcmp(came(), "acces") == 0 && script.asked == 1 && script.ntold == 0, "all or none: with %s nothing is given (%s)", bad[i].why, came());
		for (size_t k = 0; k < judge_grants(judge, &grants); k++)
			if (grants[k].origin == ORIGIN_EMBEDDER)
				test_row(false, "%s", grants[k].rule.at);
		script.replies = "n";
		open_as("work/more.txt", NEED_READ);
		is("acces", 2, "nor to the next");
		judge_done();
	}
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "@/home", .cwd = "work" });
	answer_with("home/x.txt", NEED_WRITE | NEED_CREAT, "allow create @/home/", NULL);
	is("ok", 1, "a broad one that an argument spells may be given");
	judge_done();
	shell("rm work/root home/x.txt");
}

static void taking_back(void)
{
	const struct judge_grant *grants;
	size_t n;

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow read,list,stat @/other/" } });
	script.replies = "yd";
	open_as("work/near.txt", NEED_READ);
	open_as("work/more.txt", NEED_READ);
	n = judge_grants(judge, &grants);
	test_row(n >= 3 && grants[0].origin == ORIGIN_LAUNCHER && strstr(grants[0].rule.at, "allow read,list,stat /") == grants[0].rule.at, "grants are listed: %s", n ? grants[0].rule.at : "");
	test_row(grants[n - 1].origin == ORIGIN_EMBEDDER && !grants[n - 1].revoked && grants[n - 1].number == n, "with who gave them");
	CHECK(judge_revoke(judge, n) == 0 && judge_revoke(judge, n) == -ENOENT && judge_revoke(judge, 0) == -ENOENT && judge_revoke(judge, n + 1) == -ENOENT);
	test_row(strncmp(script.told[script.ntold - 1], "revoked", 7) == 0, "the asker is told");
	script.replies = "yyy";
	open_as("work/src/a.c", NEED_READ);
	is("ok", 3, "what was revoked asks again");
	test_row(answer.exclusions.n > 0 && text_eq(answer.exclusions.at[0].pattern, text_of(in("work"))), "and the worker hears of it: %.*s", (int)answer.exclusions.at[0].pattern.len, answer.exclusions.at[0].pattern.at);
	CHECK(judge_revoke(judge, n - 1) == 0);
	open_as("work/near.txt", NEED_READ);
	is("ok", 4, "an object, too");
	CHECK(judge_revoke(judge, 1) == 0);
	open_as("other/o.txt", NEED_READ);
	is("ok", 5, "and what the launcher gave");
	judge_done();
}

static void budget(void)
{
	char name[64];

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .who = ORIGIN_BROKER });
	for (int i = 0; i < LIMIT_QUESTIONS_BROKER + 3; i++) {
		snprintf(name, sizeof name, "work/new%d", i);
		open_as(name, NEED_WRITE | NEED_CREAT);
	}
	is("acces", LIMIT_QUESTIONS_BROKER, "U20 a thousand questions to a broker, no more");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .nobody = true, .fail_fast = true });
	look("other/o.txt");
	open_as("work/none", NEED_READ);
	CHECK(!judge_failed_fast(judge));
	open_as("work/near.txt", NEED_READ);
	test_row(judge_failed_fast(judge) && strcmp(came(), "acces") == 0, "--fail-fast: the first need that would be asked");
	judge_done();
}

/* The report's rule for what was refused makes the next run pass. */
static void replay(void)
{
	const struct record_row *rows;
	struct buf line = { 0 };
	char given[4][9000];
	const char *none = NULL;
	size_t n = 0;

	judge_make(&(struct setting){ .mode = MODE_NEVER });
	open_as("work/near.txt", NEED_READ);
	open_as("work/new", NEED_WRITE | NEED_CREAT);
	call2(CALL_PATH_RENAME, "work/more.txt", 0, "other/moved.txt");
	open_as("home/.ssh/id", NEED_READ);
	look("home/.config/foo/x");
	open_as("work/absent", NEED_READ);
	for (size_t i = 0; i < judge_record(judge, &rows); i++) {
		buf_reset(&line);
		judge_row_rule(&rows[i], &line);
		if (line.len && n < 4)
			snprintf(given[n++], sizeof given[0], "%.*s", (int)line.len, line.at);
		else if (line.len)
			none = "too many";
	}
	test_row(n == 4 && !none, "rules for what would have been asked, and for nothing else (%zu)", n);
	buf_done(&line);
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEVER, .flags = { n > 0 ? given[0] : NULL, n > 1 ? given[1] : NULL, n > 2 ? given[2] : NULL, n > 3 ? given[3] : NULL } });
	open_as("work/near.txt", NEED_READ);
	is("ok", 0, "replayed: read");
	open_as("work/new", NEED_WRITE | NEED_CREAT);
	is("ok", 0, "replayed: created");
	call2(CALL_PATH_RENAME, "work/more.txt", 0, "other/moved.txt");
	is("ok", 0, "replayed: renamed");
	judge_done();
	shell("mv other/moved.txt work/more.txt; rm work/new");
}

int main(void)
{
	test_begin();
	umask(022);
	world_make();
	once();
	dirs_of_reading();
	dirs_of_changes();
	stopping();
	rules();
	too_wide();
	taking_back();
	budget();
	replay();
	world_done();
	return test_end();
}
