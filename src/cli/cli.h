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
	STATUS_FAIL_FAST = 77,
	STATUS_TIMEOUT = 124,
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

/* The commands, in the order in which they are told (cli/main.c). */
enum command { COMMAND_RUN, COMMAND_COMPILE, COMMAND_COMPLETIONS, COMMAND_HELP, COMMANDS };

struct command_row {
	const char *word;
	int (*run)(const struct stdio *stdio, int argc, char **argv);	/* argv[0] is the first word after the command */
	void (*help)(void);
};

extern const struct command_row commands[COMMANDS];

int command_run(const struct stdio *stdio, int argc, char **argv);
int command_compile(const struct stdio *stdio, int argc, char **argv);
int command_completions(const struct stdio *stdio, int argc, char **argv);

/* Is all that was printed on standard output there? 0, or the status to exit with: it said why not. */
int output_done(void);

void help_short(void);
void help_run(void);
void help_compile(void);
void help_completions(void);

/* ROOM bytes for an absolute path. Where compiled modules are kept: CHOSEN (NULL: as usual) seen from CWD; NULL: nowhere. */
enum { PATH_ROOM = 4096 };
const char *cache_place(const char *chosen, const char *cwd, char place[PATH_ROOM]);
bool cache_is_kept(const char *place);	/* after a run: may the library have kept something there? */

/* What no program gets (I9), whatever this run uses of it: every place where wask keeps something, also where nothing is yet. NULL-terminated; static. */
const char *const *places_protected(void);
const char *leaf_of(const char *path);

/*
 * One line on stderr, "wask: " before it, and where COMMAND's help is; STATUS_USAGE.
 * What came from the command line is shown with \xNN for what does not print.
 */
int usage_error(enum command command, const char *what, const char *word, const char *why);
void put_shown(const char *word);

extern const struct wask_wasmtime_api engine_api;

#endif
