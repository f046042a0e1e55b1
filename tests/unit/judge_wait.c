/*
 * judge_wait.c - needs that wait for a reply (decisions.md 7.1): several at once, in
 * any order, settled by each other, cancelled, and when the asker is gone.
 */
#include "judge.h"

static struct answer answers[4];

static void answers_done(void)
{
	for (size_t i = 0; i < 4; i++) {
		for (int k = 0; k < ANSWER_FDS; k++)
			if (answers[i].fds[k] >= 0)
				close(answers[i].fds[k]);
		answers[i] = ANSWER_NO;
	}
}

static void make(void)
{
	judge_make(&(struct setting){ .mode = MODE_NEEDS });
	script.replies = "ppppppppp";
}

static void done(void)
{
	answers_done();
	judge_done();
}

/* Its ticket, or 0 when it was answered at once: the answer is in "answer". */
static uint64_t reach(const char *name, uint32_t flags)
{
	struct need need = { .call = CALL_PATH_OPEN, .flags = NEED_FOLLOW | flags, .name = text_of(in(name)) };
	uint64_t ticket = 0;

	answer_done();
	return judge_put(judge, &need, &answer, &ticket) == 1 ? ticket : 0;
}

static bool waits(uint64_t ticket)
{
	return judge_take(judge, ticket, &answers[3]) == 1;
}

static bool takes(uint64_t ticket, struct answer *out)
{
	return judge_take(judge, ticket, out) == 0 && judge_take(judge, ticket, &answers[3]) < 0;
}

static const char *reply(uint64_t number, struct reply reply)
{
	const struct asker_sink *sink = judge_sink(judge);

	return sink->reply(sink->self, number, &reply);
}

static struct reply yes(void)
{
	return (struct reply){ .kind = REPLY_OPTION, .choice = { 1 } };
}

static struct reply by_rules(const char *line)
{
	static struct text one;

	one = expand(&arena, text_of(line));
	return (struct reply){ .kind = REPLY_RULES, .rules = { &one, 1 } };
}

static void replying(void)
{
	uint64_t a, b, c;

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/more.txt", NEED_READ);
	c = reach("other/o.txt", NEED_READ);
	test_row(a && b && c && script.asked == 3 && waits(a) && waits(b) && waits(c), "three questions are open");
	look("work/near.txt");
	is("ok", 3, "others go on meanwhile");
	CHECK(reply(2, yes()) == NULL);
	test_row(waits(a) && waits(c) && takes(b, &answers[0]) && holds(answers[0].fds[0], "more"), "replies come in any order");
	test_row(reply(2, yes()) != NULL, "B01 a second reply: none is open");
	test_row(reply(77, yes()) != NULL && reply(0, yes()) != NULL, "B05 a reply for another question: neither");
	CHECK(reply(3, (struct reply){ .kind = REPLY_NO }) == NULL);
	test_row(takes(c, &answers[1]) && answers[1].verdict == VERDICT_DENY && answers[1].sticks_ns == STICKS_RUN, "no");
	CHECK(reply(1, yes()) == NULL);
	test_row(takes(a, &answers[2]) && holds(answers[2].fds[0], "near") && script.ntold == 2, "yes");
	test_row(judge_take(judge, a, &answers[3]) < 0 && judge_take(judge, 99, &answers[3]) < 0 && judge_take(judge, 0, &answers[3]) < 0, "an answer is taken once");
	done();
}

static void refused_replies(void)
{
	const char *why;
	uint64_t a;

	make();
	a = reach("work/near.txt", NEED_READ);
	why = reply(1, by_rules("allow read /"));
	test_row(why && strstr(why, "allow read /") == why && waits(a), "a rule that is too wide: an error, and the question stays open (%s)", why ? why : "taken");
	why = reply(1, by_rules("allow everything"));
	test_row(why && waits(a), "one that does not parse, the same (%s)", why ? why : "taken");
	why = reply(1, by_rules("allow read @/cache/x/entry"));
	test_row(why && strstr(why, "protected") && waits(a) && script.ntold == 0, "U32 something protected, the same");
	CHECK(reply(1, by_rules("allow read @/work/near.txt")) == NULL);
	test_row(takes(a, &answers[0]) && holds(answers[0].fds[0], "near"), "then one that may be given");
	done();
}

static void settling(void)
{
	uint64_t a, b, c;

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/sub/../near.txt", NEED_READ);
	test_row(a && b && script.asked == 1, "the same question is put once");
	CHECK(reply(1, yes()) == NULL);
	test_row(takes(a, &answers[0]) && takes(b, &answers[1]) && holds(answers[1].fds[0], "near") && script.cancelled == 0, "and its answer holds for both");
	done();

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/more.txt", NEED_READ);
	c = reach("work/more.txt", NEED_WRITE);
	test_row(script.asked == 3, "reading and changing are two");
	CHECK(reply(1, by_rules("allow read @/work/")) == NULL);
	test_row(takes(b, &answers[1]) && holds(answers[1].fds[0], "more"), "a new grant settles every need that it covers");
	test_row(script.cancelled == 1 && script.cancelled_number == 2 && waits(c), "whose question is cancelled, and no other");
	test_row(reply(2, yes()) != NULL, "U28 a reply to it comes too late");
	CHECK(reply(3, by_rules("deny write @/work/more.txt")) == NULL && takes(c, &answers[2]) && answers[2].verdict == VERDICT_DENY);
	CHECK(takes(a, &answers[0]));
	done();

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/more.txt", NEED_READ);
	CHECK(reply(1, by_rules("hide @/work/")) == NULL);
	test_row(takes(b, &answers[1]) && answers[1].verdict == VERDICT_HIDE && script.cancelled_number == 2, "so does a new rule");
	test_row(takes(a, &answers[0]) && answers[0].verdict == VERDICT_HIDE && answers[1].exclusions.n + answers[0].exclusions.n > 0, "which the worker hears of with the next answer");
	done();

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/near.txt", NEED_READ);
	CHECK(reply(1, (struct reply){ .kind = REPLY_OPTION, .choice = { 2 } }) == NULL);
	test_row(takes(a, &answers[0]) && answers[0].lifetime == LIFE_ONCE && waits(b) && script.asked == 2, "once is for one: who waited too is asked about now");
	CHECK(reply(2, yes()) == NULL && takes(b, &answers[1]));
	done();

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/more.txt", NEED_READ);
	for (size_t i = 0; i < 8; i++)
		if (reply(1, (struct reply){ .kind = REPLY_OPTION, .choice = { (uint8_t)(5 - i % 2) } }) == NULL)
			break;
	test_row(takes(a, &answers[0]) && answers[0].verdict == VERDICT_DENY && waits(b), "stop: what is open stays open");
	open_as("work/src/a.c", NEED_READ);
	is("acces", 2, "and nothing more is asked");
	done();
}

