/*
 * guest.h - one guest: its memory, descriptors, namespace, and the door.
 *
 * Here is what the engine and the assembly (api/) see of it; what the WASI calls
 * keep for themselves is in wasi/state.h. No engine in it: the engine fills in the
 * memory and the function pointers. One thread at a time.
 */
#ifndef WASI_GUEST_H
#define WASI_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "cap/start.h"

struct guest {
	/*
	 * Linear memory. LEN is a lower bound: memories never shrink, so a range that
	 * does not fit makes guest memory access call REFRESH once and look again.
	 * BASE NULL: no memory yet, REFRESH first. Where memory may move, the engine
	 * sets BASE and LEN before every call.
	 */
	uint8_t *base;
	uint64_t len;
	void (*refresh)(struct guest *guest);	/* sets BASE and LEN; NULL while there is no instance */

	/*
	 * Waits until the door may have an answer. 0, or negative: the guest is being
	 * ended and the call returns at once. NULL: authority_take blocks instead.
	 */
	int (*wait)(struct guest *guest);

	/*
	 * proc_exit. May not return (a program with one guest ends here); when it
	 * does, ENDED is set and the engine unwinds the guest after the host function.
	 */
	void (*end)(struct guest *guest, uint32_t status);
	bool ended;
	uint32_t status;			/* valid once ENDED */

	/* The door is broken: whoever judged is gone. May not return; when it does, or is NULL, the call is refused. */
	void (*lost)(struct guest *guest);

	void *engine;				/* the engine's own */
	void *owner;				/* of who made the guest (api/), for END */
	struct guest_state *state;		/* wasi/'s own */
};

struct guest_options {
	struct authority *authority;		/* borrowed */
	const struct start *start;		/* texts and arrays borrowed; the mounts' descriptors pass to the guest, also when it fails */
	int stdio[3];				/* host descriptors for the guest's 0 to 2: borrowed, never closed; -1: closed */
	const int *listen;			/* sockets: the guest's descriptors after the preopens. LISTEN and what is in it: borrowed, never closed */
	size_t nlisten;
	bool sanitise[3];			/* this one is a terminal on which questions may come: pass only text (D7) */
};

int guest_new(const struct guest_options *options, struct guest **out);	/* 0, or a negative errno */
void guest_free(struct guest *guest);						/* sends the tallies; NULL ok */

/* What the worker answered alone goes to the judge: before the end message, and from guest_free. */
void guest_tally(struct guest *guest);

#endif
