/*
 * match.c - which rule speaks: against a matcher that tries every rule, over random
 * sets and names; that a deny never enlarges what is allowed; and what a match costs.
 */
#include "policy/policy.h"

#include <time.h>

#include "test.h"

static const struct rule_places places = { { "/home/ada", 9 }, { "/w", 2 } };
static uint32_t state = 4711;

static uint32_t random_to(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

static int add(struct rules *rules, const char *line, enum rule_from from)
{
	struct rule_source source = { .from = from, .file = TEXT("f"), .line = 1, .column = 1 };
	struct rule_error error;
	struct rule rule;
	struct text copy = arena_text(rules_arena(rules), text_of(line));

	if (rule_parse(rules_arena(rules), copy, &places, false, &rule, &error) < 0) {
		test_row(false, "%s: %s", line, error.message);
		return -1;
	}
	return rules_add(rules, &rule, &source);
}

/* ---- the same question, answered by trying every rule ---- */

static bool same_id(struct file_id a, struct file_id b)
{
	return (a.dev || a.ino) && a.dev == b.dev && a.ino == b.ino;
}

struct slow {
	int fit;			/* 0 not, 1 subtree, 2 pattern, 3 exact */
	int verb, every;
	size_t length;			/* of a subtree */
};

static void slow_take(struct slow *best, const struct ruling *r, int fit, size_t length)
{
	struct slow one = { fit, (int)r->rule.verb, r->source.from == RULE_EVERY, fit == 1 ? length : 0 };

	if (!fit)
		return;
	if (best->fit == 0 || one.every < best->every ||
	    (one.every == best->every && (one.fit > best->fit || (one.fit == best->fit && (one.length > best->length ||
	     (one.length == best->length && one.verb < best->verb))))))
		*best = one;
}

/* With PATH as the rule's path. */
static void slow_path(struct slow *best, const struct ruling *r, struct text path, struct text name)
{
	const struct rule *rule = &r->rule;

	if (!name.len || !path.len)
		return;
	if (rule->what == WHAT_OBJECT)
		slow_take(best, r, text_eq(path, name) ? 3 : 0, 0);
	else if (rule->what == WHAT_SUBTREE)
		slow_take(best, r, text_beneath(name, path) ? 1 : 0, path.len);
	else if (name.len > 1 && text_eq(text_parent(name), path))
		slow_take(best, r, rule_leaf_fits(rule->pattern, rule->literal, text_leaf(name)) ? 2 : 0, 0);
}

/* With OWN as what the rule led to. */
static void slow_object(struct slow *best, const struct ruling *r, struct file_id own, const struct known *k)
{
	const struct text names[] = { k->path, k->link, k->written };

	for (int i = 0; i < 3 && r->rule.what != WHAT_PATTERN; i++)
		slow_take(best, r, same_id(own, k->ids[i]) ? 3 : 0, 0);
	for (size_t i = 0; i < k->nabove && r->rule.what == WHAT_SUBTREE; i++)
		slow_take(best, r, same_id(own, k->above[i]) ? 1 : 0, r->object.path.len);
	for (int i = 0; i < 3 && r->rule.what == WHAT_PATTERN && k->nabove; i++)
		if (same_id(own, k->above[0]) && rule_leaf_fits(r->rule.pattern, r->rule.literal, text_leaf(names[i])))
			slow_take(best, r, 2, 0);
}

static struct slow slow_match(const struct rules *rules, enum rule_stage stage, const struct known *k, access_set word)
{
	const struct text names[] = { k->path, k->link, k->written };
	struct slow best = { 0 };
	const struct ruling *r;

	for (size_t i = 0; (r = rules_at(rules, i)); i++) {
		bool permits = r->rule.verb == VERB_ALLOW || r->rule.verb == VERB_ASK;

		if (permits != (stage == STAGE_PERMIT) || !access_covers(r->rule.access, word))
			continue;
		for (int n = 0; n < (permits ? 1 : 3); n++) {
			slow_path(&best, r, r->bound ? r->object.path : r->rule.path, names[n]);
			if (!permits)
				slow_path(&best, r, r->rule.path, names[n]);
		}
		if (permits)
			continue;
		slow_object(&best, r, r->object.self, k);
		slow_object(&best, r, r->object.target, k);
	}
	return best;
}

/* ---- random rules and names, of few letters so that they meet ---- */

static const char *const words[] = { "read", "write", "append", "read,write", "create,delete", "stat", "all" };
static const access_set bits[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_APPEND, ACCESS_CREATE, ACCESS_DELETE, ACCESS_LIST, ACCESS_STAT };

static size_t random_path(char *to)
{
	static const char *const parts[] = { "/a", "/b", "/ab", "/.a", "/c.h" };
	size_t n = 0, depth = 1 + random_to(4);

	for (size_t i = 0; i < depth; i++) {
		const char *part = parts[random_to(5)];

		memcpy(to + n, part, strlen(part));
		n += strlen(part);
	}
	to[n] = '\0';
	return n;
}

static struct file_id random_id(void)
{
	return random_to(3) ? (struct file_id){ 1, 1 + random_to(12) } : (struct file_id){ 0, 0 };
}

static void add_random(struct rules *rules, bool forbid)
{
	static const char *const verbs[] = { "deny", "hide", "allow", "ask" };
	static const char *const ends[] = { "", "/", "/*", "/a*", "/*.h", "/*b*" };
	char path[64], other[64], line[256];
	struct rule_object object = { .linked = false };
	int i;

	random_path(path);
	if (random_to(20) == 0)
		path[0] = '\0';
	snprintf(line, sizeof line, "%s %s %s%s", verbs[random_to(forbid ? 2 : 4)], words[random_to(7)], path, ends[path[0] ? random_to(6) : 1]);
	i = add(rules, line, (enum rule_from)random_to(4));
	for (uint32_t times = random_to(3); i >= 0 && times > 0; times--) {
		object.path = (struct text){ other, random_path(other) };
		object.self = random_id();
		object.target = random_id();
		if (rules_bind(rules, (size_t)i, &object) < 0)
			test_row(false, "%s: not bound", line);
	}
}

struct name {
	char text[3][64];
	struct file_id above[3];
	struct known known;
};

static void random_name(struct name *n)
{
	n->known = (struct known){
		.written = { n->text[0], random_path(n->text[0]) },
		.path = { n->text[1], random_to(4) ? random_path(n->text[1]) : 0 },
		.link = { n->text[2], random_to(4) ? 0 : random_path(n->text[2]) },
		.ids = { random_id(), random_id(), random_id() },
		.above = n->above, .nabove = random_to(4),
	};
	for (int i = 0; i < 3; i++)
		n->above[i] = random_id();
}

static bool is_same(const struct ruling *r, const struct slow *slow)
{
	if (!r || !slow->fit)
		return !r && !slow->fit;
	return (int)r->rule.verb == slow->verb && (r->source.from == RULE_EVERY) == slow->every;
}

static bool is_allowed(const struct rules *rules, const struct known *k, access_set word)
{
	const struct ruling *r = rules_match(rules, STAGE_PERMIT, k, word);

	return !rules_match(rules, STAGE_FORBID, k, word) && r && r->rule.verb == VERB_ALLOW;
}

static void check_random(void)
{
	size_t wrong = 0, spoke = 0, enlarged = 0, allowed = 0;

	for (int round = 0; round < 2000; round++) {
		struct rules *rules = rules_new();
		struct name names[30];
		bool before[30][7];

		for (uint32_t n = random_to(40); n > 0; n--)
			add_random(rules, false);
		for (int i = 0; i < 30; i++) {
			random_name(&names[i]);
			for (int w = 0; w < 7; w++) {
				for (enum rule_stage stage = STAGE_FORBID; stage <= STAGE_PERMIT; stage++) {
					struct slow slow = slow_match(rules, stage, &names[i].known, bits[w]);

					spoke += slow.fit > 0;
					wrong += !is_same(rules_match(rules, stage, &names[i].known, bits[w]), &slow);
				}
				allowed += before[i][w] = is_allowed(rules, &names[i].known, bits[w]);
			}
		}
		for (uint32_t n = 1 + random_to(4); n > 0; n--)
			add_random(rules, true);
		for (int i = 0; i < 30; i++)
			for (int w = 0; w < 7; w++)
				enlarged += !before[i][w] && is_allowed(rules, &names[i].known, bits[w]);
		rules_free(rules);
	}
	test_row(wrong == 0 && spoke > 50000, "the index finds what trying every rule finds: 2000 sets, %zu times a rule spoke, %zu wrong", spoke, wrong);
	test_row(enlarged == 0 && allowed > 5000, "P16 adding a deny or hide never enlarges what is allowed: %zu allowed before, %zu more after", allowed, enlarged);
}

/* ---- rows by name ---- */

static const char *says(const struct rules *rules, enum rule_stage stage, const struct known *k, access_set word)
{
	const struct ruling *r = rules_match(rules, stage, k, word);

	return r ? verb_word(r->rule.verb) : "none";
}

static void check_binding(void)
{
	struct rules *rules = rules_new();
	struct file_id dir = { 1, 70 };
	int link = add(rules, "deny /w/link", RULE_EVERY), tree = add(rules, "hide /w/tree/", RULE_EVERY), allow = add(rules, "allow read /w/l/x", RULE_EVERY);
	struct known k = { .written = TEXT("/other"), .path = TEXT("/data/t"), .ids = { { 1, 9 } } };
	size_t at = 0;

	CHECK(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "none") == 0);
	CHECK(!rules_want_above(rules));
	rules_bind(rules, (size_t)link, &(struct rule_object){ .path = TEXT("/data/t"), .self = { 1, 8 }, .target = { 1, 9 } });
	test_row(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "deny") == 0, "P15 a deny on a link denies its target under its own name");
	k.path = TEXT("/hard/link");
	test_row(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "deny") == 0, "P15 and under every other name, by object");
	k.ids[0] = (struct file_id){ 1, 8 };
	test_row(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "deny") == 0, "P15 and the link itself");
	k.ids[0] = (struct file_id){ 1, 10 };
	CHECK(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "none") == 0);
	rules_bind(rules, (size_t)link, &(struct rule_object){ .path = TEXT("/w/link"), .self = { 1, 10 } });
	CHECK(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "deny") == 0);
	k.ids[0] = (struct file_id){ 1, 9 };
	test_row(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "none") == 0, "bound again, what it led to before is free");
	rules_bind(rules, (size_t)tree, &(struct rule_object){ .path = TEXT("/w/tree"), .self = dir });
	CHECK(rules_want_above(rules));
	k = (struct known){ .written = TEXT("/w/TREE/x"), .path = TEXT("/w/TREE/x"), .above = &dir, .nabove = 1 };
	test_row(strcmp(says(rules, STAGE_FORBID, &k, ACCESS_READ), "hide") == 0, "P15 another spelling of a hidden directory: by object");
	rules_bind(rules, (size_t)allow, &(struct rule_object){ .path = TEXT("/w/real/x"), .self = { 1, 77 } });
	k = (struct known){ .written = TEXT("/w/l/x"), .path = TEXT("/etc/passwd"), .ids = { { 1, 77 } } };
	test_row(strcmp(says(rules, STAGE_PERMIT, &k, ACCESS_READ), "none") == 0, "P14 an allow holds for the true path alone, not for the name or the object");
	k.path = TEXT("/w/real/x");
	CHECK(strcmp(says(rules, STAGE_PERMIT, &k, ACCESS_READ), "allow") == 0);
	k.path = TEXT("/w/l/x");
	CHECK(strcmp(says(rules, STAGE_PERMIT, &k, ACCESS_READ), "none") == 0);
	CHECK(rules_permit_name(rules, TEXT("/w/l/x"), ACCESS_READ | ACCESS_LIST) && rules_permit_name(rules, TEXT("/w/real/x"), ACCESS_READ));
	CHECK(!rules_permit_name(rules, TEXT("/w/l/x"), ACCESS_LIST) && !rules_permit_name(rules, TEXT("/w/link"), ACCESS_READ));
	CHECK(rules_beneath(rules, TEXT("/w"), ACCESS_READ, &at)->rule.verb == VERB_DENY);
	CHECK(rules_beneath(rules, TEXT("/w"), ACCESS_READ, &at)->rule.verb == VERB_HIDE);
	CHECK(!rules_beneath(rules, TEXT("/w"), ACCESS_READ, &at));
	CHECK(!rules_beneath(rules, TEXT("/w/tree"), ACCESS_READ, &(size_t){ 0 }));
	CHECK(!rules_beneath(rules, TEXT("/x"), ACCESS_READ, &(size_t){ 0 }));
	rules_bind(rules, (size_t)link, &(struct rule_object){ .path = TEXT("/w/link"), .self = { 1, 10 }, .linked = true });
	test_row(rules_beneath(rules, TEXT("/x"), ACCESS_READ, &(size_t){ 0 }) != NULL, "a file with more than one name may lie beneath anything");
	CHECK(rules_at(rules, 3) == NULL);
	rules_free(rules);
	rules_free(NULL);
}

