/* options.h - the options of the commands that take a module: one table, read into one struct. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/* One --dir: HOST and GUEST point into what was cut up; GUEST NULL: as HOST. */
struct dir {
	char *host, *guest;
	int read_only;
};

struct options {
	enum command command;		/* whose they are */
	struct dir *dirs;
	size_t ndirs;
	const char **set_env;		/* NAME=VALUE or, to be looked up, NAME */
	size_t nset_env;
	const char *argv0, *cache, *broker, *invoke;
	const char *listen[WASK_SOCKETS];
	size_t nlisten;
	uint64_t max_memory;		/* bytes; 0: as the library has it */
	uint64_t timeout;		/* nanoseconds; 0: none */
	int mode;			/* WASK_MODE_*, or -1: as there is somebody to ask */
	bool no_cache, no_args, raw_tty, trap_unknown, all_env, help;
	char **argv;			/* MODULE and what comes after it; NULL-terminated */
};

/* Which command an option is of. */
enum { FOR_RUN = 1 << COMMAND_RUN, FOR_COMPILE = 1 << COMMAND_COMPILE };

/* What an option's value is, for a shell that completes it. */
enum value_kind { VALUE_TEXT, VALUE_DIR, VALUE_WORD };

struct option {
	const char *name, *value;	/* VALUE NULL: a switch */
	const char *(*take)(struct options *options, const char *value);	/* NULL, or what is wrong with VALUE ("" for a switch) */
	const char *help;
	unsigned commands;		/* FOR_* */
	enum value_kind kind;
	const char *words;		/* VALUE_WORD: the words, a space between them */
};

extern const struct option option_table[];
extern const int option_count;

/* Is it one of COMMAND's? */
bool option_is_of(const struct option *option, enum command command);

/* 0, or the status to exit with: it said why. */
int options_read(enum command command, int argc, char **argv, struct options *out);
void options_done(struct options *options);
void options_help(enum command command);

/* Values that have units: 0, or -1. */
int read_size(const char *text, uint64_t *out);		/* bytes: N, NK, NM, NG */
int read_time(const char *text, uint64_t *out);		/* nanoseconds: N, Ns, Nms, Nm, Nh, ... */

/* An option of ours by its name, for who knows the value already. NULL, or what is wrong. */
const char *option_set(struct options *options, const char *name, const char *value);

/*
 * An option of the wasmtime CLI at argv[*AT] (cli/wasmtime.c): taken, or said what
 * to type instead. -1: it is none; else 0, or the status to exit with.
 */
int wasmtime_option(struct options *options, char **argv, int *at);

#endif
