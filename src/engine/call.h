/*
 * call.h - an exported function called by name: words to values, values to lines.
 *
 * Numbers only: i32, i64, f32, f64; of other types there is no spelling, and a
 * result of one is shown by its type. Nothing here knows which function it is.
 */
#ifndef ENGINE_CALL_H
#define ENGINE_CALL_H

#include <wask-wasmtime.h>

#include "base/buf.h"
#include "base/limits.h"

/* What a function takes and gives back, as wasmtime_valtype_t's kinds. */
struct signature {
	uint8_t params[LIMIT_VALUES], results[LIMIT_VALUES];
	size_t nparams, nresults;
};

/* False: it takes or gives back more than LIMIT_VALUES. */
bool signature_of(const struct wask_wasmtime_api *api, const wasm_functype_t *type, struct signature *out);
void signature_text(const struct signature *signature, struct buf *out);	/* "(i32, i64) -> (f64)" */

/* Of one that takes nothing WORDS are the program's alone. False: ERROR says which word is wrong and what it must be, or how many it takes. */
bool call_values(const struct signature *signature, struct texts words, wasmtime_val_t *out, struct buf *error);

/* One result as a line, without its end: shortest decimal form that reads back the same. */
void call_line(const wasmtime_val_t *value, struct buf *out);

#endif
