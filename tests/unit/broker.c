/*
 * Questions over a socket: the bytes that are said, and what a good broker answers.
 */
#include "broker.h"

static bool quiet(void)
{
	struct pollfd ready = { .fd = peer.fd, .events = POLLIN };

	return peer.nheard == 0 && poll(&ready, 1, 0) == 0;
}

static void same(const char *name, const char *got, const char *want)
{
	if (!test_row(strcmp(got, want) == 0, "%s", name))
		printf("    got:  %s\n    want: %s\n", got, want);
}

/* ---- the bytes ---- */

static void bytes(void)
{
	struct question_need odd = csv, absent = csv, unknown = csv;
	struct question q;

	if (connect_to(HELLO, strlen(HELLO)) < 0)
		test_row(false, "no connection: %s", why);
	same("hello is said as it stands in the protocol", hear(&peer),
	     "{\"type\":\"hello\",\"protocol\":1,\"run\":\"010203ff000000000000000000000000\",\"program\":{\"name\":\"rg.wasm\","
	     "\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},"
	     "\"args\":[\"rg\",\"TODO\",\"no\\\\x5ctes\\\\x0a\"],\"cwd\":\"/home/ada\",\"chain\":[]}");
	q = question_of(7);
	ask(&q);
	same("B07 a question is said whole: need, object, options with their rules", hear(&peer),
	     "{\"type\":\"ask\",\"id\":" ID("0007") ",\"title\":null,"
	     "\"needs\":[{\"kind\":\"file\",\"access\":[\"read\"],\"name\":\"../data/in.csv\",\"guest\":\"/data/in.csv\",\"path\":\"/data/in.csv\",\"call\":\"path_open\","
	     "\"class\":\"other\",\"exists\":true,\"filetype\":\"regular_file\",\"size\":3200,\"reason\":null}],\"former\":[],"
	     "\"options\":[{\"id\":\"run\",\"kind\":\"allow_once\",\"rules\":[\"allow read /data/in.csv for run\"]},"
	     "{\"id\":\"no\",\"kind\":\"reject_once\",\"rules\":[\"deny read /data/in.csv for run\"]}]}");
	odd.name = TEXT("a\"b\\\033[1m");
	odd.guest = odd.path = TEXT("/a \"b*\n");
	odd.access = ACCESS_READ | ACCESS_WRITE | ACCESS_CREATE;
	odd.reason = TEXT("\xff be quick");
	absent.exists = false;
	unknown.looked = false;
	q.needs = (const struct question_need[]){ odd, absent, unknown };
	q.nneeds = 3;
	q.title = TEXT("Import");
	q.former = (struct texts){ (struct text[]){ TEXT("allow read /data/ for always") }, 1 };
	q.noptions = 0;
	q.number = 8;
	ask(&q);
	same("B22 what the guest named is plain, what a rule takes is its token", hear(&peer),
	     "{\"type\":\"ask\",\"id\":" ID("0007") ",\"title\":\"Import\","
	     "\"needs\":[{\"kind\":\"file\",\"access\":[\"read\",\"write\",\"create\"],\"name\":\"a\\\"b\\\\x5c\\\\x1b[1m\",\"guest\":\"\\\"/a \\\\\\\"b*\\\\x0a\\\"\","
	     "\"path\":\"\\\"/a \\\\\\\"b*\\\\x0a\\\"\",\"call\":\"path_open\",\"class\":\"other\",\"exists\":true,\"filetype\":\"regular_file\",\"size\":3200,\"reason\":\"\\\\xff be quick\"},"
	     "{\"kind\":\"file\",\"access\":[\"read\"],\"name\":\"../data/in.csv\",\"guest\":\"/data/in.csv\",\"path\":\"/data/in.csv\",\"call\":\"path_open\","
	     "\"class\":\"other\",\"exists\":false,\"filetype\":null,\"size\":null,\"reason\":null},"
	     "{\"kind\":\"file\",\"access\":[\"read\"],\"name\":\"../data/in.csv\",\"guest\":\"/data/in.csv\",\"path\":\"/data/in.csv\",\"call\":\"path_open\","
	     "\"class\":\"other\",\"exists\":null,\"filetype\":null,\"size\":null,\"reason\":null}],\"former\":[\"allow read /data/ for always\"],\"options\":[]}");
	asker.cancel(asker.self, 8);
	same("a question that no longer matters", hear(&peer), "{\"type\":\"cancel\",\"id\":" ID("0007") "}");
	asker.cancel(asker.self, 99);
	test_row(quiet(), "one that is not open is not cancelled");
	asker.tell(asker.self, &(struct told){ .what = TOLD_GRANT, .grant = 12, .rule = TEXT("allow read /data/in.csv for run") });
	same("what an answer became", hear(&peer), "{\"type\":\"grant\",\"grant\":12,\"rule\":\"allow read /data/in.csv for run\"}");
	asker.tell(asker.self, &(struct told){ .what = TOLD_REVOKED, .grant = 12 });
	same("a grant that is gone", hear(&peer), "{\"type\":\"change\",\"grant\":12,\"what\":\"revoked\"}");
	asker.tell(asker.self, &(struct told){ .what = TOLD_NARROWED, .grant = 12 });
	same("a grant that is less", hear(&peer), "{\"type\":\"change\",\"grant\":12,\"what\":\"narrowed\"}");
	asker.tell(asker.self, &(struct told){ .what = TOLD_END, .status = 3, .needs = TEXT("[{}]") });
	asker.free(asker.self);
	asker.free = NULL;
	same("the end, also when it is said last", hear(&peer), "{\"type\":\"end\",\"status\":3,\"needs\":[{}]}");
	done();
}