static void check_others(void)
{
	struct rules *rules = rules_new();

	CHECK(!rules_match_request(rules, STAGE_FORBID));
	add(rules, "allow env EDITOR", RULE_EVERY);
	add(rules, "deny request", RULE_EVERY);
	add(rules, "allow connect net Example.org", RULE_EVERY);
	add(rules, "deny connect net example.org:1-1023", RULE_EVERY);
	add(rules, "hide connect net example.org:443", RULE_EVERY);
	CHECK(rules_match_env(rules, STAGE_PERMIT, TEXT("EDITOR")) && !rules_match_env(rules, STAGE_FORBID, TEXT("EDITOR")));
	CHECK(!rules_match_env(rules, STAGE_PERMIT, TEXT("EDITO")) && !rules_match_env(rules, STAGE_PERMIT, TEXT("editor")));
	CHECK(rules_match_request(rules, STAGE_FORBID) && !rules_match_request(rules, STAGE_PERMIT));
	CHECK(rules_match_net(rules, STAGE_PERMIT, TEXT("EXAMPLE.ORG"), 7, ACCESS_CONNECT));
	CHECK(!rules_match_net(rules, STAGE_PERMIT, TEXT("example.org"), 7, ACCESS_LISTEN));
	CHECK(!rules_match_net(rules, STAGE_PERMIT, TEXT("xample.org"), 7, ACCESS_CONNECT));
	CHECK(rules_match_net(rules, STAGE_FORBID, TEXT("example.org"), 80, ACCESS_CONNECT)->rule.verb == VERB_DENY);
	CHECK(rules_match_net(rules, STAGE_FORBID, TEXT("example.org"), 443, ACCESS_CONNECT)->rule.verb == VERB_HIDE);
	CHECK(!rules_match_net(rules, STAGE_FORBID, TEXT("example.org"), 1024, ACCESS_CONNECT));
	rules_free(rules);
}

