/*
 * main.c - the program: finds the command and runs it.
 *
 * A first word that is a command is one; anything else is `run`.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"

/*
 * Zeroed memory of this size or more comes from the kernel, untouched, rather than
 * from the heap, which would be cleared by hand: start-up is paid by the page.
 */
enum { FRESH_BYTES = 64 << 10 };

const struct wask_wasmtime_api engine_api = WASK_WASMTIME_API_INIT;

static int command_help(const struct stdio *stdio, int argc, char **argv)
{
	const char *word = argc > 0 ? argv[0] : "help";
	void (*help)(void) = word[0] == '-' ? help_short : NULL;

	(void)stdio;
	for (int i = 0; i < COMMANDS; i++) {
		if (strcmp(word, commands[i].word) == 0)
			help = commands[i].help;
	}
	if (!help)
		return usage_error(COMMAND_HELP, "help", word, "there is no such command");
	help();
	return output_done();
}

static int command_version(const struct stdio *stdio, int argc, char **argv)
{
	(void)stdio;
	(void)argc;
	(void)argv;
	printf("wask %s (wasmtime %s)\n", wask_version(), engine_api.version);
	return output_done();
}

const struct command_row commands[COMMANDS] = {
	[COMMAND_RUN] = { "run", command_run, help_run },
	[COMMAND_COMPILE] = { "compile", command_compile, help_compile },
	[COMMAND_COMPLETIONS] = { "completions", command_completions, help_completions },
	[COMMAND_HELP] = { "help", command_help, help_short },
};

/* And what stands alone in their place. */
static const struct command_row alone[] = {
	{ "--help", command_help, NULL },
	{ "-h", command_help, NULL },
	{ "--version", command_version, NULL },
	{ "-V", command_version, NULL },
};

static const struct command_row *command_find(const char *word)
{
	for (int i = 0; i < COMMANDS; i++) {
		if (strcmp(word, commands[i].word) == 0)
			return &commands[i];
	}
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
		if (strcmp(word, alone[i].word) == 0)
			return &alone[i];
	}
	return NULL;
}

/* Nothing that is opened later may land on 0 to 2. */
static int fill_stdio(struct stdio *stdio)
{
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		stdio->closed[fd] = true;
		if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct command_row *command = argc > 1 ? command_find(argv[1]) : NULL;
	struct stdio stdio = { 0 };

	mallopt(M_MMAP_THRESHOLD, FRESH_BYTES);
	if (fill_stdio(&stdio) < 0)
		return STATUS_NOT_RUNNABLE;
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return usage_error(COMMAND_RUN, "no module", NULL, "wask [OPTIONS] MODULE [ARGUMENTS]");
	return command ? command->run(&stdio, argc - 2, argv + 2) : command_run(&stdio, argc - 1, argv + 1);
}
