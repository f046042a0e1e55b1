/*
 * record.c - what was hidden, refused, asked or granted, shown to the caller.
 */
#include "api/run.h"
#include "base/escape.h"
#include "policy/class.h"

enum { TEXTS = 4 };

static const char *terminated(struct buf *buf)
{
	buf_char(buf, '\0');
	return buf_ok(buf) ? buf->at : "";
}

static int show(const struct record_row *row, wask_record_fn *fn, void *self)
{
	struct buf texts[TEXTS] = { 0 };
	struct wask_record out = {
		.size = sizeof out, .act = act_word(row->act), .call = call_word(row->call), .clazz = row->class,
		.outcome = outcome_word(row->outcome), .by = origin_word(row->by), .count = row->count,
		.kind = kind_word(row->kind), .verb = row->verb, .asked = row->asked,
	};
	int result;

	access_print(&texts[0], row->access);
	escape_token(&texts[1], row->name);
	if (row->path.len)
		escape_token(&texts[2], row->path);
	judge_row_rule(row, &texts[3]);
	out.access = terminated(&texts[0]);
	out.name = terminated(&texts[1]);
	out.path = terminated(&texts[2]);
	out.rule = terminated(&texts[3]);
	result = fn(self, &out);
	for (int i = 0; i < TEXTS; i++)
		buf_done(&texts[i]);
	return result;
}

int wask_run_record(struct wask_run *run, wask_record_fn *fn, void *self)
{
	const struct record_row *rows = NULL;
	size_t n = run->judge ? judge_record(run->judge, &rows) : 0;
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = show(&rows[i], fn, self);
	return result;
}

uint64_t wask_run_omitted(struct wask_run *run)
{
	return run->judge ? judge_omitted(run->judge) : 0;
}

int wask_run_exited(struct wask_run *run, uint32_t *status)
{
	if (!run->exited)
		return 0;
	*status = run->status;
	return 1;
}
