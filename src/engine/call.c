/*
 * call.c - an exported function called by name: words to values, values to lines; see call.h.
 */
#include "engine/call.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

enum { DIGITS = 17 };		/* that tell any double from its neighbours */

static const char *const kind_names[] = { "i32", "i64", "f32", "f64", "v128", "ref" };

static const char *kind_name(uint8_t kind)
{
	return kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : "?";
}

/* ---- signatures ---- */

static bool take_kinds(const struct wask_wasmtime_api *api, const wasm_valtype_vec_t *types, uint8_t *out, size_t *n)
{
	wasmtime_valtype_t type;

	if (types->size > LIMIT_VALUES)
		return false;
	for (size_t i = 0; i < types->size; i++) {
		api->wasmtime_valtype_new(types->data[i], &type);
		out[i] = type.kind;
		api->wasmtime_valtype_delete(&type);
	}
	*n = types->size;
	return true;
}

bool signature_of(const struct wask_wasmtime_api *api, const wasm_functype_t *type, struct signature *out)
{
	return take_kinds(api, api->wasm_functype_params(type), out->params, &out->nparams) &&
	       take_kinds(api, api->wasm_functype_results(type), out->results, &out->nresults);
}

static void kinds_text(const uint8_t *kinds, size_t n, struct buf *out)
{
	buf_char(out, '(');
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i ? ", " : "");
		buf_str(out, kind_name(kinds[i]));
	}
	buf_char(out, ')');
}

void signature_text(const struct signature *signature, struct buf *out)
{
	kinds_text(signature->params, signature->nparams, out);
	if (signature->nresults) {
		buf_str(out, " -> ");
		kinds_text(signature->results, signature->nresults, out);
	}
}

/* ---- words to values ---- */

/* An integer of BITS, signed or not, decimal or with 0x: as the bits that it has. */
static bool read_integer(const char *word, unsigned bits, uint64_t *out)
{
	bool negative = word[0] == '-';
	const char *digits = word + (negative || word[0] == '+');
	int base = digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t most = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1, value;
	char *end;

	if (strspn(digits + (base == 16 ? 2 : 0), base == 16 ? "0123456789abcdefABCDEF" : "0123456789") == 0)
		return false;
	errno = 0;
	value = strtoull(digits, &end, base);
	if (errno || *end || value > (negative ? most / 2 + 1 : most))
		return false;
	*out = negative ? UINT64_C(0) - value : value;
	return true;
}

static bool read_float(const char *word, double *out)
{
	char *end;

	if (!*word || strchr(" \t\n\v\f\r", *word))
		return false;
	*out = strtod(word, &end);
	return *end == '\0';
}

static bool read_value(uint8_t kind, const char *word, wasmtime_val_t *out)
{
	uint64_t bits;
	double value;

	out->kind = kind;
	switch (kind) {
	case WASMTIME_VALTYPE_KIND_I32:
		if (!read_integer(word, 32, &bits))
			return false;
		out->of.i32 = (int32_t)(uint32_t)bits;
		return true;
	case WASMTIME_VALTYPE_KIND_I64:
		if (!read_integer(word, 64, &bits))
			return false;
		out->of.i64 = (int64_t)bits;
		return true;
	case WASMTIME_VALTYPE_KIND_F32:
		out->of.f32 = strtof(word, NULL);	/* not by way of a double: that would round twice */
		return read_float(word, &value);
	case WASMTIME_VALTYPE_KIND_F64:
		return read_float(word, &out->of.f64);
	default:
		return false;
	}
}

bool call_values(const struct signature *signature, struct texts words, wasmtime_val_t *out, struct buf *error)
{
	if (signature->nparams && words.n > signature->nparams) {
		buf_print(error, "%zu arguments, it takes %zu", words.n, signature->nparams);
		return false;
	}
	for (size_t i = 0; i < signature->nparams; i++) {
		const char *name = kind_name(signature->params[i]);

		if (signature->params[i] > WASMTIME_VALTYPE_KIND_F64) {
			buf_print(error, "its %s cannot be given on the command line", name);
			return false;
		}
		if (i >= words.n) {
			buf_print(error, "%zu of %zu arguments are there", words.n, signature->nparams);
			return false;
		}
		if (!read_value(signature->params[i], words.at[i].at, &out[i])) {
			buf_print(error, "\"%s\" is no %s", words.at[i].at, name);
			return false;
		}
	}
	return true;
}

/* ---- values to lines ---- */

static void put_zeros(int n, struct buf *out)
{
	while (n-- > 0)
		buf_char(out, '0');
}

/* N digits with the point after the first POINT of them; POINT may be negative, or beyond the last. */
static void put_decimal(const char *digits, int n, int point, struct buf *out)
{
	if (point <= 0) {
		buf_str(out, "0.");
		put_zeros(-point, out);
		buf_add(out, digits, (size_t)n);
	} else if (point >= n) {
		buf_add(out, digits, (size_t)n);
		put_zeros(point - n, out);
	} else {
		buf_print(out, "%.*s.%.*s", point, digits, n - point, digits + point);
	}
}

static bool reads_back(const char *text, double value, bool single)
{
	return single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/* As Rust shows a number, and so the wasmtime CLI: the fewest digits that read back the same, never an exponent. */
static void put_float(double value, bool single, struct buf *out)
{
	char text[DIGITS + 16], digits[DIGITS + 1];
	int n = 0, precision = 0;

	if (isnan(value) || isinf(value)) {
		buf_str(out, isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf");
		return;
	}
	do
		snprintf(text, sizeof text, "%.*e", precision, value);
	while (!reads_back(text, value, single) && ++precision < DIGITS);
	for (const char *s = text; *s != 'e'; s++) {
		if (*s >= '0' && *s <= '9' && n < DIGITS)
			digits[n++] = *s;
	}
	if (signbit(value))
		buf_char(out, '-');
	if (value == 0)
		buf_char(out, '0');
	else
		put_decimal(digits, n, (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1, out);
}

void call_line(const wasmtime_val_t *value, struct buf *out)
{
	switch (value->kind) {
	case WASMTIME_I32:
		buf_print(out, "%" PRId32, value->of.i32);
		break;
	case WASMTIME_I64:
		buf_print(out, "%" PRId64, value->of.i64);
		break;
	case WASMTIME_F32:
		put_float((double)value->of.f32, true, out);
		break;
	case WASMTIME_F64:
		put_float(value->of.f64, false, out);
		break;
	default:
		buf_str(out, value->kind == WASMTIME_V128 ? "<v128>" : "<ref>");
	}
}
