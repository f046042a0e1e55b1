/* poll_oneoff: empty, huge and hostile sets; clocks past, now and at the end of time; streams and files. */
#include <sys/socket.h>
#include <time.h>

#include "guest.h"

enum { IN = 1024, OUT = 8192, N = 64, SUB = 48, EVENT = 32, MILLISECOND = 1000000 };

static const int closed[3] = { -1, -1, -1 };

static void put_clock(struct test_guest *t, uint32_t i, uint32_t clock, uint64_t timeout, uint16_t flags)
{
	uint32_t at = IN + i * SUB;

	memset(fake_memory(t->fake) + at, 0, SUB);
	put_u64(t, at, 100 + i);
	put_u32(t, at + 16, clock);
	put_u64(t, at + 24, timeout);
	put_u32(t, at + 40, flags);
}

static void put_fd(struct test_guest *t, uint32_t i, uint32_t fd, uint8_t tag)
{
	uint32_t at = IN + i * SUB;

	memset(fake_memory(t->fake) + at, 0, SUB);
	put_u64(t, at, 100 + i);
	put_bytes(t, at + 8, &tag, 1);
	put_u32(t, at + 16, fd);
}

static uint32_t poll(struct test_guest *t, uint32_t n)
{
	return fake_run(t->fake, "poll_oneoff", IN, OUT, n, N);
}

/* The event of subscription I: its errno, or -1 when there is none. */
static int event_of(struct test_guest *t, uint32_t i, uint64_t *nbytes, uint16_t *flags)
{
	for (uint32_t e = 0; e < get_u32(t, N); e++) {
		uint32_t at = OUT + e * EVENT;

		if (get_u64(t, at) != 100 + i)
			continue;
		*nbytes = get_u64(t, at + 16);
		*flags = (uint16_t)get_u32(t, at + 24);
		return (uint16_t)get_u32(t, at + 8);
	}
	return -1;
}

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void sizes(struct test_guest *t)
{
	uint64_t before = now(CLOCK_MONOTONIC);

	test_row(poll(t, 0) == WASI_INVAL && now(CLOCK_MONOTONIC) - before < 100 * MILLISECOND, "W10 no subscriptions are inval at once");
	put_clock(t, 0, 1, 0, 0);
	memcpy(fake_memory(t->fake) + GUEST_MEMORY - SUB, fake_memory(t->fake) + IN, SUB);
	test_row(fake_run(t->fake, "poll_oneoff", GUEST_MEMORY - SUB, OUT, 1, N) == 0, "one subscription that ends with memory");
	test_row(fake_run(t->fake, "poll_oneoff", GUEST_MEMORY - SUB, OUT, 2, N) == WASI_FAULT, "W09 in: the second is outside");
	test_row(fake_run(t->fake, "poll_oneoff", IN, GUEST_MEMORY - EVENT, 1, N) == 0, "one event that ends with memory");
	test_row(fake_run(t->fake, "poll_oneoff", IN, GUEST_MEMORY - EVENT, 2, N) == WASI_FAULT, "W09 out: the second is outside");
	test_row(fake_run(t->fake, "poll_oneoff", IN, OUT, 1u << 27, N) == WASI_FAULT, "W09 2^27 subscriptions");
	test_row(fake_run(t->fake, "poll_oneoff", IN, OUT, UINT32_MAX, N) == WASI_FAULT, "W09 2^32-1 subscriptions");
	CHECK(fake_grow(t->fake, 1 << 20) == 0);
	for (uint32_t i = 0; i < LIMIT_SUBSCRIPTIONS + 1; i++)
		put_clock(t, i, 1, 0, 0);
	test_row(fake_run(t->fake, "poll_oneoff", IN, 512 << 10, LIMIT_SUBSCRIPTIONS, N) == 0 && get_u32(t, N) == LIMIT_SUBSCRIPTIONS, "L05 as many as allowed");
	test_row(fake_run(t->fake, "poll_oneoff", IN, 512 << 10, LIMIT_SUBSCRIPTIONS + 1, N) == WASI_INVAL, "L05 one more");
	test_row(fake_run(t->fake, "poll_oneoff", IN, IN, 100, N) == 0 && get_u32(t, N) == 100 && get_u64(t, IN) == 100 && get_u64(t, IN + 99 * EVENT) == 199,
		 "in and out may be the same memory");
}

