/* report.c - the record as JSON (design/protocols.md 4): for a report, and for a broker at the end. */
#include "api/run.h"
#include "ask/json.h"
#include "base/limits.h"

static void put_rule(struct buf *out, const struct record_row *row)
{
	struct buf rule = { .limit = LIMIT_BROKER_OUT };

	judge_row_rule(row, &rule);
	out->failed |= rule.failed;
	if (rule.len)
		json_put_text(out, buf_view(&rule));
	else
		buf_str(out, "null");
	buf_done(&rule);
}

static void put_row(struct buf *out, const struct record_row *row)
{
	buf_str(out, "{\"kind\":");
	json_put_str(out, kind_word(row->kind));
	buf_str(out, ",\"access\":");
	json_put_access(out, row->access);
	buf_str(out, ",\"name\":");
	json_put_plain(out, row->spelled.len ? row->spelled : row->name);
	buf_str(out, ",\"path\":");
	if (row->path.len)
		json_put_token(out, row->path);
	else
		buf_str(out, "null");
	buf_str(out, ",\"call\":");
	json_put_str(out, call_word(row->call));
	buf_str(out, ",\"class\":");
	json_put_str(out, row->class);
	buf_str(out, ",\"outcome\":");
	json_put_str(out, outcome_word(row->outcome));
	buf_str(out, ",\"by\":");
	json_put_str(out, origin_word(row->by));
	buf_print(out, ",\"count\":%llu,\"rule\":", (unsigned long long)row->count);
	put_rule(out, row);
	buf_char(out, '}');
}

void report_needs(const struct wask_run *run, struct buf *out)
{
	const struct record_row *rows = NULL;
	size_t n = run->judge ? judge_record(run->judge, &rows) : 0;

	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		put_row(out, &rows[i]);
	}
	buf_char(out, ']');
}

void run_tell_end(struct wask_run *run, uint32_t status)
{
	struct told told = { .what = TOLD_END, .status = status };
	struct buf needs = { .limit = LIMIT_BROKER_OUT - 256 };	/* with what stands around them, one line */

	if (run->wask->options.asker != WASK_BROKER || run->told || !run->judge)
		return;
	run->told = true;
	report_needs(run, &needs);
	told.needs = buf_ok(&needs) ? buf_view(&needs) : TEXT("[]");	/* too many for one line */
	judge_tell(run->judge, &told);
	buf_done(&needs);
}

int wask_run_report(struct wask_run *run, int status, wask_text_fn *fn, void *self)
{
	struct buf out = { .limit = 1U << 30 };
	const char *sha256 = run->sha256[0] ? run->sha256 : NULL;
	int code = WASK_ENOMEM;

	if (!sha256)
		run_sha256(run, &sha256, NULL);		/* a module that is gone has no hash */
	buf_str(&out, "{\"version\":1,\"run\":");
	json_put_hex(&out, run->id, sizeof run->id);
	buf_str(&out, ",\"program\":{\"name\":");
	json_put_plain(&out, run->program);
	buf_str(&out, ",\"sha256\":");
	json_put_str(&out, sha256);
	buf_print(&out, "},\"status\":%d,\"omitted\":%llu,\"needs\":", status, (unsigned long long)wask_run_omitted(run));
	report_needs(run, &out);
	buf_str(&out, "}\n");
	if (buf_ok(&out)) {
		fn(self, out.at, out.len);
		code = 0;
	}
	buf_done(&out);
	return code;
}
