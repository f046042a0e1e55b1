/*
 * rules.c - what a run is told before it starts: rules of flags, policy files, grants;
 * and what would be answered.
 */
#include <errno.h>

#include "api/run.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/sys.h"
#include "policy/file.h"
#include "policy/policy.h"

/* ---- policy files ---- */

/* Reads and parses PATH into OUT, which lives in ARENA. 0; 1: it is not there; WASK_E*. */
static int policy_read(struct arena *arena, const char *path, const struct rule_places *places, struct policy *out, struct wask_error *error)
{
	struct policy_error wrong = { 0 };
	struct buf text = { 0 }, message = { 0 };
	struct text copy;
	const char *why = "it cannot be read";
	int err = policy_file_read(path, sys_euid(), &text, &why), code = 0;

	if (err == -ENOENT) {
		buf_done(&text);
		return 1;
	}
	if (err < 0) {
		buf_done(&text);
		return error_set(error, WASK_ERULE, "%s: %s", path, why);
	}
	copy = arena_text(arena, buf_view(&text));
	buf_done(&text);
	if (!copy.at)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (policy_parse(arena, arena_text(arena, text_of(path)), copy, places, out, &wrong) < 0) {
		policy_error_print(&message, text_of(path), &wrong);
		code = error_set(error, WASK_ERULE, "%.*s", (int)message.len, message.at ? message.at : "");
		buf_done(&message);
	}
	return code;
}

static int no_file(struct wask_error *error, const char *path)
{
	return error_set(error, WASK_ERULE, "%s: there is no such file", path);
}

/* The hash is taken only when there are sections for programs. */
static int policy_take(struct wask_run *run, const struct policy *policy, struct rules *rules, struct wask_error *error)
{
	const char *sha256 = NULL;
	int code = policy->n > 1 ? run_sha256(run, &sha256, error) : 0;

	if (code == 0 && policy_apply(policy, text_of(sha256), rules) < 0)
		code = error_set(error, WASK_ENOMEM, "no memory");
	return code;
}

int rules_load(struct wask_run *run, struct rules *rules, struct wask_error *error)
{
	const char *path = run->wask->options.policy;
	struct rule_places places = { .home = run->home, .cwd = run->cwd };
	struct policy policy;
	int code;

	if (!path || run->mode == MODE_OFF)
		return 0;
	code = policy_read(rules_arena(rules), path, &places, &policy, error);
	if (code == 1)
		return run->wask->options.policy_optional ? 0 : no_file(error, path);
	return code < 0 ? code : policy_take(run, &policy, rules, error);
}

int wask_policy(const char *path, const char *home, const char *cwd, wask_text_fn *fn, void *self, struct wask_error *error)
{
	struct rule_places places = { .home = text_of(home), .cwd = text_of(cwd) };
	struct arena arena = { 0 };
	struct buf out = { .limit = 2 * LIMIT_POLICY };
	struct policy policy;
	int code = policy_read(&arena, path, &places, &policy, error);

	if (code == 0) {
		policy_print(&out, &policy);
		if (buf_ok(&out))
			fn(self, out.at, out.len);
		else
			code = error_set(error, WASK_ENOMEM, "no memory");
	}
	buf_done(&out);
	arena_done(&arena);
	return code == 1 ? no_file(error, path) : code;
}

/* ---- one rule, one directory ---- */

static int started(const struct wask_run *run, const char *what, struct wask_error *error)
{
	return run->started ? error_set(error, WASK_ESTATE, "%s: the run has started", what) : 0;
}

/* Opened now. -ENOENT: what it is about is not there. */
static int give(struct wask_run *run, const struct rule *rule, struct text preopen, uint64_t *out, struct wask_error *error)
{
	int code = run_judge(run, error);

	return code < 0 ? code : judge_grant(run->judge, rule, preopen, out);
}

static int not_given(int err, const char *what, struct wask_error *error)
{
	if (err == -EINVAL)
		return error_set(error, WASK_ERULE, "%s: may not be given", what);
	if (err < 0 && err > WASK_EINVAL)
		return error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "%s: %s", what, strerror(-err));
	return err;
}

/* A rule that speaks when something is reached for. */
static int add_rule(struct wask_run *run, const struct rule *rule, const char *what, struct wask_error *error)
{
	static const char *const flags[] = { [VERB_DENY] = "--deny", [VERB_HIDE] = "--hide", [VERB_ASK] = "--ask", [VERB_ALLOW] = "--allow" };
	struct rule_source source = { .from = RULE_FLAG, .file = text_of(flags[rule->verb]), .line = 1, .column = 1 };
	int code = run_judge(run, error);

	if (code < 0)
		return code;
	if (run->mode == MODE_OFF)
		return error_set(error, WASK_ERULE, "%s: nothing is asked or refused by rule here", what);
	return rules_add(run->rules, rule, &source) < 0 ? error_set(error, WASK_ENOMEM, "no memory") : 0;
}

