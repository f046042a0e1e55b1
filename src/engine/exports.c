/*
 * exports.c - what a module exports, as far as running it goes; see exports.h.
 *
 * Types are looked at before anything runs, so that a call that fails later is the
 * guest's own trap and nothing else.
 */
#include "engine/exports.h"

#include "base/limits.h"

struct search {
	const struct wask_wasmtime_api *api;
	wasm_exporttype_vec_t all;
	struct text invoke;
	bool start, initialize;		/* of whatever type */
	bool startable;			/* START is of the type that it must have: () -> () */
	bool memory, shared, found, too_wide;
	struct exports out;
};

static struct text name_of(const struct search *s, size_t i)
{
	const wasm_name_t *name = s->api->wasm_exporttype_name(s->all.data[i]);

	return (struct text){ name->data, name->size };
}

/* The function type of export I; NULL: it is no function. */
static const wasm_functype_t *function(const struct search *s, size_t i)
{
	return s->api->wasm_externtype_as_functype_const(s->api->wasm_exporttype_type(s->all.data[i]));
}

static void look_at_memory(struct search *s, size_t i)
{
	const wasm_memorytype_t *memory = s->api->wasm_externtype_as_memorytype_const(s->api->wasm_exporttype_type(s->all.data[i]));

	if (!memory)
		return;
	s->memory = true;
	s->shared = s->api->wasmtime_memorytype_isshared(memory);
}

static bool is_plain(const struct search *s, const wasm_functype_t *type)
{
	return s->api->wasm_functype_params(type)->size == 0 && s->api->wasm_functype_results(type)->size == 0;
}

static void look_at(struct search *s, size_t i)
{
	struct text name = name_of(s, i);
	bool start = text_eq(name, TEXT("_start")), initialize = text_eq(name, TEXT("_initialize"));
	const wasm_functype_t *type;

	if (text_eq(name, TEXT("memory"))) {
		look_at_memory(s, i);
		return;
	}
	if (!start && !initialize && !(s->invoke.len && text_eq(name, s->invoke)))
		return;
	type = function(s, i);
	if (!type)
		return;
	s->start |= start;
	s->initialize |= initialize;
	s->startable |= start && is_plain(s, type);
	s->out.initialize |= initialize && is_plain(s, type);
	if (s->invoke.len && text_eq(name, s->invoke)) {
		s->found = true;
		s->too_wide = !signature_of(s->api, type, &s->out.invoked);
	}
}

/* ---- what is said when it cannot be run ---- */

/* What could be called by name. */
static void list_functions(const struct search *s, struct buf *error)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->all.size; i++) {
		struct text name = name_of(s, i);
		struct signature signature;

		if (text_eq(name, TEXT("_initialize")) || !function(s, i) || n++ >= LIMIT_EXPORTS_SHOWN)
			continue;
		buf_str(error, n == 1 ? "; --invoke NAME calls one of its functions: " : ", ");
		buf_text(error, text_cut(name, LIMIT_GUEST_TEXT));
		if (signature_of(s->api, function(s, i), &signature))
			signature_text(&signature, error);
	}
	if (n > LIMIT_EXPORTS_SHOWN)
		buf_print(error, " and %u others", n - LIMIT_EXPORTS_SHOWN);
	if (n == 0)
		buf_str(error, ", and no other");
}

static void no_start(const struct search *s, struct buf *error)
{
	if (s->start)
		buf_str(error, "its _start takes or gives back values: that is no program's start");
	else if (s->initialize)
		buf_str(error, "it is a library (it exports _initialize), not a program");
	else
		buf_str(error, "it exports no function _start, so there is nothing to run");
	list_functions(s, error);
}

static void no_function(const struct search *s, struct buf *error)
{
	buf_str(error, "it exports no function ");
	buf_text(error, text_cut(s->invoke, LIMIT_GUEST_TEXT));
	list_functions(s, error);
}

static bool check(const struct search *s, bool imports_wasi, struct buf *error)
{
	if (s->invoke.len && !s->found)
		no_function(s, error);
	else if (s->too_wide)
		buf_print(error, "its function takes or gives back more than %d values", LIMIT_VALUES);
	else if (!s->invoke.len && !s->startable)
		no_start(s, error);
	else if (s->initialize && !s->out.initialize)
		buf_str(error, "its _initialize takes or gives back values, which no library's does");
	else if (s->shared)
		buf_str(error, "its memory is shared, and threads: not yet; build it for wasm32-wasip1 without threads");
	else if (imports_wasi && !s->memory)
		buf_str(error, "it does not export its memory (as \"memory\"), which every WASI program must");
	else
		return true;
	return false;
}

bool exports_check(const struct wask_wasmtime_api *api, const wasmtime_module_t *module, struct text invoke, bool imports_wasi,
		   struct exports *out, struct buf *error)
{
	struct search s = { .api = api, .invoke = invoke };
	bool ok;

	api->wasmtime_module_exports(module, &s.all);
	for (size_t i = 0; i < s.all.size; i++)
		look_at(&s, i);
	ok = check(&s, imports_wasi, error);
	if (ok)
		*out = s.out;
	api->wasm_exporttype_vec_delete(&s.all);
	return ok;
}

bool exports_function(const struct wask_wasmtime_api *api, const wasmtime_module_t *module, struct text name)
{
	struct search s = { .api = api };
	bool found = false;

	api->wasmtime_module_exports(module, &s.all);
	for (size_t i = 0; i < s.all.size; i++)
		found |= text_eq(name_of(&s, i), name) && function(&s, i);
	api->wasm_exporttype_vec_delete(&s.all);
	return found;
}
