/*
 * Sockets handed in (guest_options.listen): where they appear, and accept, receive,
 * send, poll and shutdown with a TCP client on the other side.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "guest.h"

enum { IOV = 0, OUT = 64, FLAGS = 72, SUBS = 512, EVENTS = 768, BUF = 1024, MUCH = 32768, LISTENING = 5 };

#define LONG UINT64_C(20000000000)

static const int closed[3] = { -1, -1, -1 };

/* A guest with SOCKETS after its two virtual preopens. 0, or what guest_new said. */
static int guest_with(struct test_guest *t, const int *sockets, size_t n)
{
	struct guest_options options = { .start = &t->start, .stdio = { -1, -1, -1 }, .listen = sockets, .nlisten = n };

	t->authority = authority_local(&t->server);
	options.authority = t->authority;
	t->fake = NULL;
	return fake_new(&options, GUEST_MEMORY, &t->fake);
}

static int listening_on(struct sockaddr_in *name)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof *name;

	*name = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)name, len) < 0 || listen(fd, 4) < 0 || getsockname(fd, (struct sockaddr *)name, &len) < 0)
		exit(1);
	return fd;
}

static int client_of(const struct sockaddr_in *name)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)name, sizeof *name) < 0)
		exit(1);
	return fd;
}

static uint32_t io(struct test_guest *t, const char *call, uint32_t fd, uint32_t len)
{
	put_iovec(t, IOV, BUF, len);
	return fake_run(t->fake, call, fd, IOV, 1, OUT);
}

static uint32_t receive(struct test_guest *t, uint32_t fd, uint32_t len, uint32_t flags)
{
	put_iovec(t, IOV, BUF, len);
	return fake_run(t->fake, "sock_recv", fd, IOV, 1, flags, OUT, FLAGS);
}

static void where_they_are(struct test_guest *t, int listening)
{
	struct file *file;

	test_row(fake_run(t->fake, "fd_fdstat_get", LISTENING, BUF) == 0 && fake_memory(t->fake)[BUF] == WASI_FT_STREAM &&
		 (get_u64(t, BUF + 8) & RIGHT_SOCK_ACCEPT) && !(get_u64(t, BUF + 8) & ~(RIGHTS_CONNECTION | (uint64_t)RIGHT_SOCK_ACCEPT)),
		 "it stands after the preopens, a stream socket with a socket's rights");
	test_row(fake_run(t->fake, "fd_prestat_get", LISTENING, BUF) == WASI_BADF && fake_run(t->fake, "fd_prestat_get", 4, BUF) == 0,
		 "and is none: a libc's search for them ends there");
	test_row(fake_run(t->fake, "sock_accept", 3, 0, OUT) == WASI_NOTSOCK && fake_run(t->fake, "sock_accept", 4, 0, OUT) == WASI_NOTSOCK &&
		 fake_run(t->fake, "fd_fdstat_get", LISTENING + 1, BUF) == WASI_BADF, "a search for sockets skips the preopens and ends after it");
	test_row(io(t, "fd_read", LISTENING, 8) != 0 && io(t, "fd_write", LISTENING, 8) != 0 && fake_run(t->fake, "fd_seek", LISTENING, 0, 0, OUT) == WASI_SPIPE,
		 "it is neither read nor written");
	CHECK(descriptors_get(test_state(t)->descriptors, LISTENING, 0, &file) == 0 && file->fd == listening && file->borrowed);
}

/* NONBLOCK is the guest's own: what the host's flags are changes nothing, and is not changed. */
static uint32_t accepted(struct test_guest *t, const struct sockaddr_in *name, int listening, int *client)
{
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", LISTENING, WASI_FD_NONBLOCK) == 0 && !(fcntl(listening, F_GETFL) & O_NONBLOCK));
	test_row(fake_run(t->fake, "sock_accept", LISTENING, 0, OUT) == WASI_AGAIN, "nobody there, and it does not wait: again");
	*client = client_of(name);
	fcntl(listening, F_SETFL, O_NONBLOCK);
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", LISTENING, 0) == 0);
	test_row(fake_run(t->fake, "sock_accept", LISTENING, WASI_FD_NONBLOCK, OUT) == 0 && get_u32(t, OUT) == 0, "a connection, at the lowest number");
	return get_u32(t, OUT);
}

