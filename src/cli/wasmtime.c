/*
 * wasmtime.c - options of the wasmtime CLI that its users type out of habit.
 *
 * What means the same here is taken; of the rest it is said what to type instead.
 * Nothing is silently ignored that would change what a program gets.
 */
#include "cli/options.h"

enum takes { OURS, ON, OFF, ANY, IS, ADVICE, SWITCH, UNLESS, ENV };

static const struct {
	char letter;
	const char *key;
	enum takes takes;
	const char *what;
} rows[] = {
#define X(letter, key, takes, what) { letter, key, takes, what },
#include "cli/wasmtime.def"
#undef X
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct { char letter; const char *name; } groups[] = {
	{ 'W', "wasm" }, { 'S', "wasi" }, { 'C', "codegen" }, { 'O', "optimize" }, { 'D', "debug" },
};

enum { GROUPS = sizeof groups / sizeof *groups };

/* Of these one letter is another spelling. */
static const struct { char letter; const char *name; } letters[] = {
	{ 'g', "gdbstub" }, { 'R', "record" }, { 'o', "output" },
};

enum { LETTERS = sizeof letters / sizeof *letters };

static int find(char letter, const char *key, size_t len)
{
	for (int i = 0; i < ROWS; i++) {
		if (rows[i].letter == letter && strlen(rows[i].key) == len && memcmp(rows[i].key, key, len) == 0)
			return i;
	}
	return -1;
}

static bool is_off(const char *value)
{
	return value && (strcmp(value, "n") == 0 || strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0);
}

/* Row I with VALUE (NULL: none). NULL, or what is wrong with it. */
static const char *take_row(struct options *options, int i, const char *value)
{
	bool off = is_off(value);

	switch (rows[i].takes) {
	case OURS:
		return value ? option_set(options, rows[i].what, value) : "a value is missing";
	case ON:
		return off ? "it cannot be turned off" : NULL;
	case OFF:
		return off ? NULL : rows[i].what;
	case ANY:
		return NULL;
	case IS:
		return value && strcmp(value, rows[i].what) == 0 ? NULL : "there is one way only; leave it out";
	case SWITCH:
		return off ? NULL : option_set(options, rows[i].what, "");
	case UNLESS:
		return off ? option_set(options, rows[i].what, "") : NULL;
	case ENV:
		options->all_env = !off;
		return NULL;
	default:
		return rows[i].what;
	}
}

/* One KEY or KEY=VALUE of a group. */
static int take_key(struct options *options, char letter, char *key)
{
	char *equals = strchr(key, '='), shown[64];
	size_t len = equals ? (size_t)(equals - key) : strlen(key);
	int i = find(letter, key, len);
	const char *wrong = i < 0 ? "wask has no such thing" : take_row(options, i, equals ? equals + 1 : NULL);

	if (!wrong)
		return 0;
	snprintf(shown, sizeof shown, "-%c %.50s", letter, key);
	return usage_error(options->command, "option", shown, wrong);
}

/* KEY[=VALUE][,KEY[=VALUE]]...: cut in place, as values stay in it. */
static int take_keys(struct options *options, char letter, char *keys)
{
	int status = 0;

	while (keys && status == 0) {
		char *comma = strchr(keys, ',');

		if (comma)
			*comma = '\0';
		status = take_key(options, letter, keys);
		keys = comma ? comma + 1 : NULL;
	}
	return status;
}

/* The group that WORD (-W, -Wkey, --wasm, --wasm=key) opens; *KEYS is what is glued to it, or NULL. Negative: none. */
static int find_group(char *word, char **keys)
{
	for (int i = 0; i < GROUPS; i++) {
		size_t len = strlen(groups[i].name);

		*keys = NULL;
		if (word[1] == groups[i].letter) {
			*keys = word[2] ? word + 2 + (word[2] == '=') : NULL;
			return i;
		}
		if (word[1] == '-' && strncmp(word + 2, groups[i].name, len) == 0 && (!word[2 + len] || word[2 + len] == '=')) {
			*keys = word[2 + len] ? word + 2 + len + 1 : NULL;
			return i;
		}
	}
	return -1;
}

/* The row of --KEY, --KEY=VALUE, -K or -KVALUE; *VALUE is what follows in the same word, or NULL. Negative: none. */
static int find_long(const char *word, const char **value)
{
	const char *equals = strchr(word, '=');

	if (word[1] == '-') {
		*value = equals ? equals + 1 : NULL;
		return find('L', word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
	}
	*value = word[2] ? word + 2 : NULL;
	for (int i = 0; i < LETTERS; i++) {
		if (letters[i].letter == word[1])
			return find('L', letters[i].name, strlen(letters[i].name));
	}
	return -1;
}

static int take_long(struct options *options, char **argv, int *at)
{
	const char *word = argv[*at], *value, *wrong;
	int i = find_long(word, &value);

	if (i < 0)
		return -1;
	if (rows[i].takes == OURS && !value && argv[*at + 1])
		value = argv[++*at];
	wrong = take_row(options, i, value);
	return wrong ? usage_error(options->command, "option", word, wrong) : 0;
}

int wasmtime_option(struct options *options, char **argv, int *at)
{
	char *word = argv[*at], *keys;
	int group = find_group(word, &keys);

	if (group < 0)
		return take_long(options, argv, at);
	if (!keys)
		keys = argv[++*at];
	return keys ? take_keys(options, groups[group].letter, keys) : usage_error(options->command, "option", word, "a value is missing");
}
