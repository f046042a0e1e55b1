/*
 * sys_more.c - the system calls on time, sockets, memory and processes; see sys.h.
 */
#include "base/sys.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"

#define FAULT(call) do { if (fault_here(call)) return -EIO; } while (0)
#define RESULT(value) ((value) < 0 ? -errno : (value))
#define NANO UINT64_C(1000000000)

enum { FDS_MAX = 64 };		/* descriptors of one message; SCM_MAX_FD is 253 */

int sys_ppoll(struct pollfd *fds, size_t n, const struct timespec *timeout)
{
	int ready;

	FAULT("ppoll");
	ready = ppoll(fds, (nfds_t)n, timeout, NULL);
	return RESULT(ready);
}

static uint64_t nanoseconds(const struct timespec *t)
{
	if (t->tv_sec < 0)
		return 0;
	if ((uint64_t)t->tv_sec > (UINT64_MAX - NANO) / NANO)
		return UINT64_MAX;
	return (uint64_t)t->tv_sec * NANO + (uint64_t)t->tv_nsec;
}

int sys_clock(clockid_t clock, uint64_t *out)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return -errno;
	*out = nanoseconds(&t);
	return 0;
}

int sys_clock_res(clockid_t clock, uint64_t *out)
{
	struct timespec t;

	if (clock_getres(clock, &t) < 0)
		return -errno;
	*out = nanoseconds(&t);
	return 0;
}

int sys_random(void *buf, size_t n)
{
	char *at = buf;

	FAULT("getrandom");
	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int sys_yield(void)
{
	return sched_yield() < 0 ? -errno : 0;
}

int sys_socketpair(int out[2])
{
	FAULT("socketpair");
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) < 0 ? -errno : 0;
}

union control {
	struct cmsghdr head;		/* for its alignment */
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

ssize_t sys_send_fds(int fd, const void *buf, size_t n, const int *fds, size_t nfds)
{
	union control control;
	struct iovec iov = { (void *)(uintptr_t)buf, n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head;
	ssize_t put;

	FAULT("sendmsg");
	if (nfds > FDS_MAX)
		return -E2BIG;
	if (nfds > 0) {
		memset(&control, 0, sizeof control);
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		*head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(nfds * sizeof(int)) };
		memcpy(CMSG_DATA(head), fds, nfds * sizeof(int));
	}
	do
		put = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return RESULT(put);
}

/* Every descriptor that came is either handed over or closed, whatever the sender packed. */
static void take_fds(struct msghdr *msg, int *fds, size_t room, size_t *nfds)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(msg); head; head = CMSG_NXTHDR(msg, head)) {
		size_t n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int got;

			memcpy(&got, CMSG_DATA(head) + i * sizeof(int), sizeof got);
			if (*nfds < room)
				fds[(*nfds)++] = got;
			else
				close(got);
		}
	}
}

ssize_t sys_recv_fds(int fd, void *buf, size_t n, int *fds, size_t *nfds)
{
	union control control;
	struct iovec iov = { buf, n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t room = *nfds;
	ssize_t got;

	FAULT("recvmsg");
	if (room > 0) {		/* without a control buffer the kernel discards what comes */
		msg.msg_control = &control;
		msg.msg_controllen = sizeof control;
	}
	do
		got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	*nfds = 0;
	if (got < 0)
		return -errno;
	if (room > 0)
		take_fds(&msg, fds, room, nfds);
	return got;
}

int sys_accept(int fd, int flags)
{
	int made;

	FAULT("accept4");
	made = accept4(fd, NULL, NULL, flags | SOCK_CLOEXEC);
	return RESULT(made);
}

ssize_t sys_recvmsg(int fd, const struct iovec *iov, int n, int flags, bool *truncated)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)n };
	ssize_t got;

	FAULT("recvmsg");
	got = recvmsg(fd, &msg, flags);
	if (got < 0)
		return -errno;
	*truncated = (msg.msg_flags & MSG_TRUNC) != 0;
	return got;
}

ssize_t sys_sendmsg(int fd, const struct iovec *iov, int n, int flags)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)n };
	ssize_t put;

	FAULT("sendmsg");
	put = sendmsg(fd, &msg, flags | MSG_NOSIGNAL);
	return RESULT(put);
}

int sys_waiting(int fd, uint64_t *out)
{
	int n;

	FAULT("ioctl");
	if (ioctl(fd, FIONREAD, &n) < 0)
		return -errno;
	*out = n < 0 ? 0 : (uint64_t)n;
	return 0;
}

int sys_shutdown(int fd, int how)
{
	FAULT("shutdown");
	return shutdown(fd, how) < 0 ? -errno : 0;
}

int sys_memfd(const char *name)
{
	int fd;

	FAULT("memfd_create");
	fd = memfd_create(name, MFD_CLOEXEC);
	return RESULT(fd);
}

void *sys_map(int fd, size_t n, bool write)
{
	void *at;

	if (fault_here("mmap"))
		return NULL;
	at = mmap(NULL, n, write ? PROT_READ | PROT_WRITE : PROT_READ,
		  fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
	return at == MAP_FAILED ? NULL : at;
}

void sys_unmap(void *at, size_t n)
{
	if (at)
		munmap(at, n);
}

int sys_fork(void)
{
	int pid;

	FAULT("fork");
	pid = fork();
	return RESULT(pid);
}

int sys_wait(int pid, int *status, bool block)
{
	int got;

	do
		got = waitpid(pid, status, block ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	return RESULT(got);
}

int sys_kill(int pid, int sig)
{
	return kill(pid, sig) < 0 ? -errno : 0;
}

int sys_die_with_parent(int parent)
{
	FAULT("prctl");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

void sys_exit(int status)
{
	_exit(status);
}

int sys_ignore(int sig)
{
	return signal(sig, SIG_IGN) == SIG_ERR ? -errno : 0;
}
