/* The one door to guest memory: every range, array, path and iovec at its edges. */
#include "guest.h"
#include "wasi/memory.h"

enum { SIZE = 4096 };

static void ranges(struct guest *guest)
{
	static const struct { uint32_t ptr; uint64_t n; bool ok; } rows[] = {
		{ 0, 0, true }, { 0, SIZE, true }, { 0, SIZE + 1, false }, { SIZE, 0, true }, { SIZE + 1, 0, false },
		{ SIZE - 1, 1, true }, { SIZE - 1, 2, false }, { SIZE, 1, false }, { UINT32_MAX, 0, false }, { UINT32_MAX, 1, false },
		{ UINT32_MAX, UINT32_MAX, false }, { 1, UINT32_MAX, false }, { 1, UINT64_MAX, false }, { 8, UINT64_MAX - 7, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row((guest_range(guest, rows[i].ptr, rows[i].n) != NULL) == rows[i].ok, "range %u + %llu",
			 rows[i].ptr, (unsigned long long)rows[i].n);
	test_row(!guest_array(guest, 0, 1u << 28, 48), "W09 array of 2^28 elements of 48 bytes: 0 in 32 bits");
	test_row(!guest_array(guest, 0, 1u << 27, 32), "W09 array of 2^27 elements of 32 bytes: 0 in 32 bits");
	test_row(!guest_array(guest, 0, (1u << 29) + 1, 8), "W09 array of 2^29+1 elements of 8 bytes: 8 in 32 bits");
	test_row(!guest_array(guest, 0, UINT32_MAX, 32), "W09 array of 2^32-1 elements");
	test_row(!guest_array(guest, SIZE - 48, 2, 48), "W09 array whose second element is outside");
	test_row(guest_array(guest, SIZE - 48, 1, 48) != NULL, "array that ends with memory");
}

static void iovecs(struct test_guest *t)
{
	static const struct { const char *what; uint32_t buf[2], len[2]; uint32_t want; uint64_t total; int n; } rows[] = {
		{ "both inside", { 100, 200 }, { 10, 20 }, WASI_SUCCESS, 30, 2 },
		{ "zero length at the end of memory", { SIZE, 0 }, { 0, 0 }, WASI_SUCCESS, 0, 0 },
		{ "zero length beyond memory", { SIZE + 1, 0 }, { 0, 0 }, WASI_FAULT, 0, 0 },
		{ "zero length beyond memory, after one inside", { 100, SIZE + 1 }, { 10, 0 }, WASI_FAULT, 0, 0 },
		{ "second outside", { 100, SIZE }, { 10, 1 }, WASI_FAULT, 0, 0 },
		{ "length 2^32-1", { 1, 0 }, { UINT32_MAX, 0 }, WASI_FAULT, 0, 0 },
		{ "wrapping", { UINT32_MAX, 0 }, { UINT32_MAX, 0 }, WASI_FAULT, 0, 0 },
		{ "wrapping to the byte", { UINT32_MAX, 0 }, { 2, 0 }, WASI_FAULT, 0, 0 },
		{ "overlapping", { 0, 0 }, { SIZE, SIZE }, WASI_SUCCESS, 2 * SIZE, 2 },
	};
	struct iovec *out = test_state(t)->iovecs;
	uint64_t total;
	int n;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_iovec(t, 0, rows[i].buf[0], rows[i].len[0]);
		put_iovec(t, 8, rows[i].buf[1], rows[i].len[1]);
		n = -1;
		total = 77;
		uint32_t got = guest_iovecs(fake_guest(t->fake), 0, 2, out, &n, &total);
		test_row(got == rows[i].want && (got ? n == -1 && total == 77 : n == rows[i].n && total == rows[i].total), "W11 iovecs %s", rows[i].what);
	}
	put_iovec(t, SIZE - 8, 0, 1);
	CHECK(guest_iovecs(fake_guest(t->fake), SIZE - 8, 1, out, &n, &total) == WASI_SUCCESS);
	test_row(guest_iovecs(fake_guest(t->fake), SIZE - 8, 2, out, &n, &total) == WASI_FAULT, "W11 iovec array across the end of memory");
	test_row(guest_iovecs(fake_guest(t->fake), 0, UINT32_MAX, out, &n, &total) == WASI_FAULT, "W11 2^32-1 iovecs");
	test_row(guest_iovecs(fake_guest(t->fake), 0, 0, out, &n, &total) == WASI_SUCCESS && n == 0 && total == 0, "W12 no iovecs");
}

/* Sums that do not fit in 32 bits, and lengths of nothing, wherever they point. */
static void totals(struct test_guest *t)
{
	enum { MANY = 9, EACH = 1 << 29, AT = 64 };
	struct guest *guest = fake_guest(t->fake);
	struct iovec *out = test_state(t)->iovecs;
	struct text path = TEXT("?");
	uint64_t total = 77;
	int n = -1;

	for (uint32_t i = 0; i < MANY; i++)
		put_iovec(t, AT + i * 8, 0, EACH);
	test_row(guest_iovecs(guest, AT, MANY, out, &n, &total) == WASI_FAULT && n == -1 && total == 77, "W12 lengths of 2^32 + 2^29 in a small memory: fault");
	for (uint32_t i = 0; i < 4; i++)
		put_iovec(t, AT + i * 8, 16, i == 2 ? 5 : 0);
	test_row(guest_iovecs(guest, AT, 4, out, &n, &total) == WASI_SUCCESS && n == 1 && total == 5 && out->iov_len == 5, "W12 lengths of nothing between one of something");
	test_row(guest_iovecs(guest, SIZE, 0, out, &n, &total) == WASI_SUCCESS && n == 0 && total == 0, "W12 no iovecs at the end of memory");
	test_row(guest_iovecs(guest, SIZE + 1, 0, out, &n, &total) == WASI_FAULT, "W12 no iovecs beyond memory");
	test_row(guest_path(guest, SIZE, 0, &path) == WASI_SUCCESS && path.len == 0, "W12 a path of no bytes at the end of memory");
	test_row(guest_path(guest, SIZE + 1, 0, &path) == WASI_FAULT, "W12 a path of no bytes beyond memory");
	test_row(guest_array(guest, SIZE, 0, 48) != NULL && !guest_array(guest, SIZE + 1, 0, 48), "W12 an array of nothing, at the end of memory and beyond");
}

/* The copy is what counts: the members in guest memory may change under the call. */
static void iovecs_copied_once(struct test_guest *t)
{
	struct iovec *out = test_state(t)->iovecs;
	uint64_t total;
	int n;

	put_iovec(t, 0, 64, 8);
	CHECK(guest_iovecs(fake_guest(t->fake), 0, 1, out, &n, &total) == WASI_SUCCESS);
	put_iovec(t, 0, UINT32_MAX, UINT32_MAX);
	test_row(out->iov_base == fake_memory(t->fake) + 64 && out->iov_len == 8, "W11 the copy is used, not guest memory");
}

static void many_iovecs(struct test_guest *t)
{
	enum { COUNT = LIMIT_IOVECS, WHOLE = LIMIT_CALL_BYTES };
	struct iovec *out = test_state(t)->iovecs;
	uint64_t total;
	int n;

	CHECK(fake_grow(t->fake, WHOLE + 65536) == 0);
	for (uint32_t i = 0; i < COUNT + 1; i++)
		put_iovec(t, i * 8, 16384, 65536);
	test_row(guest_iovecs(fake_guest(t->fake), 0, COUNT, out, &n, &total) == WASI_SUCCESS && n == WHOLE / 65536 && total == WHOLE,
		 "L01 a call copies LIMIT_CALL_BYTES at most");
	test_row(guest_iovecs(fake_guest(t->fake), 0, COUNT + 1, out, &n, &total) == WASI_INVAL, "L01 one iovec more than LIMIT_IOVECS");
}

/* 256 of 16 MiB are 2^32, which is 0 in 32 bits; 257 are 16 MiB. */
static void sum_beyond_32_bits(struct test_guest *t)
{
	enum { WHOLE = LIMIT_CALL_BYTES, MOST = 1 << 24 };
	static const uint32_t counts[] = { 255, 256, 257, LIMIT_IOVECS };
	struct iovec *out = test_state(t)->iovecs;
	uint64_t total;
	int n;

	CHECK(fake_grow(t->fake, MOST + 65536) == 0);
	for (uint32_t i = 0; i < LIMIT_IOVECS; i++)
		put_iovec(t, i * 8, 16384, MOST);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		uint64_t sum = 0;

		n = -1;
		total = 0;
		CHECK(guest_iovecs(fake_guest(t->fake), 0, counts[i], out, &n, &total) == WASI_SUCCESS);
		for (int k = 0; k < n; k++)
			sum += out[k].iov_len;
		test_row(n == 1 && total == WHOLE && sum == total, "W12 %u lengths with a sum of %llu: cut to what a call copies", counts[i],
			 (unsigned long long)counts[i] * MOST);
	}
}