static void talking(struct test_guest *t, uint32_t fd, int client)
{
	char got[16] = "";

	test_row(receive(t, fd, 8, 0) == WASI_AGAIN && io(t, "fd_read", fd, 8) == WASI_AGAIN, "nothing came yet: again");
	CHECK(send(client, "hello, guest", 12, 0) == 12);
	test_row(receive(t, fd, 5, WASI_RI_PEEK) == 0 && get_u32(t, OUT) == 5 && memory_is(t, BUF, "hello", 5), "peek");
	test_row(receive(t, fd, 5, 0) == 0 && get_u32(t, OUT) == 5 && memory_is(t, BUF, "hello", 5), "recv");
	test_row(io(t, "fd_read", fd, 64) == 0 && get_u32(t, OUT) == 7 && memory_is(t, BUF, ", guest", 7), "and fd_read has the rest");
	put_bytes(t, BUF, "hello, host", 11);
	put_iovec(t, IOV, BUF, 5);
	put_iovec(t, IOV + 8, BUF + 5, 6);
	test_row(fake_run(t->fake, "sock_send", fd, IOV, 2, 0, OUT) == 0 && get_u32(t, OUT) == 11 && recv(client, got, sizeof got, 0) == 11 &&
		 memcmp(got, "hello, host", 11) == 0, "send of two pieces");
	test_row(io(t, "fd_write", fd, 4) == 0 && recv(client, got, sizeof got, 0) == 4, "fd_write");
	CHECK(fake_run(t->fake, "fd_fdstat_get", fd, BUF) == 0 && fake_memory(t->fake)[BUF] == WASI_FT_STREAM);
	test_row(get_u64(t, BUF + 8) == RIGHTS_CONNECTION && fake_run(t->fake, "sock_accept", fd, 0, OUT) == WASI_NOTCAPABLE, "a connection accepts nothing");
}

/* A blocking one waits, also where the host descriptor does not. */
static void waiting(struct test_guest *t, uint32_t fd, int client)
{
	pid_t child = fork();
	struct file *file;
	char got[4];

	if (child == 0) {
		if (recv(client, got, 4, 0) != 4 || send(client, "back", 4, 0) != 4)
			_exit(1);
		_exit(0);
	}
	CHECK(descriptors_get(test_state(t)->descriptors, fd, 0, &file) == 0);
	fcntl(file->fd, F_SETFL, O_NONBLOCK);
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", fd, 0) == 0 && io(t, "fd_write", fd, 4) == 0);
	test_row(receive(t, fd, 4, WASI_RI_WAITALL) == 0 && get_u32(t, OUT) == 4 && memory_is(t, BUF, "back", 4), "it waits until something comes");
	waitpid(child, NULL, 0);
}

/* For at most WAIT nanoseconds: its bytes and one, or nothing. */
static uint32_t poll_one(struct test_guest *t, uint32_t fd, uint8_t tag, uint64_t wait)
{
	memset(fake_memory(t->fake) + SUBS, 0, 96);
	put_bytes(t, SUBS + 8, &tag, 1);
	put_u32(t, SUBS + 16, fd);
	put_u64(t, SUBS + 48, 1);
	put_u32(t, SUBS + 48 + 16, 1);
	put_u64(t, SUBS + 48 + 24, wait);
	if (fake_run(t->fake, "poll_oneoff", SUBS, EVENTS, 2, OUT) != 0)
		return UINT32_MAX;
	return get_u64(t, EVENTS) == 0 ? get_u32(t, EVENTS + 16) + 1 : 0;
}

static void polled(struct test_guest *t, uint32_t fd, int client, const struct sockaddr_in *name)
{
	int another;

	test_row(poll_one(t, fd, WASI_EVENT_FD_READ, 0) == 0 && poll_one(t, LISTENING, WASI_EVENT_FD_READ, 0) == 0, "poll: nothing to read, nobody to accept");
	CHECK(send(client, "12345", 5, 0) == 5);
	another = client_of(name);
	test_row(poll_one(t, fd, WASI_EVENT_FD_READ, LONG) == 6, "poll: five bytes to read");
	test_row(poll_one(t, LISTENING, WASI_EVENT_FD_READ, LONG) > 1, "poll: somebody to accept");
	test_row(poll_one(t, fd, WASI_EVENT_FD_WRITE, LONG) > 1, "poll: room to write");
	CHECK(receive(t, fd, 5, 0) == 0 && fake_run(t->fake, "sock_accept", LISTENING, 0, OUT) == 0 && fake_run(t->fake, "fd_close", get_u32(t, OUT)) == 0);
	close(another);
}

