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
	uint64_t max_memory;		/* bytes of linear memory */
	struct text cache;		/* directory of compiled modules (cache.h); empty: none */
	/* Called before a compilation, in the process that compiles and then ends; may be NULL. SIZE in bytes. */
	void (*compiling)(void *self, uint64_t size);
	void *self;
	bool trap_unknown;		/* what it imports and wask does not have traps when it is called */
	struct text entry;		/* the function that will be called; empty: none */
};

/* What is run. Zeroed: the program. */
struct engine_call {
	struct text invoke;		/* an exported function; empty: the program */
	struct texts args;		/* of that function, terminated */
	void (*result)(void *self, struct text line);	/* each result of it, without the end of a line */
	void *self;
};

/* Where the compiled code of a module is. */
enum load_from {
	FROM_CACHE,			/* it had been compiled before */
	FROM_COMPILER,			/* compiled now, and kept */
	FROM_COMPILER_ALONE,		/* compiled now, and not kept: there is no cache, or none that may be used */
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
	RUN_NOT_RUNNABLE,		/* no _start, no such function, no exported memory it needs, cannot be linked */
};

/*
 * Texts go into ERROR, a buffer of the caller's, one line unless it is a backtrace.
 * An engine serves one thread; free module before engine.
 */
struct engine_ops {
	const char *name;
	int (*open)(const struct engine_config *config, const void *api, struct engine **out, struct buf *error);
	void (*close)(struct engine *engine);
	enum load_result (*load)(struct engine *engine, int modulefd, struct engine_module **out, enum load_from *from, struct buf *error);
	void (*unload)(struct engine_module *module);
	/* Links the imports, instantiates, initialises a library, runs. GUEST is borrowed and must outlive the call. */
	enum run_result (*run)(struct engine_module *module, struct guest *guest, const struct engine_call *call, struct buf *error);
};

/* Adds that memory was scarce, when it was: SIZE bytes of at most MOST. */
void engine_memory_text(uint64_t size, uint64_t most, struct buf *out);

extern const struct engine_ops engine_wasmtime;	/* API: const struct wask_wasmtime_api * */

#endif
