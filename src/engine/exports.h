/*
 * exports.h - what a module exports, as far as running it goes.
 */
#ifndef ENGINE_EXPORTS_H
#define ENGINE_EXPORTS_H

#include "engine/call.h"

struct exports {
	bool initialize;		/* there is an _initialize to be called first */
	struct signature invoked;	/* of the function that is to be called by name */
};

/* Is there a function of that name? */
bool exports_function(const struct wask_wasmtime_api *api, const wasmtime_module_t *module, struct text name);

/*
 * Can MODULE be run: as a program, or by calling the function INVOKE (empty: as a
 * program)? False: ERROR says why not, and what there is to call instead. What
 * WASI needs of a module is asked only of one that imports it.
 */
bool exports_check(const struct wask_wasmtime_api *api, const wasmtime_module_t *module, struct text invoke, bool imports_wasi,
		   struct exports *out, struct buf *error);

#endif
