/*
 * wasmtime.c - wasmtime as the engine of the program: one guest, in a worker process.
 *
 * Memory is pinned (it never moves, 4 GiB reserved), so that base and length are
 * looked up once; only the functions that a module imports are defined. A module is
 * always loaded from a file of compiled code (compile.c), so this process never
 * compiles and never has a second thread.
 */
#include "engine/engine.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "engine/compile.h"
#include "engine/define.h"
#include "wasi/preview1.h"

struct engine {
	const struct wask_wasmtime_api *api;
	wasm_engine_t *wasm;
	struct engine_config config;
};

/* What runs. Its memory and the rest stay until the module is unloaded: a worker just exits. */
struct instance {
	const struct wask_wasmtime_api *api;
	wasmtime_store_t *store;
	wasmtime_context_t *context;
	wasmtime_linker_t *linker;
	wasmtime_instance_t instance;
	struct view view;
};

struct engine_module {
	struct engine *engine;
	wasmtime_module_t *module;
	bool *wanted;			/* by index of preview1: what it imports */
	bool imports_any;
	struct instance in;
};

static const struct text preview1 = { WASI_PREVIEW1_MODULE, sizeof WASI_PREVIEW1_MODULE - 1 };

/* ---- the engine ---- */

static bool api_is_whole(const struct wask_wasmtime_api *api)
{
	if (api->size < sizeof *api)
		return false;
#define HAS(name) if (!api->name) return false;
	WASK_WASMTIME_DEFINE_API(HAS)
	WASK_WASMTIME_RUN_API(HAS)
#undef HAS
	return true;
}

static int engine_open(const struct engine_config *config, const void *table, struct engine **out, struct buf *error)
{
	const struct wask_wasmtime_api *api = table;
	wasm_config_t *how;
	struct engine *engine;

	if (!api_is_whole(api)) {
		buf_str(error, "the table of engine functions has gaps");
		return -EINVAL;
	}
	engine = mem_new(1, sizeof *engine);
	if (!engine)
		return -ENOMEM;
	engine->api = api;
	engine->config = *config;
	how = api->wasm_config_new();
	api->wasmtime_config_native_unwind_info_set(how, false);
	api->wasmtime_config_memory_may_move_set(how, false);
	engine->wasm = api->wasm_engine_new_with_config(how);
	*out = engine;
	return 0;
}

static void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	engine->api->wasm_engine_delete(engine->wasm);
	mem_free(engine);
}

/* ---- what a module wants and has ---- */

static struct text name_text(const wasm_name_t *name)
{
	return (struct text){ name->data, name->size };
}

static void unknown_import(struct buf *error, unsigned n, const wasm_importtype_t *import, const struct wask_wasmtime_api *api)
{
	if (n >= LIMIT_IMPORTS_SHOWN)
		return;
	buf_str(error, n == 0 ? "it imports what wask does not have: " : ", ");
	buf_text(error, name_text(api->wasm_importtype_module(import)));
	buf_char(error, '.');
	buf_text(error, name_text(api->wasm_importtype_name(import)));
}

/* Imports may repeat. False: some are unknown, and ERROR lists them. */
static bool module_imports(struct engine_module *module, struct buf *error)
{
	const struct wask_wasmtime_api *api = module->engine->api;
	wasm_importtype_vec_t imports;
	unsigned unknown = 0;

	api->wasmtime_module_imports(module->module, &imports);
	for (size_t i = 0; i < imports.size; i++) {
		const wasm_importtype_t *import = imports.data[i];
		bool ours = text_eq(name_text(api->wasm_importtype_module(import)), preview1) &&
			    api->wasm_externtype_kind(api->wasm_importtype_type(import)) == WASM_EXTERN_FUNC;
		int at = ours ? preview1_index(name_text(api->wasm_importtype_name(import))) : -1;

		if (at < 0) {
			unknown_import(error, unknown++, import, api);
			continue;
		}
		module->wanted[at] = true;
		module->imports_any = true;
	}
	if (unknown > LIMIT_IMPORTS_SHOWN)
		buf_print(error, " and %u others", unknown - LIMIT_IMPORTS_SHOWN);
	api->wasm_importtype_vec_delete(&imports);
	return unknown == 0;
}

enum { EXPORTS_START = 1, EXPORTS_MEMORY = 2, EXPORTS_SHARED = 4, EXPORTS_INITIALIZE = 8 };

