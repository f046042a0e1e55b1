/*
 * hash.h - digests, and a table key that a guest cannot aim at.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/text.h"

struct digest {
	uint8_t at[32];		/* SHA-256 */
};

struct digest digest_of(struct text t);
void digest_hex(const struct digest *d, char out[65]);

/* SipHash-like keyed hash: KEY is random per run, so guests cannot make names collide. */
uint64_t hash_text(struct text t, uint64_t key);

/* The same of two words, for many pairs with one FIRST: begun once, each SECOND costs four rounds (SipHash-1-3). */
struct hash_pair {
	uint64_t v[4];
};
struct hash_pair hash_pair_begin(uint64_t first, uint64_t key);
uint64_t hash_pair_end(const struct hash_pair *begun, uint64_t second);

#endif
