/* arena.c - memory that is given back all at once; see arena.h. */
#include "base/arena.h"

#include <stdint.h>

#include "base/mem.h"

struct arena_block {
	struct arena_block *before;
	size_t used, size;
	_Alignas(max_align_t) char at[];
};

enum { SMALL = 1200 - 64, SMALLS = 4, BLOCK = 4096 - 64, ALIGN = _Alignof(max_align_t) };

/* Many an arena stays small: its first blocks are, too. */
static size_t usual_size(const struct arena *arena)
{
	size_t n = 0;

	for (const struct arena_block *block = arena->last; block && n < SMALLS; block = block->before)
		n++;
	return n < SMALLS ? SMALL : BLOCK;
}

static struct arena_block *block_add(struct arena *arena, size_t least)
{
	size_t usual = usual_size(arena), size = least > usual ? least : usual;
	struct arena_block *block = mem_new(1, sizeof *block + size);

	if (!block)
		return NULL;
	block->before = arena->last;
	block->size = size;
	return arena->last = block;
}

void *arena_new(struct arena *arena, size_t n, size_t size)
{
	struct arena_block *block = arena->last;
	size_t bytes;

	if (size && n > (SIZE_MAX / 2) / size)
		return NULL;
	bytes = (n * size + ALIGN - 1) / ALIGN * ALIGN;
	if (!block || block->size - block->used < bytes)
		block = block_add(arena, bytes);
	if (!block)
		return NULL;
	block->used += bytes;
	return block->at + block->used - bytes;
}

struct text arena_join(struct arena *arena, struct text a, struct text b, struct text c)
{
	struct text parts[] = { a, b, c };
	char *made = arena_new(arena, a.len + b.len + c.len + 1, 1), *to = made;

	if (!made)
		return (struct text){ 0 };
	for (size_t i = 0; i < 3; i++) {
		if (parts[i].len)
			memcpy(to, parts[i].at, parts[i].len);
		to += parts[i].len;
	}
	return (struct text){ made, (size_t)(to - made) };
}

struct text arena_text(struct arena *arena, struct text t)
{
	return arena_join(arena, t, (struct text){ 0 }, (struct text){ 0 });
}

void arena_done(struct arena *arena)
{
	while (arena->last) {
		struct arena_block *block = arena->last;

		arena->last = block->before;
		mem_free(block);
	}
}
