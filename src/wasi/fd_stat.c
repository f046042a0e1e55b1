/*
 * fd_stat.c - descriptors themselves: closing, numbers, flags, rights, stat.
 *
 * Rights only ever shrink. What a guest is shown of flags and rights is what it opened
 * with, not what the grant would allow (W32). No system call but fstat.
 */
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

enum { SYNC_FLAGS = WASI_FD_DSYNC | WASI_FD_RSYNC | WASI_FD_SYNC };

uint32_t wasi_fd_close(struct guest *guest, uint32_t fd)
{
	return descriptors_close(guest->state->descriptors, fd);
}

uint32_t wasi_fd_renumber(struct guest *guest, uint32_t from, uint32_t to)
{
	return descriptors_renumber(guest->state->descriptors, from, to);
}

uint32_t wasi_fd_fdstat_get(struct guest *guest, uint32_t fd, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_fdstat));
	struct wasi_fdstat stat;
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, 0, &file);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	stat = (struct wasi_fdstat){ .filetype = file->filetype, .flags = file->flags, .base = file->base, .inheriting = file->inheriting };
	guest_put(at, &stat, sizeof stat);
	return WASI_SUCCESS;
}

/* Regular files: only APPEND reaches the host. Elsewhere the flags are the guest's own: the host descriptor is shared. */
static int flags_set(struct file *file, uint16_t flags)
{
	int now;

	if (file->kind != FILE_REGULAR || !((file->flags ^ flags) & WASI_FD_APPEND))
		return 0;
	now = sys_get_flags(file->fd);
	if (now < 0)
		return now;
	return sys_set_flags(file->fd, flags & WASI_FD_APPEND ? now | O_APPEND : now & ~O_APPEND);
}

uint32_t wasi_fd_fdstat_set_flags(struct guest *guest, uint32_t fd, uint32_t flags)
{
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, RIGHT_FD_FDSTAT_SET_FLAGS, &file);

	if (error)
		return error;
	if (flags & ~(uint32_t)WASI_FD_ALL)
		return WASI_INVAL;
	if (file->kind == FILE_REGULAR && !((file->base & RIGHT_FD_WRITE) && (file->access & ACCESS_ANY_CHANGE)))
		return WASI_NOTCAPABLE;
	if (file->kind == FILE_REGULAR && (file->flags & ~flags & WASI_FD_APPEND) && !(file->access & ACCESS_WRITE))
		return WASI_NOTCAPABLE;		/* append-only stays so */
	if ((file->flags ^ flags) & SYNC_FLAGS)
		return WASI_NOTSUP;		/* Linux sets these when opening only */
	error = errno_wasi(flags_set(file, (uint16_t)flags));
	if (!error)
		file->flags = (uint16_t)flags;
	return error;
}

uint32_t wasi_fd_fdstat_set_rights(struct guest *guest, uint32_t fd, uint64_t base, uint64_t inheriting)
{
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, 0, &file);

	if (error)
		return error;
	if ((base & ~file->base) || (inheriting & ~file->inheriting))
		return WASI_NOTCAPABLE;
	file->base = base;
	file->inheriting = inheriting;
	return WASI_SUCCESS;
}

/* A directory without a descriptor of its own: whatever its name leads to now. */
static uint32_t stat_by_name(struct guest *guest, struct file *file, struct wasi_filestat *out)
{
	struct need need = { .kind = KIND_FILE, .act = ACT_LOOK, .call = CALL_PATH_FILESTAT_GET,
			     .access = ACCESS_STAT, .flags = NEED_FOLLOW | NEED_DIRECTORY };
	struct answer answer = ANSWER_NO;
	struct place place;
	struct stat st;
	uint32_t error = errno_open(names_self(guest->state->names, &file->dir, ACCESS_STAT, &place));
	int fd;

	if (error)
		return error;
	if (place.kind == PLACE_COVERED) {
		fd = path_open_self(&place, ACCESS_STAT, &st);
		error = errno_open(fd < 0 ? fd : 0);
		sys_close(fd);
	} else if (place.kind == PLACE_HOLE) {
		need.name = place.name;
		error = guest_need(guest, &need, &answer);
		st = answer.filestat;
		for (int i = 0; i < ANSWER_FDS; i++)
			sys_close(answer.fds[i]);
		if (!error && !answer.has_stat)
			error = WASI_NOENT;
	} else {
		filestat_made(guest, place.name, WASI_FT_DIR, out);
		return WASI_SUCCESS;
	}
	if (!error)
		filestat_fill(guest, &st, out);
	return error;
}

/* So that a stat by name and one by descriptor say the same. The other devices are the standard descriptors. */
static const struct text device_names[] = {
	[DEVICE_NULL] = { "/dev/null", 9 }, [DEVICE_ZERO] = { "/dev/zero", 9 }, [DEVICE_URANDOM] = { "/dev/urandom", 12 },
};

uint32_t fd_filestat(struct guest *guest, uint32_t fd, const void *out_at, struct wasi_filestat *out)
{
	struct wasi_filestat stat;
	struct file *file;
	struct stat st;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, RIGHT_FD_FILESTAT_GET, &file);

	if (error)
		return error;
	if (!out_at)
		return WASI_FAULT;
	if (file->fd >= 0) {
		error = errno_wasi(sys_fstat(file->fd, &st));
		if (!error && file->dir.mount && names_pseudo(file->dir.mount, file->fd, &st))
			error = WASI_ACCES;
		if (!error)
			filestat_fill(guest, &st, &stat);
	} else if (file->kind == FILE_DIRECTORY) {
		error = stat_by_name(guest, file, &stat);
	} else {
		filestat_made(guest, device_names[file->device], file->filetype, &stat);
	}
	if (!error)
		*out = stat;
	return error;
}

uint32_t wasi_fd_filestat_get(struct guest *guest, uint32_t fd, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_filestat));
	struct wasi_filestat stat;
	uint32_t error = fd_filestat(guest, fd, at, &stat);

	if (!error)
		guest_put(at, &stat, sizeof stat);
	return error;
}
