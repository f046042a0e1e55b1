/*
 * descriptors.c - the guest's descriptors; see descriptors.h.
 *
 * The slots never move, so a struct file * is good until its number is closed; they
 * are made in pieces, most guests need one. A bit set says which are open: the lowest
 * free number is found in a few words.
 * Nothing here asserts: every number comes from the guest (W03).
 */
#include "wasi/descriptors.h"

#include "base/mem.h"
#include "base/sys.h"
#include "wasi/state.h"

enum { WORD = 64, WORDS = LIMIT_DESCRIPTORS / WORD, PIECE = 8, PIECES = LIMIT_DESCRIPTORS / PIECE };
_Static_assert(LIMIT_DESCRIPTORS % WORD == 0 && LIMIT_DESCRIPTORS % PIECE == 0, "whole words and pieces");

struct descriptors {
	uint64_t open[WORDS];
	struct file *pieces[PIECES];		/* NULL: nothing in it was ever open */
};

/* Of a number that is, or was, open. */
static inline struct file *slot(const struct descriptors *table, uint32_t fd)
{
	return &table->pieces[fd / PIECE][fd % PIECE];
}

struct descriptors *descriptors_new(void)
{
	return mem_new(1, sizeof(struct descriptors));
}

static bool is_open(const struct descriptors *table, uint32_t fd)
{
	return fd < LIMIT_DESCRIPTORS && (table->open[fd / WORD] >> fd % WORD & 1);
}

void file_done(struct file *file)
{
	if (!file->borrowed)
		sys_close(file->fd);
	listing_free(file->listing);
	if (file->kind == FILE_DIRECTORY)
		mem_free((void *)(uintptr_t)file->dir.name.at);
	*file = (struct file){ .kind = FILE_FREE, .fd = -1 };
}

uint32_t descriptors_close(struct descriptors *table, uint32_t fd)
{
	if (!is_open(table, fd))
		return WASI_BADF;
	table->open[fd / WORD] &= ~(UINT64_C(1) << fd % WORD);
	file_done(slot(table, fd));
	return WASI_SUCCESS;
}

void descriptors_free(struct descriptors *table)
{
	if (!table)
		return;
	for (uint32_t fd = 0; fd < LIMIT_DESCRIPTORS; fd++)
		descriptors_close(table, fd);
	for (size_t i = 0; i < PIECES; i++)
		mem_free(table->pieces[i]);
	mem_free(table);
}

uint32_t descriptors_get(struct descriptors *table, uint32_t fd, uint64_t rights, struct file **out)
{
	if (!is_open(table, fd))
		return WASI_BADF;
	if (rights & ~slot(table, fd)->base)
		return WASI_NOTCAPABLE;
	*out = slot(table, fd);
	return WASI_SUCCESS;
}

static uint32_t lowest_free(const struct descriptors *table)
{
	for (uint32_t i = 0; i < WORDS; i++)
		if (~table->open[i])
			return i * WORD + (uint32_t)__builtin_ctzll(~table->open[i]);
	return LIMIT_DESCRIPTORS;
}

bool descriptors_full(const struct descriptors *table)
{
	return lowest_free(table) == LIMIT_DESCRIPTORS;
}

uint32_t descriptors_put_at(struct descriptors *table, uint32_t fd, const struct file *file)
{
	struct file **piece;

	if (fd >= LIMIT_DESCRIPTORS || is_open(table, fd))
		return WASI_BADF;
	piece = &table->pieces[fd / PIECE];
	if (!*piece)
		*piece = mem_new(PIECE, sizeof **piece);
	if (!*piece)
		return WASI_NOMEM;
	table->open[fd / WORD] |= UINT64_C(1) << fd % WORD;
	*slot(table, fd) = *file;
	return WASI_SUCCESS;
}

uint32_t descriptors_put(struct descriptors *table, const struct file *file, uint32_t *out)
{
	uint32_t fd = lowest_free(table);

	if (fd == LIMIT_DESCRIPTORS)
		return WASI_MFILE;
	*out = fd;
	return descriptors_put_at(table, fd, file);
}

uint32_t descriptors_renumber(struct descriptors *table, uint32_t from, uint32_t to)
{
	struct file moved;

	if (!is_open(table, from) || !is_open(table, to))
		return WASI_BADF;
	if (from == to)
		return WASI_SUCCESS;
	moved = *slot(table, from);
	*slot(table, from) = (struct file){ .kind = FILE_FREE, .fd = -1 };
	table->open[from / WORD] &= ~(UINT64_C(1) << from % WORD);
	descriptors_close(table, to);
	return descriptors_put_at(table, to, &moved);
}
