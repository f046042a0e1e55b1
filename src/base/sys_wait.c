/*
 * sys_wait.c - the system calls of who waits for others: a Unix socket by its name,
 * who is at its other end, and descriptors that say when something is to be done;
 * see sys.h.
 */
#include "base/sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fault.h"

#define FAULT(call) do { if (fault_here(call)) return -EIO; } while (0)
#define RESULT(value) ((value) < 0 ? -errno : (value))

/* Through the opened object: so a name of any length, and what was looked at is what is connected to. */
int sys_connect_unix(int namefd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	FAULT("connect");
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", namefd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int sys_peer_uid(int fd, uint32_t *out)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof peer;

	FAULT("getsockopt");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	if (size != sizeof peer || peer.uid == (uid_t)-1)
		return -EIO;
	*out = (uint32_t)peer.uid;
	return 0;
}

int sys_epoll(void)
{
	int fd;

	FAULT("epoll_create1");
	fd = epoll_create1(EPOLL_CLOEXEC);
	return RESULT(fd);
}

int sys_epoll_set(int epollfd, int fd, bool add, bool writing)
{
	struct epoll_event event = { .events = EPOLLIN | (writing ? EPOLLOUT : 0U), .data.fd = fd };

	FAULT("epoll_ctl");
	return epoll_ctl(epollfd, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

int sys_eventfd(void)
{
	int fd;

	FAULT("eventfd");
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return RESULT(fd);
}
