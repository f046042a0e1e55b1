/*
 * help.c - what the program says about itself, and how it says that it was called wrongly.
 */
#include <errno.h>

#include "cli/cli.h"
#include "cli/options.h"

static const char opening[] =
"wask runs a WebAssembly program that owns nothing and may ask.\n"
"\n"
"  1. What you name on the command line may be read, and created if it does not\n"
"     exist.\n"
"  2. Where you stand, and in the project of a file you name, a program may look\n"
"     around; everywhere else it sees nothing.\n"
"  3. Opening something real that you did not name, and changing or creating\n"
"     anything, holds the program and asks; the same call then goes on.\n"
"  4. Secrets, dotfiles of your home and system places do not exist for it unless\n"
"     you name them; a named secret asks.\n"
"  5. Nobody there means no, at once, with a list that makes the next run pass.\n"
"\n";

static const char ways[] =
"wask [run] [OPTIONS] MODULE [ARGUMENTS]   run MODULE; the ARGUMENTS are the program's\n"
"wask compile [OPTIONS] MODULE...          compile ahead of the first run\n"
"wask completions SHELL                    what bash, zsh or fish completes\n"
"wask COMMAND --help                       its options; of run also the exit status\n"
"wask --version\n"
"\n"
"Which files a program gets is enforced; the process that runs it is not confined\n"
"yet: whoever breaks the engine (wasmtime) has what you have.\n";

static const char after_options[] =
"\n"
"--name VALUE and --name=VALUE are the same. What comes after MODULE is the program's.\n"
"\n"
"Questions come to the terminal of this session (/dev/tty) when standard error is one\n"
"too; standard input never answers. Without one nobody is asked, and what would have\n"
"been asked is refused and listed at the end.\n"
"\n"
"Exit status: the program's (above 255: 255); 134 it trapped; 128+N its process was\n"
"killed by signal N; 124 --timeout; 125 wrong usage; 126 not runnable; 127 no such\n"
"module. What users of wasmtime type (-W, -S, --mapdir, ...) is taken, or it is said\n"
"what to type instead.\n";

static const char compile_text[] =
"wask compile [OPTIONS] MODULE...\n"
"\n"
"Compiles each MODULE, so that its first run starts at once, and says where it is\n"
"kept. Compiled code is native code: it is loaded from a private directory of your\n"
"own alone, and given to nobody.\n"
"\n";

static const char completions_text[] =
"wask completions bash|zsh|fish\n"
"\n"
"Prints what the shell reads to complete the options of wask, for instance:\n"
"  bash   eval \"$(wask completions bash)\" in ~/.bashrc\n"
"  zsh    wask completions zsh > a directory of $fpath/_wask\n"
"  fish   wask completions fish > ~/.config/fish/completions/wask.fish\n";

void help_short(void)
{
	fputs(opening, stdout);
	fputs(ways, stdout);
}

void help_run(void)
{
	fputs(opening, stdout);
	puts("wask [run] [OPTIONS] MODULE [ARGUMENTS]\n");
	options_help(COMMAND_RUN);
	fputs(after_options, stdout);
}

void help_compile(void)
{
	fputs(compile_text, stdout);
	options_help(COMMAND_COMPILE);
}

void help_completions(void)
{
	fputs(completions_text, stdout);
}

int output_done(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "wask: standard output: %s\n", strerror(errno));
	return STATUS_NOT_RUNNABLE;
}

/* For stderr only. Printable ASCII as it is: names in other scripts are shown by their bytes. */
void put_shown(const char *word)
{
	for (const unsigned char *c = (const unsigned char *)word; *c; c++) {
		if (*c >= ' ' && *c < 0x7f && *c != '\\')
			fputc(*c, stderr);
		else
			fprintf(stderr, "\\x%02x", *c);
	}
}

int usage_error(enum command command, const char *what, const char *word, const char *why)
{
	fprintf(stderr, "wask: %s", what);
	if (word) {
		fputc(' ', stderr);
		put_shown(word);
	}
	fprintf(stderr, ": %s\n", why);
	if (command == COMMAND_HELP)
		fputs("(wask --help lists the commands)\n", stderr);
	else
		fprintf(stderr, "(wask %s --help lists the options)\n", commands[command].word);
	return STATUS_USAGE;
}
