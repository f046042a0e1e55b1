/*
 * common.c - errors and options of the public functions; see run.h.
 */
#include <errno.h>
#include <stdarg.h>

#include "api/run.h"
#include "base/escape.h"
#include "base/limits.h"
#include "policy/fold.h"

static void error_text(struct wask_error *error, struct text plain)
{
	struct buf escaped = { .limit = 4 * LIMIT_END_TEXT };

	escape_plain(&escaped, plain);
	text_put(buf_view(&escaped), error->text, sizeof error->text);
	buf_done(&escaped);
}

void text_put(struct text t, char *to, size_t size)
{
	t = text_cut(t, size - 1);
	if (t.len)
		memcpy(to, t.at, t.len);
	to[t.len] = '\0';
}

int error_set(struct wask_error *error, int code, const char *format, ...)
{
	char plain[2 * LIMIT_PATH];
	va_list args;

	if (!error)
		return code;
	va_start(args, format);
	vsnprintf(plain, sizeof plain, format, args);
	va_end(args);
	error->code = code;
	error_text(error, text_of(plain));
	return code;
}

bool options_take(void *to, size_t size, const void *from)
{
	const char *bytes = from;
	size_t given;

	memcpy(&given, from, sizeof given);
	if (given < sizeof given)
		return false;
	for (size_t i = size; i < given; i++) {
		if (bytes[i])
			return false;
	}
	memcpy(to, from, given < size ? given : size);
	return true;
}

int texts_take(struct arena *arena, const char *const *strings, struct texts *out)
{
	struct texts texts = { 0 };

	while (strings && strings[texts.n])
		texts.n++;
	texts.at = arena_new(arena, texts.n, sizeof *texts.at);
	if (!texts.at)
		return -ENOMEM;
	for (size_t i = 0; i < texts.n; i++) {
		texts.at[i] = arena_text(arena, text_of(strings[i]));
		if (!texts.at[i].at)
			return -ENOMEM;
	}
	*out = texts;
	return 0;
}

struct text path_absolute(struct arena *arena, struct text cwd, struct text path)
{
	char *to = arena_new(arena, cwd.len + path.len + 3, 1);

	return to ? arena_text(arena, path_fold(cwd, path, to)) : (struct text){ 0 };
}

struct text path_joined(struct arena *arena, struct text cwd, struct text path)
{
	if (text_starts(path, TEXT("/")))
		return arena_text(arena, path);
	return arena_join(arena, cwd, text_ends(cwd, TEXT("/")) ? TEXT("") : TEXT("/"), path);
}
