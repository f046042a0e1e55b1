/*
 * server - a listening socket that was handed in: finds it as programs do (the first
 * stream socket from 3 on), and serves three connections, a different way each.
 */
#include <stdio.h>
#include <string.h>

#include "p1.h"

P1(sock_accept) int p1_sock_accept(uint32_t fd, uint32_t flags, uint32_t *out);
P1(sock_recv) int p1_sock_recv(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint32_t flags, uint32_t *size, uint16_t *out_flags);
P1(sock_send) int p1_sock_send(uint32_t fd, const struct p1_iovec *iov, uint32_t n, uint32_t flags, uint32_t *out);
P1(sock_shutdown) int p1_sock_shutdown(uint32_t fd, uint32_t how);
P1(poll_oneoff) int p1_poll_oneoff(const void *in, void *out, uint32_t n, uint32_t *nevents);

struct subscription { uint64_t userdata; uint8_t tag, pad[7]; uint32_t id, pad2; uint64_t timeout, precision; uint16_t flags; };
struct event { uint64_t userdata; uint16_t error; uint8_t type; uint64_t nbytes; uint16_t flags; };
_Static_assert(sizeof(struct subscription) == 48 && sizeof(struct event) == 32, "poll");

enum { STREAM = 6, WRITING = 2 };

static char data[65536];

static int find(uint32_t *out)
{
	struct p1_fdstat st;

	for (uint32_t fd = 3; !p1_fd_fdstat_get(fd, &st); fd++)
		if (st.type == STREAM) {
			*out = fd;
			return 1;
		}
	return 0;
}

/* Until the other side is done: all that comes goes back, by the calls for sockets. */
static void echo(uint32_t fd)
{
	struct p1_iovec iov = { data, sizeof data };
	unsigned long long all = 0;
	uint32_t n, sent;
	uint16_t flags;
	int error;

	while (!(error = p1_sock_recv(fd, &iov, 1, 0, &n, &flags)) && n) {
		struct p1_iovec back = { data, n };

		for (; back.len; back.at = (const char *)back.at + sent, back.len -= sent)
			if ((error = p1_sock_send(fd, &back, 1, 0, &sent)))
				break;
		all += n;
	}
	printf("echo: %s %llu bytes\n", p1_name(error), all);
}

/* The same by fd_read and fd_write, never waiting but in poll_oneoff. */
static void echo_polled(uint32_t fd)
{
	struct subscription sub = { .tag = 1, .id = fd };
	struct p1_iovec iov = { data, 512 };
	unsigned long long all = 0;
	unsigned agains = 0;
	struct event event;
	uint32_t n, events;
	int error;

	p1_fd_fdstat_set_flags(fd, P1_NONBLOCK);
	for (;;) {
		error = p1_fd_read(fd, &iov, 1, &n);
		if (!error && n) {
			struct p1_iovec back = { data, n };

			all += n;
			p1_fd_write(fd, &back, 1, &n);
		} else if (!error) {
			break;
		} else if (!strcmp(p1_name(error), "again")) {
			if (!agains++) {
				puts("waits");
				fflush(stdout);
			}
			p1_poll_oneoff(&sub, &event, 1, &events);
		} else {
			break;
		}
	}
	printf("polled: %s %llu bytes, it waited: %d\n", p1_name(error), all, agains > 0);
}

/* Says something first, and ends its half; then hears what the other says. */
static void greet(uint32_t fd)
{
	struct p1_iovec hello = { "hello\n", 6 }, iov = { data, sizeof data };
	uint32_t n;
	int error = p1_fd_write(fd, &hello, 1, &n);

	printf("greet: %s", p1_name(error));
	printf(", shutdown %s", p1_name(p1_sock_shutdown(fd, WRITING)));
	printf(", write after it %s", p1_name(p1_fd_write(fd, &hello, 1, &n)));
	n = 0;
	error = p1_fd_read(fd, &iov, 1, &n);
	printf(", heard %s %.*s\n", p1_name(error), (int)n, data);
}

int main(void)
{
	static void (*const ways[])(uint32_t) = { echo, echo_polled, greet };
	uint32_t fd = 0, got;
	int error;

	if (!find(&fd)) {
		puts("no socket");
		return 1;
	}
	printf("listening on %u\n", fd);
	fflush(stdout);
	for (unsigned i = 0; i < 3; i++) {
		error = p1_sock_accept(fd, 0, &got);
		if (error) {
			printf("accept: %s\n", p1_name(error));
			return 1;
		}
		ways[i](got);
		p1_fd_close(got);
		fflush(stdout);
	}
	p1_fd_fdstat_set_flags(fd, P1_NONBLOCK);
	printf("nobody else: %s\n", p1_name(p1_sock_accept(fd, 0, &got)));
	printf("a listener is not read: %d\n", p1_fd_read(fd, &(struct p1_iovec){ data, 1 }, 1, &got) != 0);
	return 0;
}
