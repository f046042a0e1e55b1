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
#include "engine/exports.h"
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
	bool imports_any, traps;
	struct instance in;
};

/* ---- the engine ---- */

/* A guest may use no more stack than there is: beyond its own it traps, beyond ours the process dies. */
static size_t guest_stack(void)
{
	uint64_t room = sys_stack_room() / 4 * 3;	/* the rest may be arguments and environment */

	if (room >= LIMIT_STACK + LIMIT_STACK_HOST)
		return LIMIT_STACK;
	return room > 2 * LIMIT_STACK_HOST ? (size_t)(room - LIMIT_STACK_HOST) : LIMIT_STACK_HOST / 2;
}

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
	api->wasmtime_config_max_wasm_stack_set(how, guest_stack());
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

/* What IMPORT is: "module.name(i32) -> (i32)", or its name and its kind. */
static void import_text(const struct wask_wasmtime_api *api, const wasm_importtype_t *import, struct buf *out)
{
	static const char *const kinds[] = { "function", "global", "table", "memory", "tag" };
	const wasm_externtype_t *type = api->wasm_importtype_type(import);
	const wasm_functype_t *function = api->wasm_externtype_as_functype_const(type);
	wasm_externkind_t kind = api->wasm_externtype_kind(type);
	struct signature signature;

	buf_text(out, text_cut(name_text(api->wasm_importtype_module(import)), LIMIT_GUEST_TEXT));
	buf_char(out, '.');
	buf_text(out, text_cut(name_text(api->wasm_importtype_name(import)), LIMIT_GUEST_TEXT));
	if (function && signature_of(api, function, &signature))
		signature_text(&signature, out);
	else if (!function)
		buf_print(out, " (a %s)", kind < sizeof kinds / sizeof *kinds ? kinds[kind] : "thing of a later kind");
}

struct unknown {
	unsigned n;
	bool other;			/* not all are functions */
};

static void unknown_import(struct buf *error, struct unknown *unknown, const wasm_importtype_t *import, const struct wask_wasmtime_api *api)
{
	unknown->other |= api->wasm_externtype_kind(api->wasm_importtype_type(import)) != WASM_EXTERN_FUNC;
	if (unknown->n++ >= LIMIT_IMPORTS_SHOWN)
		return;
	buf_str(error, unknown->n == 1 ? "it imports what wask does not have: " : ", ");
	import_text(api, import, error);
}

/* A function that is not there traps when it is called, if that was asked for; of nothing else there is a stand-in. */
static bool unknown_text(const struct engine_module *module, const struct unknown *unknown, struct buf *error)
{
	const struct engine_config *config = &module->engine->config;

	if (unknown->n == 0)
		return true;
	if (config->trap_unknown && !unknown->other) {
		buf_reset(error);
		return true;
	}
	if (unknown->n > LIMIT_IMPORTS_SHOWN)
		buf_print(error, " and %u others", unknown->n - LIMIT_IMPORTS_SHOWN);
	if (!unknown->other && config->entry.len && exports_function(module->engine->api, module->module, config->entry))
		buf_str(error, "; with --trap-unknown it runs until it calls one");
	return false;
}

