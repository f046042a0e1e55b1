/*
 * p1.h - wasi_snapshot_preview1 as it is, without a libc in between: lengths are
 * passed as given, so that a path may hold NUL, and nothing looks at preopens.
 */
#ifndef P1_H
#define P1_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define P1(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#else
#define P1(name)	/* tests/fuzz/model.c has them */
#endif

struct p1_iovec { const void *at; uint32_t len; };
struct p1_fdstat { uint8_t type; uint16_t flags; uint64_t base, inheriting; };
struct p1_filestat { uint64_t dev, ino; uint8_t type; uint64_t nlink, size, atim, mtim, ctim; };
struct p1_dirent { uint64_t next, ino; uint32_t namelen; uint8_t type; };
struct p1_prestat { uint8_t tag; uint32_t len; };

_Static_assert(sizeof(struct p1_fdstat) == 24, "fdstat");
_Static_assert(sizeof(struct p1_filestat) == 64, "filestat");
_Static_assert(sizeof(struct p1_dirent) == 24, "dirent");
_Static_assert(sizeof(struct p1_prestat) == 8, "prestat");

P1(fd_close) int p1_fd_close(uint32_t fd);
P1(fd_read) int p1_fd_read(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint32_t *out);
P1(fd_write) int p1_fd_write(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint32_t *out);
P1(fd_pread) int p1_fd_pread(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint64_t at, uint32_t *out);
P1(fd_pwrite) int p1_fd_pwrite(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint64_t at, uint32_t *out);
P1(fd_seek) int p1_fd_seek(uint32_t fd, int64_t by, uint32_t whence, uint64_t *out);
P1(fd_tell) int p1_fd_tell(uint32_t fd, uint64_t *out);
P1(fd_sync) int p1_fd_sync(uint32_t fd);
P1(fd_datasync) int p1_fd_datasync(uint32_t fd);
P1(fd_allocate) int p1_fd_allocate(uint32_t fd, uint64_t at, uint64_t len);
P1(fd_advise) int p1_fd_advise(uint32_t fd, uint64_t at, uint64_t len, uint32_t advice);
P1(fd_renumber) int p1_fd_renumber(uint32_t from, uint32_t to);
P1(fd_fdstat_get) int p1_fd_fdstat_get(uint32_t fd, struct p1_fdstat *out);
P1(fd_fdstat_set_flags) int p1_fd_fdstat_set_flags(uint32_t fd, uint32_t flags);
P1(fd_fdstat_set_rights) int p1_fd_fdstat_set_rights(uint32_t fd, uint64_t base, uint64_t inheriting);
P1(fd_filestat_get) int p1_fd_filestat_get(uint32_t fd, struct p1_filestat *out);
P1(fd_filestat_set_size) int p1_fd_filestat_set_size(uint32_t fd, uint64_t size);
P1(fd_filestat_set_times) int p1_fd_filestat_set_times(uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
P1(fd_prestat_get) int p1_fd_prestat_get(uint32_t fd, struct p1_prestat *out);
P1(fd_prestat_dir_name) int p1_fd_prestat_dir_name(uint32_t fd, char *out, uint32_t len);
P1(fd_readdir) int p1_fd_readdir(uint32_t fd, void *buf, uint32_t len, uint64_t cookie, uint32_t *out);
P1(path_create_directory) int p1_path_create_directory(uint32_t fd, const char *at, uint32_t len);
P1(path_filestat_get) int p1_path_filestat_get(uint32_t fd, uint32_t look, const char *at, uint32_t len, struct p1_filestat *out);
P1(path_filestat_set_times) int p1_path_filestat_set_times(uint32_t fd, uint32_t look, const char *at, uint32_t len, uint64_t atim, uint64_t mtim, uint32_t flags);
P1(path_link) int p1_path_link(uint32_t fd, uint32_t look, const char *at, uint32_t len, uint32_t newfd, const char *to, uint32_t tolen);
P1(path_open) int p1_path_open(uint32_t fd, uint32_t look, const char *at, uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting, uint32_t flags, uint32_t *out);
P1(path_readlink) int p1_path_readlink(uint32_t fd, const char *at, uint32_t len, char *buf, uint32_t size, uint32_t *out);
P1(path_remove_directory) int p1_path_remove_directory(uint32_t fd, const char *at, uint32_t len);
P1(path_rename) int p1_path_rename(uint32_t fd, const char *at, uint32_t len, uint32_t newfd, const char *to, uint32_t tolen);
P1(path_symlink) int p1_path_symlink(const char *text, uint32_t textlen, uint32_t fd, const char *at, uint32_t len);
P1(path_unlink_file) int p1_path_unlink_file(uint32_t fd, const char *at, uint32_t len);
P1(random_get) int p1_random_get(void *at, uint32_t len);
P1(clock_time_get) int p1_clock_time_get(uint32_t clock, uint64_t precision, uint64_t *out);
P1(proc_exit) _Noreturn void p1_proc_exit(uint32_t status);

enum { P1_CREAT = 1, P1_DIRECTORY = 2, P1_EXCL = 4, P1_TRUNC = 8 };
enum { P1_APPEND = 1, P1_DSYNC = 2, P1_NONBLOCK = 4, P1_RSYNC = 8, P1_SYNC = 16 };
enum { P1_READ = 0x2, P1_WRITE = 0x40, P1_ALL = 0x1fffffff };

static const char *const p1_names[] = {
	"ok", "2big", "acces", "addrinuse", "addrnotavail", "afnosupport", "again", "already", "badf", "badmsg", "busy",
	"canceled", "child", "connaborted", "connrefused", "connreset", "deadlk", "destaddrreq", "dom", "dquot", "exist",
	"fault", "fbig", "hostunreach", "idrm", "ilseq", "inprogress", "intr", "inval", "io", "isconn", "isdir", "loop",
	"mfile", "mlink", "msgsize", "multihop", "nametoolong", "netdown", "netreset", "netunreach", "nfile", "nobufs",
	"nodev", "noent", "noexec", "nolck", "nolink", "nomem", "nomsg", "noprotoopt", "nospc", "nosys", "notconn",
	"notdir", "notempty", "notrecoverable", "notsock", "notsup", "notty", "nxio", "overflow", "ownerdead", "perm",
	"pipe", "proto", "protonosupport", "prototype", "range", "rofs", "spipe", "srch", "stale", "timedout", "txtbsy",
	"xdev", "notcapable",
};

static inline const char *p1_name(int error)
{
	return (unsigned)error < sizeof p1_names / sizeof *p1_names ? p1_names[error] : "no such errno";
}

#endif
