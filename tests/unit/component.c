/*
 * component.c - a component as bytes: the program in it is found, and whatever else
 * they are, nothing is read beyond their end.
 */
#include "engine/component.h"

#include "base/mem.h"
#include "test.h"

enum { ROOM = 4096, CHANGES = 200000 };

/* Bytes that are being made; sections nest by being made first. */
struct bytes {
	unsigned char at[ROOM];
	size_t n;
};

static void add(struct bytes *b, const void *at, size_t n)
{
	if (b->n + n > sizeof b->at)
		abort();
	memcpy(b->at + b->n, at, n);
	b->n += n;
}

static void number(struct bytes *b, size_t value)
{
	unsigned char five[5];
	size_t n = 0;

	do {
		five[n] = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (five[n++] & 0x80);
	add(b, five, n);
}

static void byte(struct bytes *b, int value)
{
	unsigned char one = (unsigned char)value;

	add(b, &one, 1);
}

static void name(struct bytes *b, const char *s)
{
	number(b, strlen(s));
	add(b, s, strlen(s));
}

static void section(struct bytes *b, int id, const struct bytes *body)
{
	byte(b, id);
	number(b, body->n);
	add(b, body->at, body->n);
}

/* A core module that imports one function of FROM and exports one function. */
static struct bytes module_of(const char *from, const char *exports)
{
	struct bytes b = { 0 }, imports = { 0 }, out = { 0 };

	add(&b, "\0asm\1\0\0\0", 8);
	number(&imports, 1);
	name(&imports, from);
	name(&imports, "f");
	byte(&imports, 0);
	number(&imports, 0);
	section(&b, 2, &imports);
	number(&out, 1);
	name(&out, exports);
	byte(&out, 0);
	number(&out, 1);
	section(&b, 7, &out);
	return b;
}

static const char start_of[] = "\0asm\x0d\0\1\0";

/* What differs from an adapted program. */
struct shape {
	const char *import, *export, *imports_of_main, *second;
	int inner;			/* a section in the component within */
	bool nested;
};

static struct bytes component_of(const struct shape *shape)
{
	struct bytes b = { 0 }, imports = { 0 }, exports = { 0 }, inner = { 0 }, nothing = { 0 }, module;

	add(&b, start_of, 8);
	number(&imports, 1);
	byte(&imports, 0);
	name(&imports, shape->import);
	byte(&imports, 5);
	number(&imports, 0);
	section(&b, 10, &imports);
	module = module_of(shape->imports_of_main, "_start");
	section(&b, 1, &module);
	module = module_of(shape->second, strcmp(shape->second, "env") == 0 ? "g" : "_start");
	section(&b, 1, &module);
	add(&inner, start_of, 8);
	section(&inner, shape->inner, &nothing);
	if (shape->nested)
		section(&b, 4, &inner);
	number(&exports, 1);
	byte(&exports, 0);
	name(&exports, shape->export);
	byte(&exports, 5);
	number(&exports, 0);
	byte(&exports, 0);
	section(&b, 11, &exports);
	return b;
}

static bool program(const void *at, size_t n, struct text *out, char *why, size_t size)
{
	struct buf error = { 0 };
	bool found = component_program((struct text){ at, n }, out, &error);
	struct text text = buf_view(&error);

	snprintf(why, size, "%.*s", (int)text.len, text.len ? text.at : "");
	buf_done(&error);
	return found;
}

static const struct shape adapted = { "wasi:cli/exit@0.2.12", "wasi:cli/run@0.2.12", "wasi_snapshot_preview1", "env", 7, true };

static void test_shapes(void)
{
	static const struct { const char *what; struct shape shape; bool ok; } rows[] = {
		{ "an adapted program", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "env", 7, true }, true },
		{ "without a component within", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "env", 7, false }, true },
		{ "of before 2020", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_unstable", "env", 7, true }, true },
		{ "importing something else", { "my:host/x", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "env", 7, true }, false },
		{ "exporting something else", { "wasi:io/error@0.2.6", "wasi:http/incoming-handler@0.2.0", "wasi_snapshot_preview1", "env", 7, true }, false },
		{ "whose program needs something else", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi:cli/exit", "env", 7, true }, false },
		{ "with two programs", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "wasi_snapshot_preview1", 7, true }, false },
		{ "with code within", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "env", 1, true }, false },
		{ "with components within those within", { "wasi:io/error@0.2.6", "wasi:cli/run@0.2.0", "wasi_snapshot_preview1", "env", 4, true }, false },
	};
	char why[512];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bytes b = component_of(&rows[i].shape), main = module_of(rows[i].shape.imports_of_main, "_start");
		struct text found = { 0 };
		bool ok = program(b.at, b.n, &found, why, sizeof why);

		test_row(ok == rows[i].ok && (ok || strstr(why, "not yet")), "component %s: %s", rows[i].what, rows[i].ok ? "found" : "not yet");
		if (ok)
			test_row(found.len == main.n && memcmp(found.at, main.at, main.n) == 0, "component %s: the program as it was", rows[i].what);
	}
	test_row(!program(start_of, 8, &(struct text){ 0 }, why, sizeof why) && strstr(why, "component"), "component that is empty: not yet");
}

/* An exact copy, so that a sanitizer sees a byte beyond it. */
static bool survives(const unsigned char *at, size_t n)
{
	unsigned char *copy = mem_new(n, 1);
	struct text found = { 0 };
	char why[512];
	bool ok;

	memcpy(copy, at, n);
	ok = program(copy, n, &found, why, sizeof why);
	ok = ok ? (const unsigned char *)found.at >= copy && (const unsigned char *)found.at + found.len <= copy + n : why[0] != '\0';
	mem_free(copy);
	return ok;
}

static uint32_t roll(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void test_hostile(void)
{
	struct bytes whole = component_of(&adapted);
	uint32_t state = 0x9e3779b9;
	size_t bad = 0;

	for (size_t n = 8; n < whole.n; n++)
		bad += !survives(whole.at, n);
	test_row(bad == 0, "W40 component cut short at each of %zu places: an answer, within its bytes", whole.n - 8);
	for (int i = 0; i < CHANGES; i++) {
		struct bytes b = whole;

		for (uint32_t k = roll(&state) % 4 + 1; k > 0; k--)
			b.at[8 + roll(&state) % (b.n - 8)] = (unsigned char)(roll(&state) % 3 ? roll(&state) : 0xff);
		bad += !survives(b.at, 8 + roll(&state) % (b.n - 7));
	}
	test_row(bad == 0, "W40 component changed in %d ways: an answer, within its bytes", CHANGES);
}

/* Counts and lengths that say more than is there. */
static void test_lies(void)
{
	static const struct { const char *what; unsigned char tail[8]; size_t n; } rows[] = {
		{ "a section of 4 GiB", { 1, 0xff, 0xff, 0xff, 0xff, 0x0f }, 6 },
		{ "a number of six bytes", { 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 }, 7 },
		{ "a number above 32 bits", { 1, 0xff, 0xff, 0xff, 0xff, 0x7f }, 6 },
		{ "4 G imports", { 10, 5, 0xff, 0xff, 0xff, 0xff, 0x0f }, 7 },
		{ "a section without its length", { 10 }, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bytes b = { 0 };
		struct text found;
		char why[512];

		add(&b, start_of, 8);
		add(&b, rows[i].tail, rows[i].n);
		test_row(!program(b.at, b.n, &found, why, sizeof why) && strstr(why, "component"), "W40 component with %s: refused", rows[i].what);
	}
}

int main(void)
{
	test_begin();
	test_shapes();
	test_lies();
	test_hostile();
	return test_end();
}
