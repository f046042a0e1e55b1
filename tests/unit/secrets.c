/*
 * The user's own secrets and companions, in files beside the policy: what they add holds
 * for the judge and for the mounts of the worker, and a mistake in them ends the run
 * before it starts.
 */
#include "api.h"

static void starts(const char *secrets, const char *companions, bool want, const char *word)
{
	struct wask *wask;
	struct wask_run *run;
	struct wask_error error = { 0 };
	bool made;

	put("conf/secrets", secrets);
	put("conf/companions", companions);
	wask = open_wask(WASK_NOBODY, in("conf/policy"));
	run = open_run(wask, NULL);
	made = run_judge(run, &error) == 0;
	test_row(made == want && (!word || strstr(error.text, word)), "%s: %s", want ? "taken" : "refused", word ? word : secrets[0] ? "lines of each kind" : "empty files");
	wask_run_free(run);
	wask_close(wask);
}

static bool has_pattern(const struct start *start, const char *pattern, access_set access)
{
	for (size_t i = 0; i < start->exclusions.n; i++)
		if (text_eq(start->exclusions.at[i].pattern, text_of(pattern)))
			return start->exclusions.at[i].access == access;
	return false;
}

/* 'y': a look shows it. */
static char look(struct authority *door, const char *name)
{
	struct need need = { .call = CALL_PATH_FILESTAT_GET, .flags = NEED_FOLLOW, .name = text_of(name) };

	return authority_put(door, &need) < 0 ? '?' : answer_of(door);
}

static char read_by(struct authority *door, const char *name)
{
	return reach(door, name) < 0 ? '?' : answer_of(door);
}

static void hold(void)
{
	struct wask *wask;
	struct wask_run *run;
	struct authority *door;

	put("work/c.TXT", "c");
	put("work/c.doc", "c");
	put("conf/secrets", "# mine\nread *.txt\nnot b.txt\nchange kept\n");
	put("conf/companions", ".npmignore\n");
	wask = open_wask(WASK_NOBODY, in("conf/policy"));
	run = open_run(wask, NULL);
	door = door_of(run);
	test_row(look(door, in("work/a.txt")) == 'n', "a name that the file calls a secret is not shown");
	test_row(look(door, in("work/b.txt")) == 'y', "one that it takes out again is");
	test_row(look(door, in("work/c.TXT")) == 'n' && look(door, in("work/c.doc")) == 'y', "letters compare without case");
	test_row(has_pattern(&run->start, "*.txt", ACCESS_ALL) && has_pattern(&run->start, "kept", ACCESS_ANY_CHANGE) && has_pattern(&run->start, "b.txt", 0), "the worker is told of them");
	test_row(run->start.nprotected >= 3 && read_by(door, in("conf/secrets")) == 'n' && read_by(door, in("conf/companions")) == 'n', "the files themselves are protected");
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);
	unlink(in("work/c.TXT"));
	unlink(in("work/c.doc"));
}

int main(void)
{
	test_begin();
	place_make();
	if (mkdir(in("conf"), 0700) < 0)
		test_row(false, "mkdir: %s", strerror(errno));
	put("conf/policy", "");
	starts("", "", true, NULL);
	starts("read ~/.mine\nchange /srv/keys\nitself .hold\nnot public.pem\n", "a/b\n", true, NULL);
	starts("read\n", "", false, "conf/secrets:1:");
	starts("read a\nwrite b\n", "", false, "conf/secrets:2:1:");
	starts("", "/absolute\n", false, "conf/companions:1:1:");
	put("conf/secrets", "");
	put("conf/companions", "");
	if (chmod(in("conf/secrets"), 0666) < 0)
		test_row(false, "chmod: %s", strerror(errno));
	starts("", "", false, "conf/secrets: ");
	unlink(in("conf/secrets"));
	hold();
	unlink(in("conf/secrets"));
	unlink(in("conf/companions"));
	unlink(in("conf/policy"));
	rmdir(in("conf"));
	place_done();
	return test_end();
}
