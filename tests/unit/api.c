/*
 * The public interface beside questions: rules before a run, policy files, grants and
 * their end, what would be answered, the report.
 */
#include "api.h"

static struct wask_error error;

static char *line_of(const char *format, const char *name)
{
	static char line[512];

	snprintf(line, sizeof line, format, in(name));
	return line;
}

static int rule(struct wask_run *run, const char *format, const char *name)
{
	error.text[0] = '\0';
	return wask_run_allow(run, line_of(format, name), NULL, &error);
}

/* What reaching for NAME comes to, when nobody is there. */
static char reached(struct authority *door, const char *name)
{
	return reach(door, in(name)) == 0 ? answer_of(door) : '!';
}

static void rules(void)
{
	struct wask *wask = open_wask(WASK_NOBODY, NULL);
	struct wask_run *run = open_run(wask, NULL);
	struct authority *door;
	uint64_t number = 77;

	test_row(rule(run, "deny read %s", "work/b.txt") == 0, "a deny rule before the run: %s", error.text);
	test_row(rule(run, "hide all %s", "work/c.txt") == 0, "a hide rule");
	test_row(wask_run_allow(run, line_of("allow read,list,stat %s/", "work"), &number, &error) == 0 && number > 0 && number != 77, "an allow rule has a number: %s", error.text);
	test_row(rule(run, "allow read %s", "work/none/x") == 0, "one for what is not there yet: %s", error.text);
	test_row(wask_run_allow(run, "allow nonsense /a", NULL, &error) == WASK_ERULE && strstr(error.text, "7:"), "what is no rule: %s", error.text);
	test_row(rule(run, "allow read %s for always", "work/a.txt") == WASK_ERULE, "always is not for a flag: %s", error.text);
	door = door_of(run);
	test_row(reached(door, "work/a.txt") == 'y' && reached(door, "work/b.txt") == 'n' && reached(door, "work/c.txt") == 'n', "they hold: given, denied, hidden");
	test_row(rule(run, "deny read %s", "work/a.txt") == WASK_ESTATE, "not after the start: %s", error.text);
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);
}

static char text[4096];

static void keep(void *self, const char *at, size_t len)
{
	(void)self;
	snprintf(text, sizeof text, "%.*s", (int)len, at);
}

static void policy(void)
{
	struct wask *wask;
	struct wask_run *run;
	struct authority *door;

	put("policy", "");
	chmod(in("policy"), 0600);
	put("policy", line_of("allow read %s\n[*] # again\n", "work/a.txt"));
	test_row(wask_policy(in("policy"), NULL, in("work"), keep, NULL, &error) == WASK_ERULE && strstr(error.text, "policy:2:"), "a policy that is none: %s", error.text);
	put("policy", line_of("allow read %s\n[sha256:00000000000000000000000000000000000000000000000000000000000000aa \"other\"]\nallow all /\n", "work/a.txt"));
	test_row(wask_policy(in("policy"), NULL, in("work"), keep, NULL, &error) == 0 && strstr(text, line_of("allow read %s", "work/a.txt")), "given back as it was understood");
	wask = open_wask(WASK_NOBODY, in("policy"));
	run = open_run(wask, NULL);
	door = door_of(run);
	test_row(reached(door, "work/a.txt") == 'y' && reached(door, "work/b.txt") == 'n', "it holds, and another program's section does not");
	authority_free(door);
	wask_run_free(run);
	chmod(in("policy"), 0666);
	run = open_run(wask, NULL);
	test_row(rule(run, "deny read %s", "work/b.txt") == WASK_ERULE && error.text[0], "B25 a policy that others may write: nothing runs: %s", error.text);
	wask_run_free(run);
	unlink(in("policy"));
	run = open_run(wask, NULL);
	test_row(rule(run, "deny read %s", "work/b.txt") == WASK_ERULE && error.text[0], "one that is not there: %s", error.text);
	wask_run_free(run);
	wask_close(wask);
}

static void yes(void *self, const struct wask_question *question, struct wask_answer *answer)
{
	(void)question;
	answer->rules = self;
	answer->option = self ? NULL : "run";
}

static int one_grant(void *self, const struct wask_grant *grant)
{
	*(struct wask_grant *)self = *grant;
	snprintf(text, sizeof text, "%s", grant->rule);
	return strcmp(grant->by, "embedder") == 0;
}

