/*
 * define.c - preview1, and wasi_unstable before it, as host functions of wasmtime, on a
 * linker of whoever's; see define.h.
 *
 * Unchecked functions: the engine hands over its raw values, four times cheaper than
 * the checked way; their number and types are those of the signature in the table.
 */
#include "engine/define.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "base/mem.h"
#include "wasi/preview1.h"

/* What each thunk gets. Lives until the linker and all that was made by it have let go of every function. */
struct link {
	struct wask_wasmtime_api api;
	struct finder finder;
	struct view *pinned;		/* of finder.guest */
	atomic_int users;
};

static void link_release(void *self)
{
	struct link *link = self;

	if (atomic_fetch_sub(&link->users, 1) == 1)
		mem_free(link);
}

/* ---- the guest's memory ---- */

static bool memory_find(struct view *view)
{
	wasmtime_extern_t item;

	if (view->found)
		return true;
	if (!view->caller || !view->api->wasmtime_caller_export_get(view->caller, "memory", 6, &item))
		return false;
	if (item.kind != WASMTIME_EXTERN_MEMORY) {
		view->api->wasmtime_extern_delete(&item);
		return false;
	}
	view->memory = item.of.memory;
	view->found = true;
	return true;
}

static void view_refresh(struct guest *guest)
{
	struct view *view = guest->engine;

	if (!memory_find(view))
		return;
	guest->base = view->api->wasmtime_memory_data(view->context, &view->memory);
	guest->len = view->api->wasmtime_memory_data_size(view->context, &view->memory);
}

/* On the fiber of the guest: suspends it with all that is under way here, until its future is polled, or deleted. */
static int view_wait(struct guest *guest)
{
	struct view *view = guest->engine;
	wasmtime_val_raw_t none;
	wasmtime_error_t *error = NULL;

	if (view->given_up || view->trap)
		return -1;
	error = view->park->call(view->context, &view->park->func, &none, 1, &view->trap);
	view->given_up = error != NULL;
	if (error)
		view->api->wasmtime_error_delete(error);
	if (error || view->trap)
		return -1;
	view_refresh(guest);
	return 0;
}

void view_init(struct view *view, const struct wask_wasmtime_api *api, const struct park *park, struct guest *guest)
{
	*view = (struct view){ .api = api, .park = park };
	guest->engine = view;
	guest->refresh = view_refresh;
	guest->wait = park ? view_wait : NULL;
}

/* ---- thunks ---- */

static wasm_trap_t *trap_of(const struct link *link, struct text message)
{
	return link->api.wasmtime_trap_new(message.at, message.len);
}

/* The guest of this call, ready for it; else NULL and a trap. */
static struct guest *enter_found(struct link *link, wasmtime_caller_t *caller, wasm_trap_t **trap)
{
	wasmtime_context_t *context = link->api.wasmtime_caller_context(caller);
	struct guest *guest = link->finder.find(link->finder.self, link->api.wasmtime_context_get_data(context));
	struct view *view;

	if (!guest) {
		*trap = trap_of(link, TEXT("wask: this store has no run that could start"));
		return NULL;
	}
	view = guest->engine;
	if (guest->ended || view->given_up || (view->context && view->context != context)) {
		*trap = trap_of(link, guest->ended ? TEXT("wask: the program has ended by proc_exit")
				      : view->given_up ? TEXT("wask: the program was given up while it was held")
						       : TEXT("wask: a run serves one store"));
		return NULL;
	}
	view->api = &link->api;
	view->caller = caller;
	view->context = context;
	view_refresh(guest);
	return guest;
}

static inline struct guest *enter(struct link *link, wasmtime_caller_t *caller, wasm_trap_t **trap)
{
	if (!link->pinned)
		return enter_found(link, caller, trap);
	link->pinned->caller = caller;
	return link->finder.guest;
}

static wasm_trap_t *leave_parked(const struct link *link, struct view *view)
{
	wasm_trap_t *trap = view->trap;

	if (view->given_up)
		return trap_of(link, TEXT("wask: the program was given up while it was held"));
	view->trap = NULL;
	return trap;
}

static inline wasm_trap_t *leave(const struct link *link, const struct guest *guest)
{
	struct view *view = guest->engine;

	if (guest->ended)
		return trap_of(link, TEXT("the program ended by proc_exit"));
	return view->park ? leave_parked(link, view) : NULL;
}

#define I(n) ((uint32_t)values[n].i32)
#define L(n) ((uint64_t)values[n].i64)
#define P1(name, signature, arguments) \
	static wasm_trap_t *thunk_##name(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *values, size_t n) \
	{ \
		wasm_trap_t *trap = NULL; \
		struct guest *guest = enter(env, caller, &trap); \
	\
		(void)n; \
		if (!guest) \
			return trap; \
		values[0].i32 = (int32_t)wasi_##name arguments; \
		return leave(env, guest); \
	}
