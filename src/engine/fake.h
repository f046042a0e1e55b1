/*
 * fake.h - an engine without one: calls the host functions by name.
 *
 * Tests are the guest here. The memory is exactly as large as was said, so that a
 * sanitizer sees a byte beyond it; growing moves it.
 */
#ifndef ENGINE_FAKE_H
#define ENGINE_FAKE_H

#include "wasi/guest.h"

enum { FAKE_ARGS = 9 };		/* the most that a function of preview1 takes */

struct fake;

/* A guest with SIZE bytes of zeroed memory. 0, or a negative errno. Frees the guest with it. */
int fake_new(const struct guest_options *options, size_t size, struct fake **out);
void fake_free(struct fake *fake);	/* NULL ok */

struct guest *fake_guest(struct fake *fake);
uint8_t *fake_memory(struct fake *fake);	/* good until it grows */
size_t fake_size(const struct fake *fake);

/*
 * Grows to SIZE bytes, as memory.grow: contents stay, what is new is zero. The guest
 * is told the new place at once and the new length only when it refreshes. 0 or -ENOMEM.
 */
int fake_grow(struct fake *fake, size_t size);

/* No instance yet, so no memory: every pointer faults. GONE false: it is there again. */
void fake_hide(struct fake *fake, bool gone);

/* The rows of preview1.def, then those of unstable.def ("unstable_fd_seek"), by number; the signature as there ("iIiv"). NULL past the last. */
const char *fake_row(size_t row, const char **signature);

/* Calls the function of that row. Arguments beyond its signature are not looked at. */
uint32_t fake_call_row(struct fake *fake, size_t row, const uint64_t args[FAKE_ARGS]);

/* By name; a name that is no function gives UINT32_MAX. */
uint32_t fake_call(struct fake *fake, const char *name, const uint64_t args[FAKE_ARGS]);

/* fake_run(fake, "fd_read", 3, 8, 1, 4): what is not given is 0 (give one at least). */
#define fake_run(fake, name, ...) fake_call(fake, name, (const uint64_t[FAKE_ARGS]){ __VA_ARGS__ })

#endif
