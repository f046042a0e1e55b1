/*
 * judge_rules.c - the order of decisions.md 3 from the judge's door: what a rule says
 * before a grant, after one, and before the table; and `wask check`.
 */
#include "judge.h"

static void forbidding(void)
{
	enum origin by = ORIGIN_NOBODY;

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "named.txt @/cache src",
		.grants = { "allow rw @/other/", "allow read @/work/more.txt" },
		.flags = { "deny read @/work/named.txt", "hide @/work/src/a.c", "deny @/other/o.txt", "deny read @/work/more.txt", "hide @/cache/" } });
	open_as("work/named.txt", NEED_READ);
	is("acces", 0, "P16 order: deny before the table, though it is named");
	test_row(recorded("work/named.txt", ACT_READ, OUTCOME_DENIED, &by) == 1 && by == ORIGIN_RULE, "by a rule");
	look("work/named.txt");
	is("ok", 0, "only the word that it names");
	open_as("work/src/a.c", NEED_READ);
	is("noent", 0, "hide: noent");
	look("work/src/a.c");
	is("noent", 0, "to everything");
	open_as("work/src/a.c", NEED_WRITE | NEED_CREAT);
	is("noent", 0, "creation included");
	test_row(answer.sticks_ns == STICKS_RUN, "I1 by the name alone");
	open_as("other/o.txt", NEED_READ);
	is("acces", 0, "P16 order: deny before a live grant of the directory");
	open_as("work/more.txt", NEED_READ);
	is("acces", 0, "P16 and before one of the object");
	open_as("cache/x/entry", NEED_READ);
	is("acces", 0, "order: protected before hide");
	shell("ln -f work/named.txt work/hard; ln -sf named.txt work/soft");
	open_as("work/hard", NEED_READ);
	is("acces", 0, "P15 a deny holds for the object under another name");
	open_as("work/soft", NEED_READ);
	is("acces", 0, "and through a link");
	script.replies = "y";
	open_as("work/near.txt", NEED_READ);
	is("ok", 1, "its neighbour asks as ever");
	judge_done();
	shell("rm work/hard work/soft");

	shell("mkdir other/dir/sub; echo s > other/dir/sub/s; ln -s ../other/dir/sub work/to-sub; ln -s named.txt work/soft");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "to-sub named.txt", .flags = { "deny @/other/dir/", "deny @/work/soft" } });
	open_as("work/to-sub/s", NEED_READ);
	is("acces", 0, "P14 a deny of a directory holds beneath it, whatever link leads there");
	open_as("work/named.txt", NEED_READ);
	is("acces", 0, "a deny of a link denies its target");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .argv = "to-sub", .flags = { "deny @/work/to-sub/" } });
	open_as("work/to-sub/s", NEED_READ);
	is("acces", 0, "P14 by the link's own name");
	open_as("other/dir/sub/s", NEED_READ);
	is("acces", 0, "P14 and by the other");
	judge_done();
	shell("rm -r other/dir/sub work/to-sub work/soft");
}

