/*
 * broker.h - a broker's two ends for tests: the asker, and a peer that says what a
 * test wants. Real sockets; the peer is this process, but for the greeting, during
 * which the other side waits.
 */
#ifndef UNIT_BROKER_H
#define UNIT_BROKER_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "ask/broker.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "test.h"

#define LIT(literal) { literal, sizeof(literal) - 1 }
#define HELLO "{\"type\":\"hello\",\"protocol\":1}\n"

static char dir[64], path[108];

/* ---- the peer ---- */

struct peer {
	int listenfd, fd;		/* FD: the connection, once it was made */
	const char *greeting;		/* NULL: hangs up */
	size_t len;
	pthread_t thread;
	char heard[1 << 16];		/* what came and was not looked at */
	size_t nheard;
};

static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
	unlink(name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0)
		test_row(false, "cannot listen at %s: %s", name, strerror(errno));
	return fd;
}

static void *greet(void *self)
{
	struct peer *peer = self;

	peer->fd = accept4(peer->listenfd, NULL, NULL, SOCK_CLOEXEC);
	if (peer->greeting && write(peer->fd, peer->greeting, peer->len) < 0)
		peer->len = 0;
	if (!peer->greeting) {
		close(peer->fd);
		peer->fd = -1;
	}
	return NULL;
}

static void put(struct peer *peer, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(peer->fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void say(struct peer *peer, const char *line)
{
	put(peer, line, strlen(line));
	put(peer, "\n", 1);
}

/* The next line that came, without its newline; "" when there is none in 2 s. */
static const char *hear(struct peer *peer)
{
	static char line[1 << 16];
	struct pollfd ready = { .fd = peer->fd, .events = POLLIN };
	char *end;
	size_t len;

	while (!(end = memchr(peer->heard, '\n', peer->nheard))) {
		ssize_t n = peer->nheard < sizeof peer->heard && poll(&ready, 1, 2000) == 1 ? read(peer->fd, peer->heard + peer->nheard, sizeof peer->heard - peer->nheard) : 0;

		if (n <= 0)
			return "";
		peer->nheard += (size_t)n;
	}
	len = (size_t)(end - peer->heard);
	memcpy(line, peer->heard, len);
	line[len] = '\0';
	peer->nheard -= len + 1;
	memmove(peer->heard, end + 1, peer->nheard);
	return line;
}

/* ---- the judge ---- */

static struct seen {
	uint64_t number[2000], revoked;
	struct reply reply[2000];
	char rules[4][64];
	size_t n;
	int lost;
	const char *refuse;		/* says so to the next reply */
	const struct asker *asker;
	uint64_t also_cancel;		/* while it takes a reply */
} seen;

static const char *take(void *self, uint64_t number, const struct reply *reply)
{
	struct seen *s = self;
	const char *refuse = s->refuse;

	s->refuse = NULL;
	if (s->also_cancel)
		s->asker->cancel(s->asker->self, s->also_cancel);
	if (refuse)
		return refuse;
	for (size_t i = 0; reply->kind == REPLY_RULES && i < reply->rules.n && i < 4; i++)
		snprintf(s->rules[i], sizeof s->rules[i], "%.*s", (int)reply->rules.at[i].len, reply->rules.at[i].at);
	s->number[s->n] = number;
	s->reply[s->n++] = *reply;
	return NULL;
}

static void take_back(void *self, uint64_t grant)
{
	((struct seen *)self)->revoked = grant;
}

static void lost(void *self)
{
	((struct seen *)self)->lost++;
}

static const struct asker_sink sink = { &seen, take, take_back, lost };

/* ---- both ---- */

static struct peer peer;
static struct asker asker;
static const char *why;

static const struct run_facts facts = {
	.id = { 1, 2, 3, 255 }, .program = LIT("rg.wasm"), .sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	.args = { (struct text[]){ LIT("rg"), LIT("TODO"), LIT("no\\tes\n") }, 3 }, .cwd = LIT("/home/ada"),
};

static int connect_to(const char *greeting, size_t len)
{
	int err;

	memset(&seen, 0, sizeof seen);
	peer = (struct peer){ .listenfd = listen_at(path), .fd = -1, .greeting = greeting, .len = len };
	pthread_create(&peer.thread, NULL, greet, &peer);
	err = broker_asker(path, &facts, &asker, &why);
	pthread_join(peer.thread, NULL);
	close(peer.listenfd);
	seen.asker = &asker;
	return err;
}

static void hang_up(void)
{
	close(peer.fd);
	peer.fd = -1;
}

static void done(void)
{
	if (asker.free)
		asker.free(asker.self);
	asker = (struct asker){ 0 };
	if (peer.fd >= 0)
		hang_up();
}

static void begin(void)
{
	if (connect_to(HELLO, strlen(HELLO)) < 0)
		test_row(false, "no connection: %s", why);
	hear(&peer);
}

/* As a door does it: waits for the asker's descriptor, or its time, and lets it step. False: nothing came in 2 s. */
static bool step(void)
{
	struct pollfd ready = { .fd = asker.fd(asker.self), .events = POLLIN };
	uint64_t now, deadline = asker.deadline(asker.self);
	int ms = 2000;
	bool due;

	sys_clock(CLOCK_MONOTONIC, &now);
	if (deadline != UINT64_MAX)
		ms = deadline > now ? (int)((deadline - now) / 1000000) + 1 : 0;
	due = poll(&ready, 1, ms) == 1 || deadline != UINT64_MAX;
	if (due)
		asker.step(asker.self, &sink);
	return due;
}

static const struct option options[] = {
	{ OPTION_RUN, { (struct text[]){ LIT("allow read /data/in.csv for run") }, 1 }, (const uint8_t[]){ 0 } },
	{ OPTION_NO, { (struct text[]){ LIT("deny read /data/in.csv for run") }, 1 }, (const uint8_t[]){ 0 } },
};

static const struct question_need csv = {
	.kind = KIND_FILE, .act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ, .name = LIT("../data/in.csv"), .path = LIT("/data/in.csv"),
	.guest = LIT("/data/in.csv"), .class = "other", .looked = true, .exists = true, .mode = S_IFREG | 0644, .size = 3200,
};

/* Number N, whose id is N in its last two bytes. */
static struct question question_of(uint64_t n)
{
	struct question q = { .number = n, .program = TEXT("rg.wasm"), .needs = &csv, .nneeds = 1, .options = options, .noptions = 2 };

	q.id[14] = (uint8_t)(n >> 8);
	q.id[15] = (uint8_t)n;
	return q;
}

static uint8_t ask(const struct question *question)
{
	struct reply reply = { 0 };

	asker.ask(asker.self, question, &reply);
	return reply.kind;
}

#define ID(n) "\"0000000000000000000000000000" n "\""
#define ANSWER(n, rest) "{\"type\":\"answer\",\"id\":" ID(n) "," rest "}"
#define RUN(n) ANSWER(n, "\"option\":\"run\"")

static void place_make(void)
{
	snprintf(dir, sizeof dir, "/var/tmp/wask-broker-XXXXXX");
	if (!mkdtemp(dir))
		test_row(false, "mkdtemp: %s", strerror(errno));
	snprintf(path, sizeof path, "%s/socket", dir);
}

static void place_done(void)
{
	unlink(path);
	if (rmdir(dir) < 0)
		test_row(false, "rmdir %s: %s", dir, strerror(errno));
}

#endif
