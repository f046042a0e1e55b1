/*
 * memory.c - the one door to guest memory; see memory.h.
 *
 * The only place where a guest's number becomes a host pointer.
 */
#include "wasi/memory.h"

#include "base/limits.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "guest memory is little-endian and is copied as it is");

static bool fits(const struct guest *guest, uint32_t ptr, uint64_t n)
{
	return guest->base && n <= guest->len && ptr <= guest->len - n;
}

void *guest_range(struct guest *guest, uint32_t ptr, uint64_t n)
{
	if (__builtin_expect(!fits(guest, ptr, n), 0)) {
		if (guest->refresh)
			guest->refresh(guest);
		if (!fits(guest, ptr, n))
			return NULL;
	}
	return guest->base + ptr;
}

void *guest_array(struct guest *guest, uint32_t ptr, uint32_t count, uint32_t size)
{
	return guest_range(guest, ptr, (uint64_t)count * size);
}

uint32_t guest_path(struct guest *guest, uint32_t ptr, uint32_t len, struct text *out)
{
	const char *at = guest_range(guest, ptr, len);
	size_t component = 0;

	if (!at)
		return WASI_FAULT;
	if (len > LIMIT_PATH)
		return WASI_NAMETOOLONG;
	for (size_t i = 0; i < len; i++) {
		if (at[i] == '\0')
			return WASI_INVAL;
		component = at[i] == '/' ? 0 : component + 1;
		if (component > LIMIT_COMPONENT)
			return WASI_NAMETOOLONG;
	}
	*out = (struct text){ at, len };
	return WASI_SUCCESS;
}

/* One member. *TOTAL stays at most LIMIT_CALL_BYTES: what is beyond is cut off. */
static bool iovec_add(struct guest *guest, const struct wasi_iovec *from, struct iovec *to, uint64_t *total)
{
	uint64_t room = LIMIT_CALL_BYTES - *total;

	to->iov_base = guest_range(guest, from->buf, from->len);
	if (!to->iov_base)
		return false;
	to->iov_len = from->len < room ? from->len : (size_t)room;
	*total += to->iov_len;
	return true;
}

uint32_t guest_iovecs(struct guest *guest, uint32_t ptr, uint32_t n, struct iovec *out, int *count, uint64_t *total)
{
	struct wasi_iovec one;
	const uint8_t *at = guest_array(guest, ptr, n, sizeof one);
	uint64_t sum = 0;
	int used = 0;

	if (!at)
		return WASI_FAULT;
	if (n > LIMIT_IOVECS)
		return WASI_INVAL;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&one, at + i * sizeof one, sizeof one);
		if (!iovec_add(guest, &one, &out[used], &sum))
			return WASI_FAULT;
		used += out[used].iov_len > 0;	/* libc's flush has an empty second: one piece alone is cheaper */
	}
	*count = used;
	*total = sum;
	return WASI_SUCCESS;
}