/* ---- a good broker ---- */

static void answers(void)
{
	struct question a = question_of(1), b = question_of(2), c = question_of(3);

	begin();
	test_row(ask(&a) == REPLY_PENDING && ask(&b) == REPLY_PENDING && ask(&c) == REPLY_PENDING, "three questions are open");
	say(&peer, RUN("0003"));
	say(&peer, ANSWER("0001", "\"option\":\"no\",\"uid\":0,\"extra\":{\"a\":[1,2]}"));
	say(&peer, ANSWER("0002", "\"rules\":[\"allow read /data/\",\"deny write /x\"]"));
	while (seen.n < 3 && step())
		;
	test_row(seen.n == 3 && seen.number[0] == 3 && seen.number[1] == 1 && seen.number[2] == 2, "U28 each answer reaches its question, in any order");
	test_row(seen.reply[0].kind == REPLY_OPTION && seen.reply[0].choice[0] == 1 && seen.reply[1].choice[0] == 2, "options by their ids");
	test_row(seen.n == 3, "B06 unknown fields, also such as say who answers, are ignored");
	test_row(seen.reply[2].kind == REPLY_RULES && seen.reply[2].rules.n == 2 && !strcmp(seen.rules[0], "allow read /data/") && !strcmp(seen.rules[1], "deny write /x"), "rules come as they were said");
	say(&peer, "{\"type\":\"revoke\",\"grant\":12}");
	step();
	test_row(seen.revoked == 12 && !seen.lost, "a grant is taken back between questions");
	done();

	begin();
	ask(&a);
	ask(&b);
	put(&peer, RUN("0001") "\n" RUN("0001") "\n" RUN("0002") "\n", 3 * strlen(RUN("0001")) + 3);
	step();
	test_row(seen.n == 2 && broker_ignored(&asker) == 1, "B01 two answers in one packet, and one of them twice: each question has one");
	done();

	begin();
	ask(&a);
	for (const char *s = RUN("0001") "\n"; *s && !seen.n; s++) {
		put(&peer, s, 1);
		step();
	}
	test_row(seen.n == 1, "an answer that comes a byte at a time");
	done();
}

static void stale(void)
{
	struct question a = question_of(1), b = question_of(2), c = question_of(3);

	begin();
	ask(&a);
	ask(&b);
	hear(&peer);
	hear(&peer);
	say(&peer, RUN("0009"));
	say(&peer, "{\"type\":\"answer\",\"id\":\"0\",\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"id\":\"\",\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"id\":1,\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"id\":\"\\u0000000000000000000000000000000\\u00301\",\"option\":\"run\"}");
	step();
	test_row(seen.n == 0 && seen.lost, "B10 an id with NUL in it ends the connection");
	done();

	begin();
	ask(&a);
	ask(&b);
	say(&peer, RUN("0009"));
	say(&peer, "{\"type\":\"answer\",\"id\":\"0\",\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"id\":1,\"option\":\"run\"}");
	say(&peer, "{\"type\":\"answer\",\"option\":\"run\"}");
	step();
	test_row(seen.n == 0 && !seen.lost && broker_ignored(&asker) == 4, "B01 B05 an answer with a wrong id, or none, answers nothing");
	asker.cancel(asker.self, 1);
	say(&peer, RUN("0001"));
	step();
	test_row(seen.n == 0 && broker_ignored(&asker) == 5, "U28 an answer to a cancelled question answers nothing");
	ask(&c);
	say(&peer, RUN("0001"));
	say(&peer, RUN("0003"));
	step();
	test_row(seen.n == 1 && seen.number[0] == 3, "U28 nor does it answer the one that came after");
	seen.also_cancel = 2;
	ask(&a);
	say(&peer, RUN("0001"));
	say(&peer, RUN("0002"));
	step();
	test_row(seen.n == 2 && seen.number[1] == 1 && broker_ignored(&asker) == 7, "a question that another's answer settled is gone");
	done();
}

