/*
 * asker.c - who answers: nobody, a person at a terminal, a function of the embedder.
 *
 * The function sees texts that are fit to be shown and says an option's id; what it
 * says otherwise, or does not say, is no.
 */
#include <errno.h>

#include "api/run.h"
#include "ask/terminal.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/sys.h"

struct function {
	wask_ask_fn *ask;
	void *self;
};

/* One question as the public header has it; everything lives in ARENA. */
static const char *arena_str(struct arena *arena, struct buf *escaped)
{
	struct text copy = buf_ok(escaped) ? arena_text(arena, buf_view(escaped)) : (struct text){ 0 };

	buf_done(escaped);
	return copy.at;
}

static const char *token(struct arena *arena, struct text t)
{
	struct buf escaped = { 0 };

	if (t.len)
		escape_token(&escaped, t);
	return arena_str(arena, &escaped);
}

static const char *plain(struct arena *arena, struct text t)
{
	struct buf escaped = { 0 };

	escape_plain(&escaped, t);
	return arena_str(arena, &escaped);
}

static const char *words(struct arena *arena, access_set access)
{
	struct buf out = { 0 };

	access_print(&out, access);
	return arena_str(arena, &out);
}

static bool show_need(struct arena *arena, const struct question_need *need, struct wask_need *out)
{
	*out = (struct wask_need){
		.size = sizeof *out,
		.kind = kind_word(need->kind), .act = act_word(need->act), .access = words(arena, need->access),
		.path = token(arena, need->path), .guest = plain(arena, need->guest), .second = token(arena, need->second),
		.call = call_word(need->call), .clazz = need->class,
		.exists = need->exists, .replaces = need->replaces, .bytes = need->size,
	};
	return out->access && out->path && out->guest && out->second;
}

static bool show_option(struct arena *arena, const struct option *option, struct wask_option *out)
{
	const char **rules = arena_new(arena, option->rules.n + 1, sizeof *rules);

	for (size_t i = 0; rules && i < option->rules.n; i++) {
		rules[i] = arena_text(arena, option->rules.at[i]).at;
		if (!rules[i])
			return false;
	}
	*out = (struct wask_option){ .id = option->id, .rules = rules };
	return rules != NULL;
}

static bool show(struct arena *arena, const struct question *question, struct wask_question *out)
{
	struct wask_need *needs = arena_new(arena, question->nneeds, sizeof *needs);
	struct wask_option *options = arena_new(arena, question->noptions, sizeof *options);
	bool ok = needs && options;

	for (size_t i = 0; ok && i < question->nneeds; i++)
		ok = show_need(arena, &question->needs[i], &needs[i]);
	for (size_t i = 0; ok && i < question->noptions; i++)
		ok = show_option(arena, &question->options[i], &options[i]);
	*out = (struct wask_question){
		.size = sizeof *out, .number = question->number, .program = plain(arena, question->program),
		.nneeds = question->nneeds, .needs = needs, .noptions = question->noptions, .options = options,
	};
	return ok && out->program;
}

static void function_ask(void *self, const struct question *question, struct reply *out)
{
	const struct function *function = self;
	struct wask_answer answer = { .size = sizeof answer };
	struct arena arena = { 0 };
	struct wask_question shown;

	out->kind = REPLY_UNAVAILABLE;
	if (show(&arena, question, &shown)) {
		out->kind = REPLY_NO;
		function->ask(function->self, &shown, &answer);
		for (size_t i = 0; answer.option && i < question->noptions; i++) {
			if (strcmp(answer.option, "no") != 0 && strcmp(answer.option, question->options[i].id) == 0)
				*out = (struct reply){ .kind = REPLY_OPTION, .option = i };
		}
	}
	arena_done(&arena);
}

static void function_free(void *self)
{
	mem_free(self);
}

static int function_asker(const struct wask_options *options, struct asker *out)
{
	struct function *function = mem_new(1, sizeof *function);

	if (!function)
		return -ENOMEM;
	*function = (struct function){ options->ask, options->self };
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

int asker_of(const struct wask *wask, bool raw_tty, struct asker *out)
{
	*out = (struct asker){ .origin = ORIGIN_NOBODY };
	if (wask->options.asker == WASK_FUNCTION)
		return function_asker(&wask->options, out);
	if (wask->options.asker == WASK_TERMINAL && !raw_tty)
		return person_asker(&wask->options, out);
	return 0;
}