/* A guest that does not wait is given what there is room for, never more. */
static void slow_reader(struct test_guest *t, uint32_t fd, int client)
{
	uint64_t sent = 0, came = 0;
	char some[4096];
	ssize_t n;

	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", fd, WASI_FD_NONBLOCK) == 0);
	while (io(t, "fd_write", fd, MUCH) == 0 && sent < (64 << 20))
		sent += get_u32(t, OUT);
	test_row(io(t, "fd_write", fd, MUCH) == WASI_AGAIN && sent > 0 && sent < (64 << 20), "L07 a peer that does not read: again, and nothing is kept for later");
	while (came < sent && (n = recv(client, some, sizeof some, 0)) > 0)
		came += (uint64_t)n;
	test_row(came == sent && recv(client, some, sizeof some, MSG_DONTWAIT) < 0, "L07 all that was taken arrives, and no more");
}

static void ending(struct test_guest *t, uint32_t fd, int client)
{
	char got[8];

	test_row(fake_run(t->fake, "sock_shutdown", fd, WASI_SD_WR) == 0 && recv(client, got, 8, 0) == 0, "shutdown of writing: the client sees the end");
	test_row(io(t, "fd_write", fd, 4) == WASI_PIPE, "and no more is written");
	CHECK(send(client, "last", 4, 0) == 4 && receive(t, fd, 8, 0) == 0 && get_u32(t, OUT) == 4);
	shutdown(client, SHUT_WR);
	CHECK(fake_run(t->fake, "fd_fdstat_set_flags", fd, 0) == 0);
	test_row(receive(t, fd, 8, 0) == 0 && get_u32(t, OUT) == 0, "the client is done: the end");
	CHECK(fake_run(t->fake, "fd_close", fd) == 0 && fake_run(t->fake, "fd_close", LISTENING) == 0);
}

static void handed_in(struct test_guest *t)
{
	struct sockaddr_in name;
	int listening = listening_on(&name), client;
	uint32_t fd;

	if (!test_row(guest_with(t, &listening, 1) == 0, "a listening socket is handed in"))
		return;
	where_they_are(t, listening);
	fd = accepted(t, &name, listening, &client);
	talking(t, fd, client);
	waiting(t, fd, client);
	polled(t, fd, client, &name);
	slow_reader(t, fd, client);
	ending(t, fd, client);
	test_row(fcntl(listening, F_GETFD) >= 0, "W28 the host's descriptor is not closed by the guest");
	test_guest_free(t);
	test_row(fcntl(listening, F_GETFD) >= 0, "W28 nor at its end");
	close(client), close(listening);
}

static void what_is_none(struct test_guest *t)
{
	int file = test_file("x"), sockets[LIMIT_SOCKETS];

	test_row(guest_with(t, &file, 1) < 0, "a file is no socket: no guest");
	authority_free(t->authority);
	test_row(guest_with(t, &(int){ -1 }, 1) < 0, "nor is nothing");
	authority_free(t->authority);
	for (int i = 0; i < LIMIT_SOCKETS; i++)
		sockets[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	test_row(guest_with(t, sockets, LIMIT_SOCKETS) == 0 && fake_run(t->fake, "fd_fdstat_get", LISTENING + LIMIT_SOCKETS - 1, BUF) == 0 &&
		 fake_run(t->fake, "fd_fdstat_get", LISTENING + LIMIT_SOCKETS, BUF) == WASI_BADF, "%d of them, in their order", LIMIT_SOCKETS);
	test_guest_free(t);
	for (int i = 0; i < LIMIT_SOCKETS; i++)
		close(sockets[i]);
	close(file);
}

int main(void)
{
	struct test_guest t = { 0 };

	signal(SIGPIPE, SIG_IGN);
	test_begin();
	test_guest_uses();
	test_guest_new(&t, closed, GUEST_MEMORY);	/* for its start values and its judge */
	test_guest_free(&t);
	handed_in(&t);
	what_is_none(&t);
	return test_end();
}
