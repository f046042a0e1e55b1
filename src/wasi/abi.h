/*
 * abi.h - preview1's numbers and structures, as witx has them (wasi_snapshot_preview1,
 * typenames.witx); wasi_unstable_* where that older ABI differs. Every structure's
 * size and offsets are asserted (W14).
 */
#ifndef WASI_ABI_H
#define WASI_ABI_H

#include <stddef.h>
#include <stdint.h>

enum wasi_errno {
#define WASI_ERRNO(number, NAME) WASI_##NAME = number,
#include "wasi/errno.def"
#undef WASI_ERRNO
};

enum wasi_filetype { WASI_FT_UNKNOWN, WASI_FT_BLOCK, WASI_FT_CHAR, WASI_FT_DIR, WASI_FT_REG, WASI_FT_DGRAM, WASI_FT_STREAM, WASI_FT_LINK };

enum wasi_right {
#define WASI_RIGHT(bit, NAME) RIGHT_##NAME = bit,
#include "wasi/rights.def"
#undef WASI_RIGHT
};
#define RIGHTS_ALL ((UINT64_C(1) << 30) - 1)
#define RIGHTS_CONNECTION (RIGHT_FD_READ | RIGHT_FD_WRITE | RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_FILESTAT_GET | RIGHT_POLL_FD_READWRITE | RIGHT_SOCK_SHUTDOWN)

enum { WASI_O_CREAT = 1, WASI_O_DIRECTORY = 2, WASI_O_EXCL = 4, WASI_O_TRUNC = 8, WASI_O_ALL = 15 };
enum { WASI_FD_APPEND = 1, WASI_FD_DSYNC = 2, WASI_FD_NONBLOCK = 4, WASI_FD_RSYNC = 8, WASI_FD_SYNC = 16, WASI_FD_ALL = 31 };
enum { WASI_LOOKUP_FOLLOW = 1 };
enum { WASI_FST_ATIM = 1, WASI_FST_ATIM_NOW = 2, WASI_FST_MTIM = 4, WASI_FST_MTIM_NOW = 8, WASI_FST_ALL = 15 };
enum { WASI_CLOCK_REALTIME, WASI_CLOCK_MONOTONIC, WASI_CLOCK_PROCESS, WASI_CLOCK_THREAD, WASI_CLOCKS };
enum { WASI_EVENT_CLOCK, WASI_EVENT_FD_READ, WASI_EVENT_FD_WRITE };
enum { WASI_ABSTIME = 1, WASI_HANGUP = 1 };
enum { WASI_RI_PEEK = 1, WASI_RI_WAITALL = 2, WASI_RO_TRUNCATED = 1, WASI_SD_RD = 1, WASI_SD_WR = 2 };
enum { WASI_SEEK_SET = 0, WASI_SEEK_CUR = 1, WASI_SEEK_END = 2 };

struct wasi_iovec { uint32_t buf, len; };
struct wasi_fdstat { uint8_t filetype, pad; uint16_t flags; uint32_t pad2; uint64_t base, inheriting; };
struct wasi_filestat { uint64_t dev, ino; uint8_t filetype, pad[7]; uint64_t nlink, size, atim, mtim, ctim; };
struct wasi_unstable_filestat { uint64_t dev, ino; uint8_t filetype, pad[3]; uint32_t nlink; uint64_t size, atim, mtim, ctim; };
struct wasi_dirent { uint64_t next, ino; uint32_t namlen; uint8_t filetype, pad[3]; };
struct wasi_subscription {
	uint64_t userdata;
	uint8_t tag, pad[7];
	uint32_t id, pad2;		/* the clock, or the descriptor */
	uint64_t timeout, precision;
	uint16_t flags, pad3[3];
};
struct wasi_unstable_subscription {
	uint64_t userdata;
	uint8_t tag, pad[7];
	union {
		uint32_t fd;
		struct { uint64_t identifier; uint32_t id, pad; uint64_t timeout, precision; uint16_t flags, pad2[3]; } clock;
	} u;
};
struct wasi_event { uint64_t userdata; uint16_t error; uint8_t type, pad[5]; uint64_t nbytes; uint16_t flags, pad2[3]; };
struct wasi_prestat { uint8_t tag, pad[3]; uint32_t name_len; };

#define LAYOUT(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #type "." #field)
_Static_assert(sizeof(struct wasi_iovec) == 8, "iovec");
LAYOUT(wasi_iovec, len, 4);
_Static_assert(sizeof(struct wasi_fdstat) == 24, "fdstat");
LAYOUT(wasi_fdstat, flags, 2);
LAYOUT(wasi_fdstat, base, 8);
LAYOUT(wasi_fdstat, inheriting, 16);
_Static_assert(sizeof(struct wasi_filestat) == 64, "filestat");
LAYOUT(wasi_filestat, ino, 8);
LAYOUT(wasi_filestat, filetype, 16);
LAYOUT(wasi_filestat, nlink, 24);
LAYOUT(wasi_filestat, size, 32);
LAYOUT(wasi_filestat, atim, 40);
LAYOUT(wasi_filestat, mtim, 48);
LAYOUT(wasi_filestat, ctim, 56);
_Static_assert(sizeof(struct wasi_unstable_filestat) == 56, "filestat of wasi_unstable");
LAYOUT(wasi_unstable_filestat, nlink, 20);
LAYOUT(wasi_unstable_filestat, size, 24);
LAYOUT(wasi_unstable_filestat, ctim, 48);
_Static_assert(sizeof(struct wasi_dirent) == 24, "dirent");
LAYOUT(wasi_dirent, ino, 8);
LAYOUT(wasi_dirent, namlen, 16);
LAYOUT(wasi_dirent, filetype, 20);
_Static_assert(sizeof(struct wasi_subscription) == 48, "subscription");
LAYOUT(wasi_subscription, tag, 8);
LAYOUT(wasi_subscription, id, 16);
LAYOUT(wasi_subscription, timeout, 24);
LAYOUT(wasi_subscription, precision, 32);
LAYOUT(wasi_subscription, flags, 40);
_Static_assert(sizeof(struct wasi_unstable_subscription) == 56, "subscription of wasi_unstable");
LAYOUT(wasi_unstable_subscription, u.fd, 16);
LAYOUT(wasi_unstable_subscription, u.clock.id, 24);
LAYOUT(wasi_unstable_subscription, u.clock.timeout, 32);
LAYOUT(wasi_unstable_subscription, u.clock.precision, 40);
LAYOUT(wasi_unstable_subscription, u.clock.flags, 48);
_Static_assert(sizeof(struct wasi_event) == 32, "event");
LAYOUT(wasi_event, error, 8);
LAYOUT(wasi_event, type, 10);
LAYOUT(wasi_event, nbytes, 16);
LAYOUT(wasi_event, flags, 24);
_Static_assert(sizeof(struct wasi_prestat) == 8, "prestat");
LAYOUT(wasi_prestat, name_len, 4);

#endif