static void bytes(struct test_guest *t)
{
	static const uint8_t want[64] = { 100, 0, 0, 0, 0, 0, 0, 0, WASI_BADF, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					  101, 0, 0, 0, 0, 0, 0, 0, WASI_BADF, 0, 2, 0 };

	put_fd(t, 0, 77, 1);
	put_fd(t, 1, UINT32_MAX, 2);
	memset(fake_memory(t->fake) + OUT, 0xaa, 96);
	CHECK(poll(t, 2) == 0 && get_u32(t, N) == 2);
	test_row(memory_is(t, OUT, want, 64) && fake_memory(t->fake)[OUT + 64] == 0xaa, "W14 events, to the byte, 32 apart");
}

static void clocks(struct test_guest *t)
{
	uint64_t nbytes, real = now(CLOCK_REALTIME), mono = now(CLOCK_MONOTONIC), before;
	const struct { const char *what; uint32_t clock; uint64_t timeout; uint16_t flags; } rows[] = {
		{ "realtime, relative 0", 0, 0, 0 }, { "monotonic, relative 0", 1, 0, 0 },
		{ "realtime, absolute 0", 0, 0, 1 }, { "monotonic, absolute 0", 1, 0, 1 },
		{ "realtime, absolute past", 0, real - 1000, 1 }, { "monotonic, absolute past", 1, mono - 1000, 1 },
		{ "realtime, absolute now", 0, real, 1 }, { "monotonic, absolute now", 1, mono, 1 },
	};
	uint16_t flags;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_clock(t, 0, rows[i].clock, rows[i].timeout, rows[i].flags);
		test_row(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) == 0, "W08 %s", rows[i].what);
	}
	for (uint32_t clock = 0; clock < 2; clock++)
		for (uint16_t absolute = 0; absolute < 2; absolute++) {
			put_clock(t, 0, clock, UINT64_MAX, absolute);
			put_clock(t, 1, 1, MILLISECOND, 0);
			before = now(CLOCK_MONOTONIC);
			test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == -1 && event_of(t, 1, &nbytes, &flags) == 0 &&
				 now(CLOCK_MONOTONIC) - before >= MILLISECOND, "W08 clock %u, %s 2^64-1 is far away", clock, absolute ? "absolute" : "relative");
		}
	put_clock(t, 0, 1, now(CLOCK_MONOTONIC) + 5 * MILLISECOND, 1);
	before = now(CLOCK_MONOTONIC);
	CHECK(poll(t, 1) == 0 && now(CLOCK_MONOTONIC) >= before + 4 * MILLISECOND);
	put_clock(t, 0, 2, 0, 0);
	put_clock(t, 1, 9, 0, 0);
	put_clock(t, 2, 1, 0, 2);
	CHECK(poll(t, 3) == 0 && event_of(t, 0, &nbytes, &flags) == WASI_NOTSUP && event_of(t, 1, &nbytes, &flags) == WASI_INVAL &&
	      event_of(t, 2, &nbytes, &flags) == WASI_INVAL);
	put_fd(t, 0, 0, 3);
	test_row(poll(t, 1) == WASI_INVAL, "a tag that there is not");
}

