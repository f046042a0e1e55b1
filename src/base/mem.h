/*
 * mem.h - the only allocations.
 *
 * Zeroed memory (but for mem_raw), NULL on failure, size 0 is allowed and gives memory that can be
 * freed. Nothing else calls malloc, so faults can be injected here (fault.h).
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_new(size_t n, size_t size);				/* n * size bytes, zeroed; NULL when it overflows */
void *mem_raw(size_t size);					/* not zeroed: for large room of which pages may never be touched */
void *mem_grow(void *old, size_t had, size_t n, size_t size);	/* as realloc; what is new is zeroed; OLD stays on failure */
bool mem_room(void **at, size_t n, size_t *size, size_t each);	/* room for one more in *AT, an array of *SIZE of which N are used; false: no memory, all as it was */
void mem_free(void *old);					/* NULL is fine */

#endif
