/*
 * define.h - preview1 as host functions of wasmtime, on a linker of whoever's.
 *
 * One table of thunks serves the program (one guest, memory that never moves) and
 * the embedder (the guest is found by the store's data, memory looked up again on
 * every call). Here no engine is called but through struct wask_wasmtime_api.
 */
#ifndef ENGINE_DEFINE_H
#define ENGINE_DEFINE_H

#include <wask-wasmtime.h>

#include "base/buf.h"
#include "wasi/guest.h"

/* What the engine keeps of one guest: guest->engine. */
struct view {
	const struct wask_wasmtime_api *api;
	wasmtime_caller_t *caller;	/* of the host call under way */
	wasmtime_context_t *context;	/* of the one store that the guest lives in; NULL before the first call */
	wasmtime_memory_t memory;	/* the exported memory, once FOUND */
	bool found;
};

/* Who the guest of a call is. */
struct finder {
	struct guest *guest;		/* always this one, and its memory is pinned: no FIND */
	struct guest *(*find)(void *self, void *store_data);	/* NULL: nobody, the call traps */
	void *self;
};

/* How many functions there are, wasi_unstable's among them, and which one MODULE's NAME is: an index, or negative. */
int preview1_count(void);
int preview1_index(struct text module, struct text name);

/* Defines those whose WANTED is set (NULL: all) on LINKER. 0, or negative with a line in ERROR. FINDER and API are copied. */
int define_preview1(wasmtime_linker_t *linker, const struct wask_wasmtime_api *api, const struct finder *finder,
		    const bool *wanted, struct buf *error);

/* Gives GUEST its view, which the caller keeps until the guest is gone. API NULL: that of the linker that calls. */
void view_init(struct view *view, const struct wask_wasmtime_api *api, struct guest *guest);

/* Each deletes ERROR. Adds its message: whole, or in one line what was behind it. */
void define_message(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out);
void define_cause(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out);

/* The engine's message is a list of causes, outermost first, a line each: the last one says it, less its number. */
struct text message_cause(struct text message);

#endif
