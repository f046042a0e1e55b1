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

/* How a guest is parked while it is held: one asynchronous function that this store has for it. */
struct park {
	wasmtime_func_t func;
	wasmtime_error_t *(*call)(wasmtime_context_t *, const wasmtime_func_t *, wasmtime_val_raw_t *, size_t, wasm_trap_t **);
	bool polled;			/* since it was parked: then it goes on */
};

/* What the engine keeps of one guest: guest->engine. */
struct view {
	const struct wask_wasmtime_api *api;
	wasmtime_caller_t *caller;	/* of the host call under way */
	wasmtime_context_t *context;	/* of the one store that the guest lives in; NULL before the first call */
	wasmtime_memory_t memory;	/* the exported memory, once FOUND */
	bool found;
	const struct park *park;	/* NULL: it blocks */
	bool given_up;			/* its future was deleted while it was parked: it never goes on */
	wasm_trap_t *trap;		/* instead of going on; the engine's, until it is returned */
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

/* Gives GUEST its view, which the caller keeps until the guest is gone. API NULL: that of the linker that calls. PARK NULL: it blocks while it is held. */
void view_init(struct view *view, const struct wask_wasmtime_api *api, const struct park *park, struct guest *guest);

/* Makes the function in the store CONTEXT, of ENGINE. OUT must stay where it is as long as the store. 0, or negative with a line in ERROR. */
int park_init(struct park *out, const struct wask_wasmtime_api *api, wasm_engine_t *engine, wasmtime_context_t *context, struct buf *error);

/* Each deletes ERROR. Adds its message: whole, or in one line what was behind it. */
void define_message(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out);
void define_cause(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out);

/* The engine's message is a list of causes, outermost first, a line each: the last one says it, less its number. */
struct text message_cause(struct text message);

#endif
