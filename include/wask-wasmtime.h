/*
 * wask-wasmtime.h - our WASI and our asking on wasmtime (its C API, 48 or newer).
 *
 * libwask contains no engine. It calls wasmtime only through struct
 * wask_wasmtime_api, which you fill from the wasmtime that you have: with
 * WASK_WASMTIME_API_INIT when you link it, field by field through dlsym, ctypes or
 * cgo when you do not.
 */
#ifndef WASK_WASMTIME_H
#define WASK_WASMTIME_H

#include <wask.h>
#include <wasmtime.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/*
 * API(name): the functions of wasmtime's C API that wask_wasmtime_define needs, in
 * the order of the struct, which only grows at its end.
 */
#define WASK_WASMTIME_DEFINE_API(API) \
	API(wasmtime_linker_define_func_unchecked) \
	API(wasm_functype_new) \
	API(wasm_functype_delete) \
	API(wasm_valtype_new) \
	API(wasm_valtype_vec_new) \
	API(wasm_byte_vec_delete) \
	API(wasmtime_error_message) \
	API(wasmtime_error_delete) \
	API(wasmtime_caller_export_get) \
	API(wasmtime_caller_context) \
	API(wasmtime_context_get_data) \
	API(wasmtime_memory_data) \
	API(wasmtime_memory_data_size) \
	API(wasmtime_extern_delete) \
	API(wasmtime_trap_new)

/* And those that wask_wasmtime_run needs besides; with define alone they may be NULL or past SIZE. */
#define WASK_WASMTIME_RUN_API(API) \
	API(wasm_config_new) \
	API(wasmtime_config_native_unwind_info_set) \
	API(wasmtime_config_memory_may_move_set) \
	API(wasm_engine_new_with_config) \
	API(wasm_engine_delete) \
	API(wasmtime_module_new) \
	API(wasmtime_module_serialize) \
	API(wasmtime_module_deserialize_file) \
	API(wasmtime_module_delete) \
	API(wasmtime_module_imports) \
	API(wasmtime_module_exports) \
	API(wasm_importtype_vec_delete) \
	API(wasm_importtype_module) \
	API(wasm_importtype_name) \
	API(wasm_importtype_type) \
	API(wasm_exporttype_vec_delete) \
	API(wasm_exporttype_name) \
	API(wasm_exporttype_type) \
	API(wasm_externtype_kind) \
	API(wasm_externtype_as_memorytype_const) \
	API(wasmtime_memorytype_isshared) \
	API(wasmtime_store_new) \
	API(wasmtime_store_delete) \
	API(wasmtime_store_context) \
	API(wasmtime_store_limiter) \
	API(wasmtime_linker_new) \
	API(wasmtime_linker_delete) \
	API(wasmtime_linker_instantiate) \
	API(wasmtime_instance_export_get) \
	API(wasmtime_func_call) \
	API(wasm_trap_message) \
	API(wasm_trap_delete) \
	API(wasmtime_config_max_wasm_stack_set) \
	API(wasm_externtype_as_functype_const) \
	API(wasm_functype_params) \
	API(wasm_functype_results) \
	API(wasmtime_valtype_new) \
	API(wasmtime_valtype_delete) \
	API(wasmtime_linker_define_unknown_imports_as_traps)

/* And those that wask_wasmtime_park needs besides WASK_WASMTIME_DEFINE_API; without it they may be NULL or past SIZE. */
#ifdef WASMTIME_FEATURE_ASYNC
#define WASK_WASMTIME_PARK_API(API) \
	API(wasmtime_linker_define_async_func) \
	API(wasmtime_linker_get) \
	API(wasmtime_func_call_unchecked)
#else
#define WASK_WASMTIME_PARK_API(API)
#endif

#ifdef __cplusplus
#define WASK_API_FIELD(name) __typeof__(::name) *name;
#else
#define WASK_API_FIELD(name) __typeof__(name) *name;
#endif

struct wask_wasmtime_api {
	size_t size;			/* bytes of this struct that you filled in */
	const char *version;		/* WASMTIME_VERSION of the library behind it; NULL: unknown */
	WASK_WASMTIME_DEFINE_API(WASK_API_FIELD)
	WASK_WASMTIME_RUN_API(WASK_API_FIELD)
	WASK_WASMTIME_PARK_API(WASK_API_FIELD)
};

/* Initialiser for who links wasmtime: struct wask_wasmtime_api api = WASK_WASMTIME_API_INIT; */
#define WASK_API_ENTRY(name) name,
#define WASK_WASMTIME_API_INIT { \
	sizeof(struct wask_wasmtime_api), WASMTIME_VERSION, \
	WASK_WASMTIME_DEFINE_API(WASK_API_ENTRY) WASK_WASMTIME_RUN_API(WASK_API_ENTRY) WASK_WASMTIME_PARK_API(WASK_API_ENTRY) }

