/*
 * preopen.c - how a guest learns which directories it starts with.
 *
 * Asked once by every libc, from descriptor 3 on until `badf`.
 */
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

/* `badf` ends a libc's search for preopens; any other error ends the program. */
static uint32_t preopen_name(struct guest *guest, uint32_t fd, struct text *out)
{
	struct names_dir dir;
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, 0, &file);

	if (error)
		return error;
	if (!file->preopen || names_preopen(guest->state->names, file->preopen - 1, &dir, out) < 0)
		return WASI_BADF;
	return WASI_SUCCESS;
}

uint32_t wasi_fd_prestat_get(struct guest *guest, uint32_t fd, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_prestat));
	struct wasi_prestat prestat = { 0 };	/* tag 0: a directory */
	struct text name;
	uint32_t error = preopen_name(guest, fd, &name);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	prestat.name_len = (uint32_t)name.len;
	guest_put(at, &prestat, sizeof prestat);
	return WASI_SUCCESS;
}

uint32_t wasi_fd_prestat_dir_name(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len)
{
	void *at = guest_range(guest, path, len);
	struct text name;
	uint32_t error = preopen_name(guest, fd, &name);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	if (len < name.len)
		return WASI_NAMETOOLONG;
	if (name.len)
		guest_put(at, name.at, name.len);
	return WASI_SUCCESS;
}
