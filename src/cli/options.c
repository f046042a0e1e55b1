/*
 * options.c - the options of the commands that take a module: one table, read into one struct.
 *
 * The table is what is parsed, what --help prints and what a shell completes; each
 * row has one function, which takes the value and returns NULL, or what is wrong.
 */
#include "cli/options.h"

static const char no_memory[] = "no memory";

/* H[::G][:ro]: cut at the first "::", then a final ":ro" is removed of what is last. */
static void cut_dir(struct dir *dir)
{
	char *cut = strstr(dir->host, "::"), *last = dir->host;
	size_t len;

	if (cut) {
		*cut = '\0';
		last = dir->guest = cut + 2;
	}
	len = strlen(last);
	if (len >= 3 && strcmp(last + len - 3, ":ro") == 0) {
		dir->read_only = 1;
		last[len - 3] = '\0';
	}
}

static const char *take_dir(struct options *options, const char *value)
{
	struct dir *dirs = realloc(options->dirs, (options->ndirs + 1) * sizeof *dirs), *dir;

	if (!dirs)
		return no_memory;
	options->dirs = dirs;
	dir = &dirs[options->ndirs];
	*dir = (struct dir){ .host = strdup(value) };
	if (!dir->host)
		return no_memory;
	options->ndirs++;
	cut_dir(dir);
	if (!dir->host[0] || (dir->guest && !dir->guest[0]))
		return "a directory needs a name: HOST, or HOST::GUEST";
	return NULL;
}

static const char *take_env(struct options *options, const char *value)
{
	const char **grown = realloc(options->set_env, (options->nset_env + 1) * sizeof *grown);

	if (!grown)
		return no_memory;
	options->set_env = grown;
	if (!value[0] || value[0] == '=')
		return "a variable needs a name: NAME, or NAME=VALUE";
	grown[options->nset_env++] = value;
	return NULL;
}

static const char *take_argv0(struct options *options, const char *value)
{
	options->argv0 = value;
	return NULL;
}

static const char *take_ask(struct options *options, const char *value)
{
	static const struct { const char *word; int mode; } modes[] = {
		{ "needs", WASK_MODE_NEEDS }, { "blind", WASK_MODE_BLIND }, { "never", WASK_MODE_NEVER }, { "off", WASK_MODE_OFF },
	};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(value, modes[i].word) == 0) {
			options->mode = modes[i].mode;
			return NULL;
		}
	}
	return "it is one of needs, blind, never, off";
}

static const char *take_broker(struct options *options, const char *value)
{
	options->broker = value;
	return value[0] ? NULL : "a socket needs a name";
}

static const char *take_cache(struct options *options, const char *value)
{
	options->cache = value;
	return value[0] ? NULL : "a directory needs a name";
}

static const char *take_invoke(struct options *options, const char *value)
{
	options->invoke = value;
	return value[0] ? NULL : "a function needs a name";
}

static const char *take_listen(struct options *options, const char *value)
{
	if (options->nlisten == WASK_SOCKETS)
		return "there are too many already";
	options->listen[options->nlisten++] = value;
	return NULL;
}

static const char *take_max_memory(struct options *options, const char *value)
{
	if (read_size(value, &options->max_memory) < 0 || options->max_memory == 0)
		return "it is a whole number of bytes, with K, M or G after it or not (64M, not 64MB), and not 0";
	return NULL;
}

static const char *take_timeout(struct options *options, const char *value)
{
	if (read_time(value, &options->timeout) < 0 || options->timeout == 0)
		return "it is a whole number of seconds, or with ms, s, m or h after it, and not 0";
	return NULL;
}

static const char *take_trap_unknown(struct options *options, const char *value)
{
	(void)value;
	options->trap_unknown = true;
	return NULL;
}

static const char *take_no_cache(struct options *options, const char *value)
{
	(void)value;
	options->no_cache = true;
	return NULL;
}

static const char *take_no_args(struct options *options, const char *value)
{
	(void)value;
	options->no_args = true;
	return NULL;
}

static const char *take_raw_tty(struct options *options, const char *value)
{
	(void)value;
	options->raw_tty = true;
	return NULL;
}

