/*
 * fake.c - an engine without one; see fake.h.
 *
 * The table of calls is preview1.def and what unstable.def has besides, as in the real
 * engine: what is missing there is missing here too.
 */
#include "engine/fake.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wasi/preview1.h"

struct fake {
	struct guest *guest;
	uint8_t *memory;
	size_t size;
	bool gone;
};

#define I(n) ((uint32_t)args[n])
#define L(n) (args[n])
#define P1(name, signature, arguments)							\
	static uint32_t call_##name(struct guest *guest, const uint64_t *args)		\
	{										\
		(void)args;								\
		return wasi_##name arguments;						\
	}
#define P0(name, signature, arguments) P1(unstable_##name, signature, arguments)
#define P0_ABSENT(name)
#include "wasi/preview1.def"
#include "wasi/unstable.def"
#undef P0_ABSENT
#undef P0
#undef P1
#undef I
#undef L

static const struct {
	const char *name, *signature;
	uint32_t (*call)(struct guest *guest, const uint64_t *args);
} rows[] = {
#define P1(name, signature, arguments) { #name, signature, call_##name },
#define P0(name, signature, arguments) P1(unstable_##name, signature, arguments)
#define P0_ABSENT(name)
#include "wasi/preview1.def"
#include "wasi/unstable.def"
#undef P0_ABSENT
#undef P0
#undef P1
};

enum { ROWS = sizeof rows / sizeof *rows };

static void refresh(struct guest *guest)
{
	const struct fake *fake = guest->engine;

	guest->base = fake->gone ? NULL : fake->memory;
	guest->len = fake->gone ? 0 : fake->size;
}

int fake_new(const struct guest_options *options, size_t size, struct fake **out)
{
	struct fake *fake = mem_new(1, sizeof *fake);
	int error;

	if (!fake)
		return -ENOMEM;
	fake->memory = mem_new(size, 1);
	error = fake->memory ? guest_new(options, &fake->guest) : -ENOMEM;
	if (error < 0) {
		fake_free(fake);
		return error;
	}
	fake->size = size;
	fake->guest->engine = fake;
	fake->guest->refresh = refresh;
	*out = fake;
	return 0;
}

void fake_free(struct fake *fake)
{
	if (!fake)
		return;
	guest_free(fake->guest);
	mem_free(fake->memory);
	mem_free(fake);
}

struct guest *fake_guest(struct fake *fake)
{
	return fake->guest;
}

uint8_t *fake_memory(struct fake *fake)
{
	return fake->memory;
}

size_t fake_size(const struct fake *fake)
{
	return fake->size;
}

int fake_grow(struct fake *fake, size_t size)
{
	uint8_t *grown = size < fake->size ? NULL : mem_new(size, 1);

	if (!grown)
		return -ENOMEM;
	memcpy(grown, fake->memory, fake->size);
	mem_free(fake->memory);
	fake->memory = grown;
	fake->size = size;
	if (fake->guest->base)
		fake->guest->base = grown;
	return 0;
}

void fake_hide(struct fake *fake, bool gone)
{
	fake->gone = gone;
	fake->guest->base = NULL;
	fake->guest->len = 0;
}

const char *fake_row(size_t row, const char **signature)
{
	if (row >= ROWS)
		return NULL;
	*signature = rows[row].signature;
	return rows[row].name;
}

uint32_t fake_call_row(struct fake *fake, size_t row, const uint64_t args[FAKE_ARGS])
{
	return row < ROWS ? rows[row].call(fake->guest, args) : UINT32_MAX;
}

uint32_t fake_call(struct fake *fake, const char *name, const uint64_t args[FAKE_ARGS])
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].call(fake->guest, args);
	return UINT32_MAX;
}