/*
 * Puts wasi_snapshot_preview1 on LINKER, in place of wasmtime_linker_define_wasi.
 * Each guest belongs to one run: RUN_OF gives it from the store's data, on every
 * call, so make it cheap; with RUN_OF NULL every guest of this linker is RUN's.
 * The run must outlive its store, and starts with the first call of its guest; one
 * run serves one store. API is copied. A guest's proc_exit unwinds it with a trap;
 * wask_run_exited tells it from others. The judge works in this process and on this
 * thread, which is weaker than wask_wasmtime_run: an engine bug is a compromise.
 * Returns 0 or WASK_E*.
 */
int wask_wasmtime_define(wasmtime_linker_t *linker, const struct wask_wasmtime_api *api,
			 struct wask_run *run, struct wask_run *(*run_of)(void *store_data), struct wask_error *error);

/*
 * With this a guest that is held does not block its thread: wasmtime_call_future_poll
 * returns false, and the next poll tries again, so poll when its question was
 * answered. One thread can hold thousands. CONTEXT is the store of RUN, of ENGINE.
 * RUN starts with this: call it after all that it is given. Its guest is called by
 * wasmtime_func_call_async alone (a plain call aborts at the first question;
 * instantiating may be plain when the module has no start function).
 * Deleting the future of a held guest gives up its question and ends the guest: it
 * traps, and so does each later call. Delete the future before store and run.
 * API needs the functions of WASK_WASMTIME_PARK_API, wasmtime_linker_new and _delete.
 * Returns 0 or WASK_E*.
 */
int wask_wasmtime_park(struct wask_run *run, const struct wask_wasmtime_api *api, wasm_engine_t *engine,
		       wasmtime_context_t *context, struct wask_error *error);

/* How a run ended. */
enum {
	WASK_ENDED_LOST = 0,		/* the worker went away without a word: SIGNAL killed it, or 0 */
	WASK_ENDED_EXIT = 1,		/* STATUS is the guest's */
	WASK_ENDED_TRAP = 2,		/* TEXT has the message and the guest's backtrace */
	WASK_ENDED_NOT_RUNNABLE = 3,	/* TEXT says what the module is and what to do */
	WASK_ENDED_NOT_FOUND = 4,	/* there is no such module file */
	WASK_ENDED_INTERRUPTED = 5,	/* Ctrl-C at a question */
	WASK_ENDED_FAIL_FAST = 6,	/* something would have been asked, and the run's options say that this ends it */
	WASK_ENDED_COMPILED = 7,	/* with only_compile: STATUS is WASK_COMPILED_* */
};

/* Where the compiled module is. */
enum {
	WASK_COMPILED_BEFORE = 0,	/* in the cache, and was */
	WASK_COMPILED_NOW = 1,		/* in the cache, since now */
	WASK_COMPILED_NOT_KEPT = 2,	/* nowhere: there is no cache, or none that may be used */
};

struct wask_ended {
	size_t size;			/* set it to sizeof(struct wask_ended) */
	int how;			/* WASK_ENDED_* */
	uint32_t status;
	int signal;
	char text[8192];		/* program or module file, a colon, and what; terminated, escaped, newlines kept; or empty */
};

struct wask_wasmtime_run_options {
	size_t size;			/* sizeof(struct wask_wasmtime_run_options) */
	/*
	 * Called when the module must be compiled (PROGRAM, escaped; BYTES long), in the
	 * process that does it and then ends: what it changes stays there. NULL: nobody
	 * is told.
	 */
	void (*compiling)(void *self, const char *program, uint64_t bytes);
	void *self;
	/*
	 * An exported function to call instead of running the program; NULL: the program
	 * (_start). Its arguments are argv[1] and on, as numbers, its results come on the
	 * guest's descriptor 1, a line each. A library's _initialize is called before.
	 */
	const char *invoke;
	int trap_unknown;		/* 1: functions that it imports and wask does not have trap when called; else it is not run */
	int only_compile;		/* 1: see to it that the cache has it, and run nothing */
	/*
	 * A signal that the worker sends to this process when the module is loaded and,
	 * compiled or not, starts to run: for who measures how long it runs. 0: none.
	 */
	int started_signal;
};

/*
 * Runs the module file of RUN to its end in a worker process of its own: forks at
 * once, judges here, and waits. OPTIONS may be NULL. Call it before making threads,
 * with SIGPIPE ignored. In the worker SIGINT, SIGTERM and SIGHUP are as by default.
 * Returns 0, when OUT says how it ended, or WASK_E*.
 */
int wask_wasmtime_run(struct wask_run *run, const struct wask_wasmtime_api *api,
		      const struct wask_wasmtime_run_options *options,
		      struct wask_ended *out, struct wask_error *error);

/* Process id of the worker while RUN is under way, else 0. For a signal handler that ends it: reads one int. */
int wask_wasmtime_worker(const struct wask_run *run);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
