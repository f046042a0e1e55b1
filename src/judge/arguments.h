/*
 * arguments.h - which names a command line may mean (design/decisions.md 8). Pure text.
 */
#ifndef JUDGE_ARGUMENTS_H
#define JUDGE_ARGUMENTS_H

#include "base/arena.h"

/* One candidate: for evidence only. VALUE is not folded and may be relative. */
struct candidate {
	struct text value;
	bool whole;			/* the argument itself, or what follows "--name=": may be the cwd or above it */
	bool output;
	bool switch_o;			/* an output because of -o, which never means an existing directory */
};

struct candidates {
	struct candidate *at;
	size_t n, size;
};

/* All candidates of ARGV[1...], in order, into OUT (mem, see candidates_done). 0 or -ENOMEM; texts live in ARENA or ARGV. */
int candidates_collect(struct arena *arena, struct texts argv, struct candidates *out);
void candidates_done(struct candidates *candidates);

#endif
