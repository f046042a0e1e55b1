/*
 * fd_read_write.c - bytes in and out of descriptors.
 *
 * A regular file is read and written at our offset, never the kernel's, so that a
 * forked worker cannot move it; 0 to 2 and sockets have only the kernel's. Rights
 * first, then all pointers, then one vectored system call (W13, W35). Nothing is read
 * ahead (W37).
 */
#include <errno.h>

#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

typedef ssize_t (*transfer_fn)(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at);

/* A checked call: what to move, and where the count goes. */
struct transfer {
	struct file *file;
	void *out;
	int n;
	uint64_t total;
};

static ssize_t is_directory(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)guest, (void)file, (void)iov, (void)n, (void)at;
	return -EISDIR;
}

static ssize_t no_offset(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)guest, (void)file, (void)iov, (void)n, (void)at;
	return -ESPIPE;
}

static ssize_t read_at(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)guest;
	return sys_preadv(file->fd, iov, n, at);
}

static ssize_t write_at(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)guest;
	return sys_pwritev(file->fd, iov, n, at);
}

/* Where the file stands. Only the kernel knows where an append ended: the file may have grown since. */
static int file_position(const struct file *file, uint64_t *out)
{
	int64_t at;

	if (file->pos != FILE_AT_END) {
		*out = file->pos;
		return 0;
	}
	at = sys_lseek(file->fd, 0, SEEK_CUR);
	if (at < 0)
		return (int)at;
	*out = (uint64_t)at;
	return 0;
}

static ssize_t read_regular(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	uint64_t pos = 0;
	ssize_t done = file_position(file, &pos);

	(void)guest, (void)at;
	if (done < 0)
		return done;
	done = sys_preadv(file->fd, iov, n, pos);
	if (done >= 0)
		file->pos = pos + (uint64_t)done;
	return done;
}

static ssize_t write_regular(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	bool append = file->flags & WASI_FD_APPEND;
	uint64_t pos = 0;
	ssize_t done = append ? 0 : file_position(file, &pos);

	(void)guest, (void)at;
	if (done < 0)
		return done;
	done = append ? sys_writev(file->fd, iov, n) : sys_pwritev(file->fd, iov, n, pos);
	if (done >= 0)
		file->pos = append ? FILE_AT_END : pos + (uint64_t)done;
	return done;
}

/* NONBLOCK on 0 to 2 is the guest's alone; a blocking read on a descriptor that somebody made non-blocking waits. */
static ssize_t read_stdio(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	bool wait = !(file->flags & WASI_FD_NONBLOCK);
	struct pollfd ready = { .fd = file->fd, .events = POLLIN };
	ssize_t done;

	(void)guest, (void)at;
	if (!wait && sys_ppoll(&ready, 1, &(struct timespec){ 0 }) == 0)
		return -EAGAIN;
	for (;;) {
		done = sys_readv(file->fd, iov, n);
		if (done == -EAGAIN && wait) {
			done = sys_ppoll(&ready, 1, NULL);
			done = done < 0 ? done : -EINTR;
		}
		if (done != -EINTR)
			return done;
	}
}

static ssize_t write_stdio(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)at;
	return output_write(guest, file, iov, n);
}

static ssize_t read_socket(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	bool truncated;

	(void)guest, (void)at;
	return socket_receive(file, iov, n, 0, &truncated);
}

static ssize_t write_socket(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	(void)guest, (void)at;
	return socket_send(file, iov, n);
}

static ssize_t read_device(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	ssize_t done = 0;
	int error;

	(void)at;
	if (file->device == DEVICE_NULL)
		return 0;
	for (int i = 0; i < n; i++, done += (ssize_t)iov[i - 1].iov_len) {
		if (file->device == DEVICE_ZERO) {
			memset(iov[i].iov_base, 0, iov[i].iov_len);
			continue;
		}
		error = random_fill(guest->state->random, iov[i].iov_base, iov[i].iov_len);
		if (error < 0)
			return error;
	}
	return done;
}

static ssize_t write_device(struct guest *guest, struct file *file, const struct iovec *iov, int n, uint64_t at)
{
	ssize_t done = 0;

	(void)guest, (void)file, (void)at;
	for (int i = 0; i < n; i++)
		done += (ssize_t)iov[i].iov_len;
	return done;
}

/* By kind of file: read, write, and both at an offset. */
static const struct {
	transfer_fn read, write, pread, pwrite;
} kinds[] = {
	[FILE_FREE]	 = { is_directory, is_directory, is_directory, is_directory },
	[FILE_REGULAR]	 = { read_regular, write_regular, read_at, write_at },
	[FILE_DIRECTORY] = { is_directory, is_directory, is_directory, is_directory },
	[FILE_STDIO]	 = { read_stdio, write_stdio, no_offset, no_offset },
	[FILE_DEVICE]	 = { read_device, write_device, read_device, write_device },
	[FILE_SOCKET]	 = { read_socket, write_socket, no_offset, no_offset },
};

/* What a grant must have for a read or write. One that only appends does so on a descriptor that only appends. */
static access_set access_for(const struct file *file, bool write)
{
	if (!write)
		return ACCESS_READ;
	return file->flags & WASI_FD_APPEND && !(file->access & ACCESS_WRITE) ? ACCESS_APPEND : ACCESS_WRITE;
}

