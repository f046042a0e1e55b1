/* options.h - the options of `wask run`: one table, read into one struct. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/* One --dir: HOST and GUEST point into what was cut up; GUEST NULL: as HOST. */
struct dir {
	char *host, *guest;
	int read_only;
};

struct options {
	struct dir *dirs;
	size_t ndirs;
	const char **set_env;		/* NAME=VALUE or, to be looked up, NAME */
	size_t nset_env;
	const char *argv0, *cache;
	int mode;			/* WASK_MODE_*, or -1: as there is somebody to ask */
	bool no_cache, no_args, raw_tty, help;
	char **argv;			/* MODULE and what comes after it; NULL-terminated */
};

/* 0, or the status to exit with: it said why. */
int options_read(int argc, char **argv, struct options *out);
void options_done(struct options *options);
void options_help(void);

#endif