static void permitting(void)
{
	enum origin by = ORIGIN_NOBODY;

	judge_make(&(struct setting){ .mode = MODE_NEVER, .policy = { "allow read @/other/", "ask read @/other/dir/", "allow read @/home/.config/foo/x", "allow create,append @/work/log",
		"allow read @/home/.ssh/", "allow read $CWD/.env", "allow read @/work/" } });
	open_as("other/o.txt", NEED_READ);
	is("ok", 0, "an allow rule gives");
	test_row(holds(answer.fds[0], "other") && recorded("other/o.txt", ACT_READ, OUTCOME_GRANTED, &by) == 1 && by == ORIGIN_RULE, "by a rule");
	look("other/o.txt");
	is("ok", 0, "and a look at it");
	open_as("other/o.txt", NEED_WRITE);
	is("acces", 0, "but no other word (I10: it is shown)");
	open_as("home/.config/foo/x", NEED_READ);
	is("ok", 0, "a quiet name");
	look("home/.config/foo/y");
	is("noent", 0, "not its neighbour");
	test_row(answer.sticks_ns == STICKS_RUN, "I1 which is not looked at");
	open_as("home/.ssh/id", NEED_READ);
	is("ok", 0, "beneath a secret directory that the rule itself names");
	open_as("work/.env", NEED_READ);
	is("ok", 0, "a secret by its own rule");
	open_as("work/near.txt", NEED_READ);
	is("ok", 0, "what a directory gives");
	open_as("work/log", NEED_WRITE | NEED_APPEND | NEED_CREAT);
	is("ok", 0, "create and append: made");
	open_as("work/log", NEED_WRITE | NEED_APPEND | NEED_CREAT);
	is("ok", 0, "appended to");
	open_as("work/log", NEED_WRITE);
	is("acces", 0, "not written: it is not its own (decisions.md 5)");
	judge_done();
	shell("rm work/log");

	put("work/k.pem", "k");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .policy = { "allow read @/work/", "allow read @/work/*.pem" } });
	open_as("work/.env", NEED_READ);
	is("noent", 0, "a directory gives no secret in it");
	open_as("work/k.pem", NEED_READ);
	is("noent", 0, "a pattern never does");
	judge_done();
	shell("rm work/k.pem");

	put("other/dir/x", "x");
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .grants = { "allow read,list,stat @/other/" }, .policy = { "ask read @/other/dir/", "allow read @/other/dir/x" } });
	open_as("other/o.txt", NEED_READ);
	is("ok", 0, "a live grant");
	put("other/dir/y", "y");
	script.replies = "y";
	open_as("other/dir/y", NEED_READ);
	is("ok", 1, "order: a more specific ask rule is not covered by it");
	test_row(strcmp(script.why, "a rule says that it is asked about") == 0, "and says why");
	open_as("other/dir/y", NEED_READ);
	is("ok", 1, "it asks once in a run");
	open_as("other/dir/x", NEED_READ);
	is("ok", 1, "a more specific allow wins over it");
	judge_done();
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .flags = { "ask read @/other/" }, .policy = { "allow read @/other/o.txt" } });
	script.replies = "n";
	open_as("other/o.txt", NEED_READ);
	is("acces", 1, "flags and a program's section before [*], whatever is more specific");
	open_as("other/none", NEED_READ);
	is("noent", 1, "an ask rule asks about nothing that is not there");
	judge_done();
	shell("rm other/dir/x other/dir/y");
}

/* Where a rule's "at" leads; and links on the way to a rule's own path. */
static void leading(void)
{
	shell("ln -s ../home/.config work/conf");
	judge_make(&(struct setting){ .mode = MODE_NEVER, .policy = { "allow read,list,stat @/other/ at /in", "allow read @/home/.bashrc at /rc", "allow read @/work/conf/foo/x" } });
	open_as("/in/o.txt", NEED_READ);
	is("ok", 0, "a directory at another name");
	test_row(holds(answer.fds[0], "other"), "is led through");
	call(CALL_FD_READDIR, "/in", NEED_FOLLOW | NEED_DIRECTORY);
	is("ok", 0, "and listed");
	open_as("/rc", NEED_READ);
	is("ok", 0, "one file at another name");
	test_row(holds(answer.fds[0], "rc"), "the right one");
	open_as("/rc/x", NEED_READ);
	is("noent", 0, "nothing beneath it");
	open_as("work/conf/foo/x", NEED_READ);
	is("ok", 0, "a rule whose path goes through a link");
	open_as("home/.config/foo/x", NEED_READ);
	test_row(strcmp(came(), "ok") == 0, "and its true name (%s)", came());
	judge_done();
	shell("rm work/conf");
}

static void environment(void)
{
	bool editor = false, lang = false;

	judge_make(&(struct setting){ .mode = MODE_NEEDS, .env = { "EDITOR=vi", "LANG=C", "PAGER=less" }, .flags = { "allow env EDITOR", "deny env LANG" } });
	for (size_t i = 0; i < start.env.n; i++) {
		editor |= text_eq(start.env.at[i], TEXT("EDITOR=vi"));
		lang |= text_eq(start.env.at[i], TEXT("LANG=C"));
	}
	test_row(editor && !lang, "rules about variables");
	judge_done();
}

