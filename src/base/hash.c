/* hash.c - SHA-256 by nettle; SipHash-2-4 (Aumasson and Bernstein 2012), keyed, for tables. */
#include "base/hash.h"

#include <nettle/sha2.h>

struct digest digest_of(struct text t)
{
	struct sha256_ctx sha;
	struct digest d;

	sha256_init(&sha);
	sha256_update(&sha, t.len, (const uint8_t *)t.at);
	sha256_digest(&sha, sizeof d.at, d.at);
	return d;
}

void digest_hex(const struct digest *d, char out[65])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof d->at; i++) {
		out[2 * i] = hex[d->at[i] >> 4];
		out[2 * i + 1] = hex[d->at[i] & 15];
	}
	out[64] = '\0';
}

static inline uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1]; v[1] = rotate(v[1], 13); v[1] ^= v[0]; v[0] = rotate(v[0], 32);
	v[2] += v[3]; v[3] = rotate(v[3], 16); v[3] ^= v[2];
	v[0] += v[3]; v[3] = rotate(v[3], 21); v[3] ^= v[0];
	v[2] += v[1]; v[1] = rotate(v[1], 17); v[1] ^= v[2]; v[2] = rotate(v[2], 32);
}

static struct hash_pair hash_start(uint64_t key)
{
	uint64_t k1 = key * UINT64_C(0x9e3779b97f4a7c15) + 1;

	return (struct hash_pair){ { key ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
				     key ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) } };
}

struct hash_pair hash_pair_begin(uint64_t first, uint64_t key)
{
	struct hash_pair begun = hash_start(key);

	begun.v[3] ^= first;
	sip_round(begun.v);
	begun.v[0] ^= first;
	return begun;
}

uint64_t hash_pair_end(const struct hash_pair *begun, uint64_t second)
{
	uint64_t v[4] = { begun->v[0], begun->v[1], begun->v[2], begun->v[3] ^ second };

	sip_round(v);
	v[0] ^= second;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_text(struct text t, uint64_t key)
{
	struct hash_pair start = hash_start(key);
	uint64_t *v = start.v, word;

	for (size_t i = 0; i <= t.len / 8; i++) {
		size_t n = t.len - i * 8 < 8 ? t.len - i * 8 : 8;

		word = n < 8 ? (uint64_t)t.len << 56 : 0;
		if (n)
			memcpy(&word, t.at + i * 8, n);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
