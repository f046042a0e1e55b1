/*
 * arguments.c - spellings of names in arguments; see arguments.h.
 *
 * A table row for each way to spell one; what is no name by any of them is none.
 */
#include "judge/arguments.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* What takes the name of something to be written: as the next argument or after "=". */
static const char *const outputs[] = {
	"-o", "--output", "--out", "--outfile", "--outdir", "--out-dir", "--dest", "--log-file",
};

static bool is_output(struct text name)
{
	for (size_t i = 0; i < COUNT(outputs); i++)
		if (text_eq(name, text_of(outputs[i])))
			return true;
	return false;
}

static bool is_letter(char c)
{
	char low = (char)(c | 0x20);

	return low >= 'a' && low <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "scheme://" at the start: how long, or 0. */
static size_t scheme_of(struct text t)
{
	size_t n = 0;

	if (t.len == 0 || !is_letter(t.at[0]))
		return 0;
	while (n < t.len && (is_letter(t.at[n]) || is_digit(t.at[n]) || memchr("+.-", t.at[n], 3)))
		n++;
	return text_starts(text_from(t, n), TEXT("://")) ? n + 3 : 0;
}

static int hex_of(char c)
{
	if (is_digit(c))
		return c - '0';
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The path of a file URL, decoded; empty when it is none. 0 or -ENOMEM. */
static int url_path(struct arena *arena, struct text url, struct text *out)
{
	struct text path = text_from(url, strlen("file://"));
	size_t n = 0;
	char *to;

	*out = (struct text){ 0 };
	if (text_starts(path, TEXT("localhost/")))
		path = text_from(path, strlen("localhost"));
	if (!text_starts(path, TEXT("/")))
		return 0;
	to = arena_new(arena, path.len + 1, 1);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < path.len; i++) {
		int high = path.at[i] == '%' && i + 2 < path.len ? hex_of(path.at[i + 1]) : -1;
		int low = high >= 0 ? hex_of(path.at[i + 2]) : -1;

		to[n] = path.at[i];
		if (low >= 0) {
			to[n] = (char)(high << 4 | low);
			i += 2;
		}
		n++;
	}
	*out = (struct text){ to, n };
	return 0;
}

static bool has_control(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] < 0x20 || t.at[i] == 0x7f)
			return true;
	return false;
}

static int candidate_add(struct arena *arena, struct candidates *list, struct candidate c)
{
	struct candidate *grown;
	int error = 0;

	if (text_starts(c.value, TEXT("file://")))
		error = url_path(arena, c.value, &c.value);
	else if (scheme_of(c.value))
		return 0;
	if (error < 0)
		return error;
	if (c.value.len == 0 || text_eq(c.value, TEXT("-")) || c.value.len > LIMIT_PATH || has_control(c.value))
		return 0;
	if (list->n == list->size) {
		grown = mem_grow(list->at, list->size, list->size ? 2 * list->size : 16, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		list->at = grown;
		list->size = list->size ? 2 * list->size : 16;
	}
	list->at[list->n++] = c;
	return 0;
}

/* Length of what stands before "=" when it can be the name of an option or operand; else 0. */
static size_t name_of(struct text arg)
{
	size_t n = 0;

	while (n < arg.len && (is_letter(arg.at[n]) || is_digit(arg.at[n]) || memchr("-_.", arg.at[n], 3)))
		n++;
	return n < arg.len && arg.at[n] == '=' ? n : 0;
}

/* VALUE of "--name=VALUE" and "name=VALUE". */
static int add_assigned(struct arena *arena, struct candidates *list, struct text arg, size_t n)
{
	struct text name = { arg.at, n };

	return candidate_add(arena, list, (struct candidate){
		.value = text_from(arg, n + 1),
		.whole = text_starts(name, TEXT("--")),
		.output = is_output(name) || text_eq(name, TEXT("of")),
		.switch_o = text_eq(name, TEXT("-o")),
	});
}

/* VALUE of "-xVALUE": it must look like a name, unless x is o. */
static int add_glued(struct arena *arena, struct candidates *list, struct text arg)
{
	struct text value = text_from(arg, 2);
	bool output = arg.at[1] == 'o';

	if (!output && !text_has(value, '/') && !text_has(value, '.'))
		return 0;
	return candidate_add(arena, list, (struct candidate){ .value = value, .output = output, .switch_o = output });
}

static int add_argument(struct arena *arena, struct candidates *list, struct text arg, struct text before)
{
	bool output = is_output(before) && !text_starts(arg, TEXT("-"));
	size_t n = name_of(arg);
	int error = candidate_add(arena, list, (struct candidate){ .value = arg, .whole = true });

	if (error == 0 && output)
		error = candidate_add(arena, list, (struct candidate){
			.value = arg, .whole = true, .output = true, .switch_o = text_eq(before, TEXT("-o")) });
	if (error == 0 && n > 0)
		return add_assigned(arena, list, arg, n);
	if (error == 0 && arg.len > 2 && arg.at[0] == '-' && arg.at[1] != '-')
		return add_glued(arena, list, arg);
	return error;
}

int candidates_collect(struct arena *arena, struct texts argv, struct candidates *out)
{
	*out = (struct candidates){ 0 };
	for (size_t i = 1; i < argv.n; i++) {
		int error = add_argument(arena, out, argv.at[i], argv.at[i - 1]);

		if (error < 0) {
			candidates_done(out);
			return error;
		}
	}
	return 0;
}

void candidates_done(struct candidates *candidates)
{
	mem_free(candidates->at);
	*candidates = (struct candidates){ 0 };
}
