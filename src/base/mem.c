/* mem.c - the only allocations; see mem.h. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

void *mem_new(size_t n, size_t size)
{
	if (fault_here("alloc"))
		return NULL;
	return calloc(n ? n : 1, size ? size : 1);
}

void *mem_raw(size_t size)
{
	return fault_here("alloc") ? NULL : malloc(size ? size : 1);
}

void *mem_grow(void *old, size_t had, size_t n, size_t size)
{
	char *made;

	if (fault_here("alloc") || (size && n > SIZE_MAX / size))
		return NULL;
	made = realloc(old, n && size ? n * size : 1);
	if (made && n > had)
		memset(made + had * size, 0, (n - had) * size);
	return made;
}

bool mem_room(void **at, size_t n, size_t *size, size_t each)
{
	size_t want = *size ? 2 * *size : 16;
	void *grown;

	if (n < *size)
		return true;
	grown = mem_grow(*at, *size, want, each);
	if (!grown)
		return false;
	*at = grown;
	*size = want;
	return true;
}

void mem_free(void *old)
{
	free(old);
}
