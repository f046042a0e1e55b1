/*
 * memory.h - the one door to guest memory.
 *
 * Every pointer and length of a guest is hostile. A range is checked once, whole,
 * in 64 bits, and only then becomes a host pointer, which is good until the guest
 * runs again. Structures are copied in before they are looked at, so a decision and
 * what is done see the same bytes.
 */
#ifndef WASI_MEMORY_H
#define WASI_MEMORY_H

#include <sys/uio.h>

#include "base/text.h"
#include "wasi/abi.h"
#include "wasi/guest.h"

/* N bytes at PTR, or NULL when they are not all memory. N 0: in memory when PTR is; then not NULL. */
void *guest_range(struct guest *guest, uint32_t ptr, uint64_t n);

/* COUNT elements of SIZE bytes, with 64-bit arithmetic. */
void *guest_array(struct guest *guest, uint32_t ptr, uint32_t count, uint32_t size);

/* Out parameters, once their range is known: guest pointers need not be aligned. */
static inline void guest_put(void *at, const void *from, size_t n)
{
	memcpy(at, from, n);
}

static inline void guest_put_u32(void *at, uint32_t value)
{
	memcpy(at, &value, sizeof value);
}

static inline void guest_put_u64(void *at, uint64_t value)
{
	memcpy(at, &value, sizeof value);
}

/*
 * A path: WASI_SUCCESS and OUT views guest memory, or FAULT, NAMETOOLONG (over
 * LIMIT_PATH, or a component over LIMIT_COMPONENT), INVAL or ILSEQ (a NUL in it: INVAL).
 */
uint32_t guest_path(struct guest *guest, uint32_t ptr, uint32_t len, struct text *out);

/*
 * N iovecs at PTR, each member checked, those that are not empty copied; at most
 * LIMIT_IOVECS. OUT has room for LIMIT_IOVECS, *COUNT is those copied, *TOTAL is their sum, cut so that it is at most LIMIT_CALL_BYTES
 * (a short count is fine for reads and writes). FAULT, INVAL (too many), or SUCCESS.
 */
uint32_t guest_iovecs(struct guest *guest, uint32_t ptr, uint32_t n, struct iovec *out, int *count, uint64_t *total);

#endif
