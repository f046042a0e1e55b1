/* The ground floor: views, buffers, arenas, digests. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "test.h"

static void components(void)
{
	struct text rest = TEXT("//a/./bc//");

	CHECK(text_eq(text_component(&rest), TEXT("a")));
	CHECK(text_eq(text_component(&rest), TEXT(".")));
	CHECK(text_eq(text_component(&rest), TEXT("bc")));
	CHECK(text_component(&rest).len == 0);
	CHECK(text_eq(text_leaf(TEXT("/a/b")), TEXT("b")) && text_eq(text_parent(TEXT("/a/b")), TEXT("/a")));
	CHECK(text_eq(text_parent(TEXT("/a")), TEXT("/")) && text_eq(text_parent(TEXT("/")), TEXT("/")) && text_leaf(TEXT("/")).len == 0);
}

static void ancestry(void)
{
	CHECK(text_beneath(TEXT("/data/allowed"), TEXT("/data/allowed")));
	CHECK(text_beneath(TEXT("/data/allowed/x"), TEXT("/data/allowed")));
	CHECK(text_beneath(TEXT("/x"), TEXT("/")) && text_beneath(TEXT("/"), TEXT("/")));
	test_row(!text_beneath(TEXT("/data/allowed-evil"), TEXT("/data/allowed")), "P12 a sibling with the same prefix is not beneath");
	CHECK(!text_beneath(TEXT("/dat"), TEXT("/data")));
}

static void buffers(void)
{
	struct buf buf = { .limit = 10 };

	buf_print(&buf, "%d-%s", 12, "ab");
	CHECK(text_eq(buf_view(&buf), TEXT("12-ab")));
	buf_str(&buf, "123456");
	test_row(!buf_ok(&buf) && buf_view(&buf).len == 0, "over its limit a buffer has failed, and shows nothing");
	buf_char(&buf, 'x');
	CHECK(!buf_ok(&buf));
	buf_reset(&buf);
	buf_str(&buf, "1234567890");
	CHECK(buf_view(&buf).len == 10);
	buf_done(&buf);
}

static void arenas(void)
{
	struct arena arena = { 0 };
	struct text big = { arena_new(&arena, 100000, 1), 100000 }, joined = arena_join(&arena, TEXT("a"), TEXT(""), TEXT("bc"));

	CHECK(big.at && big.at[99999] == 0);
	CHECK(text_eq(joined, TEXT("abc")) && joined.at[3] == '\0');
	CHECK(arena_new(&arena, SIZE_MAX / 2, 4) == NULL);
	CHECK((uintptr_t)arena_new(&arena, 3, 1) % _Alignof(max_align_t) == 0);
	arena_done(&arena);
}

static void digests(void)
{
	struct digest d = digest_of(TEXT("abc"));
	char hex[65];
	uint64_t seen[4096];
	bool apart = true;

	digest_hex(&d, hex);
	test_row(!strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "SHA-256 of abc (FIPS 180-2)");
	for (size_t i = 0; i < 4096; i++) {
		seen[i] = hash_text((struct text){ (char *)&i, 2 }, 1) & 0xffffffffu;
		for (size_t j = 0; j < i; j++)
			apart = apart && seen[i] != seen[j];
	}
	test_row(apart, "4096 short names, no two with the same 32 bits of hash");
	CHECK(hash_text(TEXT("abcdefgh"), 1) != hash_text(TEXT("abcdefgh"), 2));
	CHECK(hash_text(TEXT("abcdefgh"), 1) != hash_text(TEXT("abcdefgh\0"), 1));
}

int main(void)
{
	test_begin();
	components();
	ancestry();
	buffers();
	arenas();
	digests();
	return test_end();
}
