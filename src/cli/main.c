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
	(void)stdio;
	if (argc > 0 && strcmp(argv[0], "run") == 0)
		help_run();
	else
		help_short();
	return fflush(stdout) == 0 ? 0 : STATUS_NOT_RUNNABLE;
}

static int command_version(const struct stdio *stdio, int argc, char **argv)
{
	(void)stdio;
	(void)argc;
	(void)argv;
	printf("wask %s (wasmtime %s)\n", wask_version(), engine_api.version);
	return fflush(stdout) == 0 ? 0 : STATUS_NOT_RUNNABLE;
}

static const struct {
	const char *word;
	int (*run)(const struct stdio *stdio, int argc, char **argv);
} commands[] = {
	{ "run", command_run },
	{ "help", command_help },
	{ "--help", command_help },
	{ "-h", command_help },
	{ "--version", command_version },
	{ "-V", command_version },
};

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
	struct stdio stdio = { 0 };

	mallopt(M_MMAP_THRESHOLD, FRESH_BYTES);
	if (fill_stdio(&stdio) < 0)
		return STATUS_NOT_RUNNABLE;
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return usage_error("no module", NULL, "wask [OPTIONS] MODULE [ARGUMENTS]");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].run(&stdio, argc - 2, argv + 2);
	}
	return command_run(&stdio, argc - 1, argv + 1);
}
