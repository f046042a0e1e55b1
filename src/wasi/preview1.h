/*
 * preview1.h - the 46 functions, as plain C: engine-neutral, all arguments hostile.
 *
 * Each returns a WASI errno (wasi/abi.h). A guest pointer is a uint32_t into linear
 * memory and is only reached through wasi/memory.h. Each call validates everything,
 * in pointers and out pointers, before it acts (W13).
 * Source: WASI witx, wasi_snapshot_preview1.witx.
 */
#ifndef WASI_PREVIEW1_H
#define WASI_PREVIEW1_H

#include <stdint.h>

struct guest;

#define WASI_PREVIEW1_MODULE "wasi_snapshot_preview1"
#define WASI_UNSTABLE_MODULE "wasi_unstable"	/* before 2020: unstable.def says where it differs */

uint32_t wasi_args_get(struct guest *guest, uint32_t argv, uint32_t buf);
uint32_t wasi_args_sizes_get(struct guest *guest, uint32_t argc, uint32_t size);
uint32_t wasi_environ_get(struct guest *guest, uint32_t environ, uint32_t buf);
uint32_t wasi_environ_sizes_get(struct guest *guest, uint32_t count, uint32_t size);
uint32_t wasi_clock_res_get(struct guest *guest, uint32_t clock, uint32_t out);
uint32_t wasi_clock_time_get(struct guest *guest, uint32_t clock, uint64_t precision, uint32_t out);
uint32_t wasi_fd_advise(struct guest *guest, uint32_t fd, uint64_t at, uint64_t len, uint32_t advice);
uint32_t wasi_fd_allocate(struct guest *guest, uint32_t fd, uint64_t at, uint64_t len);
uint32_t wasi_fd_close(struct guest *guest, uint32_t fd);
uint32_t wasi_fd_datasync(struct guest *guest, uint32_t fd);
uint32_t wasi_fd_fdstat_get(struct guest *guest, uint32_t fd, uint32_t out);
uint32_t wasi_fd_fdstat_set_flags(struct guest *guest, uint32_t fd, uint32_t flags);
uint32_t wasi_fd_fdstat_set_rights(struct guest *guest, uint32_t fd, uint64_t base, uint64_t inheriting);
uint32_t wasi_fd_filestat_get(struct guest *guest, uint32_t fd, uint32_t out);
uint32_t wasi_fd_filestat_set_size(struct guest *guest, uint32_t fd, uint64_t size);
uint32_t wasi_fd_filestat_set_times(struct guest *guest, uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
uint32_t wasi_fd_pread(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t at, uint32_t out);
uint32_t wasi_fd_prestat_get(struct guest *guest, uint32_t fd, uint32_t out);
uint32_t wasi_fd_prestat_dir_name(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len);
uint32_t wasi_fd_pwrite(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t at, uint32_t out);
uint32_t wasi_fd_read(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t out);
uint32_t wasi_fd_readdir(struct guest *guest, uint32_t fd, uint32_t buf, uint32_t len, uint64_t cookie, uint32_t out);
uint32_t wasi_fd_renumber(struct guest *guest, uint32_t from, uint32_t to);
uint32_t wasi_fd_seek(struct guest *guest, uint32_t fd, uint64_t by, uint32_t whence, uint32_t out);
uint32_t wasi_fd_sync(struct guest *guest, uint32_t fd);
uint32_t wasi_fd_tell(struct guest *guest, uint32_t fd, uint32_t out);
uint32_t wasi_fd_write(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t out);
uint32_t wasi_path_create_directory(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len);
uint32_t wasi_path_filestat_get(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t out);
uint32_t wasi_path_filestat_set_times(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint64_t atim, uint64_t mtim, uint32_t fstflags);
uint32_t wasi_path_link(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t new_fd, uint32_t new_path, uint32_t new_len);
uint32_t wasi_path_open(struct guest *guest, uint32_t fd, uint32_t dirflags, uint32_t path, uint32_t len, uint32_t oflags, uint64_t rights_base, uint64_t rights_inheriting, uint32_t fdflags, uint32_t out);
uint32_t wasi_path_readlink(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len, uint32_t buf, uint32_t buf_len, uint32_t out);
uint32_t wasi_path_remove_directory(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len);
uint32_t wasi_path_rename(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len, uint32_t new_fd, uint32_t new_path, uint32_t new_len);
uint32_t wasi_path_symlink(struct guest *guest, uint32_t target, uint32_t target_len, uint32_t fd, uint32_t path, uint32_t len);
uint32_t wasi_path_unlink_file(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len);
uint32_t wasi_poll_oneoff(struct guest *guest, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents);
uint32_t wasi_proc_exit(struct guest *guest, uint32_t status);
uint32_t wasi_proc_raise(struct guest *guest, uint32_t sig);
uint32_t wasi_sched_yield(struct guest *guest);
uint32_t wasi_random_get(struct guest *guest, uint32_t buf, uint32_t len);
uint32_t wasi_sock_accept(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t out);
uint32_t wasi_sock_recv(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags, uint32_t size, uint32_t out_flags);
uint32_t wasi_sock_send(struct guest *guest, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags, uint32_t out);
uint32_t wasi_sock_shutdown(struct guest *guest, uint32_t fd, uint32_t how);

uint32_t wasi_unstable_fd_filestat_get(struct guest *guest, uint32_t fd, uint32_t out);
uint32_t wasi_unstable_fd_seek(struct guest *guest, uint32_t fd, uint64_t by, uint32_t whence, uint32_t out);
uint32_t wasi_unstable_path_filestat_get(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t out);
uint32_t wasi_unstable_poll_oneoff(struct guest *guest, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents);

#endif