static const char *take_help(struct options *options, const char *value)
{
	(void)value;
	options->help = true;
	return NULL;
}

const struct option option_table[] = {
	{ "dir", "HOST[::GUEST][:ro]", take_dir,
	  "give the directory HOST and all beneath it, as GUEST;\n"
	  "ro gives read, list and stat: what it lacks is asked\n"
	  "(refused with --ask=off)", FOR_RUN, VALUE_DIR, NULL },
	{ "env", "NAME[=VALUE]", take_env, "give a variable of the environment", FOR_RUN, VALUE_TEXT, NULL },
	{ "ask", "MODE", take_ask,
	  "needs: ask for what is not named (when there is somebody to ask)\n"
	  "blind: what is not named does not exist; only creating asks\n"
	  "never: refuse what would be asked (when there is nobody)\n"
	  "off: --dir and --env, and nothing else", FOR_RUN, VALUE_WORD, "needs blind never off" },
	{ "broker", "SOCKET", take_broker, "ask whoever serves this Unix socket, and nobody else", FOR_RUN, VALUE_TEXT, NULL },
	{ "no-args", NULL, take_no_args, "what stands on the command line names nothing", FOR_RUN, VALUE_TEXT, NULL },
	{ "argv0", "NAME", take_argv0, "what the program is told its own name is", FOR_RUN, VALUE_TEXT, NULL },
	{ "listen", "ADDRESS:PORT", take_listen,
	  "hand in a TCP socket that listens there: descriptor 5, and on\n"
	  "(with --ask=off: after the directories)", FOR_RUN, VALUE_TEXT, NULL },
	{ "timeout", "TIME", take_timeout, "end it when it has run so long (10, 500ms, 2m): status 124", FOR_RUN, VALUE_TEXT, NULL },
	{ "max-memory", "SIZE", take_max_memory, "the most memory it may have (512M, 4G); 1G if not said", FOR_RUN, VALUE_TEXT, NULL },
	{ "invoke", "NAME", take_invoke, "call this function, with the arguments as its numbers", FOR_RUN, VALUE_TEXT, NULL },
	{ "trap-unknown", NULL, take_trap_unknown, "run it though it imports what wask does not have; it traps there", FOR_RUN, VALUE_TEXT, NULL },
	{ "cache", "DIR", take_cache, "keep compiled modules there, not in ~/.cache/wask", FOR_RUN | FOR_COMPILE, VALUE_DIR, NULL },
	{ "no-cache", NULL, take_no_cache, "compile anew, and keep nothing", FOR_RUN, VALUE_TEXT, NULL },
	{ "raw-tty", NULL, take_raw_tty, "pass output to the terminal as it is; then nobody is asked there", FOR_RUN, VALUE_TEXT, NULL },
	{ "help", NULL, take_help, "this", FOR_RUN | FOR_COMPILE, VALUE_TEXT, NULL },
};

const int option_count = sizeof option_table / sizeof *option_table;

enum { COLUMN = 30 };

bool option_is_of(const struct option *option, enum command command)
{
	return option->commands >> command & 1;
}

void options_help(enum command command)
{
	for (int i = 0; i < option_count; i++) {
		const struct option *option = &option_table[i];
		const char *help = option->help, *end;
		int n;

		if (!option_is_of(option, command))
			continue;
		n = printf("  --%s%s%s", option->name, option->value ? " " : "", option->value ? option->value : "");
		while ((end = strchr(help, '\n'))) {
			printf("%*s%.*s\n", COLUMN - n, "", (int)(end - help), help);
			help = end + 1;
			n = 0;
		}
		printf("%*s%s\n", COLUMN - n, "", help);
	}
}

/* ---- values with units ---- */

/* A whole number and what comes after it. */
static int read_number(const char *text, uint64_t *out, const char **rest)
{
	uint64_t value = 0;

	if (*text < '0' || *text > '9')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -1;
		value = 10 * value + digit;
	}
	*out = value;
	*rest = text;
	return 0;
}

struct unit {
	const char *word;
	uint64_t factor;
};