static void paths(struct test_guest *t)
{
	static const struct { const char *bytes; uint32_t len, want; } rows[] = {
		{ "a/b", 3, WASI_SUCCESS }, { "", 0, WASI_SUCCESS }, { "\xff\xfe", 2, WASI_SUCCESS },
		{ "\0a", 2, WASI_INVAL }, { "a\0", 2, WASI_INVAL }, { "allowed\0/../x", 13, WASI_INVAL },
	};
	struct guest *guest = fake_guest(t->fake);
	struct text path;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_bytes(t, 8, rows[i].bytes, rows[i].len);
		test_row(guest_path(guest, 8, rows[i].len, &path) == rows[i].want, "W16 path with NUL, row %zu: %s", i,
			 rows[i].want ? "inval" : "taken");
	}
	CHECK(guest_path(guest, SIZE - 1, 2, &path) == WASI_FAULT);
	CHECK(guest_path(guest, 1, UINT32_MAX, &path) == WASI_FAULT);
	CHECK(fake_grow(t->fake, 2 * SIZE) == 0);
	for (uint32_t i = 0; i < LIMIT_PATH + 1; i++)
		put_bytes(t, 8 + i, i % 200 ? "x" : "/", 1);
	test_row(guest_path(guest, 8, LIMIT_PATH, &path) == WASI_SUCCESS, "L01 path of %d bytes", LIMIT_PATH);
	test_row(guest_path(guest, 8, LIMIT_PATH + 1, &path) == WASI_NAMETOOLONG, "L01 path of %d bytes", LIMIT_PATH + 1);
	memset(fake_memory(t->fake) + 8, 'y', LIMIT_COMPONENT + 1);
	test_row(guest_path(guest, 8, LIMIT_COMPONENT, &path) == WASI_SUCCESS, "L01 component of 255 bytes");
	test_row(guest_path(guest, 8, LIMIT_COMPONENT + 1, &path) == WASI_NAMETOOLONG, "L01 component of 256 bytes");
}

