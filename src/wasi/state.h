/*
 * state.h - what the WASI calls keep of a guest: wasi/ only.
 */
#ifndef WASI_STATE_H
#define WASI_STATE_H

#include <sys/uio.h>

#include "base/hash.h"
#include "base/limits.h"
#include "wasi/descriptors.h"
#include "wasi/guest.h"

struct guest_state {
	struct descriptors *descriptors;
	struct names *names;
	struct authority *authority;	/* borrowed */
	const struct start *start;	/* borrowed */
	uint64_t inode_key;		/* st_dev and st_ino are hashed with it (decisions.md 4.6) */
	struct random *random;		/* wasi/random.c's own */
	struct output *output;		/* wasi/output.c's own: the one function by which guest output leaves */
	struct iovec iovecs[LIMIT_IOVECS];
};

/*
 * The open file FD if it has RIGHTS and its grant has ACCESS: two separate checks
 * (W32). SUCCESS, BADF or NOTCAPABLE.
 */
uint32_t guest_file(struct guest *guest, uint32_t fd, uint64_t rights, access_set access, struct file **out);

/*
 * Puts a need at the door and waits, unless a refusal sticks. SUCCESS: OUT is
 * allowed and, when OUT->error is 0, carried out; texts live until the next need,
 * descriptors are yours. Else the errno for the guest: acces, noent, or the mapped
 * error of the call itself.
 */
uint32_t guest_need(struct guest *guest, const struct need *need, struct answer *out);

/* The only places where a host errno (negated or not) becomes a WASI one; openat2's EXDEV is perm, rename's xdev. */
uint32_t errno_wasi(int error);
uint32_t errno_open(int error);

/* A host stat as the guest sees it: hashed dev and ino, times saturated. */
void filestat_fill(struct guest *guest, const struct stat *st, struct wasi_filestat *out);
uint8_t filetype_of(mode_t mode);
struct hash_pair inodes_of(const struct guest *guest, uint64_t dev);	/* the files of a device: for inode_of */
uint64_t inode_of(const struct hash_pair *inodes, uint64_t ino);

/* What stands for itself on no host: a synthetic directory or a device. Size, times and links are zero. */
void filestat_made(struct guest *guest, struct text name, uint8_t filetype, struct wasi_filestat *out);

/* What fd_filestat_get and path_filestat_get tell. OUT_AT is where the guest wants it: NULL is FAULT, before anything is done. */
uint32_t fd_filestat(struct guest *guest, uint32_t fd, const void *out_at, struct wasi_filestat *out);
uint32_t path_filestat(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, const void *out_at, struct wasi_filestat *out);

/* atim, mtim, fstflags as timespecs for utimensat: SUCCESS or INVAL. */
uint32_t times_fill(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec out[2]);

/* wasi/output.c: writes guest output to a stdio file; sanitises where FILE says so. As sys_writev. */
ssize_t output_write(struct guest *guest, struct file *file, const struct iovec *iov, int n);
struct output *output_new(const int stdio[3]);	/* NULL: no memory */
void output_end(struct output *output);		/* shows what is held of an unfinished sequence */
void output_free(struct output *output);	/* NULL ok */

/* wasi/random.c */
struct random *random_new(void);		/* NULL: no memory */
void random_free(struct random *random);	/* NULL ok */
int random_fill(struct random *random, void *at, size_t n);

/* wasi/clock.c: nanoseconds of a guest's clock; INVAL: no such clock. */
uint32_t clock_now(uint32_t clock, uint64_t *out);

/* wasi/sock.c: to and from a connection; FLAGS as recvmsg has them. */
ssize_t socket_receive(const struct file *file, const struct iovec *iov, int n, int flags, bool *truncated);
ssize_t socket_send(const struct file *file, const struct iovec *iov, int n);

/* wasi/poll.c: poll_oneoff over subscriptions that are SIZE apart and that TAKE copies in. */
struct subscriptions {
	uint32_t size;
	void (*take)(const uint8_t *at, struct wasi_subscription *out);
};
uint32_t poll_subscriptions(struct guest *guest, const struct subscriptions *layout, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents);

/* wasi/readdir.c: frees a listing; NULL ok. */
void listing_free(struct listing *listing);

#endif
