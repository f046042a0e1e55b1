/*
 * options.c - the options of `wask run`: one table, read into one struct.
 *
 * The table is what is parsed and what --help prints; each row has one function,
 * which takes the value ("" for a switch) and returns NULL, or what is wrong with it.
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

static const char *take_cache(struct options *options, const char *value)
{
	options->cache = value;
	return value[0] ? NULL : "a directory needs a name";
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

static const struct {
	const char *name, *value;	/* VALUE NULL: a switch */
	const char *(*take)(struct options *options, const char *value);
	const char *help;
} table[] = {
	{ "dir", "HOST[::GUEST][:ro]", take_dir,
	  "give the directory HOST and all beneath it, as GUEST;\n"
	  "ro gives read, list and stat: what it lacks is asked\n"
	  "(refused with --ask=off)" },
	{ "env", "NAME[=VALUE]", take_env, "give a variable of the environment" },
	{ "argv0", "NAME", take_argv0, "what the program is told its own name is" },
	{ "ask", "MODE", take_ask,
	  "needs: ask for what is not named (when there is somebody to ask)\n"
	  "blind: what is not named does not exist; only creating asks\n"
	  "never: refuse what would be asked (when there is nobody)\n"
	  "off: --dir and --env, and nothing else" },
	{ "no-args", NULL, take_no_args, "what stands on the command line names nothing" },
	{ "cache", "DIR", take_cache, "keep compiled modules there, not in ~/.cache/wask" },
	{ "no-cache", NULL, take_no_cache, "compile anew, and keep nothing" },
	{ "raw-tty", NULL, take_raw_tty, "pass output to the terminal as it is; then nobody is asked there" },
	{ "help", NULL, take_help, "this" },
};

enum { TABLE = sizeof table / sizeof *table, COLUMN = 30 };

void options_help(void)
{
	for (int i = 0; i < TABLE; i++) {
		const char *help = table[i].help, *end;
		int n = printf("  --%s%s%s", table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");

		while ((end = strchr(help, '\n'))) {
			printf("%*s%.*s\n", COLUMN - n, "", (int)(end - help), help);
			help = end + 1;
			n = 0;
		}
		printf("%*s%s\n", COLUMN - n, "", help);
	}
}

/* The row that WORD (after its dashes, up to a "=") names; *VALUE is what follows the "=", or NULL. */
static int find(const char *word, const char **value)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	*value = equals ? equals + 1 : NULL;
	for (int i = 0; i < TABLE; i++) {
		if (strlen(table[i].name) == len && memcmp(table[i].name, word, len) == 0)
			return i;
	}
	return -1;
}

static int take_option(struct options *options, char **argv, int *at)
{
	const char *word = argv[*at], *value, *wrong;
	int row = strcmp(word, "-h") == 0 ? find("help", &value) : word[1] == '-' ? find(word + 2, &value) : -1;

	if (row < 0)
		return usage_error("option", word, "there is no such option");
	if (!table[row].value && value)
		return usage_error("option", word, "it takes no value");
	if (table[row].value && !value) {
		value = argv[++*at];
		if (!value)
			return usage_error("option", word, "a value is missing");
	}
	wrong = table[row].take(options, value ? value : "");
	return wrong ? usage_error("option", word, wrong) : 0;
}

int options_read(int argc, char **argv, struct options *out)
{
	int i = 0;

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
	if (i >= argc && !out->help)
		return usage_error("no module", NULL, "wask [OPTIONS] MODULE [ARGUMENTS]");
	return 0;
}

void options_done(struct options *options)
{
	for (size_t i = 0; i < options->ndirs; i++)
		free(options->dirs[i].host);
	free(options->dirs);
	free(options->set_env);
}
