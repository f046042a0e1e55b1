/*
 * args.c - arguments and environment: lists of bytes, each with a NUL behind it.
 *
 * The lists never change while the guest runs, so the sizes and the copies agree.
 */
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

static uint64_t bytes_of(struct texts texts)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < texts.n; i++)
		bytes += (uint64_t)texts.at[i].len + 1;
	return bytes;
}

static uint32_t sizes_get(struct guest *guest, struct texts texts, uint32_t count, uint32_t size)
{
	void *count_at = guest_range(guest, count, sizeof(uint32_t)), *size_at = guest_range(guest, size, sizeof(uint32_t));
	uint64_t bytes = bytes_of(texts);

	if (!count_at || !size_at)
		return WASI_FAULT;
	if (texts.n > UINT32_MAX || bytes > UINT32_MAX)
		return WASI_OVERFLOW;
	guest_put_u32(count_at, (uint32_t)texts.n);
	guest_put_u32(size_at, (uint32_t)bytes);
	return WASI_SUCCESS;
}

static uint32_t list_get(struct guest *guest, struct texts texts, uint32_t pointers, uint32_t buf)
{
	uint64_t bytes = bytes_of(texts);
	uint8_t *to, *pointer;

	if (texts.n > UINT32_MAX || bytes > UINT32_MAX)
		return WASI_OVERFLOW;
	pointer = guest_array(guest, pointers, (uint32_t)texts.n, sizeof(uint32_t));
	to = guest_range(guest, buf, bytes);
	if (!pointer || !to)
		return WASI_FAULT;
	for (size_t i = 0; i < texts.n; i++) {
		struct text t = texts.at[i];

		guest_put_u32(pointer + i * sizeof(uint32_t), buf);
		if (t.len)
			guest_put(to, t.at, t.len);
		to[t.len] = '\0';
		to += t.len + 1;
		buf += (uint32_t)t.len + 1;
	}
	return WASI_SUCCESS;
}

uint32_t wasi_args_get(struct guest *guest, uint32_t argv, uint32_t buf)
{
	return list_get(guest, guest->state->start->argv, argv, buf);
}

uint32_t wasi_args_sizes_get(struct guest *guest, uint32_t argc, uint32_t size)
{
	return sizes_get(guest, guest->state->start->argv, argc, size);
}

uint32_t wasi_environ_get(struct guest *guest, uint32_t environ, uint32_t buf)
{
	return list_get(guest, guest->state->start->env, environ, buf);
}

uint32_t wasi_environ_sizes_get(struct guest *guest, uint32_t count, uint32_t size)
{
	return sizes_get(guest, guest->state->start->env, count, size);
}
