/*
 * completions.c - the command `wask completions`: what a shell reads to complete ours.
 *
 * Made out of the option table, so it has what --help has. After MODULE everything
 * is the program's and files are what is completed.
 */
#include "cli/cli.h"
#include "cli/options.h"

/* The words of the commands from FIRST up to LAST, BETWEEN them. */
static void put_commands(enum command first, enum command last, const char *between)
{
	for (enum command i = first; i <= last; i++)
		printf("%s%s", i == first ? "" : between, commands[i].word);
}

static bool has_options(enum command command)
{
	for (int i = 0; i < option_count; i++) {
		if (option_is_of(&option_table[i], command))
			return true;
	}
	return false;
}

/* ---- bash ---- */

/* "    COMMAND--*) ...": its options. */
static void put_options(enum command command)
{
	printf("    %s--*) COMPREPLY=($(compgen -W '", commands[command].word);
	for (int i = 0; i < option_count; i++) {
		if (option_is_of(&option_table[i], command))
			printf(" --%s", option_table[i].name);
	}
	puts("' -- \"$cur\")) ;;");
}

/* A pattern of all options of KIND that take a value: "--dir|--cache". */
static void put_pattern(enum value_kind kind)
{
	const char *before = "";

	for (int i = 0; i < option_count; i++) {
		if (!option_table[i].value || option_table[i].kind != kind)
			continue;
		printf("%s--%s", before, option_table[i].name);
		before = "|";
	}
}

/* Skips the options and their values, to find the command and whether MODULE was named. */
static const char bash_start[] =
"# wask(1) completion for bash\n"
"_wask() {\n"
"    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=run i=1 word\n"
"    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
"    [ \"$cur\" = = ] && cur=\n"
"    COMPREPLY=()\n"
"    case ${COMP_WORDS[1]-} in ";

static const char bash_skip[] =
") [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]} i=2 ;; esac\n"
"    while [ $i -lt \"$COMP_CWORD\" ]; do\n"
"        word=${COMP_WORDS[i]}\n"
"        case $word in\n"
"        ";

static const char bash_middle[] =
") [ \"${COMP_WORDS[i+1]-}\" = = ] && i=$((i+1)); i=$((i+2)); [ $i -gt \"$COMP_CWORD\" ] && break ;;\n"
"        -*) i=$((i+1)) ;;\n"
"        *) [ $command != run ] || { COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames 2>/dev/null; return; }; i=$((i+1)) ;;\n"
"        esac\n"
"    done\n"
"    case $prev in\n";

static void bash(void)
{
	fputs(bash_start, stdout);
	put_commands(0, COMMANDS - 1, "|");
	fputs(bash_skip, stdout);
	put_pattern(VALUE_TEXT);
	putchar('|');
	put_pattern(VALUE_DIR);
	putchar('|');
	put_pattern(VALUE_WORD);
	fputs(bash_middle, stdout);
	for (int i = 0; i < option_count; i++) {
		if (option_table[i].kind == VALUE_WORD)
			printf("    --%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", option_table[i].name, option_table[i].words);
	}
	fputs("    ", stdout);
	put_pattern(VALUE_DIR);
	fputs(") COMPREPLY=($(compgen -d -- \"$cur\")); compopt -o filenames 2>/dev/null; return ;;\n    ", stdout);
	put_pattern(VALUE_TEXT);
	fputs(") return ;;\n    esac\n    case $command-$cur in\n", stdout);
	for (enum command i = 0; i < COMMANDS; i++) {
		if (has_options(i))
			put_options(i);
	}
	fputs("    completions-*) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\")) ;;\n"
	      "    help-*) COMPREPLY=($(compgen -W '", stdout);
	put_commands(0, COMMAND_HELP - 1, " ");
	fputs("' -- \"$cur\")) ;;\n"
	      "    *) COMPREPLY=($(compgen -f -X '!*.wasm' -- \"$cur\") $(compgen -d -- \"$cur\"))\n"
	      "       [ \"$COMP_CWORD\" -gt 1 ] || COMPREPLY+=($(compgen -W '", stdout);
	put_commands(0, COMMANDS - 1, " ");
	fputs(" --version --help' -- \"$cur\"))\n"
	      "       compopt -o filenames 2>/dev/null ;;\n    esac\n}\ncomplete -F _wask wask\n", stdout);
}

