/* progress.h - says that a module is being compiled, when that takes a while and somebody looks. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

/* For struct wask_wasmtime_run_options: runs in the process that compiles. SELF is unused. */
void progress_compiling(void *self, const char *program, uint64_t bytes);

#endif
