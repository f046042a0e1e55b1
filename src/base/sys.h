/*
 * sys.h - the only system calls (with clock and signal set-up beside them).
 *
 * Each returns what the call returns, or the errno negated: never -1, and errno
 * itself means nothing to callers. EINTR is retried where nothing was done yet
 * and a retry cannot lose an event; sys_ppoll and sys_read report it. Every
 * descriptor made here is close-on-exec. Faults can be injected here (fault.h).
 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "base/text.h"

/* What openat2 may walk through: openat2(2). Never zero for a guest's path. */
enum {
	SYS_BENEATH	= 0x08,		/* RESOLVE_BENEATH */
	SYS_NO_MAGIC	= 0x02,		/* RESOLVE_NO_MAGICLINKS */
	SYS_NO_LINKS	= 0x04,		/* RESOLVE_NO_SYMLINKS */
	SYS_NO_XDEV	= 0x01,		/* RESOLVE_NO_XDEV */
};

/*
 * openat2 with O_CLOEXEC added; EAGAIN (a rename somewhere raced with "..") is
 * retried LIMIT_AGAIN times. MODE counts with O_CREAT only. Asserts that FLAGS
 * has no O_TRUNC: a guest's truncation is an ftruncate after fstat.
 */
int sys_openat2(int dirfd, const char *path, int flags, mode_t mode, unsigned resolve);
int sys_openat(int dirfd, const char *path, int flags, mode_t mode);	/* one component, or a path of our own */
int sys_reopen(int fd, int flags);			/* the same object through /proc/self/fd: the judge's wing only */
void sys_close(int fd);					/* negative: nothing */
int sys_dup(int fd, int least);				/* F_DUPFD_CLOEXEC */

/* The kernel's linux_dirent64. */
struct sys_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

int sys_fstat(int fd, struct stat *out);
int sys_fstatat(int dirfd, const char *path, struct stat *out, int flags);
int sys_fstype(int fd, uint64_t *magic);			/* statfs f_type of an opened object */
bool sys_is_regular_or_dir(const struct stat *st);
bool sys_is_pseudo_fs(uint64_t magic);			/* proc, sysfs, devpts, cgroup, debugfs and the like (P06) */
int sys_path_of(int fd, char *buf, size_t size, size_t *len);	/* readlink of /proc/self/fd/FD: the kernel's name of an opened object */

int sys_open_paths(void);				/* /proc/self/fd, for sys_path_in: three times as fast. Only good in this process: a fork opens its own */
int sys_path_in(int pathsfd, int fd, char *buf, size_t size, size_t *len);

ssize_t sys_read(int fd, void *buf, size_t n);
ssize_t sys_write(int fd, const void *buf, size_t n);
ssize_t sys_readv(int fd, const struct iovec *iov, int n);
ssize_t sys_writev(int fd, const struct iovec *iov, int n);
ssize_t sys_preadv(int fd, const struct iovec *iov, int n, uint64_t at);	/* AT above INT64_MAX: EINVAL */
ssize_t sys_pwritev(int fd, const struct iovec *iov, int n, uint64_t at);
int sys_write_all(int fd, const void *buf, size_t n);
int64_t sys_lseek(int fd, int64_t by, int whence);
int sys_ftruncate(int fd, uint64_t size);
int sys_fallocate(int fd, uint64_t at, uint64_t n);
int sys_fadvise(int fd, uint64_t at, uint64_t n, int advice);
int sys_fsync(int fd);
int sys_fdatasync(int fd);
ssize_t sys_getdents64(int fd, void *buf, size_t n);	/* struct sys_dirent, one after another by their RECLEN */
int sys_get_flags(int fd);				/* F_GETFL */
int sys_set_flags(int fd, int flags);			/* F_SETFL */

int sys_mkdirat(int dirfd, const char *path, mode_t mode);
int sys_unlinkat(int dirfd, const char *path, int flags);
int sys_renameat(int fromfd, const char *from, int tofd, const char *to, bool replace);	/* !REPLACE: RENAME_NOREPLACE */
int sys_linkat(int fromfd, const char *from, int tofd, const char *to, int flags);
int sys_symlinkat(const char *target, int dirfd, const char *path);
ssize_t sys_readlinkat(int dirfd, const char *path, char *buf, size_t n);	/* on an O_PATH descriptor of a link: path "" */
int sys_utimensat(int dirfd, const char *path, const struct timespec t[2], int flags);	/* path NULL: the open file itself */

