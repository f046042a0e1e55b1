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

#endif