/* Imports may repeat. False: some are unknown, and ERROR lists them. MODULE->traps: some are, and that is wanted. */
static bool module_imports(struct engine_module *module, struct buf *error)
{
	const struct wask_wasmtime_api *api = module->engine->api;
	wasm_importtype_vec_t imports;
	struct unknown unknown = { 0 };

	api->wasmtime_module_imports(module->module, &imports);
	for (size_t i = 0; i < imports.size; i++) {
		const wasm_importtype_t *import = imports.data[i];
		bool is_func = api->wasm_externtype_kind(api->wasm_importtype_type(import)) == WASM_EXTERN_FUNC;
		int at = is_func ? preview1_index(name_text(api->wasm_importtype_module(import)), name_text(api->wasm_importtype_name(import))) : -1;

		if (at < 0) {
			unknown_import(error, &unknown, import, api);
			continue;
		}
		module->wanted[at] = true;
		module->imports_any = true;
	}
	api->wasm_importtype_vec_delete(&imports);
	module->traps = unknown.n > 0;
	return unknown_text(module, &unknown, error);
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

static enum load_result engine_load(struct engine *engine, int modulefd, struct engine_module **out, enum load_from *from, struct buf *error)
{
	struct engine_module *module = mem_new(1, sizeof *module);
	struct compiler compiler = { engine->api, engine->wasm, &engine->config };
	enum load_result result;

	if (!module)
		return LOAD_FAILED;
	module->engine = engine;
	module->wanted = mem_new((size_t)preview1_count(), sizeof *module->wanted);
	result = module->wanted ? compile_load(&compiler, modulefd, &module->module, from, error) : LOAD_FAILED;
	if (result == LOAD_OK && !module_imports(module, error))
		result = LOAD_NOT_RUNNABLE;
	if (result != LOAD_OK) {
		engine_unload(module);
		return result;
	}
	*out = module;
	return LOAD_OK;
}

/* ---- running ---- */

/* What the engine says of a trap: the cause first, and NOTE, then the guest's frames; its advice on variables of ours is left out. */
static void trap_text(struct text message, struct text note, struct buf *error)
{
	static const struct text unnamed = { "<unknown>!", 10 };

	buf_text(error, message_cause(message));
	buf_str(error, note.len ? "; " : "");
	buf_text(error, note);
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
static void failure_text(const struct wask_wasmtime_api *api, wasmtime_error_t *failure, wasm_trap_t *trap, struct text note, struct buf *error)
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
	trap_text(buf_view(&whole), note, error);
	buf_done(&whole);
}

static bool define_all(struct instance *in, const struct engine_module *module, struct guest *guest, struct buf *error)
{
	struct finder finder = { .guest = guest };
	wasmtime_error_t *failure;

	if (define_preview1(in->linker, in->api, &finder, module->wanted, error) < 0)
		return false;
	failure = module->traps ? in->api->wasmtime_linker_define_unknown_imports_as_traps(in->linker, module->module) : NULL;
	if (failure)
		define_cause(in->api, failure, error);
	return !failure;
}

static bool instance_open(struct instance *in, const struct engine_module *module, struct guest *guest, struct buf *error)
{
	uint64_t most = module->engine->config.max_memory;

	in->api = module->engine->api;
	in->store = in->api->wasmtime_store_new(module->engine->wasm, NULL, NULL);
	in->context = in->api->wasmtime_store_context(in->store);
	in->api->wasmtime_store_limiter(in->store, most > INT64_MAX ? INT64_MAX : (int64_t)most, LIMIT_TABLE, 1, LIMIT_TABLES, LIMIT_MEMORIES);
	in->linker = in->api->wasmtime_linker_new(module->engine->wasm);
	view_init(&in->view, in->api, NULL, guest);
	in->view.context = in->context;
	return define_all(in, module, guest, error);
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
	if (memmem(cause.at, cause.len, "exceeds memory limits", 21))
		buf_str(error, " (--max-memory gives it more)");
	else if (memmem(message.at, message.len, "failed to reserve", 17))
		buf_str(error, " (raise or drop ulimit -v: a module reserves 4 GiB of addresses)");
	buf_done(&whole);
}

void engine_memory_text(uint64_t size, uint64_t most, struct buf *out)
{
	if (size < most / 2)
		return;
	buf_print(out, "its memory had grown to %llu MiB of at most %llu MiB: --max-memory gives it more",
		  (unsigned long long)size >> 20, (unsigned long long)most >> 20);
}

/* What a call that came back otherwise than by returning was: proc_exit, or a trap. */
static enum run_result trapped(struct instance *in, const struct engine_module *module, struct guest *guest,
			       wasmtime_error_t *failure, wasm_trap_t *trap, struct buf *error)
{
	struct buf memory = { .limit = LIMIT_END_TEXT };

	if (!guest->ended && guest->refresh)
		guest->refresh(guest);
	if (!guest->ended)
		engine_memory_text(guest->len, module->engine->config.max_memory, &memory);
	failure_text(in->api, failure, trap, buf_view(&memory), error);
	buf_done(&memory);
	return guest->ended ? RUN_EXITED : RUN_TRAPPED;
}

/* Calls the export NAME, which is there and takes and gives back what SIGNATURE says (NULL: nothing). */
static enum run_result call_export(struct instance *in, const struct engine_module *module, struct guest *guest, struct text name,
				   const struct signature *signature, wasmtime_val_t *values, struct buf *error)
{
	size_t nparams = signature ? signature->nparams : 0, nresults = signature ? signature->nresults : 0;
	wasmtime_error_t *failure;
	wasm_trap_t *trap = NULL;
	wasmtime_extern_t item;

	if (!in->api->wasmtime_instance_export_get(in->context, &in->instance, name.at, name.len, &item) || item.kind != WASMTIME_EXTERN_FUNC) {
		buf_str(error, "a function that it exports is not there");
		return RUN_NOT_RUNNABLE;
	}
	failure = in->api->wasmtime_func_call(in->context, &item.of.func, values, nparams, values + LIMIT_VALUES, nresults, &trap);
	return failure || trap ? trapped(in, module, guest, failure, trap, error) : RUN_RETURNED;
}

static enum run_result invoke(struct instance *in, const struct engine_module *module, struct guest *guest,
			      const struct engine_call *call, const struct signature *signature, wasmtime_val_t *values, struct buf *error)
{
	enum run_result result = call_export(in, module, guest, call->invoke, signature, values, error);

	for (size_t i = 0; i < signature->nresults && result == RUN_RETURNED; i++) {
		struct buf line = { 0 };

		call_line(&values[LIMIT_VALUES + i], &line);
		call->result(call->self, buf_view(&line));
		buf_done(&line);
	}
	return result;
}

/* The words for INVOKE to VALUES. False: ERROR names the function and what it takes. */
static bool take_values(const struct engine_call *call, const struct signature *signature, wasmtime_val_t *values, struct buf *error)
{
	struct buf why = { .limit = LIMIT_END_TEXT };
	bool ok = call_values(signature, call->args, values, &why);

	if (!ok) {
		buf_str(error, "its function ");
		buf_text(error, call->invoke);
		signature_text(signature, error);
		buf_str(error, ": ");
		buf_text(error, buf_view(&why));
	}
	buf_done(&why);
	return ok;
}

/* From here on it is known without a call of the guest's. */
static void find_memory(struct instance *in)
{
	wasmtime_extern_t item;

	if (!in->api->wasmtime_instance_export_get(in->context, &in->instance, "memory", 6, &item) || item.kind != WASMTIME_EXTERN_MEMORY)
		return;
	in->view.memory = item.of.memory;
	in->view.found = true;
}

/* A failed instantiation is a trap when the module's own start function ran into it. */
static enum run_result instantiate(struct instance *in, const struct engine_module *module, struct guest *guest, struct buf *error)
{
	wasm_trap_t *trap = NULL;
	wasmtime_error_t *failure = in->api->wasmtime_linker_instantiate(in->linker, in->context, module->module, &in->instance, &trap);

	if (!failure && !trap) {
		find_memory(in);
		return RUN_RETURNED;
	}
	if (trap || in->view.caller)
		return trapped(in, module, guest, failure, trap, error);
	link_text(in->api, failure, error);
	return RUN_NOT_RUNNABLE;
}

static enum run_result instance_run(struct instance *in, const struct engine_module *module, struct guest *guest,
				    const struct engine_call *call, struct buf *error)
{
	wasmtime_val_t values[2 * LIMIT_VALUES];
	struct exports exports;
	enum run_result result;

	if (!exports_check(in->api, module->module, call->invoke, module->imports_any, &exports, error))
		return RUN_NOT_RUNNABLE;
	if (call->invoke.len && !take_values(call, &exports.invoked, values, error))
		return RUN_NOT_RUNNABLE;
	result = instantiate(in, module, guest, error);
	if (result == RUN_RETURNED && exports.initialize)
		result = call_export(in, module, guest, TEXT("_initialize"), NULL, values, error);
	if (result != RUN_RETURNED)
		return result;
	return call->invoke.len ? invoke(in, module, guest, call, &exports.invoked, values, error)
				: call_export(in, module, guest, TEXT("_start"), NULL, values, error);
}

static enum run_result engine_run(struct engine_module *module, struct guest *guest, const struct engine_call *call, struct buf *error)
{
	struct instance *in = &module->in;
	enum run_result result = RUN_NOT_RUNNABLE;

	instance_close(in);
	if (instance_open(in, module, guest, error))
		result = instance_run(in, module, guest, call, error);
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