static void refusals(void)
{
	static const struct { const char *name, *line, *error; } rows[] = {
		{ "an option that was not offered", ANSWER("0001", "\"option\":\"always\""), "that option was not offered" },
		{ "B25 neither option nor rules", "{\"type\":\"answer\",\"id\":" ID("0001") "}", "it is exactly one of option, rules, values" },
		{ "B25 both", ANSWER("0001", "\"option\":\"run\",\"rules\":[]"), "it is exactly one of option, rules, values" },
		{ "B25 an option that is null", ANSWER("0001", "\"option\":null"), "option is a string" },
		{ "B25 an option that is true", ANSWER("0001", "\"option\":true"), "option is a string" },
		{ "B25 an empty option", ANSWER("0001", "\"option\":\"\""), "that option was not offered" },
		{ "B25 rules that are one text", ANSWER("0001", "\"rules\":\"allow read /\""), "rules is an array of strings" },
		{ "B25 rules that are numbers", ANSWER("0001", "\"rules\":[1]"), "rules is an array of strings" },
		{ "B25 rules that are an object", ANSWER("0001", "\"rules\":{\"allow\":\"/\"}"), "rules is an array of strings" },
		{ "values for a file", ANSWER("0001", "\"values\":[\"x\"]"), "values answer only what asks for a variable" },
	};
	struct question a = question_of(1);
	char want[256];

	begin();
	ask(&a);
	hear(&peer);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		say(&peer, rows[i].line);
		step();
		snprintf(want, sizeof want, "{\"type\":\"error\",\"id\":%s,\"message\":\"%s\"}", ID("0001"), rows[i].error);
		test_row(strcmp(hear(&peer), want) == 0 && seen.n == 0 && !seen.lost, "%s: said back, and the question stays open", rows[i].name);
	}
	seen.refuse = "a \"rule\" of another kind";
	say(&peer, RUN("0001"));
	step();
	same("what the judge does not take is said back", hear(&peer), "{\"type\":\"error\",\"id\":" ID("0001") ",\"message\":\"a \\\"rule\\\" of another kind\"}");
	say(&peer, ANSWER("0001", "\"rules\":[]"));
	step();
	test_row(seen.n == 1 && seen.reply[0].kind == REPLY_RULES && seen.reply[0].rules.n == 0, "B25 an empty list of rules is an answer that gives nothing");
	done();
}

static void many(void)
{
	enum { MANY = 1000 };
	static struct question questions[MANY];
	char line[128];
	bool right = true;

	begin();
	for (uint64_t i = 0; i < MANY; i++) {
		questions[i] = question_of(i + 1);
		right = right && ask(&questions[i]) == REPLY_PENDING;
	}
	for (unsigned i = MANY; i > 0; i--) {
		snprintf(line, sizeof line, "{\"type\":\"answer\",\"id\":\"0000000000000000000000000000%04x\",\"option\":\"run\"}", i);
		say(&peer, line);
		if (i % 50 == 1)
			step();
	}
	while (seen.n < MANY && step())
		;
	for (size_t i = 0; i < seen.n; i++)
		right = right && seen.number[i] == MANY - i;
	test_row(right && seen.n == MANY, "U20 %d questions open at once, answered backwards", MANY);
	done();
}

static void deadlines(void)
{
	static const char hello[] = "{\"type\":\"hello\",\"protocol\":1,\"deadline_ms\":30}\n";
	struct question a = question_of(1), b = question_of(2);

	if (connect_to(hello, strlen(hello)) < 0)
		test_row(false, "no connection: %s", why);
	hear(&peer);
	ask(&a);
	hear(&peer);
	while (seen.n == 0 && step())
		;
	test_row(seen.n == 1 && seen.number[0] == 1 && seen.reply[0].kind == REPLY_UNAVAILABLE, "what is not answered in time is unavailable");
	same("and is cancelled", hear(&peer), "{\"type\":\"cancel\",\"id\":" ID("0001") "}");
	say(&peer, RUN("0001"));
	step();
	test_row(seen.n == 1 && broker_ignored(&asker) == 1, "U28 an answer after its time answers nothing");
	test_row(ask(&b) == REPLY_PENDING && !seen.lost, "the next one is asked all the same");
	done();
}

/* One that reads slowly gets every byte. */
static void slow(void)
{
	enum { ITEMS = 40 };
	static char words[60000], got[4 << 20];
	static struct question questions[ITEMS];
	struct question_need need = csv;
	size_t n = 0, lines = 0;

	begin();
	memset(words, 'w', sizeof words);
	need.reason = (struct text){ words, sizeof words };
	for (size_t i = 0; i < ITEMS; i++) {
		questions[i] = question_of(i + 1);
		questions[i].needs = &need;
		ask(&questions[i]);
	}
	fcntl(peer.fd, F_SETFL, O_NONBLOCK);
	while (lines < ITEMS) {
		ssize_t more = read(peer.fd, got + n, 4000);

		if (more < 0 && !step())
			break;
		for (ssize_t i = 0; i < more; i++)
			lines += got[n + (size_t)i] == '\n';
		n += more > 0 ? (size_t)more : 0;
	}
	test_row(lines == ITEMS && n > ITEMS * sizeof words && n < sizeof got, "a broker that reads slowly gets all of %d long questions", ITEMS);
	done();
}

int main(void)
{
	test_begin();
	place_make();
	bytes();
	answers();
	stale();
	refusals();
	many();
	deadlines();
	slow();
	place_done();
	return test_end();
}
