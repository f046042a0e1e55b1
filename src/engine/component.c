/*
 * component.c - the one module in a component that matters to us; see component.h.
 *
 * Reads section headers, import and export names: never a type, never code. All of
 * it is hostile: each read is checked against the end of what it lies in, everything
 * that is counted has a bound, nothing is called again from within itself. What is
 * found is compiled as any module is, so a lie here gains nothing.
 */
#include "engine/component.h"

#include "base/limits.h"
#include "wasi/preview1.h"

static const struct text component_start = { "\0asm\x0d\0\1\0", 8 };
static const struct text module_start = { "\0asm\1\0\0\0", 8 };

/* Bytes that are being read. The first read that does not fit makes it BAD; everything is 0 and empty from then on. */
struct cursor {
	struct text left;
	bool bad;
};

static uint8_t take_byte(struct cursor *c)
{
	uint8_t byte;

	if (c->bad || c->left.len == 0) {
		c->bad = true;
		return 0;
	}
	byte = (uint8_t)c->left.at[0];
	c->left = text_from(c->left, 1);
	return byte;
}

/* An unsigned LEB128 of 32 bits. */
static uint32_t take_number(struct cursor *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 35; shift += 7) {
		uint8_t byte = take_byte(c);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			c->bad |= value > UINT32_MAX;
			return c->bad ? 0 : (uint32_t)value;
		}
	}
	c->bad = true;
	return 0;
}

static struct text take_bytes(struct cursor *c)
{
	uint32_t n = take_number(c);
	struct text bytes = { c->left.at, n };

	if (c->bad || n > c->left.len) {
		c->bad = true;
		return (struct text){ 0 };
	}
	c->left = text_from(c->left, n);
	return bytes;
}

/* How many there are: 0 when that cannot be. */
static uint32_t take_count(struct cursor *c)
{
	uint32_t n = take_number(c);

	c->bad |= n > LIMIT_COMPONENT_PARTS || n > c->left.len;
	return c->bad ? 0 : n;
}

/* ---- a core module ---- */

enum { CORE_IMPORT = 2, CORE_EXPORT = 7, KIND_FUNC = 0 };

struct core {
	unsigned imports, wasi;		/* of all imports those from preview1 */
	bool start;			/* exports a function _start */
};

/* Only imports of functions are looked through: with any other it is not what we look for. */
static void core_imports(struct cursor c, struct core *out)
{
	for (uint32_t n = take_count(&c); n > 0 && !c.bad; n--) {
		struct text module = take_bytes(&c);

		take_bytes(&c);
		out->imports++;
		if (take_byte(&c) != KIND_FUNC)
			return;
		take_number(&c);
		out->wasi += !c.bad && (text_eq(module, TEXT(WASI_PREVIEW1_MODULE)) || text_eq(module, TEXT(WASI_UNSTABLE_MODULE)));
	}
}

static void core_exports(struct cursor c, struct core *out)
{
	for (uint32_t n = take_count(&c); n > 0 && !c.bad; n--) {
		struct text name = take_bytes(&c);
		bool func = take_byte(&c) == KIND_FUNC;

		take_number(&c);
		out->start |= !c.bad && func && text_eq(name, TEXT("_start"));
	}
}

/* A program that needs preview1, and nothing else. */
static bool is_program(struct text module)
{
	struct cursor c = { .left = text_from(module, module_start.len) };
	struct core core = { 0 };

	for (unsigned parts = 0; c.left.len > 0 && !c.bad && parts < LIMIT_COMPONENT_PARTS; parts++) {
		uint8_t id = take_byte(&c);
		struct cursor section = { .left = take_bytes(&c) };

		if (id == CORE_IMPORT)
			core_imports(section, &core);
		else if (id == CORE_EXPORT)
			core_exports(section, &core);
	}
	return !c.bad && core.start && core.imports == core.wasi;
}

/* ---- the component ---- */

