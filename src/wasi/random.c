/*
 * random.c - random bytes for the guest.
 *
 * Small requests come out of a buffer that getrandom fills, so that most cost no
 * system call; what was handed out is wiped. No generator of our own. A worker that
 * is forked shares what is buffered: whoever forks one lets the copy have other bytes.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

enum { BUFFER = 4096, SMALL = 256 };

struct random {
	size_t left;		/* unused bytes, at the end of AT */
	uint8_t at[BUFFER];
};

struct random *random_new(void)
{
	struct random *random = mem_raw(sizeof *random);	/* most guests ask for none */

	if (random)
		random->left = 0;
	return random;
}

void random_free(struct random *random)
{
	if (random)
		explicit_bzero(random, sizeof *random);
	mem_free(random);
}

/* Moves: what was handed out is wiped. By words, because most requests are a few. */
static void random_move(uint8_t *to, uint8_t *from, size_t n)
{
	uint64_t word;

	for (; n >= sizeof word; n -= sizeof word, to += sizeof word, from += sizeof word) {
		memcpy(&word, from, sizeof word);
		memset(from, 0, sizeof word);
		memcpy(to, &word, sizeof word);
	}
	if (n == 0)
		return;
	memcpy(to, from, n);
	explicit_bzero(from, n);
}

static int random_small(struct random *random, void *at, size_t n)
{
	int error;

	if (random->left < n) {
		error = sys_random(random->at, BUFFER);
		if (error < 0)
			return error;
		random->left = BUFFER;
	}
	random_move(at, random->at + BUFFER - random->left, n);
	random->left -= n;
	return 0;
}

int random_fill(struct random *random, void *at, size_t n)
{
	uint8_t *to = at;

	if (n <= SMALL)
		return random_small(random, at, n);
	for (size_t piece; n > 0; to += piece, n -= piece) {
		int error;

		piece = n < LIMIT_RANDOM_PIECE ? n : (size_t)LIMIT_RANDOM_PIECE;
		error = sys_random(to, piece);
		if (error < 0)
			return error;
	}
	return 0;
}

uint32_t wasi_random_get(struct guest *guest, uint32_t buf, uint32_t len)
{
	void *at = guest_range(guest, buf, len);

	if (!at)
		return WASI_FAULT;
	if (len > LIMIT_RANDOM_BYTES)
		return WASI_INVAL;
	return errno_wasi(random_fill(guest->state->random, at, len));
}
