/* report.h - the list at the end of a run: what was missed, and what to type next time. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

struct report {
	const char *cache, *module;	/* absolute, or NULL: what nobody gets, what nobody changes */
	bool terminal;			/* stderr is one */
	bool no_args;			/* arguments name nothing */
	bool person;			/* somebody could have been asked */
};

void report_print(const struct report *report, struct wask_run *run);

#endif