static unsigned export_of(const struct wask_wasmtime_api *api, const wasm_exporttype_t *export)
{
	const wasm_externtype_t *type = api->wasm_exporttype_type(export);
	struct text name = name_text(api->wasm_exporttype_name(export));
	wasm_externkind_t kind = api->wasm_externtype_kind(type);

	if (kind == WASM_EXTERN_FUNC && text_eq(name, TEXT("_start")))
		return EXPORTS_START;
	if (kind == WASM_EXTERN_FUNC && text_eq(name, TEXT("_initialize")))
		return EXPORTS_INITIALIZE;
	if (kind != WASM_EXTERN_MEMORY || !text_eq(name, TEXT("memory")))
		return 0;
	return api->wasmtime_memorytype_isshared(api->wasm_externtype_as_memorytype_const(type)) ? EXPORTS_SHARED : EXPORTS_MEMORY;
}

static bool module_exports(const struct engine_module *module, struct buf *error)
{
	const struct wask_wasmtime_api *api = module->engine->api;
	wasm_exporttype_vec_t exports;
	unsigned has = 0;

	api->wasmtime_module_exports(module->module, &exports);
	for (size_t i = 0; i < exports.size; i++)
		has |= export_of(api, exports.data[i]);
	api->wasm_exporttype_vec_delete(&exports);
	if (!(has & EXPORTS_START))
		buf_str(error, has & EXPORTS_INITIALIZE
			? "it is a library (it exports _initialize), not a program: there is no _start to run"
			: "it exports no function _start: there is nothing to run");
	else if (has & EXPORTS_SHARED)
		buf_str(error, "its memory is shared, and threads: not yet; build it for wasm32-wasip1 without threads");
	else if (module->imports_any && !(has & EXPORTS_MEMORY))
		buf_str(error, "it does not export its memory (as \"memory\"), which every WASI program must");
	else
		return true;
	return false;
}

/* ---- loading ---- */

static void instance_close(struct instance *in)
{
	if (!in->store)
		return;
	in->api->wasmtime_store_delete(in->store);
	in->api->wasmtime_linker_delete(in->linker);
	*in = (struct instance){ 0 };
}

static void engine_unload(struct engine_module *module)
{
	if (!module)
		return;
	instance_close(&module->in);
	if (module->module)
		module->engine->api->wasmtime_module_delete(module->module);
	mem_free(module->wanted);
	mem_free(module);
}

static enum load_result engine_load(struct engine *engine, int modulefd, struct engine_module **out, struct buf *error)
{
	struct engine_module *module = mem_new(1, sizeof *module);
	struct compiler compiler = { engine->api, engine->wasm, &engine->config };
	enum load_result result;

	if (!module)
		return LOAD_FAILED;
	module->engine = engine;
	module->wanted = mem_new((size_t)preview1_count(), sizeof *module->wanted);
	result = module->wanted ? compile_load(&compiler, modulefd, &module->module, error) : LOAD_FAILED;
	if (result == LOAD_OK && !(module_imports(module, error) && module_exports(module, error)))
		result = LOAD_NOT_RUNNABLE;
	if (result != LOAD_OK) {
		engine_unload(module);
		return result;
	}
	*out = module;
	return LOAD_OK;
}

/* ---- running ---- */

/* What the engine says of a trap: the cause first, then the guest's frames; its advice on variables of ours is left out. */
static void trap_text(struct text message, struct buf *error)
{
	static const struct text unnamed = { "<unknown>!", 10 };

	buf_text(error, message_cause(message));
	while (message.len > 0) {
		const char *end = memchr(message.at, '\n', message.len);
		struct text line = { message.at, end ? (size_t)(end - message.at) : message.len }, name = line;

		message = text_from(message, line.len + 1);
		if (!text_starts(line, TEXT("    ")) || !memmem(line.at, line.len, ": ", 2) || !memmem(line.at, line.len, " - ", 3))
			continue;
		name = text_from(line, (size_t)((const char *)memmem(line.at, line.len, " - ", 3) - line.at) + 3);
		line.len -= name.len;
		buf_char(error, '\n');
		buf_text(error, line);
		buf_text(error, text_starts(name, unnamed) ? text_from(name, unnamed.len) : name);
	}
}