int sys_ppoll(struct pollfd *fds, size_t n, const struct timespec *timeout);
int sys_clock(clockid_t clock, uint64_t *out);		/* nanoseconds, saturating */
int sys_clock_res(clockid_t clock, uint64_t *out);
int sys_random(void *buf, size_t n);
int sys_yield(void);

/* Sockets. */
int sys_socketpair(int out[2]);				/* AF_UNIX, SOCK_SEQPACKET is too small for messages: SOCK_STREAM */
ssize_t sys_send_fds(int fd, const void *buf, size_t n, const int *fds, size_t nfds);	/* MSG_NOSIGNAL; all of FDS go with the first byte */
ssize_t sys_recv_fds(int fd, void *buf, size_t n, int *fds, size_t *nfds);	/* *nfds in: room; out: received, close-on-exec; what does not fit is closed */
int sys_accept(int fd, int flags);
ssize_t sys_recvmsg(int fd, const struct iovec *iov, int n, int flags, bool *truncated);
ssize_t sys_sendmsg(int fd, const struct iovec *iov, int n, int flags);	/* MSG_NOSIGNAL added */
int sys_waiting(int fd, uint64_t *out);			/* FIONREAD: bytes that a read would give now; EINVAL: a listening socket */
int sys_shutdown(int fd, int how);

/* Memory shared with a child, and processes. */
int sys_memfd(const char *name);
void *sys_map(int fd, size_t n, bool write);		/* MAP_SHARED, or private and anonymous when FD < 0; NULL on failure */
void sys_unmap(void *at, size_t n);
int sys_fork(void);
int sys_wait(int pid, int *status, bool block);		/* 0: still running (only when !BLOCK); else PID */
int sys_kill(int pid, int sig);
int sys_die_with_parent(int parent);			/* PR_SET_PDEATHSIG SIGKILL; ESRCH when PARENT is gone already */
void sys_exit(int status) __attribute__((noreturn));	/* _exit: worker processes only */
int sys_ignore(int sig);				/* SIG_IGN */

/* Terminals, for who asks a person, and the signals that would get in the way: sys_tty.c. */
struct termios;
int sys_tcgetattr(int fd, struct termios *out);
int sys_tcsetattr(int fd, const struct termios *modes);	/* at once: neither drains nor flushes */
int sys_tcflush(int fd);				/* what came in and was not read */
int sys_tcgetpgrp(int fd);				/* the foreground process group */
int sys_tcgetsid(int fd);				/* ENOTTY: not our controlling terminal */
int sys_tty_dev(int fd, uint64_t *out);			/* the device itself, also behind /dev/tty */
int sys_tty_size(int fd, unsigned short out[2]);	/* rows and columns; 0: it has none */
int sys_open_tty(uint64_t dev);				/* the device by its number, read-only: for a lock on it, never to be read */
int sys_try_lock(int fd);				/* flock, given up by closing; -EAGAIN: somebody else has it */
int sys_getpgrp(void);
int sys_hold_signals(const sigset_t *set, sigset_t *old);	/* blocks SET in this thread */
int sys_set_signals(const sigset_t *set);		/* this thread's mask */
int sys_pending_signals(sigset_t *out);			/* blocked and waiting */
bool sys_is_ignored(int sig);
int sys_signalfd(const sigset_t *set);			/* readable when one of SET is pending; nothing is taken by polling it */

/* Processes of our own, and what they run on: sys_process.c. */
int sys_pid(void);
uint32_t sys_euid(void);
bool sys_is_privileged(void);				/* set-user-ID and the like: files of the user are not to be trusted */
int sys_dup_to(int fd, int to);				/* TO stays open over exec when it is 0 to 2 */
void sys_close_from(int least);				/* LEAST and all above */
bool sys_is_terminal(int fd);
int sys_default(int sig);				/* SIG_DFL, unless it is ignored */
uint64_t sys_stack_room(void);				/* bytes that the stack of the first thread may grow to */
struct text sys_cpu(char *buf, size_t size);		/* what tells one processor's features from another's, raw bytes */

/* For who waits for others: sys_wait.c. */
int sys_connect_unix(int namefd);			/* NAMEFD: the socket's name, opened O_PATH. Non-blocking; -EAGAIN: its queue is full */
int sys_peer_uid(int fd, uint32_t *out);		/* of the process that listened, or connected: what the kernel says */
int sys_epoll(void);					/* readable when something that was set in it is ready */
int sys_epoll_set(int epollfd, int fd, bool add, bool writing);	/* FD for reading, and for WRITING too; !ADD: it is there already */
int sys_eventfd(void);					/* non-blocking; readable once 8 bytes other than zero were written, until they are read */

#endif
