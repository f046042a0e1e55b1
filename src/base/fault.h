/*
 * fault.h - makes the Nth system call or allocation fail, in test builds only.
 *
 * With -DWASK_FAULTS whoever links this defines fault_here; without it this is nothing.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef WASK_FAULTS
bool fault_here(const char *what);	/* true: fail this one (system calls: EIO) */
#else
static inline bool fault_here(const char *what)
{
	(void)what;
	return false;
}
#endif

#endif