static void descriptors(struct test_guest *t)
{
	uint64_t nbytes, before;
	uint16_t flags;
	uint32_t file, deaf;
	int in[2], out[2];

	test_guest_free(t);
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ in[0], out[1], -1 }, GUEST_MEMORY);
	file = test_put_file(t, test_file("hello"), RIGHT_FD_READ | RIGHT_POLL_FD_READWRITE, ACCESS_READ, 0);
	deaf = test_put_file(t, test_file("hello"), RIGHT_FD_READ, ACCESS_READ, 0);
	put_fd(t, 0, 0, WASI_EVENT_FD_READ);
	put_clock(t, 1, 1, 2 * MILLISECOND, 0);
	CHECK(poll(t, 2) == 0 && get_u32(t, N) == 1 && event_of(t, 0, &nbytes, &flags) == -1 && event_of(t, 1, &nbytes, &flags) == 0);
	put_fd(t, 1, 1, WASI_EVENT_FD_WRITE);
	CHECK(poll(t, 2) == 0 && get_u32(t, N) == 1 && event_of(t, 1, &nbytes, &flags) == 0 && nbytes > 0);
	CHECK(write(in[1], "x", 1) == 1);
	put_clock(t, 2, 1, UINT64_MAX, 0);
	CHECK(poll(t, 3) == 0 && get_u32(t, N) == 2 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes > 0 && !(flags & WASI_HANGUP));
	put_fd(t, 1, file, WASI_EVENT_FD_READ);
	put_fd(t, 3, 3, WASI_EVENT_FD_READ);
	put_fd(t, 4, deaf, WASI_EVENT_FD_READ);
	before = now(CLOCK_MONOTONIC);
	CHECK(poll(t, 5) == 0 && get_u32(t, N) == 4 && event_of(t, 1, &nbytes, &flags) == 0);
	test_row(nbytes == 5 && now(CLOCK_MONOTONIC) - before < 1000 * (uint64_t)MILLISECOND, "a regular file is always ready");
	CHECK(event_of(t, 3, &nbytes, &flags) == WASI_BADF && event_of(t, 4, &nbytes, &flags) == WASI_NOTCAPABLE);
	close(in[1]);
	CHECK(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && (flags & WASI_HANGUP));
	close(out[0]);
	put_fd(t, 0, 1, WASI_EVENT_FD_WRITE);
	CHECK(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && (flags & WASI_HANGUP));
	close(in[0]), close(out[1]);
}

/* How much there is to read, of each kind of thing, as what reads it then finds. */
static void how_much(struct test_guest *t)
{
	int pipes[2], pair[2], listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage name;
	socklen_t len = sizeof name;
	uint64_t nbytes = 0;
	uint32_t fd, file;
	uint16_t flags;

	test_guest_free(t);
	if (pipe2(pipes, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || listen(listening, 1) < 0)
		exit(1);
	test_guest_new(t, (const int[]){ pipes[0], pair[0], -1 }, GUEST_MEMORY);
	put_fd(t, 0, 0, WASI_EVENT_FD_READ);
	put_fd(t, 1, 1, WASI_EVENT_FD_READ);
	CHECK(write(pipes[1], "0123456", 7) == 7 && write(pair[1], "012", 3) == 3);
	test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes == 7 && !flags, "nbytes of a pipe: %llu", (unsigned long long)nbytes);
	test_row(event_of(t, 1, &nbytes, &flags) == 0 && nbytes == 3 && !flags, "nbytes of a socket: %llu", (unsigned long long)nbytes);
	CHECK(shutdown(pair[1], SHUT_WR) == 0 && close(pipes[1]) == 0);
	test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes == 7 && (flags & WASI_HANGUP), "nbytes of a pipe whose writer is gone");
	test_row(event_of(t, 1, &nbytes, &flags) == 0 && nbytes == 3 && (flags & WASI_HANGUP), "nbytes of a connection whose other end is done");
	CHECK(read(pipes[0], &name, 7) == 7 && read(pair[0], &name, 3) == 3);
	test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes == 0 && (flags & WASI_HANGUP), "and with nothing left in it");
	put_fd(t, 1, 1, WASI_EVENT_FD_WRITE);
	test_row(poll(t, 2) == 0 && event_of(t, 1, &nbytes, &flags) == 0 && nbytes > 0, "room to write on a socket");

	file = test_put_file(t, test_file("0123456789"), RIGHT_FD_READ | RIGHT_FD_SEEK | RIGHT_POLL_FD_READWRITE, ACCESS_READ, 0);
	fake_run(t->fake, "fd_seek", file, 4, WASI_SEEK_SET, N);
	put_fd(t, 0, file, WASI_EVENT_FD_READ);
	test_row(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes == 6, "nbytes of a file: from where it stands");
	fake_run(t->fake, "fd_seek", file, 40, WASI_SEEK_SET, N);
	test_row(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes == 0, "nbytes beyond its end");

	CHECK(getsockname(listening, (struct sockaddr *)&name, &len) == 0);
	descriptors_put(test_state(t)->descriptors, &(struct file){ .kind = FILE_SOCKET, .fd = listening, .filetype = WASI_FT_STREAM,
			.base = RIGHT_POLL_FD_READWRITE, .access = ACCESS_READ }, &fd);
	put_fd(t, 0, fd, WASI_EVENT_FD_READ);
	put_clock(t, 1, 1, MILLISECOND, 0);
	test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == -1, "a listening socket to which nobody came");
	CHECK(connect(client, (struct sockaddr *)&name, len) == 0);
	put_clock(t, 1, 1, UINT64_MAX, 0);
	test_row(poll(t, 2) == 0 && event_of(t, 0, &nbytes, &flags) == 0 && nbytes > 0, "and when somebody did");
	close(pipes[0]), close(pair[0]), close(pair[1]), close(client);
}

