/* rules.c - which rule speaks, against rules.txt. */
#include "policy/match.h"
#include "policy/rules.h"
#include "rows.h"

static const struct rule_places places = { { "/home/ada", 9 }, { "/w", 2 } };
static char row_id[16];			/* "P12 ", or nothing */

static uint64_t number_of(struct text t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t.len && t.at[i] >= '0' && t.at[i] <= '9'; i++)
		n = 10 * n + (uint64_t)(t.at[i] - '0');
	return n;
}

static struct file_id id_of(struct text t)
{
	uint64_t n = number_of(t);

	return (struct file_id){ n ? 1 : 0, n };
}

static void rule_line(struct rules *rules, const struct rows *rows, enum rule_from from)
{
	char line[LINE] = "";
	size_t n = 0;
	struct rule_source source = { .from = from, .file = TEXT("rules.txt"), .line = (size_t)rows->line };
	struct rule_error error = { 0 };
	struct rule rule;
	bool good;

	for (size_t i = 2; i < rows->n; i++)
		n += (size_t)snprintf(line + n, sizeof line - n, "%s%.*s", i > 2 ? " " : "", (int)rows->words[i].len, rows->words[i].at);
	good = rule_parse(rules_arena(rules), (struct text){ line, n }, &places, false, &rule, &error) == 0;
	if (!good || rules_add(rules, &rule, &source) < 0)
		test_row(false, "line %d: %s is no rule: %s", rows->line, line, error.message);
}

static void led_line(struct rules *rules, const struct rows *rows)
{
	struct rule_object object = { .path = rows->words[2], .self = id_of(rows->words[3]) };
	size_t last = 0;

	while (rules_at(rules, last + 1))
		last++;
	for (size_t i = 4; i < rows->n; i++)
		if (text_eq(rows->words[i], TEXT("linked")))
			object.linked = true;
		else
			object.target = id_of(rows->words[i]);
	if (rules_bind(rules, last, &object) < 0)
		test_row(false, "line %d: not bound", rows->line);
}

static void set_line(struct rules **rules, const struct rows *rows)
{
	static const struct { const char *word; enum rule_from from; } froms[] = {
		{ "every", RULE_EVERY }, { "program", RULE_PROGRAM }, { "flag", RULE_FLAG }, { "answer", RULE_ANSWER },
	};

	if (text_eq(rows->words[1], TEXT("set"))) {
		rules_free(*rules);
		*rules = rules_new();
		snprintf(row_id, sizeof row_id, "%.*s%s", rows->n > 2 ? (int)rows->words[2].len : 0, rows->n > 2 ? rows->words[2].at : "", rows->n > 2 ? " " : "");
		return;
	}
	if (text_eq(rows->words[1], TEXT("led"))) {
		led_line(*rules, rows);
		return;
	}
	for (size_t i = 0; i < sizeof froms / sizeof *froms; i++)
		if (text_eq(rows->words[1], text_of(froms[i].word)))
			rule_line(*rules, rows, froms[i].from);
}

static void more_word(struct known *k, struct file_id above[8], struct text word)
{
	if (text_starts(word, TEXT("id=")))
		k->ids[1] = id_of(text_from(word, 3));
	else if (text_starts(word, TEXT("link=")))
		k->link = text_from(word, 5);
	else if (text_starts(word, TEXT("above=")))
		for (struct text rest = text_from(word, 6); rest.len;) {
			const char *comma = memchr(rest.at, ',', rest.len);
			struct text one = { rest.at, comma ? (size_t)(comma - rest.at) : rest.len };

			above[k->nabove++] = id_of(one);
			rest = text_from(rest, one.len + 1);
		}
	else
		test_row(false, "%.*s is no word of a row", (int)word.len, word.at);
	k->above = above;
}

static void row_check(const struct rules *rules, const struct rows *rows)
{
	struct known k = { 0 };
	struct file_id above[8];
	const struct text *w = rows->words;
	const struct ruling *r;
	access_set word = access_parse(w[0]);
	size_t i = 3, number = 0;
	struct text verb;

	if (rows->n < 5 || !word) {
		test_row(false, "line %d is no row", rows->line);
		return;
	}
	k.written = w[1];
	if (!text_eq(w[2], TEXT("-")))
		k.path = text_eq(w[2], TEXT("=")) ? w[1] : w[2];
	for (; i + 1 < rows->n && !text_eq(w[i], TEXT("->")); i++)
		more_word(&k, above, w[i]);
	r = rules_match(rules, STAGE_FORBID, &k, word);
	if (!r)
		r = rules_match(rules, STAGE_PERMIT, &k, word);
	while (r && rules_at(rules, number) != r)
		number++;
	verb = text_of(r ? verb_word(r->rule.verb) : "none");
	test_row(text_eq(w[i + 1], verb) && (!r || (i + 2 < rows->n && number_of(w[i + 2]) == number + 1)),
		 "%s%.*s %.*s (%.*s): %.*s %zu (line %d)", row_id, (int)w[0].len, w[0].at, (int)w[1].len, w[1].at,
		 (int)w[2].len, w[2].at, (int)verb.len, verb.at, r ? number + 1 : 0, rows->line);
}

int main(void)
{
	struct rules *rules = NULL;
	struct rows rows;

	test_begin();
	if (!rows_open(&rows, "tests/decisions/rules.txt"))
		return test_end();
	while (rows_next(&rows)) {
		if (text_eq(rows.words[0], TEXT("!")) && rows.n > 1)
			set_line(&rules, &rows);
		else
			row_check(rules, &rows);
	}
	rules_free(rules);
	return test_end();
}