static void growing(struct test_guest *t)
{
	struct guest *guest = fake_guest(t->fake);

	fake_hide(t->fake, true);
	test_row(!guest_range(guest, 0, 0) && !guest_range(guest, 0, 1), "no memory yet: everything faults");
	fake_hide(t->fake, false);
	CHECK(guest_range(guest, SIZE - 1, 1) == fake_memory(t->fake) + SIZE - 1);
	CHECK(!guest_range(guest, SIZE, 1));
	CHECK(fake_grow(t->fake, 2 * SIZE) == 0);
	test_row(guest_range(guest, 2 * SIZE - 1, 1) == fake_memory(t->fake) + 2 * SIZE - 1, "memory that grew is found by refreshing once");
	CHECK(!guest_range(guest, 2 * SIZE, 1));
}

int main(void)
{
	void (*const each[])(struct test_guest *) = { iovecs, totals, iovecs_copied_once, many_iovecs, sum_beyond_32_bits, paths, growing };
	const int none[3] = { -1, -1, -1 };
	struct test_guest t = { 0 };

	test_begin();
	test_guest_new(&t, none, SIZE);
	ranges(fake_guest(t.fake));
	test_guest_free(&t);
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		test_guest_new(&t, none, SIZE);
		each[i](&t);
		test_guest_free(&t);
	}
	return test_end();
}
