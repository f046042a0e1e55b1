/*
 * The embedder's queue: many runs of one struct wask on one thread, their questions
 * given out in order and answered in any, with the judge behind the door of each.
 */
#include <poll.h>

#include "api.h"

static bool readable(struct wask *wask)
{
	return poll(&(struct pollfd){ .fd = wask_fd(wask), .events = POLLIN }, 1, 0) == 1;
}

static int say(struct wask *wask, uint64_t number, const char *option)
{
	struct wask_answer answer = { .size = sizeof answer, .option = option };

	return wask_answer(wask, number, &answer, NULL);
}

static int say_rule(struct wask *wask, uint64_t number, const char *rule, struct wask_error *error)
{
	struct wask_answer answer = { .size = sizeof answer, .rules = (const char *const []){ rule, NULL } };

	return wask_answer(wask, number, &answer, error);
}

static const struct wask_question *next(struct wask *wask)
{
	const struct wask_question *question = NULL;

	if (wask_next_question(wask, &question) != 1)
		test_row(false, "no question");
	return question;
}

static void one_question(void)
{
	struct wask *wask = open_wask(WASK_QUEUE, NULL);
	struct wask_run *run = open_run(wask, wask);
	struct authority *door = door_of(run);
	const struct wask_question *question = NULL;
	struct wask_error error = { 0 };
	uint64_t number;

	test_row(!readable(wask) && wask_next_question(wask, &question) == 0, "an empty queue is not readable");
	test_row(reach(door, in("work/a.txt")) == 0 && answer_of(door) == '-' && readable(wask), "a held need: its descriptor becomes readable");
	question = next(wask);
	test_row(question && !readable(wask) && wask_next_question(wask, &question) == 0, "a question is given out once");
	test_row(question->run == run && question->user == wask && strcmp(question->program, "guest.wasm") == 0 && strlen(question->id) == 32, "it says whose it is, and has an id");
	test_row(question->nneeds == 1 && strcmp(question->needs[0].path, in("work/a.txt")) == 0 && strcmp(question->needs[0].access, "read") == 0
		 && question->needs[0].exists && question->needs[0].why[0], "and what is needed, and why it is asked");
	test_row(question->noptions >= 2 && strcmp(question->options[0].id, "run") == 0 && strcmp(question->options[0].kind, "allow_once") == 0
		 && strncmp(question->options[0].rules[0], "allow read", 10) == 0 && question->options[0].label[0], "and what may be answered");
	number = question->number;
	test_row(say(wask, number, "nonsense") == WASK_ERULE && answer_of(door) == '-', "an option that was not offered: an error, and it stays open");
	test_row(say_rule(wask, number, "allow everything", &error) == WASK_ERULE && error.text[0] && answer_of(door) == '-', "a rule that is none: an error, and it stays open");
	test_row(say_rule(wask, number, "allow read,list /", NULL) == WASK_ERULE && answer_of(door) == '-', "a rule that may not be given: an error, and it stays open");
	test_row(say(wask, number + 1, "run") == WASK_EINVAL, "U28 an answer to a question that is not open");
	test_row(say(wask, number, "run") == 0 && answer_of(door) == 'y', "answered: the same call goes on");
	test_row(say(wask, number, "run") == WASK_EINVAL, "U28 answered once");
	test_row(reach(door, in("work/b.txt")) == 0 && say(wask, next(wask)->number, NULL) == 0 && answer_of(door) == 'n', "a zeroed answer is no");
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);
}

static void rules(void)
{
	struct wask *wask = open_wask(WASK_QUEUE, NULL);
	struct wask_run *run = open_run(wask, NULL);
	struct authority *door = door_of(run);
	char rule[256];

	reach(door, in("work/a.txt"));
	snprintf(rule, sizeof rule, "allow read %s", in("work/a.txt"));
	test_row(say_rule(wask, next(wask)->number, rule, NULL) == 0 && answer_of(door) == 'y', "answered by a rule that covers it");
	reach(door, in("work/b.txt"));
	snprintf(rule, sizeof rule, "deny read %s", in("work/b.txt"));
	test_row(say_rule(wask, next(wask)->number, rule, NULL) == 0 && answer_of(door) == 'n', "answered by a rule that denies it");
	reach(door, in("work/c.txt"));
	snprintf(rule, sizeof rule, "allow read %s", in("work/a.txt"));
	test_row(say_rule(wask, next(wask)->number, rule, NULL) == 0 && answer_of(door) == 'n', "what a rule leaves undecided is refused");
	authority_free(door);
	wask_run_free(run);
	wask_close(wask);
}

static void many_runs(void)
{
	enum { MANY = 50 };
	static struct wask_run *runs[MANY];
	static struct authority *doors[MANY];
	static uint64_t numbers[MANY];
	struct wask *wask = open_wask(WASK_QUEUE, NULL);
	size_t order = 0, right = 0;

	for (size_t i = 0; i < MANY; i++) {
		runs[i] = open_run(wask, &numbers[i]);
		doors[i] = door_of(runs[i]);
		reach(doors[i], in("work/a.txt"));
	}
	for (size_t i = 0; i < MANY; i++) {
		const struct wask_question *question = next(wask);

		order += question->user == &numbers[i];
		*(uint64_t *)question->user = question->number;
	}
	test_row(order == MANY, "%d runs: their questions come in the order of asking", MANY);
	for (size_t i = 0; i < MANY; i++) {
		size_t k = (i * 37 + 11) % MANY;

		right += answer_of(doors[k]) == '-' && say(wask, numbers[k], k % 2 ? "run" : "no") == 0 && answer_of(doors[k]) == (k % 2 ? 'y' : 'n');
	}
	test_row(right == MANY, "answered in another order, each reaches its own run");
	for (size_t i = 0; i < MANY; i++) {
		authority_free(doors[i]);
		wask_run_free(runs[i]);
	}
	wask_close(wask);
}

static void ends(void)
{
	struct wask *wask = open_wask(WASK_QUEUE, NULL);
	struct wask_run *a = open_run(wask, NULL), *b = open_run(wask, NULL);
	struct authority *door = door_of(a), *other = door_of(b);
	const struct wask_question *question;
	struct answer answer;
	uint64_t number;

	reach(door, in("work/a.txt"));
	reach(other, in("work/a.txt"));
	number = next(wask)->number;
	authority_free(door);
	wask_run_free(a);
	test_row(say(wask, number, "run") == WASK_EINVAL, "a run that is closed takes its questions with it, those given out");
	authority_cancel(other);
	test_row(!readable(wask) && wask_next_question(wask, &question) == 0, "and a call that is given up those that were not");
	reach(other, in("work/b.txt"));
	test_row(authority_take(other, true, &answer) == -EDEADLK && wask_next_question(wask, &question) == 0, "who would wait for the queue on its own thread is refused");
	authority_free(other);
	wask_run_free(b);
	test_row(wask_fd(wask) >= 0 && !readable(wask), "nothing is left");
	wask_close(wask);
}

int main(void)
{
	test_begin();
	place_make();
	one_question();
	rules();
	many_runs();
	ends();
	place_done();
	return test_end();
}
