/*
 * evidence.h - what the command line says about names, looked up once at start.
 *
 * The host is seen through a function, so that a table of spellings can stand in
 * for it (tests/decisions/arguments.txt); in `blind` it is not called.
 */
#ifndef JUDGE_EVIDENCE_H
#define JUDGE_EVIDENCE_H

#include "policy/class.h"
#include "policy/data.h"

enum seen {
	SEEN_NOTHING,
	SEEN_FILE,			/* anything but a directory */
	SEEN_DIRECTORY,
};

/* What is at PATH (absolute, terminated, not folded), links followed? A link that leads nowhere is a file. */
typedef enum seen look_fn(void *self, const char *path);

struct evidence_of {
	struct texts argv;
	struct text cwd, path;		/* folded; path ("a:b") may be empty */
	struct text homes[EVIDENCE_HOMES];
	const struct exclude_set *builtin;	/* secrets_of no homes, compiled; NULL: it is done here */
	const struct secret_lines *secrets;	/* besides secrets.def; NULL: none */
	struct texts companions;	/* besides companions.def */
	look_fn *look;			/* NULL: `blind`, nothing is looked at */
	void *self;
};

/* Fills in OUT, whose texts and arrays live in ARENA or in OF. 0 or -ENOMEM. */
int evidence_collect(struct arena *arena, const struct evidence_of *of, struct evidence *out);

#endif
