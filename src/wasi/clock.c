/*
 * clock.c - clocks, and giving way.
 *
 * The guest's clocks are the host's, of the process that runs it.
 */
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

static const clockid_t clocks[WASI_CLOCKS] = {
	[WASI_CLOCK_REALTIME] = CLOCK_REALTIME,
	[WASI_CLOCK_MONOTONIC] = CLOCK_MONOTONIC,
	[WASI_CLOCK_PROCESS] = CLOCK_PROCESS_CPUTIME_ID,
	[WASI_CLOCK_THREAD] = CLOCK_THREAD_CPUTIME_ID,
};

uint32_t clock_now(uint32_t clock, uint64_t *out)
{
	return clock < WASI_CLOCKS ? errno_wasi(sys_clock(clocks[clock], out)) : (uint32_t)WASI_INVAL;
}

uint32_t wasi_clock_time_get(struct guest *guest, uint32_t clock, uint64_t precision, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(uint64_t));
	uint64_t now;
	uint32_t error;

	(void)precision;
	if (!at)
		return WASI_FAULT;
	error = clock_now(clock, &now);
	if (!error)
		guest_put_u64(at, now);
	return error;
}

uint32_t wasi_clock_res_get(struct guest *guest, uint32_t clock, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(uint64_t));
	uint64_t resolution;
	uint32_t error;

	if (!at)
		return WASI_FAULT;
	if (clock >= WASI_CLOCKS)
		return WASI_INVAL;
	error = errno_wasi(sys_clock_res(clocks[clock], &resolution));
	if (!error)
		guest_put_u64(at, resolution);
	return error;
}

uint32_t wasi_sched_yield(struct guest *guest)
{
	(void)guest;
	return errno_wasi(sys_yield());
}
