/*
 * errno.c - the only place where a host errno becomes a WASI one.
 *
 * Made out of errno.def. What preview1 has no name for is `io`.
 */
#include <errno.h>

#include "wasi/state.h"

enum { ESUCCESS = 0, ENOTCAPABLE = 255 };	/* the two that no host has */

static const uint8_t wasi_of[256] = {
#define WASI_ERRNO(number, NAME) [E##NAME] = number,
#include "wasi/errno.def"
#undef WASI_ERRNO
};

uint32_t errno_wasi(int error)
{
	unsigned number = error < 0 ? 0u - (unsigned)error : (unsigned)error;

	if (number == 0)
		return WASI_SUCCESS;
	return number < ENOTCAPABLE && wasi_of[number] ? wasi_of[number] : WASI_IO;
}

uint32_t errno_open(int error)
{
	return error == EXDEV || error == -EXDEV ? WASI_PERM : errno_wasi(error);
}