/* Both clocks, relative and absolute, at each edge: past and now are ready at once, what is far away is not. */
static void clock_edges(struct test_guest *t)
{
	static const struct { const char *what; int64_t from_now; uint64_t value; bool absolute, ready; } rows[] = {
		{ "relative 0", 0, 0, false, true }, { "relative 1", 0, 1, false, true }, { "relative 2^63-1", 0, INT64_MAX, false, false },
		{ "relative 2^63", 0, UINT64_C(1) << 63, false, false }, { "relative 2^64-2", 0, UINT64_MAX - 1, false, false },
		{ "relative 2^64-1", 0, UINT64_MAX, false, false }, { "absolute 0", 0, 0, true, true }, { "absolute 1", 0, 1, true, true },
		{ "absolute, a second ago", -1000000000, 0, true, true }, { "absolute now", 0, UINT64_MAX, true, true },
		{ "absolute, in an hour", INT64_C(3600000000000), 0, true, false }, { "absolute 2^63-1", 0, INT64_MAX, true, false },
		{ "absolute 2^63", 0, UINT64_C(1) << 63, true, false }, { "absolute 2^64-1", 0, UINT64_MAX, true, false },
	};
	static const clockid_t host[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };
	uint64_t nbytes;
	uint16_t flags;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint32_t clock = 0; clock < 2; clock++) {
			bool is_now = strcmp(rows[i].what, "absolute now") == 0;
			uint64_t value = rows[i].from_now || is_now ? now(host[clock]) + (uint64_t)rows[i].from_now : rows[i].value;

			put_clock(t, 0, clock, value, rows[i].absolute);
			put_clock(t, 1, 1, 100000, 0);		/* so that it comes back in any case */
			test_row(poll(t, 2) == 0 && (event_of(t, 0, &nbytes, &flags) == 0) == rows[i].ready, "W08 clock %u, %s", clock, rows[i].what);
		}
	for (uint32_t clock = 2; clock < 5; clock++) {
		put_clock(t, 0, clock, UINT64_MAX, 1);
		test_row(poll(t, 1) == 0 && event_of(t, 0, &nbytes, &flags) > 0, "W08 clock %u cannot be waited for, and says so", clock);
	}
}

int main(void)
{
	void (*const each[])(struct test_guest *) = { sizes, bytes, clocks, clock_edges, descriptors, how_much };
	struct test_guest t = { 0 };

	test_begin();
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		test_guest_new(&t, closed, GUEST_MEMORY);
		each[i](&t);
		test_guest_free(&t);
	}
	return test_end();
}
