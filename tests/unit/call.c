/*
 * call.c - words to values and values to lines, as the wasmtime CLI has them.
 */
#include "engine/call.h"

#include <math.h>

#include "test.h"

enum { I32 = WASMTIME_VALTYPE_KIND_I32, I64, F32, F64, V128 };

static bool read_one(uint8_t kind, const char *word, wasmtime_val_t *out)
{
	struct signature signature = { .params = { kind }, .nparams = 1 };
	struct text words[1] = { text_of(word) };
	struct buf error = { 0 };
	bool ok = call_values(&signature, (struct texts){ words, 1 }, out, &error);

	buf_done(&error);
	return ok;
}

static void test_words(void)
{
	static const struct { uint8_t kind; const char *word; bool ok; int64_t value; } rows[] = {
		{ I32, "0", true, 0 }, { I32, "-1", true, -1 }, { I32, "+7", true, 7 }, { I32, "2147483647", true, INT32_MAX },
		{ I32, "-2147483648", true, INT32_MIN }, { I32, "4294967295", true, -1 }, { I32, "0xffffffff", true, -1 }, { I32, "-0x10", true, -16 },
		{ I32, "4294967296", false, 0 }, { I32, "-2147483649", false, 0 }, { I32, "", false, 0 }, { I32, "-", false, 0 },
		{ I32, "0x", false, 0 }, { I32, "1x", false, 0 }, { I32, " 1", false, 0 }, { I32, "1.0", false, 0 }, { I32, "--1", false, 0 },
		{ I64, "9223372036854775807", true, INT64_MAX }, { I64, "-9223372036854775808", true, INT64_MIN },
		{ I64, "18446744073709551615", true, -1 }, { I64, "18446744073709551616", false, 0 }, { I64, "-9223372036854775809", false, 0 },
		{ F32, "", false, 0 }, { F64, "x", false, 0 }, { F64, " 1", false, 0 }, { F64, "1 ", false, 0 }, { V128, "1", false, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		wasmtime_val_t value = { 0 };
		bool ok = read_one(rows[i].kind, rows[i].word, &value);
		int64_t got = rows[i].kind == I32 ? value.of.i32 : value.of.i64;

		test_row(ok == rows[i].ok && (!ok || got == rows[i].value), "word \"%s\" as value of kind %u", rows[i].word, rows[i].kind);
	}
}

static bool shows(wasmtime_val_t value, const char *want)
{
	struct buf line = { 0 };
	bool same;

	call_line(&value, &line);
	same = text_eq(buf_view(&line), text_of(want));
	buf_done(&line);
	return same;
}

static void test_lines(void)
{
	static const struct { double value; const char *line; } rows[] = {
		{ 0, "0" }, { -0.0, "-0" }, { 1, "1" }, { -1.5, "-1.5" }, { 0.1, "0.1" }, { 1e21, "1000000000000000000000" }, { 1e-7, "0.0000001" },
		{ 123456.789, "123456.789" }, { 5e-324, NULL }, { 1.7976931348623157e308, NULL }, { 100, "100" }, { 1.0 / 3, "0.3333333333333333" },
		{ INFINITY, "inf" }, { -INFINITY, "-inf" }, { NAN, "NaN" }, { 9007199254740993.0, "9007199254740992" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		wasmtime_val_t value = { .kind = WASMTIME_F64, .of.f64 = rows[i].value };
		struct buf line = { 0 };

		if (rows[i].line) {
			test_row(shows(value, rows[i].line), "f64 shown as %s", rows[i].line);
			continue;
		}
		call_line(&value, &line);
		buf_char(&line, '\0');
		test_row(strtod(line.at, NULL) == rows[i].value && !strpbrk(line.at, "eE"), "f64 at the edge, without an exponent");
		buf_done(&line);
	}
	test_row(shows((wasmtime_val_t){ .kind = WASMTIME_F32, .of.f32 = 0.1f }, "0.1"), "f32 shown as 0.1");
	test_row(shows((wasmtime_val_t){ .kind = WASMTIME_F32, .of.f32 = 16777216.0f }, "16777216"), "f32 shown as 16777216");
	test_row(shows((wasmtime_val_t){ .kind = WASMTIME_I32, .of.i32 = INT32_MIN }, "-2147483648"), "i32 shown as -2147483648");
	test_row(shows((wasmtime_val_t){ .kind = WASMTIME_I64, .of.i64 = INT64_MIN }, "-9223372036854775808"), "i64 shown as -9223372036854775808");
	test_row(shows((wasmtime_val_t){ .kind = WASMTIME_V128 }, "<v128>"), "v128 shown by its type");
}

static void test_counts(void)
{
	struct signature signature = { .params = { I32, F64 }, .nparams = 2, .results = { I64 }, .nresults = 1 };
	struct text words[3] = { TEXT("1"), TEXT("2"), TEXT("3") };
	wasmtime_val_t values[2];
	struct buf error = { 0 }, text = { 0 };

	test_row(!call_values(&signature, (struct texts){ words, 1 }, values, &error) && text_eq(buf_view(&error), TEXT("1 of 2 arguments are there")),
		 "a word missing");
	buf_done(&error);
	test_row(!call_values(&signature, (struct texts){ words, 3 }, values, &error) && text_eq(buf_view(&error), TEXT("3 arguments, it takes 2")),
		 "a word too many");
	test_row(call_values(&(struct signature){ .nresults = 1 }, (struct texts){ words, 3 }, values, &error), "of what takes nothing the words are the program's");
	signature_text(&signature, &text);
	test_row(text_eq(buf_view(&text), TEXT("(i32, f64) -> (i64)")), "a signature in words");
	buf_done(&error);
	buf_done(&text);
}

int main(void)
{
	test_begin();
	test_words();
	test_lines();
	test_counts();
	return test_end();
}