static uint32_t transfer_check(struct guest *guest, uint32_t fd, bool write, uint32_t iovs, uint32_t n, uint32_t out, struct transfer *t)
{
	uint32_t error = descriptors_get(guest->state->descriptors, fd, write ? RIGHT_FD_WRITE : RIGHT_FD_READ, &t->file);

	if (error)
		return error;
	if (t->file->kind != FILE_DIRECTORY && !access_covers(t->file->access, access_for(t->file, write)))
		return WASI_NOTCAPABLE;
	t->out = guest_range(guest, out, sizeof(uint32_t));
	if (!t->out)
		return WASI_FAULT;
	return guest_iovecs(guest, iovs, n, guest->state->iovecs, &t->n, &t->total);
}

static uint32_t transfer_done(const struct transfer *t, ssize_t done)
{
	if (done < 0)
		return errno_wasi((int)done);
	guest_put_u32(t->out, (uint32_t)done);
	return WASI_SUCCESS;
}

uint32_t wasi_fd_read(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t out)
{
	struct transfer t;
	uint32_t error = transfer_check(guest, fd, false, iovs, n, out, &t);

	if (error)
		return error;
	if (t.total == 0 && t.file->kind != FILE_DIRECTORY)
		return transfer_done(&t, 0);
	return transfer_done(&t, kinds[t.file->kind].read(guest, t.file, guest->state->iovecs, t.n, 0));
}

uint32_t wasi_fd_write(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t out)
{
	struct transfer t;
	uint32_t error = transfer_check(guest, fd, true, iovs, n, out, &t);

	if (error)
		return error;
	if (t.total == 0 && t.file->kind != FILE_DIRECTORY)
		return transfer_done(&t, 0);
	return transfer_done(&t, kinds[t.file->kind].write(guest, t.file, guest->state->iovecs, t.n, 0));
}

uint32_t wasi_fd_pread(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t at, uint32_t out)
{
	struct transfer t;
	uint32_t error = transfer_check(guest, fd, false, iovs, n, out, &t);

	if (error)
		return error;
	if (at > INT64_MAX)
		return WASI_INVAL;
	return transfer_done(&t, kinds[t.file->kind].pread(guest, t.file, guest->state->iovecs, t.n, at));
}

uint32_t wasi_fd_pwrite(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t at, uint32_t out)
{
	struct transfer t;
	uint32_t error = transfer_check(guest, fd, true, iovs, n, out, &t);

	if (error)
		return error;
	if (at > INT64_MAX)
		return WASI_INVAL;
	if (t.file->kind == FILE_REGULAR && !(t.file->access & ACCESS_WRITE))
		return WASI_NOTCAPABLE;		/* append-only has no offset */
	return transfer_done(&t, kinds[t.file->kind].pwrite(guest, t.file, guest->state->iovecs, t.n, at));
}

/* BASE + BY as an offset, or -EINVAL when it is before the start or beyond what a file can be. */
static int offset_add(uint64_t base, int64_t by, uint64_t *out)
{
	uint64_t back = 0 - (uint64_t)by;

	if (by < 0 ? back > base : base > INT64_MAX || (uint64_t)by > INT64_MAX - base)
		return -EINVAL;
	*out = by < 0 ? base - back : base + (uint64_t)by;
	return 0;
}

static int seek_base(const struct file *file, uint32_t whence, uint64_t *out)
{
	struct stat st;
	int error;

	if (whence == WASI_SEEK_CUR)
		return file_position(file, out);
	*out = 0;
	if (whence == WASI_SEEK_SET)
		return 0;
	error = sys_fstat(file->fd, &st);
	if (error == 0)
		*out = (uint64_t)st.st_size;
	return error;
}

/* The file of a seek or tell: 0 to 2 and sockets say `spipe`, as a pipe does anywhere, before rights are looked at. */
static uint32_t seek_file(struct guest *guest, uint32_t fd, uint64_t rights, struct file **out)
{
	uint32_t error = descriptors_get(guest->state->descriptors, fd, 0, out);

	if (error)
		return error;
	if ((*out)->kind == FILE_STDIO || (*out)->kind == FILE_SOCKET)
		return WASI_SPIPE;
	if ((*out)->kind == FILE_DIRECTORY)
		return WASI_BADF;
	return descriptors_get(guest->state->descriptors, fd, rights, out);
}

uint32_t wasi_fd_seek(struct guest *guest, uint32_t fd, uint64_t by, uint32_t whence, uint32_t out)
{
	/* Asking where one stands is telling. */
	uint64_t right = by == 0 && whence == WASI_SEEK_CUR ? RIGHT_FD_TELL : RIGHT_FD_SEEK, base = 0, pos = 0;
	void *at = guest_range(guest, out, sizeof(uint64_t));
	struct file *file;
	uint32_t error = seek_file(guest, fd, right, &file);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	if (whence > WASI_SEEK_END)
		return WASI_INVAL;
	if (file->kind == FILE_REGULAR)
		error = errno_wasi(seek_base(file, whence, &base));
	if (!error)
		error = errno_wasi(offset_add(base, (int64_t)by, &pos));
	if (error)
		return error;
	file->pos = file->kind == FILE_REGULAR ? pos : 0;	/* a device stays where it is */
	guest_put_u64(at, file->pos);
	return WASI_SUCCESS;
}

uint32_t wasi_fd_tell(struct guest *guest, uint32_t fd, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(uint64_t));
	struct file *file;
	uint64_t pos = 0;
	uint32_t error = seek_file(guest, fd, RIGHT_FD_TELL, &file);

	if (error)
		return error;
	if (!at)
		return WASI_FAULT;
	if (file->kind == FILE_REGULAR)
		error = errno_wasi(file_position(file, &pos));
	if (!error)
		guest_put_u64(at, pos);
	return error;
}