int wask_run_allow(struct wask_run *run, const char *text, uint64_t *out, struct wask_error *error)
{
	struct rule_places places = { .home = run->home, .cwd = run->cwd };
	struct rule_error at = { 0 };
	struct rule rule;
	uint64_t number = 0;
	int err = started(run, text, error);

	if (err < 0)
		return err;
	/* What is parsed lives as long as the judge, which lives no longer than the run. */
	if (rule_parse(&run->arena, text_of(text), &places, true, &rule, &at) < 0)
		return error_set(error, WASK_ERULE, "%zu: %s", at.column, at.message ? at.message : "no memory");
	err = rule.verb == VERB_ALLOW ? give(run, &rule, (struct text){ 0 }, &number, error) : -ENOENT;
	if (err == -ENOENT && !rule.at.len)
		err = add_rule(run, &rule, text, error);	/* what is not there yet is tried when it is reached */
	err = not_given(err, text, error);
	if (err == 0 && out)
		*out = number;
	return err;
}

/* HOST by name is exact unless it goes up through what may be a link: then the kernel says where that is. */
static int host_path(struct wask_run *run, const char *host, struct text *out)
{
	char path[LIMIT_PATH + 1];
	struct text joined = path_joined(&run->arena, run->cwd, text_of(host));
	size_t len;
	int fd, err;

	if (!joined.at)
		return -ENOMEM;
	if (!strstr(host, "..")) {
		*out = path_absolute(&run->arena, TEXT("/"), joined);
		return out->at ? 0 : -ENOMEM;
	}
	fd = sys_openat(AT_FDCWD, joined.at, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	err = sys_path_of(fd, path, sizeof path, &len);
	sys_close(fd);
	if (err < 0)
		return err;
	*out = arena_text(&run->arena, (struct text){ path, len });
	return out->at ? 0 : -ENOMEM;
}

int wask_run_dir(struct wask_run *run, const char *host, const char *guest, int read_only, uint64_t *out, struct wask_error *error)
{
	struct rule rule = { .verb = VERB_ALLOW, .what = WHAT_SUBTREE, .access = read_only ? ACCESS_DIR_RO : ACCESS_DIR };
	struct text typed = text_of(guest ? guest : host), preopen = { 0 };
	uint64_t number = 0;
	int err = started(run, host, error);

	if (err < 0)
		return err;
	if (!host[0] || !typed.len)
		return error_set(error, WASK_EINVAL, "a directory needs a name");
	err = host_path(run, host, &rule.path);
	if (err < 0)
		return error_set(error, WASK_EHOST, "%s: %s", host, strerror(-err));
	if (run->mode == MODE_OFF) {
		preopen = typed;
	} else {
		rule.at = path_absolute(&run->arena, run->cwd, typed);
		if (!rule.at.at)
			return error_set(error, WASK_ENOMEM, "no memory");
		if (text_eq(rule.at, rule.path))
			rule.at = (struct text){ 0 };
	}
	err = not_given(give(run, &rule, preopen, &number, error), host, error);
	if (err == 0 && out)
		*out = number;
	return err;
}

/* ---- what would be answered ---- */

/* "WORDS WHAT": as a rule that allows it. */
static int need_parse(struct wask_run *run, const char *need, struct rule *out, struct wask_error *error)
{
	struct rule_places places = { .home = run->home, .cwd = run->cwd };
	struct rule_error at = { 0 };
	struct text line = arena_join(&run->arena, TEXT("allow "), text_of(need), TEXT(""));

	if (!line.at)
		return error_set(error, WASK_ENOMEM, "no memory");
	if (rule_parse(&run->arena, line, &places, true, out, &at) < 0)
		return error_set(error, WASK_ERULE, "%zu: %s", at.column > 6 ? at.column - 6 : 1, at.message ? at.message : "no memory");
	if (out->at.len || out->what == WHAT_PATTERN)
		return error_set(error, WASK_ERULE, "%s: name one thing", need);
	return 0;
}

/* FROM begins with the verb. */
static void verdict_fill(struct wask_verdict *out, struct text from, enum verb verb)
{
	struct text word = text_of(verb_word(verb));

	if (text_starts(from, word))
		from = text_from(from, word.len);
	while (text_starts(from, TEXT(" ")))
		from = text_from(from, 1);
	if (from.len >= sizeof out->from)
		from.len = sizeof out->from - 1;
	if (from.len)
		memcpy(out->from, from.at, from.len);
	out->from[from.len] = '\0';
	out->verb = word.at;
}

int wask_check(struct wask_run *run, const char *need, struct wask_verdict *out, struct wask_error *error)
{
	struct buf from = { .limit = sizeof out->from };
	struct rule rule;
	enum verb verb;
	int code = started(run, need, error), err;

	if (code == 0 && out->size < sizeof *out)
		code = error_set(error, WASK_EINVAL, "what is to be filled in is of another wask");
	if (code == 0)
		code = need_parse(run, need, &rule, error);
	if (code == 0)
		code = run_judge(run, error);
	if (code < 0)
		return code;
	err = judge_check(run->judge, &rule, &from, &verb);
	if (err == 0)
		verdict_fill(out, buf_view(&from), verb);
	buf_done(&from);
	return not_given(err, need, error);
}