static bool checks_need(const struct rule *need, const char *name, const char *want)
{
	struct buf from = { 0 };
	enum verb verb = VERB_DENY;
	int error = judge_check(judge, need, &from, &verb);
	struct text got = buf_view(&from);
	bool same = error == 0 && text_eq(got, text_of(want)) && text_starts(got, text_of(verb_word(verb)));

	test_row(same, "check %#x %s: %s (is %.*s)", need->access, name, want, (int)got.len, got.at);
	buf_done(&from);
	return same;
}

static bool checks(access_set access, const char *name, const char *want)
{
	const struct rule need = { .access = access, .what = WHAT_OBJECT, .path = text_of(in(name)) };

	return checks_need(&need, name, want);
}

static void checking(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS, .nobody = true, .grants = { "allow read,list,stat @/other/dir/" },
		.policy = { "deny write /etc/", "allow read @/other/o.txt", "ask read @/other/p.txt", "hide @/home/.x", "allow env EDITOR", "deny request" } });
	put("other/p.txt", "p");
	put("other/dir/x", "x");
	checks(ACCESS_WRITE, "/etc/hosts", "deny policy:1");
	checks(ACCESS_READ, "other/o.txt", "allow policy:2");
	checks(ACCESS_READ | ACCESS_WRITE, "other/o.txt", "ask table other");
	checks(ACCESS_READ, "other/p.txt", "ask policy:3");
	checks(ACCESS_READ, "home/.x", "hide policy:4");
	checks(ACCESS_READ, "other/dir/x", "allow 1");
	checks(ACCESS_STAT, "work/near.txt", "allow table near");
	checks(ACCESS_READ, "work/near.txt", "ask table near");
	checks(ACCESS_READ, "home/.ssh/id", "hide table secret");
	checks(ACCESS_CREATE, "home/.ssh/new", "ask table secret");
	checks(ACCESS_LIST, "home/.config", "hide table quiet");
	checks(ACCESS_LINKS, "work/l", "deny table near");
	checks(ACCESS_READ, "cache/x/entry", "deny protected");
	checks_need(&(struct rule){ .what = WHAT_ENV, .name = TEXT("PAGER") }, "env PAGER", "hide table other");
	checks_need(&(struct rule){ .what = WHAT_ENV, .name = TEXT("EDITOR") }, "env EDITOR", "allow policy:5");
	checks_need(&(struct rule){ .what = WHAT_NET, .access = ACCESS_CONNECT, .name = TEXT("example.org"), .port = { 443, 443 } }, "net", "ask table other");
	checks_need(&(struct rule){ .what = WHAT_REQUEST }, "request", "deny policy:6");
	judge_done();
	shell("rm other/p.txt other/dir/x");
}

/* P16: whatever is denied besides, nothing more is given. */
static void monotone(void)
{
	static const char *const denies[] = { "deny @/other/o.txt", "hide @/other/", "deny read @/work/*.txt", "deny write @/", "hide @/work/src/", "deny list,stat @/work/" };
	static const char *const names[] = { "other/o.txt", "work/near.txt", "work/src/a.c", "work/none", "home/.ssh/id", "work/.env" };
	static const uint32_t flags[] = { NEED_READ, NEED_WRITE, NEED_READ | NEED_WRITE, NEED_READ | NEED_DIRECTORY };
	bool had[6][4];
	unsigned more = 0;

	for (size_t d = 0; d <= 6; d++) {
		judge_make(&(struct setting){ .mode = MODE_NEVER, .argv = "near.txt", .grants = { "allow read,list,stat @/work/src/" },
			.policy = { "allow read,write @/other/", "allow read @/home/.ssh/id", d ? denies[d - 1] : "allow env X" } });
		for (size_t i = 0; i < 6; i++)
			for (size_t k = 0; k < 4; k++) {
				bool ok;

				open_as(names[i], flags[k]);
				ok = answer.verdict == VERDICT_ALLOW && answer.error == 0;
				more += d && ok && !had[i][k];
				if (d == 0)
					had[i][k] = ok;
			}
		judge_done();
	}
	test_row(more == 0, "P16 a deny more never enlarges what is allowed (%u)", more);
}

int main(void)
{
	test_begin();
	umask(022);
	world_make();
	forbidding();
	permitting();
	leading();
	environment();
	checking();
	monotone();
	world_done();
	return test_end();
}
