/*
 * arena.h - memory that is given back all at once.
 *
 * What an arena gave lives until arena_done. A zeroed struct arena is an empty one.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/text.h"

struct arena {
	struct arena_block *last;
};

void *arena_new(struct arena *arena, size_t n, size_t size);	/* zeroed; NULL: no memory */
struct text arena_text(struct arena *arena, struct text t);	/* a copy, also NUL-terminated; .at NULL: no memory */
struct text arena_join(struct arena *arena, struct text a, struct text b, struct text c);	/* a copy of all three, terminated */
void arena_done(struct arena *arena);				/* also empties it for reuse */

#endif
