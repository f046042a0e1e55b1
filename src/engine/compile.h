/*
 * compile.h - from a module file to a loaded module, through the cache.
 */
#ifndef ENGINE_COMPILE_H
#define ENGINE_COMPILE_H

#include <wask-wasmtime.h>

#include "engine/engine.h"

/* All borrowed. */
struct compiler {
	const struct wask_wasmtime_api *api;
	wasm_engine_t *wasm;
	const struct engine_config *config;
};

/* OUT is the caller's. Without LOAD_OK, ERROR has a line. */
enum load_result compile_load(const struct compiler *compiler, int modulefd, wasmtime_module_t **out, enum load_from *from, struct buf *error);

#endif
