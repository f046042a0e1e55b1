/* worker.h - the worker process of a run; api/ only. */
#ifndef API_WORKER_H
#define API_WORKER_H

#include <wask-wasmtime.h>

#include "api/run.h"

struct worker {
	const struct wask_run *run;
	const struct wask_wasmtime_api *api;
	const struct wask_wasmtime_run_options *options;
	int doorfd, modulefd;
	int parent;
};

/* All that the worker process does, from just after the fork on. */
void worker_main(const struct worker *worker) __attribute__((noreturn));

#endif