static void grants(void)
{
	struct wask_options options = { .size = sizeof options, .asker = WASK_FUNCTION, .ask = yes };
	struct wask_grant grant = { 0 };
	struct wask_run *run;
	struct wask *wask;
	struct authority *door;

	if (wask_open(&options, &wask, &error) < 0)
		test_row(false, "wask_open: %s", error.text);
	run = open_run(wask, NULL);
	door = door_of(run);
	test_row(reached(door, "work/a.txt") == 'y', "a function says run");
	test_row(wask_grants(run, one_grant, &grant) == 1 && grant.number && !grant.revoked && strstr(text, line_of("allow read %s", "work/a.txt")), "what it became is a grant: %s", text);
	test_row(wask_revoke(run, grant.number + 1000, &error) == WASK_EINVAL, "no such grant: %s", error.text);
	test_row(wask_revoke(run, grant.number, &error) == 0 && wask_revoke(run, grant.number, &error) == WASK_EINVAL, "taken back, once");
	test_row(wask_grants(run, one_grant, &grant) == 1 && grant.revoked, "and shown as such");
	test_row(wask_run_report(run, 3, keep, NULL) == 0 && strstr(text, "{\"version\":1,\"run\":\"") && strstr(text, "\"status\":3,\"omitted\":0,\"needs\":[{\"kind\":\"file\",\"access\":[\"read\"],\"name\":\"")
		 && strstr(text, "\"outcome\":\"granted\",\"by\":\"embedder\",\"count\":1,\"rule\":\"allow read"), "the report: %.60s...", text);
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);

	options.self = (const char *[]){ line_of("deny read %s", "work/a.txt"), NULL };
	if (wask_open(&options, &wask, &error) < 0)
		test_row(false, "wask_open: %s", error.text);
	run = open_run(wask, NULL);
	door = door_of(run);
	test_row(reached(door, "work/a.txt") == 'n', "a function says a rule");
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);
}

static const char *checked(struct wask_run *run, const char *need)
{
	static struct wask_verdict verdict = { .size = sizeof verdict };
	static char said[9000];

	if (wask_check(run, need, &verdict, &error) < 0)
		return error.text;
	snprintf(said, sizeof said, "%s %s", verdict.verb, verdict.from);
	return said;
}

static void check(void)
{
	struct wask *wask = open_wask(WASK_NOBODY, NULL);
	struct wask_run *run = open_run(wask, NULL);
	const char *said;

	rule(run, "deny read %s", "work/b.txt");
	said = checked(run, line_of("read %s", "work/a.txt"));
	test_row(strcmp(said, "ask table near") == 0, "what the table says: %s", said);
	said = checked(run, line_of("read %s", "work/b.txt"));
	test_row(strncmp(said, "deny ", 5) == 0 && strstr(said, "--deny"), "what a flag says: %s", said);
	said = checked(run, "read relative");
	test_row(strstr(said, "6: ") == said, "what is no need: %s", said);
	said = checked(run, "env EDITOR");
	test_row(strncmp(said, "hide", 4) == 0, "a variable: %s", said);
	wask_run_free(run);
	wask_close(wask);
}

static void refused(void)
{
	struct wask_options options = { .size = sizeof options, .asker = WASK_BROKER };
	struct wask *wask = NULL;
	struct wask_run *run;

	test_row(wask_open(&options, &wask, &error) == WASK_EINVAL && !wask, "a broker without a socket: %s", error.text);
	options.asker = 99;
	test_row(wask_open(&options, &wask, &error) == WASK_EINVAL && !wask, "an asker that is none: %s", error.text);
	options = (struct wask_options){ .size = sizeof options, .asker = WASK_BROKER, .broker = "/var/tmp/no-such-wask-broker" };
	if (wask_open(&options, &wask, &error) < 0)
		test_row(false, "wask_open: %s", error.text);
	run = open_run(wask, NULL);
	test_row(rule(run, "deny read %s", "work/a.txt") == WASK_EASKER && strstr(error.text, "there is no such socket"), "nobody at the socket: %s", error.text);
	wask_run_free(run);
	wask_close(wask);
}

int main(void)
{
	test_begin();
	place_make();
	rules();
	policy();
	grants();
	check();
	refused();
	place_done();
	return test_end();
}
