/*
 * cli.h - what the commands of the program share. Only the two public headers of
 * the library are behind it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <wask-wasmtime.h>

/* Statuses of our own (design/decisions.md 12). */
enum {
	STATUS_USAGE = 125,
	STATUS_NOT_RUNNABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_TRAP = 134,
	STATUS_SIGNAL = 128,		/* and the signal's number */
};

/* Which of 0 to 2 were closed when the program started; something harmless is there now. */
struct stdio {
	bool closed[3];
};

int command_run(const struct stdio *stdio, int argc, char **argv);	/* argv[0] is the first word after the command */
void help_short(void);
void help_run(void);

/* One line on stderr, "wask: " before it, and STATUS_USAGE. What came from the command line is shown with \xNN for what does not print. */
int usage_error(const char *what, const char *word, const char *why);
void put_shown(const char *word);

extern const struct wask_wasmtime_api engine_api;

#endif
