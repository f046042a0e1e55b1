/* grants.c - what a run holds, shown and taken back. */
#include <errno.h>

#include "api/run.h"

int wask_grants(struct wask_run *run, wask_grant_fn *fn, void *self)
{
	const struct judge_grant *grants = NULL;
	size_t n = run->judge ? judge_grants(run->judge, &grants) : 0;
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		struct buf rule = { 0 };
		struct wask_grant out = { .size = sizeof out, .number = grants[i].number, .by = origin_word(grants[i].origin), .revoked = grants[i].revoked };

		buf_text(&rule, grants[i].rule);
		buf_char(&rule, '\0');
		out.rule = buf_ok(&rule) ? rule.at : "";
		result = fn(self, &out);
		buf_done(&rule);
	}
	return result;
}

int wask_revoke(struct wask_run *run, uint64_t grant, struct wask_error *error)
{
	if (!run->judge || judge_revoke(run->judge, grant) < 0)
		return error_set(error, WASK_EINVAL, "no grant %llu is live", (unsigned long long)grant);
	return 0;
}