/* Deletes either: which one a failure is depends on where it came from. */
static void failure_text(const struct wask_wasmtime_api *api, wasmtime_error_t *failure, wasm_trap_t *trap, struct buf *error)
{
	struct buf whole = { .limit = 4 * LIMIT_END_TEXT };
	wasm_message_t message = { 0 };

	if (failure)
		define_message(api, failure, &whole);
	if (trap) {
		api->wasm_trap_message(trap, &message);
		buf_add(&whole, message.data, message.size);
		api->wasm_byte_vec_delete(&message);
		api->wasm_trap_delete(trap);
	}
	trap_text(buf_view(&whole), error);
	buf_done(&whole);
}

static bool instance_open(struct instance *in, const struct engine_module *module, struct guest *guest, struct buf *error)
{
	const struct engine *engine = module->engine;
	struct finder finder = { .guest = guest };
	uint64_t most = engine->config.max_memory ? engine->config.max_memory : LIMIT_MEMORY;

	in->api = engine->api;
	in->store = in->api->wasmtime_store_new(engine->wasm, NULL, NULL);
	in->context = in->api->wasmtime_store_context(in->store);
	in->api->wasmtime_store_limiter(in->store, most > INT64_MAX ? INT64_MAX : (int64_t)most, LIMIT_TABLE, 1, LIMIT_TABLES, LIMIT_MEMORIES);
	in->linker = in->api->wasmtime_linker_new(engine->wasm);
	view_init(&in->view, in->api, guest);
	in->view.context = in->context;
	return define_preview1(in->linker, in->api, &finder, module->wanted, error) == 0;
}

/* Why it cannot be linked: what failed (an import, by name), and the cause beneath. */
static void link_text(const struct wask_wasmtime_api *api, wasmtime_error_t *failure, struct buf *error)
{
	struct buf whole = { .limit = LIMIT_END_TEXT };
	struct text message, cause;
	size_t first;

	define_message(api, failure, &whole);
	message = buf_view(&whole);
	cause = message_cause(message);
	for (first = 0; first < message.len && message.at[first] != '\n'; first++)
		continue;
	if (cause.at >= message.at + first) {
		buf_add(error, message.at, first);
		buf_str(error, ": ");
	}
	buf_text(error, cause);
	buf_done(&whole);
}

/* A failed instantiation is a trap when the module's own start function ran into it. */
static enum run_result instance_run(struct instance *in, const struct engine_module *module, const struct guest *guest,
				    const char *export, struct buf *error)
{
	const struct wask_wasmtime_api *api = in->api;
	wasmtime_error_t *failure;
	wasm_trap_t *trap = NULL;
	wasmtime_extern_t start;

	failure = api->wasmtime_linker_instantiate(in->linker, in->context, module->module, &in->instance, &trap);
	if (failure || trap) {
		if (!in->view.caller && !trap) {
			link_text(api, failure, error);
			return RUN_NOT_RUNNABLE;
		}
		failure_text(api, failure, trap, error);
		return guest->ended ? RUN_EXITED : RUN_TRAPPED;
	}
	if (!api->wasmtime_instance_export_get(in->context, &in->instance, export, strlen(export), &start) ||
	    start.kind != WASMTIME_EXTERN_FUNC) {
		buf_print(error, "it exports no function %s: there is nothing to run", export);
		return RUN_NOT_RUNNABLE;
	}
	failure = api->wasmtime_func_call(in->context, &start.of.func, NULL, 0, NULL, 0, &trap);
	if (!failure && !trap)
		return RUN_RETURNED;
	if (failure && !trap && !in->view.caller) {
		api->wasmtime_error_delete(failure);
		buf_print(error, "its %s takes or gives back values: that is no program's start", export);
		return RUN_NOT_RUNNABLE;
	}
	failure_text(api, failure, trap, error);
	return guest->ended ? RUN_EXITED : RUN_TRAPPED;
}

static enum run_result engine_run(struct engine_module *module, struct guest *guest, const char *export, struct buf *error)
{
	struct instance *in = &module->in;
	enum run_result result = RUN_NOT_RUNNABLE;

	instance_close(in);
	if (instance_open(in, module, guest, error))
		result = instance_run(in, module, guest, export, error);
	guest->engine = NULL;
	guest->refresh = NULL;
	guest->base = NULL;
	guest->len = 0;
	return result;
}

const struct engine_ops engine_wasmtime = {
	.name = "wasmtime",
	.open = engine_open,
	.close = engine_close,
	.load = engine_load,
	.unload = engine_unload,
	.run = engine_run,
};
