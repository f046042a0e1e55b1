/*
 * descriptors.h - the guest's descriptors: a checked map with a hard maximum.
 *
 * Guest numbers are never host numbers. To reach an open object one names the right
 * that is about to be used; there is no other way to a struct file. What is revoked
 * stays, inert (notcapable), until the guest closes it.
 */
#ifndef WASI_DESCRIPTORS_H
#define WASI_DESCRIPTORS_H

#include "names/names.h"
#include "wasi/abi.h"

enum file_kind {
	FILE_FREE,
	FILE_REGULAR,			/* read and written at POS (pread, pwrite): the kernel's offset is never used */
	FILE_DIRECTORY,
	FILE_STDIO,			/* 0 to 2, and what /dev/stdin and the like open: the kernel's offset */
	FILE_DEVICE,			/* /dev/null, zero, urandom */
	FILE_SOCKET,			/* handed in */
};

struct file {
	enum file_kind kind;
	int fd;				/* host descriptor, for a directory the same as dir.fd; -1: none (virtual directories, devices) */
	bool borrowed;			/* stdio of the host, preopens: never closed here */
	bool sanitise;			/* a terminal on which questions may come */
	uint8_t filetype;		/* enum wasi_filetype, cached */
	uint16_t flags;			/* fdflags, cached: fd_fdstat_get makes no system call */
	uint64_t base, inheriting;	/* rights, monotone */
	access_set access;		/* of the grant: the second, separate check (W32) */
	uint64_t grant;			/* 0: launcher's own (stdio) */
	uint64_t pos;			/* FILE_REGULAR; FILE_AT_END after an append: where the kernel's stands */
	unsigned preopen;		/* 1 + index of names_preopen; 0: none */
	enum device device;		/* FILE_DEVICE */
	struct names_dir dir;		/* FILE_DIRECTORY; dir.name is owned by the file */
	struct listing *listing;	/* FILE_DIRECTORY once listed: wasi/readdir.c's own */
};

#define FILE_AT_END UINT64_MAX

struct descriptors;

struct descriptors *descriptors_new(void);
void descriptors_free(struct descriptors *table);	/* closes everything that is not borrowed */

/* The open file FD, if it has all of RIGHTS: WASI_SUCCESS, BADF or NOTCAPABLE. RIGHTS 0: merely open. */
uint32_t descriptors_get(struct descriptors *table, uint32_t fd, uint64_t rights, struct file **out);

/* Puts FILE (copied; what it owns passes) at the lowest free number: SUCCESS, MFILE or NOMEM (FILE is still yours). */
uint32_t descriptors_put(struct descriptors *table, const struct file *file, uint32_t *out);

/* Puts FILE (copied; what it owns passes) at the free number FD: the standard descriptors and the preopens. BADF: FILE is still yours. */
uint32_t descriptors_put_at(struct descriptors *table, uint32_t fd, const struct file *file);

bool descriptors_full(const struct descriptors *table);		/* ask before opening */
uint32_t descriptors_close(struct descriptors *table, uint32_t fd);
uint32_t descriptors_renumber(struct descriptors *table, uint32_t from, uint32_t to);	/* both open; TO is closed first; from == to: nothing */
void file_done(struct file *file);		/* closes and frees what it owns; it is FILE_FREE then */

#endif
