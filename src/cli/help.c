/*
 * help.c - what the program says about itself, and how it says that it was called wrongly.
 */
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

static const char commands[] =
"wask [run] [OPTIONS] MODULE [ARGUMENTS]   run MODULE; the ARGUMENTS are the program's\n"
"wask run --help                           the options, and the exit status\n"
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
"killed by signal N; 125 wrong usage; 126 not runnable; 127 no such module.\n";

void help_short(void)
{
	fputs(opening, stdout);
	fputs(commands, stdout);
}

void help_run(void)
{
	fputs(opening, stdout);
	puts("wask [run] [OPTIONS] MODULE [ARGUMENTS]\n");
	options_help();
	fputs(after_options, stdout);
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

int usage_error(const char *what, const char *word, const char *why)
{
	fprintf(stderr, "wask: %s", what);
	if (word) {
		fputc(' ', stderr);
		put_shown(word);
	}
	fprintf(stderr, ": %s\n(wask run --help lists the options)\n", why);
	return STATUS_USAGE;
}
