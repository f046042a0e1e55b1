/* show.c - questions as the public header has them, all texts fit to be shown; see show.h. */
#include "api/show.h"

#include "base/escape.h"
#include "base/limits.h"

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

static const char *hex(struct arena *arena, const uint8_t *at, size_t n)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_print(&out, "%02x", at[i]);
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
		.name = plain(arena, need->name.len ? need->name : need->guest), .reason = plain(arena, need->reason),
		.why = need->why ? need->why : "", .secret = need->secret,
	};
	return out->access && out->path && out->guest && out->second && out->name && out->reason;
}

/* Texts that are fit to be shown already, NULL-terminated. */
static const char *const *lines(struct arena *arena, struct texts texts)
{
	const char **out = arena_new(arena, texts.n + 1, sizeof *out);

	for (size_t i = 0; out && i < texts.n; i++) {
		out[i] = arena_text(arena, texts.at[i]).at;
		if (!out[i])
			return NULL;
	}
	return out;
}

bool question_show(struct arena *arena, const struct wask_run *run, const struct question *question, uint64_t number,
		   struct wask_question *out)
{
	struct wask_need *needs = arena_new(arena, question->nneeds, sizeof *needs);
	struct wask_option *options = arena_new(arena, question->noptions, sizeof *options);
	bool ok = needs && options;

	for (size_t i = 0; ok && i < question->nneeds; i++)
		ok = show_need(arena, &question->needs[i], &needs[i]);
	for (size_t i = 0; ok && i < question->noptions; i++) {
		const struct option *option = &question->options[i];

		options[i] = (struct wask_option){
			.id = option_word(option->id), .kind = option_kind(option->id), .label = option_label(option->id),
			.rules = lines(arena, option->rules),
		};
		ok = options[i].rules != NULL;
	}
	*out = (struct wask_question){
		.size = sizeof *out, .number = number, .program = plain(arena, question->program),
		.nneeds = question->nneeds, .needs = needs, .noptions = question->noptions, .options = options,
		.id = hex(arena, question->id, sizeof question->id), .title = plain(arena, question->title),
		.former = lines(arena, question->former), .run = (struct wask_run *)(uintptr_t)run, .user = run->user,
	};
	return ok && out->program && out->id && out->title && out->former;
}

const char *answer_take(struct arena *arena, const struct question *question, const struct wask_answer *answer, struct reply *out)
{
	struct wask_answer own = { 0 };
	struct reply reply = { .kind = REPLY_NO };

	if (!options_take(&own, sizeof own, answer))
		return "the answer is of a newer wask";
	if (own.option) {
		size_t option = option_find(question, text_of(own.option));

		if (option == question->noptions)
			return "that option was not offered";
		reply = reply_choose(question, option);
	} else if (own.rules) {
		reply.kind = REPLY_RULES;
		if (texts_take(arena, own.rules, &reply.rules) < 0)
			return "no memory";
		if (reply.rules.n > LIMIT_ANSWER_RULES)
			return "too many rules";
	}
	*out = reply;
	return NULL;
}