/* ---- zsh and fish ---- */

/* The first line of a help text, for between single quotes: it has none, nor a bracket. */
static void put_first_line(const char *help)
{
	printf("%.*s", (int)strcspn(help, "\n"), help);
}

static void zsh_options(enum command command)
{
	for (int i = 0; i < option_count; i++) {
		const struct option *option = &option_table[i];

		if (!option_is_of(option, command))
			continue;
		printf("        '*--%s%s[", option->name, option->value ? "=" : "");
		put_first_line(option->help);
		putchar(']');
		if (option->value && option->kind == VALUE_WORD)
			printf(":%s:(%s)", option->name, option->words);
		else if (option->value)
			printf(":%s:%s", option->name, option->kind == VALUE_DIR ? "_files -/" : "");
		fputs("' \\\n", stdout);
	}
}

static void zsh(void)
{
	fputs("#compdef wask\n"
	      "_wask() {\n"
	      "    local command=run\n"
	      "    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
	      "        compadd ", stdout);
	put_commands(0, COMMANDS - 1, " ");
	fputs("\n        _files -g '*.wasm'\n"
	      "        return\n"
	      "    fi\n"
	      "    case $words[2] in\n"
	      "    ", stdout);
	put_commands(0, COMMANDS - 1, "|");
	fputs(") command=$words[2]; shift words; (( CURRENT-- )) ;;\n"
	      "    esac\n"
	      "    case $command in\n"
	      "    run) _arguments -S \\\n", stdout);
	zsh_options(COMMAND_RUN);
	fputs("        '1:module:_files -g \"*.wasm\"' '*::arguments:_files' ;;\n    compile) _arguments \\\n", stdout);
	zsh_options(COMMAND_COMPILE);
	fputs("        '*:module:_files -g \"*.wasm\"' ;;\n"
	      "    completions) compadd bash zsh fish ;;\n"
	      "    help) compadd ", stdout);
	put_commands(0, COMMAND_HELP - 1, " ");
	fputs(" ;;\n"
	      "    esac\n"
	      "}\n"
	      "_wask \"$@\"\n", stdout);
}

static void fish(void)
{
	puts("# wask(1) completion for fish");
	for (enum command i = 0; i < COMMANDS; i++)
		printf("complete -c wask -n __fish_use_subcommand -a %s\n", commands[i].word);
	puts("complete -c wask -n '__fish_seen_subcommand_from completions' -f -a 'bash zsh fish'");
	for (int i = 0; i < option_count; i++) {
		const struct option *option = &option_table[i];

		fputs("complete -c wask", stdout);
		if (!option_is_of(option, COMMAND_COMPILE)) {
			fputs(" -n 'not __fish_seen_subcommand_from ", stdout);
			put_commands(COMMAND_RUN + 1, COMMANDS - 1, " ");
			putchar('\'');
		}
		printf(" -l %s%s", option->name, option->value ? option->kind == VALUE_DIR ? " -x -a '(__fish_complete_directories)'" : " -x" : "");
		if (option->kind == VALUE_WORD)
			printf(" -a '%s'", option->words);
		fputs(" -d '", stdout);
		put_first_line(option->help);
		puts("'");
	}
}

int command_completions(const struct stdio *stdio, int argc, char **argv)
{
	static const struct { const char *word; void (*print)(void); } shells[] = {
		{ "bash", bash }, { "zsh", zsh }, { "fish", fish }, { "--help", help_completions }, { "-h", help_completions },
	};

	(void)stdio;
	for (size_t i = 0; argc == 1 && i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(argv[0], shells[i].word) == 0) {
			shells[i].print();
			return output_done();
		}
	}
	return usage_error(COMMAND_COMPLETIONS, "completions", argc > 0 ? argv[0] : NULL, "wask completions bash, zsh or fish");
}