static void swap(void)
{
	shell("mv work/near.txt work/moved.txt; printf evil > work/near.txt");
}

static void meanwhile(void)
{
	uint64_t a;

	make();
	a = reach("work/near.txt", NEED_READ);
	swap();
	CHECK(reply(1, yes()) == NULL);
	test_row(takes(a, &answers[0]) && holds(answers[0].fds[0], "near"), "U30 P18 swapped while the question was open: what was shown is read");
	a = reach("work/near.txt", NEED_READ);
	test_row(a && script.asked == 2 && waits(a), "U30 and the other one asks");
	done();
	shell("mv work/moved.txt work/near.txt");

	make();
	a = reach("work/near.txt", NEED_READ);
	swap();
	CHECK(reply(1, by_rules("allow read @/work/near.txt")) == NULL);
	test_row(takes(a, &answers[0]) && holds(answers[0].fds[0], "near"), "U30 a rule for what was shown means what was shown");
	done();
	shell("mv work/moved.txt work/near.txt");

	make();
	a = reach("work/fresh", NEED_WRITE | NEED_CREAT | NEED_TRUNC);
	shell("ln -s ../other/o.txt work/fresh");
	CHECK(reply(1, yes()) == NULL);
	test_row(takes(a, &answers[0]) && answers[0].verdict == VERDICT_DENY && file_holds("other/o.txt", "other"), "P13 a link in the place of a new name: refused");
	test_row(script.ntold == 0, "and not a grant");
	done();
	shell("rm work/fresh");
}

static void ending(void)
{
	const struct authority_server *server;
	const struct asker_sink *sink;
	struct need need = { .call = CALL_PATH_OPEN, .flags = NEED_READ | NEED_FOLLOW };
	uint64_t a, b;

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("work/near.txt", NEED_READ);
	judge_cancel(judge, a);
	test_row(script.cancelled == 1 && script.asked == 2 && waits(b), "nobody waits: its question is cancelled, and put for who waited too");
	CHECK(judge_take(judge, a, &answers[0]) < 0);
	judge_cancel(judge, a);
	judge_cancel(judge, 0);
	test_row(reply(1, yes()) != NULL, "U28 a reply to a cancelled one is none");
	done();			/* with one open: nothing is left behind */

	make();
	a = reach("work/near.txt", NEED_READ);
	b = reach("other/o.txt", NEED_READ);
	sink = judge_sink(judge);
	sink->lost(sink->self);
	test_row(takes(a, &answers[0]) && answers[0].verdict == VERDICT_DENY && takes(b, &answers[1]) && answers[1].verdict == VERDICT_HIDE, "B01 the asker is gone: all that is open is unavailable (I10)");
	open_as("work/more.txt", NEED_READ);
	is("acces", 2, "and all that comes later");
	test_row(recorded("work/near.txt", ACT_READ, OUTCOME_UNAVAILABLE, NULL) == 1 && recorded("work/more.txt", ACT_READ, OUTCOME_UNAVAILABLE, NULL) == 1, "recorded as that");
	done();

	make();
	a = reach("work/near.txt", NEED_READ);
	CHECK(reply(1, (struct reply){ .kind = REPLY_INTERRUPTED }) == NULL);
	test_row(takes(a, &answers[0]) && answers[0].verdict == VERDICT_DENY && judge_interrupted(judge), "interrupted");
	done();

	make();
	server = judge_server(judge);
	need.name = text_of(in("work/near.txt"));
	test_row(server->judge(server->self, &need, &answer) == 1 && server->take(server->self, &answers[0]) == 1, "the door's need waits");
	test_row(server->judge(server->self, &need, &answer) < 0 && answer.verdict == VERDICT_DENY, "and there is one at a time");
	CHECK(reply(1, yes()) == NULL);
	test_row(server->take(server->self, &answers[0]) == 0 && holds(answers[0].fds[0], "near") && server->take(server->self, &answers[1]) < 0, "until it is taken");
	need.name = text_of(in("work/more.txt"));
	CHECK(server->judge(server->self, &need, &answer) == 1);
	server->cancel(server->self);
	test_row(server->take(server->self, &answers[1]) < 0 && script.cancelled == 1, "or given up");
	CHECK(server->fd(server->self) == -1 && server->deadline(server->self) == UINT64_MAX);
	server->step(server->self);
	done();
}

int main(void)
{
	for (size_t i = 0; i < 4; i++)
		answers[i] = ANSWER_NO;
	test_begin();
	umask(022);
	world_make();
	replying();
	refused_replies();
	settling();
	meanwhile();
	ending();
	world_done();
	return test_end();
}