static void explain(enum rule_from from, const char *file, const char *want)
{
	struct ruling r = { .rule = { .verb = VERB_ASK }, .source = { from, text_of(file), 12, 3, 99 } };
	struct buf out = { .limit = 200 };

	ruling_explain(&out, &r);
	test_row(text_eq(buf_view(&out), text_of(want)), "explained: %s", want);
	buf_done(&out);
}

/* ---- what it costs ---- */

static double since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e6 + (double)(now.tv_nsec - start->tv_nsec) / 1e3;
}

enum { MANY = 10000, TIMES = 100000 };

/* LINE with I in the place of "%d". */
static size_t line_put(char *to, const char *line, int i)
{
	const char *at = strchr(line, '%');

	memcpy(to, line, (size_t)(at - line));
	return (size_t)(at - line) + (size_t)snprintf(to + (at - line), 100, "%d%s", i, at + 2);
}

static size_t many_rules(char *to)
{
	static const char *const lines[] = {
		"allow read,list,stat /home/ada/work/project-%d/src/", "deny /home/ada/work/project-%d/.secret", "ask write /srv/data/set-%d/out.csv",
		"allow rw ~/build-%d/", "hide /home/ada/work/project-%d/node_modules/private/", "allow read /usr/share/pkg-%d/*.h",
	};
	size_t n = 0;

	for (int i = 0; i < MANY; i++) {
		n += line_put(to + n, lines[i % 6], i);
		to[n++] = '\n';
	}
	return n;
}

