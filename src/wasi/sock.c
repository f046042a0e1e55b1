/*
 * sock.c - sockets that were handed in, as 0 to 2 or after the preopens, and what is
 * accepted from them.
 *
 * preview1 makes none. Anything else is `notsock`. NONBLOCK is the guest's alone: the
 * host descriptor may be shared with whoever handed it in, and may not block either.
 */
#include <errno.h>
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

/* After a call on FILE failed with ERROR: 1, once it is worth another try; or -errno, for the guest. */
static int socket_wait(const struct file *file, ssize_t error, short events)
{
	struct pollfd ready = { .fd = file->fd, .events = events };
	int n;

	if (error == -EINTR)
		return 1;
	if (error != -EAGAIN || file->flags & WASI_FD_NONBLOCK)
		return (int)error;
	n = sys_ppoll(&ready, 1, NULL);
	return n < 0 && n != -EINTR ? n : 1;
}

static int dont_wait(const struct file *file)
{
	return file->flags & WASI_FD_NONBLOCK ? MSG_DONTWAIT : 0;
}

ssize_t socket_receive(const struct file *file, const struct iovec *iov, int n, int flags, bool *truncated)
{
	for (;;) {
		ssize_t done = sys_recvmsg(file->fd, iov, n, flags | dont_wait(file), truncated);
		int again = done < 0 ? socket_wait(file, done, POLLIN) : 0;

		if (again <= 0)
			return done < 0 ? again : done;
	}
}

ssize_t socket_send(const struct file *file, const struct iovec *iov, int n)
{
	for (;;) {
		ssize_t done = sys_sendmsg(file->fd, iov, n, dont_wait(file));
		int again = done < 0 ? socket_wait(file, done, POLLOUT) : 0;

		if (again <= 0)
			return done < 0 ? again : done;
	}
}

/* accept4 has no flag for it: whether somebody waits is looked at first. */
static int connection_take(const struct file *file)
{
	struct pollfd now = { .fd = file->fd, .events = POLLIN };

	if (file->flags & WASI_FD_NONBLOCK && sys_ppoll(&now, 1, &(struct timespec){ 0 }) == 0)
		return -EAGAIN;
	for (;;) {
		int fd = sys_accept(file->fd, 0), again = fd < 0 ? socket_wait(file, fd, POLLIN) : 0;

		if (again <= 0)
			return fd < 0 ? again : fd;
	}
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
	made.base = file->inheriting;
	made.grant = file->grant;
	made.fd = connection_take(file);
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
	done = socket_receive(file, iov, count, host, &truncated);
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
	done = socket_send(file, iov, count);
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
