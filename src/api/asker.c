/*
 * asker.c - who answers: nobody, a person at a terminal, a function of the embedder, a
 * broker, or the embedder's queue.
 *
 * The function sees texts that are fit to be shown and says an option's id, or rules;
 * what it says otherwise, or does not say, is no.
 */
#include <errno.h>

#include "api/queue.h"
#include "api/show.h"
#include "ask/broker.h"
#include "ask/terminal.h"
#include "base/mem.h"
#include "base/sys.h"

struct function {
	wask_ask_fn *ask;
	void *self;
	struct wask_run *run;
	struct arena reply;		/* the rules of the last answer */
};

static void function_ask(void *self, const struct question *question, struct reply *out)
{
	struct function *function = self;
	struct wask_answer answer = { .size = sizeof answer };
	struct arena arena = { 0 };
	struct wask_question shown;

	arena_done(&function->reply);
	out->kind = REPLY_UNAVAILABLE;
	if (question_show(&arena, function->run, question, ++function->run->wask->asked, &shown)) {
		out->kind = REPLY_NO;
		function->ask(function->self, &shown, &answer);
		answer_take(&function->reply, question, &answer, out);
	}
	arena_done(&arena);
}

static void function_free(void *self)
{
	struct function *function = self;

	arena_done(&function->reply);
	mem_free(function);
}

static int function_asker(struct wask_run *run, struct asker *out)
{
	const struct wask_options *options = &run->wask->options;
	struct function *function = mem_new(1, sizeof *function);

	if (!function)
		return -ENOMEM;
	*function = (struct function){ .ask = options->ask, .self = options->self, .run = run };
	*out = (struct asker){ .origin = ORIGIN_EMBEDDER, .self = function, .ask = function_ask, .free = function_free };
	return 0;
}

/* Each run has its own descriptor of the terminal. */
static int person_asker(const struct wask_options *options, struct asker *out)
{
	int fd = sys_dup(options->tty_fd, 3), err;

	if (fd < 0)
		return fd;
	err = terminal_asker(fd, out);
	if (err < 0)
		sys_close(fd);
	return err;
}

/* Each run has its own connection, made before the guest starts. */
static int connect_broker(struct wask_run *run, struct asker *out, struct wask_error *error)
{
	const char *path = run->wask->options.broker, *why = "no random numbers", *sha256;
	struct run_facts facts = { .program = run->program, .args = run->argv, .cwd = run->cwd };
	int code = run_sha256(run, &sha256, error);

	if (code < 0)
		return code;
	facts.sha256 = sha256;
	memcpy(facts.id, run->id, sizeof facts.id);
	if (broker_asker(path, &facts, out, &why) == 0)
		return 0;
	return error_set(error, WASK_EASKER, "the broker at %s: %s", path, why);
}

int asker_of(struct wask_run *run, struct asker *out, struct wask_error *error)
{
	const struct wask_options *options = &run->wask->options;
	int err = 0;

	*out = (struct asker){ .origin = ORIGIN_NOBODY };
	if (run->mode == MODE_OFF)
		return 0;
	if (options->asker == WASK_BROKER)
		return connect_broker(run, out, error);
	if (options->asker == WASK_FUNCTION)
		err = function_asker(run, out);
	else if (options->asker == WASK_TERMINAL && !run->raw_tty)
		err = person_asker(options, out);
	else if (options->asker == WASK_QUEUE)
		err = queue_asker(run->wask->queue, run, out);
	return err < 0 ? error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "who is to answer: %s", strerror(-err)) : 0;
}
