/*
 * sock.c - sockets that were handed in, as 0 to 2 or accepted from one of those.
 *
 * preview1 makes none. Anything else is `notsock`.
 */
#include <sys/socket.h>

#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

static uint32_t socket_file(struct guest *guest, uint32_t fd, uint64_t rights, struct file **out)
{
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, 0, &file);

	if (error)
		return error;
	if (file->filetype != WASI_FT_STREAM && file->filetype != WASI_FT_DGRAM)
		return WASI_NOTSOCK;
	return descriptors_get(guest->state->descriptors, fd, rights, out);
}

uint32_t wasi_sock_accept(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t out)
{
	struct descriptors *table = guest->state->descriptors;
	void *at = guest_range(guest, out, sizeof(uint32_t));
	struct file *file, made = { .kind = FILE_SOCKET, .filetype = WASI_FT_STREAM, .access = ACCESS_READ | ACCESS_WRITE };
	uint32_t number, error = socket_file(guest, fd, RIGHT_SOCK_ACCEPT, &file);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	if (flags & ~(uint32_t)WASI_FD_NONBLOCK)
		return WASI_INVAL;
	if (descriptors_full(table))
		return WASI_MFILE;
	made.flags = (uint16_t)flags;
	made.base = RIGHT_FD_READ | RIGHT_FD_WRITE | RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_FILESTAT_GET |
		    RIGHT_POLL_FD_READWRITE | RIGHT_SOCK_SHUTDOWN;
	made.grant = file->grant;
	made.fd = sys_accept(file->fd, flags & WASI_FD_NONBLOCK ? SOCK_NONBLOCK : 0);
	if (made.fd < 0)
		return errno_wasi(made.fd);
	error = descriptors_put(table, &made, &number);
	if (error)
		sys_close(made.fd);
	else
		guest_put_u32(at, number);
	return error;
}

uint32_t wasi_sock_recv(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags, uint32_t size, uint32_t out_flags)
{
	void *size_at = guest_range(guest, size, sizeof(uint32_t)), *flags_at = guest_range(guest, out_flags, sizeof(uint16_t));
	int host = (flags & WASI_RI_PEEK ? MSG_PEEK : 0) | (flags & WASI_RI_WAITALL ? MSG_WAITALL : 0), count;
	struct iovec *iov = guest->state->iovecs;
	bool truncated = false;
	struct file *file;
	uint64_t total;
	ssize_t done;
	uint32_t error = socket_file(guest, fd, RIGHT_FD_READ, &file);

	if (error)
		return error;
	if (!size_at || !flags_at)
		return WASI_FAULT;
	if (flags & ~(uint32_t)(WASI_RI_PEEK | WASI_RI_WAITALL))
		return WASI_INVAL;
	error = guest_iovecs(guest, iovs, n, iov, &count, &total);
	if (error)
		return error;
	done = sys_recvmsg(file->fd, iov, count, host, &truncated);
	if (done < 0)
		return errno_wasi((int)done);
	guest_put_u32(size_at, (uint32_t)done);
	guest_put(flags_at, &(uint16_t){ truncated ? WASI_RO_TRUNCATED : 0 }, sizeof(uint16_t));
	return WASI_SUCCESS;
}

uint32_t wasi_sock_send(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(uint32_t));
	struct iovec *iov = guest->state->iovecs;
	struct file *file;
	uint64_t total;
	ssize_t done;
	int count;
	uint32_t error = socket_file(guest, fd, RIGHT_FD_WRITE, &file);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	if (flags)
		return WASI_INVAL;
	error = guest_iovecs(guest, iovs, n, iov, &count, &total);
	if (error)
		return error;
	done = sys_sendmsg(file->fd, iov, count);
	if (done < 0)
		return errno_wasi((int)done);
	guest_put_u32(at, (uint32_t)done);
	return WASI_SUCCESS;
}

uint32_t wasi_sock_shutdown(struct guest *guest, uint32_t fd, uint32_t how)
{
	static const int hows[] = { [WASI_SD_RD] = SHUT_RD, [WASI_SD_WR] = SHUT_WR, [WASI_SD_RD | WASI_SD_WR] = SHUT_RDWR };
	struct file *file;
	uint32_t error = socket_file(guest, fd, RIGHT_SOCK_SHUTDOWN, &file);

	if (error)
		return error;
	if (how == 0 || how >= sizeof hows / sizeof *hows)
		return WASI_INVAL;
	return errno_wasi(sys_shutdown(file->fd, hows[how]));
}