/* The rules of TEXT as a set, and how long that took. */
static struct rules *load(struct text text, double *microseconds)
{
	struct rules *rules = rules_new();
	struct policy policy;
	struct policy_error error;
	struct timespec start;
	bool good;

	clock_gettime(CLOCK_MONOTONIC, &start);
	good = policy_parse(rules_arena(rules), TEXT("p"), text, &places, &policy, &error) == 0 && policy_apply(&policy, TEXT(""), rules) == 0;
	*microseconds = since(&start);
	test_row(good && rules_at(rules, MANY - 1) && !rules_at(rules, MANY), "%d rules are loaded", MANY);
	return rules;
}

static void check_cost(void)
{
	static char text[MANY * 100];
	struct text all = { text, many_rules(text) };
	struct rules *rules = NULL;
	double best = 1e9, once, match;
	struct timespec start;
	size_t spoke = 0;
	struct known k = { .written = TEXT("/home/ada/work/project-6000/src/deep/er/file.c"), .path = TEXT("/data/home/ada/work/project-6000/src/deep/er/file.c"),
			   .ids = { { 1, 5 } } };

	for (int i = 0; i < 5; i++) {
		rules_free(rules);
		rules = load(all, &once);
		best = once < best ? once : best;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < TIMES; i++) {
		spoke += rules_match(rules, STAGE_FORBID, &k, ACCESS_READ) != NULL;
		spoke += rules_match(rules, STAGE_PERMIT, &k, ACCESS_READ) != NULL;
	}
	match = since(&start) / TIMES;
	CHECK(spoke == 0);
	k.path = k.written;
	CHECK(rules_match(rules, STAGE_PERMIT, &k, ACCESS_READ) == rules_at(rules, 6000));
	printf("# %d rules: parsed and indexed in %.2f ms (best of 5); both stages, two names of 9 components: %.2f us\n", MANY, best / 1e3, match);
	rules_free(rules);
}

int main(void)
{
	test_begin();
	check_binding();
	check_others();
	explain(RULE_FLAG, "--deny", "ask --deny");
	explain(RULE_EVERY, "/home/a\nb/policy", "ask /home/a\\x0ab/policy:12");
	explain(RULE_PROGRAM, "p", "ask p:12");
	explain(RULE_ANSWER, "", "ask 99");
	check_random();
	check_cost();
	return test_end();
}
