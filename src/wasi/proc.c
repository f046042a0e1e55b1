/*
 * proc.c - the end of a guest.
 */
#include "wasi/preview1.h"
#include "wasi/state.h"

/* ENDED is set before END is called: END may come back, and then the engine unwinds the guest. */
uint32_t wasi_proc_exit(struct guest *guest, uint32_t status)
{
	output_end(guest->state->output);
	guest->ended = true;
	guest->status = status;
	if (guest->end)
		guest->end(guest, status);
	return WASI_SUCCESS;
}

uint32_t wasi_proc_raise(struct guest *guest, uint32_t sig)
{
	(void)guest;
	(void)sig;
	return WASI_NOSYS;
}
