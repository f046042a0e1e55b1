/*
 * park.c - one asynchronous function, so that a held guest can be suspended; see define.h.
 *
 * All of WASI stays synchronous and unchecked; only who must wait calls this one, on
 * the guest's fiber, C frames and all (measured: 27 KiB a guest). The function is made
 * on a linker of its own, so that no guest can import it.
 */
#include <errno.h>

#include "engine/define.h"

/* The engine asks at once, and again each time that the future is polled. */
static bool ready(void *env)
{
	struct park *park = env;
	bool polled = park->polled;

	park->polled = true;
	return polled;
}

static void suspend(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
		    wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap, wasmtime_async_continuation_t *out)
{
	struct park *park = env;

	(void)caller;
	(void)args;
	(void)nargs;
	(void)results;
	(void)nresults;
	(void)trap;
	park->polled = false;
	*out = (wasmtime_async_continuation_t){ .callback = ready, .env = park };
}

int park_init(struct park *out, const struct wask_wasmtime_api *api, wasm_engine_t *engine, wasmtime_context_t *context, struct buf *error)
{
	wasmtime_linker_t *linker = api->wasmtime_linker_new(engine);
	wasmtime_error_t *failure;
	wasmtime_extern_t item;
	wasm_valtype_vec_t none[2];
	wasm_functype_t *type;
	int err = -EIO;

	api->wasm_valtype_vec_new(&none[0], 0, NULL);
	api->wasm_valtype_vec_new(&none[1], 0, NULL);
	type = api->wasm_functype_new(&none[0], &none[1]);
	failure = api->wasmtime_linker_define_async_func(linker, "wask", 4, "park", 4, type, suspend, out, NULL);
	api->wasm_functype_delete(type);
	if (failure) {
		define_cause(api, failure, error);
	} else if (api->wasmtime_linker_get(linker, context, "wask", 4, "park", 4, &item)) {
		out->func = item.of.func;
		out->call = api->wasmtime_func_call_unchecked;
		err = 0;
	} else {
		buf_str(error, "the engine has no function that can wait");
	}
	api->wasmtime_linker_delete(linker);
	return err;
}
