/*
 * fd_change.c - what may be changed of an open file, and what is done to it besides.
 *
 * Changing anything takes a descriptor that was opened for writing and a grant with
 * the word for it (W33); a directory cannot be opened for writing: its grant alone counts.
 */
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

/* A regular file that was opened for writing, under a grant with ACCESS. */
static uint32_t changeable(struct guest *guest, uint32_t fd, uint64_t right, access_set access, struct file **out)
{
	uint32_t error = guest_file(guest, fd, right, access, out);

	if (error)
		return error;
	if ((*out)->kind != FILE_REGULAR)
		return WASI_BADF;
	return (*out)->base & RIGHT_FD_WRITE ? WASI_SUCCESS : WASI_NOTCAPABLE;
}

uint32_t wasi_fd_filestat_set_size(struct guest *guest, uint32_t fd, uint64_t size)
{
	struct file *file;
	uint32_t error = changeable(guest, fd, RIGHT_FD_FILESTAT_SET_SIZE, ACCESS_WRITE, &file);

	if (error)
		return error;
	return size > INT64_MAX ? (uint32_t)WASI_INVAL : errno_wasi(sys_ftruncate(file->fd, size));
}

uint32_t wasi_fd_allocate(struct guest *guest, uint32_t fd, uint64_t at, uint64_t len)
{
	struct file *file;
	uint32_t error = changeable(guest, fd, RIGHT_FD_ALLOCATE, ACCESS_WRITE, &file);

	if (error)
		return error;
	if (len == 0)
		return WASI_INVAL;
	if (at > INT64_MAX || len > INT64_MAX - at)
		return WASI_FBIG;
	return errno_wasi(sys_fallocate(file->fd, at, len));
}

static uint32_t times_by_name(struct guest *guest, struct file *file, const struct timespec times[2])
{
	struct need need = { .kind = KIND_FILE, .act = ACT_CHANGE, .call = CALL_PATH_FILESTAT_SET_TIMES,
			     .access = ACCESS_META, .flags = NEED_FOLLOW | NEED_DIRECTORY, .times = { times[0], times[1] } };
	struct answer answer = ANSWER_NO;
	struct place place;
	struct stat st;
	uint32_t error = errno_open(names_self(guest->state->names, &file->dir, ACCESS_META, &place));
	int fd;

	if (error)
		return error;
	if (place.kind == PLACE_HOLE) {
		need.name = place.name;
		error = guest_need(guest, &need, &answer);
		for (int i = 0; i < ANSWER_FDS; i++)
			sys_close(answer.fds[i]);
		return error;
	}
	if (place.kind != PLACE_COVERED)
		return WASI_ACCES;
	if (!(place.mount->access & ACCESS_META))
		return WASI_NOTCAPABLE;
	fd = path_open_self(&place, ACCESS_META, &st);
	error = errno_open(fd < 0 ? fd : sys_utimensat(fd, ".", times, 0));
	sys_close(fd);
	return error;
}

uint32_t wasi_fd_filestat_set_times(struct guest *guest, uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags)
{
	struct timespec times[2];
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, RIGHT_FD_FILESTAT_SET_TIMES, &file);

	if (!error)
		error = times_fill(atim, mtim, flags, times);
	if (error)
		return error;
	if (file->kind == FILE_DIRECTORY && file->fd < 0)
		return times_by_name(guest, file, times);
	if (!(file->access & ACCESS_META))
		return WASI_NOTCAPABLE;
	if (file->kind == FILE_DIRECTORY)
		return errno_wasi(sys_utimensat(file->fd, ".", times, 0));
	error = changeable(guest, fd, RIGHT_FD_FILESTAT_SET_TIMES, ACCESS_META, &file);
	return error ? error : errno_wasi(sys_utimensat(file->fd, NULL, times, 0));
}

uint32_t wasi_fd_advise(struct guest *guest, uint32_t fd, uint64_t at, uint64_t len, uint32_t advice)
{
	static const int advices[] = { POSIX_FADV_NORMAL, POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
				       POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE };
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, RIGHT_FD_ADVISE, &file);

	if (error)
		return error;
	if (advice >= sizeof advices / sizeof *advices || at > INT64_MAX || len > INT64_MAX)
		return WASI_INVAL;
	if (file->kind == FILE_DIRECTORY)
		return WASI_BADF;
	if (file->kind == FILE_DEVICE)
		return WASI_SUCCESS;
	return errno_wasi(sys_fadvise(file->fd, at, len, advices[advice]));
}

/* Directories are held by descriptors that cannot be synced, or by none: then there is nothing of ours to sync. */
static uint32_t file_sync(struct guest *guest, uint32_t fd, uint64_t right, int (*sync)(int fd))
{
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, right, &file);
	int dirfd;

	if (error || file->fd < 0)
		return error;
	if (file->kind != FILE_DIRECTORY)
		return errno_wasi(sync(file->fd));
	dirfd = sys_openat2(file->fd, ".", O_RDONLY | O_DIRECTORY, 0, SYS_BENEATH | SYS_NO_MAGIC);
	if (dirfd < 0)
		return errno_open(dirfd);
	error = errno_wasi(sync(dirfd));
	sys_close(dirfd);
	return error;
}

uint32_t wasi_fd_sync(struct guest *guest, uint32_t fd)
{
	return file_sync(guest, fd, RIGHT_FD_SYNC, sys_fsync);
}

uint32_t wasi_fd_datasync(struct guest *guest, uint32_t fd)
{
	return file_sync(guest, fd, RIGHT_FD_DATASYNC, sys_fdatasync);
}