#define P0(name, signature, arguments) P1(unstable_##name, signature, arguments)
#define P0_ABSENT(name)
#include "wasi/preview1.def"
#include "wasi/unstable.def"
#undef P0_ABSENT
#undef P0
#undef P1
#undef I
#undef L

#define NAME(name) { #name, sizeof #name - 1 }
#define PREVIEW1 { WASI_PREVIEW1_MODULE, sizeof WASI_PREVIEW1_MODULE - 1 }
#define UNSTABLE { WASI_UNSTABLE_MODULE, sizeof WASI_UNSTABLE_MODULE - 1 }

/* The first row of a name in its module counts. Without a thunk it is none. */
static const struct {
	struct text module, name;
	const char *signature;
	wasmtime_func_unchecked_callback_t thunk;
} table[] = {
#define P1(name, signature, arguments) { PREVIEW1, NAME(name), signature, thunk_##name },
#include "wasi/preview1.def"
#undef P1
#define P0(name, signature, arguments) { UNSTABLE, NAME(name), signature, thunk_unstable_##name },
#define P0_ABSENT(name) { UNSTABLE, NAME(name), NULL, NULL },
#include "wasi/unstable.def"
#undef P0_ABSENT
#undef P0
#define P1(name, signature, arguments) { UNSTABLE, NAME(name), signature, thunk_##name },
#include "wasi/preview1.def"
#undef P1
};

enum { TABLE = sizeof table / sizeof *table };

int preview1_count(void)
{
	return TABLE;
}

int preview1_index(struct text module, struct text name)
{
	for (int i = 0; i < TABLE; i++) {
		if (text_eq(table[i].name, name) && text_eq(table[i].module, module))
			return table[i].thunk ? i : -1;
	}
	return -1;
}

/* ---- defining ---- */

void define_message(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out)
{
	wasm_name_t message = { 0 };

	api->wasmtime_error_message(error, &message);
	buf_add(out, message.data, message.size);
	api->wasm_byte_vec_delete(&message);
	api->wasmtime_error_delete(error);
}

struct text message_cause(struct text message)
{
	struct text line = { 0 };

	while (message.len > 0 && memchr("\0\n \t", message.at[message.len - 1], 4))
		message.len--;
	for (size_t i = message.len; i > 0 && message.at[i - 1] != '\n'; i--)
		line = text_from(message, i - 1);
	while (line.len > 0 && memchr(" \t0123456789:", line.at[0], 13))
		line = text_from(line, 1);
	return line;
}

void define_cause(const struct wask_wasmtime_api *api, wasmtime_error_t *error, struct buf *out)
{
	struct buf message = { .limit = LIMIT_END_TEXT };

	define_message(api, error, &message);
	buf_text(out, message_cause(buf_view(&message)));
	buf_done(&message);
}

static wasm_functype_t *functype_of(const struct wask_wasmtime_api *api, const char *signature)
{
	wasm_valtype_t *params[16], *result = NULL;
	wasm_valtype_vec_t in, out;
	size_t n = 0;
	bool returns = true;

	for (const char *s = signature; *s; s++) {
		if (*s == 'v')
			returns = false;
		else
			params[n++] = api->wasm_valtype_new(*s == 'I' ? WASM_I64 : WASM_I32);
	}
	if (returns)
		result = api->wasm_valtype_new(WASM_I32);
	api->wasm_valtype_vec_new(&in, n, params);
	api->wasm_valtype_vec_new(&out, returns ? 1 : 0, &result);
	return api->wasm_functype_new(&in, &out);
}

/* The engine releases the link once for each function, also for one that it refused. */
static int define_one(wasmtime_linker_t *linker, struct link *link, int i, struct buf *error)
{
	const struct text module = table[i].module;
	const struct wask_wasmtime_api *api = &link->api;
	wasm_functype_t *type = functype_of(api, table[i].signature);
	wasmtime_error_t *failure;

	atomic_fetch_add(&link->users, 1);
	failure = api->wasmtime_linker_define_func_unchecked(linker, module.at, module.len, table[i].name.at, table[i].name.len,
							     type, table[i].thunk, link, link_release);
	api->wasm_functype_delete(type);
	if (!failure)
		return 0;
	define_cause(api, failure, error);
	return -1;
}

int define_preview1(wasmtime_linker_t *linker, const struct wask_wasmtime_api *api, const struct finder *finder,
		    const bool *wanted, struct buf *error)
{
	struct link *link = mem_new(1, sizeof *link);
	int err = 0;

	if (!link) {
		buf_str(error, "no memory");
		return -1;
	}
	memcpy(&link->api, api, api->size < sizeof link->api ? api->size : sizeof link->api);
	link->finder = *finder;
	link->pinned = finder->guest ? finder->guest->engine : NULL;
	atomic_init(&link->users, 1);
	for (int i = 0; i < TABLE && err == 0; i++) {
		if (wanted ? wanted[i] : preview1_index(table[i].module, table[i].name) == i)
			err = define_one(linker, link, i, error);
	}
	link_release(link);
	return err;
}