/* The last unit has no word. */
static int read_with_unit(const char *text, const struct unit *units, uint64_t *out)
{
	const char *rest;
	uint64_t value;

	if (read_number(text, &value, &rest) < 0)
		return -1;
	for (;; units++) {
		if (strcmp(rest, units->word) == 0)
			break;
		if (!units->word[0])
			return -1;
	}
	if (value > UINT64_MAX / units->factor)
		return -1;
	*out = value * units->factor;
	return 0;
}

int read_size(const char *text, uint64_t *out)
{
	static const struct unit units[] = {
		{ "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { "k", 1 << 10 }, { "m", 1 << 20 }, { "g", 1 << 30 },
		{ "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { "", 1 },
	};

	return read_with_unit(text, units, out);
}

int read_time(const char *text, uint64_t *out)
{
	static const struct unit units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { "m", UINT64_C(60000000000) },
		{ "min", UINT64_C(60000000000) }, { "h", UINT64_C(3600000000000) }, { "", 1000000000 },
	};

	return read_with_unit(text, units, out);
}

/* ---- reading ---- */

/* The row that WORD (after its dashes, up to a "=") names; *VALUE is what follows the "=", or NULL. */
static const struct option *find(const char *word, const char **value)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	*value = equals ? equals + 1 : NULL;
	for (int i = 0; i < option_count; i++) {
		if (strlen(option_table[i].name) == len && memcmp(option_table[i].name, word, len) == 0)
			return &option_table[i];
	}
	return NULL;
}

const char *option_set(struct options *options, const char *name, const char *value)
{
	const char *none;
	const struct option *option = find(name, &none);

	if (!option)
		return "there is no such option";
	return option_is_of(option, options->command) ? option->take(options, value) : "it is of wask run; leave it out here";
}

/* Not one of ours: one that wasmtime has, perhaps. */
static int take_other(struct options *options, char **argv, int *at)
{
	const char *word = argv[*at];
	int status = wasmtime_option(options, argv, at);

	return status >= 0 ? status : usage_error(options->command, "option", word, "there is no such option");
}

/* OPTION with VALUE: as it was typed, VALUE in a word of its own or not. */
static int wrong_value(const struct options *options, const char *option, const char *value, const char *why)
{
	char shown[200];

	snprintf(shown, sizeof shown, "%s %s", option, value ? value : "");
	return usage_error(options->command, "option", value && value[0] ? shown : option, why);
}

static int take_option(struct options *options, char **argv, int *at)
{
	const char *word = argv[*at], *value = NULL, *apart = NULL, *wrong;
	const struct option *option = strcmp(word, "-h") == 0 ? find("help", &value) : word[1] == '-' ? find(word + 2, &value) : NULL;

	if (!option || !option_is_of(option, options->command))
		return take_other(options, argv, at);
	if (!option->value && value)
		return usage_error(options->command, "option", word, "it takes no value");
	if (option->value && !value) {
		value = apart = argv[++*at];
		if (!value)
			return usage_error(options->command, "option", word, "a value is missing");
	}
	wrong = option->take(options, value ? value : "");
	return wrong ? wrong_value(options, word, apart, wrong) : 0;
}

int options_read(enum command command, int argc, char **argv, struct options *out)
{
	int i = 0;

	out->command = command;
	out->mode = -1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		int status;

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		status = take_option(out, argv, &i);
		if (status)
			return status;
	}
	out->argv = argv + i;
	if (out->broker && out->mode == WASK_MODE_OFF)
		return usage_error(command, "option", "--broker", "with --ask=off nobody is asked");
	if (i < argc && strcmp(argv[i], "-") == 0)
		return usage_error(command, "module", argv[i], "it must be a file, so save it to one first");
	if (i >= argc && !out->help)
		return usage_error(command, "no module", NULL, command == COMMAND_RUN ? "wask [OPTIONS] MODULE [ARGUMENTS]" : "wask compile [OPTIONS] MODULE...");
	return 0;
}

void options_done(struct options *options)
{
	for (size_t i = 0; i < options->ndirs; i++)
		free(options->dirs[i].host);
	free(options->dirs);
	free(options->set_env);
}
