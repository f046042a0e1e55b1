/*
 * secrets.c - which names are secret in a run: the built-in ones, compiled once for
 * all runs, and what the user's files beside the policy add (policy/data.h).
 */
#include <errno.h>

#include "api/run.h"
#include "base/sys.h"
#include "policy/class.h"
#include "policy/data.h"
#include "policy/file.h"

static int builtin_make(struct wask *wask)
{
	const struct excludes names = secrets_of((struct texts){ 0 });
	struct exclude_set *set;

	if (wask->secrets)
		return 0;
	set = exclude_new(&wask->arena, NULL);
	if (!set || exclude_add(set, &names) < 0)
		return -ENOMEM;
	wask->secrets = set;
	return 0;
}

/* NAME beside the policy file, terminated; its text into OUT. 0; 1: it is not there; WASK_E*. */
static int data_read(struct wask_run *run, struct text name, struct text *path, struct text *out, struct wask_error *error)
{
	struct buf text = { 0 };
	const char *why = "it cannot be read";
	int err;

	*path = arena_join(&run->arena, text_parent(text_of(run->wask->options.policy)), TEXT("/"), name);
	if (!path->at)
		return error_set(error, WASK_ENOMEM, "no memory");
	err = policy_file_read(path->at, sys_euid(), &text, &why);
	if (err == 0)
		*out = arena_text(&run->arena, buf_view(&text));
	buf_done(&text);
	if (err == -ENOENT)
		return 1;
	if (err < 0)
		return error_set(error, WASK_ERULE, "%s: %s", path->at, why);
	return out->at ? 0 : error_set(error, WASK_ENOMEM, "no memory");
}

static int data_wrong(struct text path, const struct policy_error *wrong, struct wask_error *error)
{
	struct buf message = { 0 };

	policy_error_print(&message, path, wrong);
	error_set(error, WASK_ERULE, "%.*s", (int)message.len, message.at ? message.at : "");
	buf_done(&message);
	return WASK_ERULE;
}

int secrets_load(struct wask_run *run, struct judge_options *options, struct text paths[2], struct wask_error *error)
{
	struct secret_lines *lines = arena_new(&run->arena, 1, sizeof *lines);
	struct policy_error wrong;
	struct text text;
	int code;

	if (!lines || builtin_make(run->wask) < 0)
		return error_set(error, WASK_ENOMEM, "no memory");
	options->builtin = run->wask->secrets;
	if (!run->wask->options.policy || run->mode == MODE_OFF)
		return 0;
	code = data_read(run, TEXT("secrets"), &paths[0], &text, error);
	if (code == 0 && secrets_parse(&run->arena, text, lines, &wrong) < 0)
		return data_wrong(paths[0], &wrong, error);
	if (code == 0)
		options->secrets = lines;
	if (code >= 0)
		code = data_read(run, TEXT("companions"), &paths[1], &text, error);
	if (code == 0 && companions_parse(&run->arena, text, &options->companions, &wrong) < 0)
		return data_wrong(paths[1], &wrong, error);
	return code < 0 ? code : 0;
}