enum { PART_MODULE = 1, PART_COMPONENT = 4, PART_IMPORT = 10, PART_EXPORT = 11 };
enum { SORT_CORE = 0, SORT_VALUE = 2, SORT_TYPE = 3, SORT_MODULE = 0x11 };

struct parts {
	struct text program;
	unsigned programs;
	bool other;			/* something is in it that an adapted program has not */
};

/* The name of an import or an export, whichever of the encodings it has. */
static struct text take_extern_name(struct cursor *c)
{
	uint8_t form = take_byte(c);

	c->bad |= form > 1;		/* 2 has attributes, and is not made by those whom we follow */
	return take_bytes(c);
}

/* What an import is, or what an export is said to be: passed over. */
static void skip_extern_type(struct cursor *c)
{
	uint8_t sort = take_byte(c), form;

	if (sort == SORT_CORE) {
		c->bad |= take_byte(c) != SORT_MODULE;
	} else if (sort == SORT_VALUE || sort == SORT_TYPE) {
		form = take_byte(c);
		if (sort == SORT_TYPE && form == 1)
			return;
	}
	take_number(c);
}

static void look_at_imports(struct cursor c, struct parts *out)
{
	for (uint32_t n = take_count(&c); n > 0 && !c.bad; n--) {
		struct text name = take_extern_name(&c);

		skip_extern_type(&c);
		out->other |= !text_starts(name, TEXT("wasi:"));
	}
	out->other |= c.bad;
}

static void look_at_exports(struct cursor c, struct parts *out)
{
	for (uint32_t n = take_count(&c); n > 0 && !c.bad; n--) {
		struct text name = take_extern_name(&c);

		if (take_byte(&c) == SORT_CORE)
			take_byte(&c);
		take_number(&c);
		if (take_byte(&c) == 1)
			skip_extern_type(&c);
		out->other |= !text_starts(name, TEXT("wasi:cli/run@"));
	}
	out->other |= c.bad;
}

static void look_at_module(struct text module, struct parts *out)
{
	if (!text_starts(module, module_start) || !is_program(module))
		return;
	out->program = module;
	out->programs++;
}

/* A component within: there is one that gives the export its type. One that holds code is more than an adapter. */
static void look_at_component(struct text inner, struct parts *out)
{
	struct cursor c = { .left = text_from(inner, component_start.len) };

	for (unsigned n = 0; c.left.len > 0 && !c.bad; n++) {
		uint8_t id = take_byte(&c);

		take_bytes(&c);
		out->other |= id == PART_MODULE || id == PART_COMPONENT || n >= LIMIT_COMPONENT_PARTS;
		c.bad |= out->other;
	}
	out->other |= c.bad;
}

bool is_component(struct text bytes)
{
	return text_starts(bytes, component_start);
}

bool component_program(struct text bytes, struct text *out, struct buf *error)
{
	struct cursor c = { .left = text_from(bytes, component_start.len) };
	struct parts parts = { 0 };

	for (unsigned n = 0; c.left.len > 0 && !c.bad; n++) {
		uint8_t id = take_byte(&c);
		struct text part = take_bytes(&c);

		c.bad |= n >= LIMIT_COMPONENT_PARTS;
		if (id == PART_MODULE)
			look_at_module(part, &parts);
		else if (id == PART_COMPONENT)
			look_at_component(part, &parts);
		else if (id == PART_IMPORT)
			look_at_imports((struct cursor){ .left = part }, &parts);
		else if (id == PART_EXPORT)
			look_at_exports((struct cursor){ .left = part }, &parts);
	}
	if (c.bad) {
		buf_str(error, "it is a component that is damaged or cut short: build or fetch it again");
		return false;
	}
	if (parts.other || parts.programs != 1) {
		buf_str(error, "it is a component that does more than adapt a preview1 program, and such components: not yet; "
			       "build it for wasm32-wasip1 (WASI preview 1)");
		return false;
	}
	*out = parts.program;
	return true;
}
