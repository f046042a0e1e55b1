/*
 * engine.h - what runs a module: about ten functions behind a table.
 *
 * engine/wasmtime.c is the engine of the program, engine/fake.c drives every host
 * function in tests without one. An engine calls the functions of wasi/preview1.def
 * and fills in the memory and function pointers of struct guest.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/buf.h"
#include "wasi/guest.h"

struct engine;
struct engine_module;

struct engine_config {
	uint64_t max_memory;		/* bytes of linear memory; 0: LIMIT_MEMORY */
	struct text cache;		/* directory of compiled modules (cache.h); empty: none */
	/* Called before a compilation, in the process that compiles and then ends; may be NULL. SIZE in bytes. */
	void (*compiling)(void *self, uint64_t size);
	void *self;
};

enum load_result {
	LOAD_OK,
	LOAD_NOT_RUNNABLE,		/* truncated, text, component, no wasm, unknown imports, ...: ERROR says what and what to do */
	LOAD_FAILED,			/* memory, files: ERROR says which */
};

enum run_result {
	RUN_RETURNED,			/* _start came back: status 0 */
	RUN_EXITED,			/* guest->ended */
	RUN_TRAPPED,			/* ERROR is the trap's message with the guest's backtrace */
	RUN_NOT_RUNNABLE,		/* no _start, no exported memory it needs, start function failed to link */
};

/*
 * Texts go into ERROR, a buffer of the caller's, one line unless it is a backtrace.
 * An engine serves one thread; free module before engine.
 */
struct engine_ops {
	const char *name;
	int (*open)(const struct engine_config *config, const void *api, struct engine **out, struct buf *error);
	void (*close)(struct engine *engine);
	enum load_result (*load)(struct engine *engine, int modulefd, struct engine_module **out, struct buf *error);
	void (*unload)(struct engine_module *module);
	/* Links the imports, instantiates, runs EXPORT ("_start"). GUEST is borrowed and must outlive the call. */
	enum run_result (*run)(struct engine_module *module, struct guest *guest, const char *export, struct buf *error);
};

extern const struct engine_ops engine_wasmtime;	/* API: const struct wask_wasmtime_api * */

#endif
