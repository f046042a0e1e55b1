/* patience.c - the judge's side waits for an asker, and perhaps for a worker as well; see door.h. */
#include <errno.h>
#include <poll.h>

#include "authority/door.h"
#include "base/sys.h"

struct patience server_patience(const struct authority_server *server)
{
	struct patience patience = { -1, UINT64_MAX };

	if (server->fd)
		patience.fd = server->fd(server->self);
	if (server->deadline)
		patience.deadline = server->deadline(server->self);
	return patience;
}

static struct timespec left(uint64_t deadline)
{
	uint64_t now, ns;

	if (sys_clock(CLOCK_MONOTONIC, &now) < 0 || now >= deadline)
		return (struct timespec){ 0, 0 };
	ns = deadline - now;
	return (struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
}

/* Polls once. *STEP: the judge has something to do. */
static int wait_once(const struct patience *patience, int doorfd, bool block, bool *step, bool *readable)
{
	struct pollfd fds[2] = { { .fd = doorfd, .events = POLLIN }, { .fd = patience->fd, .events = POLLIN } };
	struct timespec timeout = left(block ? patience->deadline : 0);
	int n = sys_ppoll(fds, 2, block && patience->deadline == UINT64_MAX ? NULL : &timeout);

	if (n < 0)
		return n == -EINTR ? 0 : n;
	timeout = left(patience->deadline);
	*readable = fds[0].revents != 0;
	*step = fds[1].revents != 0 || (timeout.tv_sec == 0 && timeout.tv_nsec == 0);
	return 0;
}

int server_wait(const struct authority_server *server, int doorfd, bool block, bool *readable)
{
	struct patience patience = server_patience(server);
	bool step = false, ready = false;
	int failed;

	if (patience.fd < 0 && patience.deadline == UINT64_MAX && doorfd < 0)
		return block ? -EDEADLK : 0;
	failed = wait_once(&patience, doorfd, block, &step, &ready);
	if (failed < 0)
		return failed;
	if (step && server->step)
		server->step(server->self);
	if (readable)
		*readable = ready;
	return 0;
}
