/*
 * Questions over a socket to who is broken, hostile, dying, or not there: unavailable,
 * never yes.
 */
#include "broker.h"

/* ---- broken, hostile, dying ---- */

/* After BYTES: what was open is lost, what comes later is unavailable, nothing was allowed. */
static void breaks(const char *name, const char *bytes, size_t len)
{
	struct question a = question_of(1), b = question_of(2);
	bool pending;

	begin();
	pending = ask(&a) == REPLY_PENDING;
	put(&peer, bytes, len);
	for (int i = 0; i < 4000 && !seen.lost && step(); i++)
		;
	test_row(pending && seen.lost == 1 && seen.n == 0 && ask(&b) == REPLY_UNAVAILABLE && asker.fd(asker.self) == -1 && asker.deadline(asker.self) == UINT64_MAX,
		 "%s", name);
	done();
}

static void malformed(void)
{
	static const struct { const char *name, *line; } rows[] = {
		{ "B10 duplicate keys", ANSWER("0001", "\"option\":\"no\",\"option\":\"run\"") },
		{ "B10 duplicate keys deeper down", ANSWER("0001", "\"option\":\"run\",\"x\":{\"a\":1,\"a\":2}") },
		{ "B10 a number with a fraction", ANSWER("0001", "\"option\":\"run\",\"x\":1.0") },
		{ "B10 a number with an exponent", ANSWER("0001", "\"option\":\"run\",\"x\":1e999") },
		{ "B10 a number too large", ANSWER("0001", "\"option\":\"run\",\"x\":99999999999999999999") },
		{ "B10 depth 9", ANSWER("0001", "\"option\":\"run\",\"x\":[[[[[[[[]]]]]]]]") },
		{ "B10 a lone surrogate", ANSWER("0001", "\"option\":\"run\",\"x\":\"\\ud800\"") },
		{ "B10 an escaped NUL", ANSWER("0001", "\"option\":\"run\",\"x\":\"\\u0000\"") },
		{ "B10 invalid UTF-8", ANSWER("0001", "\"option\":\"run\",\"x\":\"\xff\"") },
		{ "B10 overlong UTF-8", ANSWER("0001", "\"option\":\"run\",\"x\":\"\xc0\xaf\"") },
		{ "B10 a byte order mark", "\xef\xbb\xbf" RUN("0001") },
		{ "B10 a carriage return in a text", ANSWER("0001", "\"option\":\"run\r\"") },
		{ "B10 two objects on a line", RUN("0001") RUN("0001") },
		{ "B10 a comma too many", ANSWER("0001", "\"option\":\"run\",") },
		{ "B10 a comment", RUN("0001") " // yes" },
		{ "B10 an array", "[" RUN("0001") "]" },
		{ "B10 single quotes", "{'type':'answer'}" },
		{ "B10 an infinity", ANSWER("0001", "\"option\":\"run\",\"x\":Infinity") },
		{ "B01 an empty line", "" },
		{ "B01 no JSON at all", "HTTP/1.1 200 OK" },
		{ "B25 no type", "{\"id\":" ID("0001") ",\"option\":\"run\"}" },
		{ "B25 a type that is null", "{\"type\":null,\"id\":" ID("0001") ",\"option\":\"run\"}" },
		{ "B25 an unknown type", "{\"type\":\"allow\",\"id\":" ID("0001") ",\"option\":\"run\"}" },
		{ "a second hello", "{\"type\":\"hello\",\"protocol\":1}" },
		{ "a revoke without its grant", "{\"type\":\"revoke\"}" },
		{ "a revoke of grant 0", "{\"type\":\"revoke\",\"grant\":0}" },
		{ "a revoke of what is no number", "{\"type\":\"revoke\",\"grant\":\"1\"}" },
	};
	char line[512];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(line, sizeof line, "%s\n%s\n", rows[i].line, RUN("0001"));
		breaks(rows[i].name, line, strlen(line));
	}
	breaks("B10 a raw NUL", "{\"type\":\"answer\",\0\"id\"\n", 24);
}

static void oversize(void)
{
	enum { HUGE = 100 << 20 };
	static char deep[100000];
	struct question a = question_of(1);
	static char line[LIMIT_BROKER_LINE + 64];
	size_t sent = 0;
	int len;

	memset(deep, '[', sizeof deep);
	breaks("B10 depth 100,000", deep, sizeof deep);

	begin();
	ask(&a);
	memset(line, 'x', sizeof line);
	fcntl(peer.fd, F_SETFL, O_NONBLOCK);
	while (!seen.lost && sent < HUGE) {
		ssize_t n = send(peer.fd, line, sizeof line, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		step();
	}
	test_row(seen.lost == 1 && sent < 2 << 20, "B01 a line of 100 MiB: given up long before");
	done();

	begin();
	ask(&a);
	len = snprintf(line, sizeof line, "%s", "{\"type\":\"answer\",\"id\":" ID("0001") ",\"option\":\"run\",\"pad\":\"");
	memset(line + len, ' ', sizeof line - (size_t)len);
	memcpy(line + LIMIT_BROKER_LINE - 2, "\"}\n", 3);
	put(&peer, line, LIMIT_BROKER_LINE + 1);
	while (seen.n == 0 && !seen.lost && step())
		;
	test_row(seen.n == 1, "a line of 64 KiB is one");
	ask(&a);
	memcpy(line + LIMIT_BROKER_LINE - 2, " \"}\n", 4);
	put(&peer, line, LIMIT_BROKER_LINE + 2);
	while (seen.n == 1 && !seen.lost && step())
		;
	test_row(seen.lost == 1 && seen.n == 1, "and a byte more is none");
	done();
}

static void dying(void)
{
	struct question a = question_of(1), b = question_of(2);

	begin();
	ask(&a);
	put(&peer, RUN("0001"), strlen(RUN("0001")) - 1);
	hang_up();
	while (!seen.lost && step())
		;
	test_row(seen.lost == 1 && seen.n == 0, "B01 half a line, then the end: no answer");
	done();

	begin();
	ask(&a);
	put(&peer, RUN("0001"), strlen(RUN("0001")));
	hang_up();
	while (!seen.lost && step())
		;
	test_row(seen.lost == 1 && seen.n == 0, "B01 a line without its newline, then the end: no answer");
	done();

	begin();
	ask(&a);
	ask(&b);
	say(&peer, RUN("0001"));
	hang_up();
	while (!seen.lost && step())
		;
	test_row(seen.lost == 1 && seen.n == 1 && seen.number[0] == 1, "an answer, then the end: that one counts, the rest is lost");
	done();

	begin();
	hang_up();
	test_row(ask(&a) == REPLY_UNAVAILABLE || (step() && seen.lost == 1), "B02 gone before the first question");
	while (!seen.lost && step())
		;
	test_row(ask(&b) == REPLY_UNAVAILABLE && seen.lost == 1, "B02 and every later one is unavailable");
	done();
}

/* One that does not read gets no more than its bound, and then nothing. */
static void deaf(void)
{
	static char words[60000];
	static struct question questions[1000];
	struct question_need need = csv;
	uint8_t kind = REPLY_PENDING;
	size_t n = 0;

	begin();
	memset(words, 'w', sizeof words);
	need.reason = (struct text){ words, sizeof words };
	while (n < 1000 && kind == REPLY_PENDING) {
		questions[n] = question_of(n + 1);
		questions[n].needs = &need;
		kind = ask(&questions[n++]);
	}
	step();
	test_row(kind == REPLY_UNAVAILABLE && n > 100 && n < 200 && seen.lost == 1, "a broker that does not read is lost at 8 MiB");
	done();
}

/* ---- the greeting ---- */

static void refused(const char *name, const char *greeting, const char *reason)
{
	int err = connect_to(greeting, greeting ? strlen(greeting) : 0);

	if (!test_row(err < 0 && strcmp(why, reason) == 0, "%s: %s", name, reason))
		printf("    %d %s\n", err, why);
	done();
}

static void greetings(void)
{
	static char line[70000];

	refused("hangs up", NULL, "it hung up without a hello");
	refused("another protocol", "{\"type\":\"hello\",\"protocol\":2}\n", "it speaks another protocol");
	refused("protocol as a text", "{\"type\":\"hello\",\"protocol\":\"1\"}\n", "it speaks another protocol");
	refused("no protocol", "{\"type\":\"hello\"}\n", "it speaks another protocol");
	refused("an answer for a hello", RUN("0001") "\n", "what it said is no hello");
	refused("no JSON", "hello\n", "what it said is no hello");
	refused("deadline 0", "{\"type\":\"hello\",\"protocol\":1,\"deadline_ms\":0}\n", "what it said is no hello");
	refused("B06 deadline -1", "{\"type\":\"hello\",\"protocol\":1,\"deadline_ms\":-1}\n", "what it said is no hello");
	refused("deadline null", "{\"type\":\"hello\",\"protocol\":1,\"deadline_ms\":null}\n", "what it said is no hello");
	memset(line, 'x', sizeof line - 1);
	refused("B01 a hello without end", line, "what it said is no hello");
	refused("B01 silent for 5 seconds", "", "it said no hello in 5 seconds");
	test_row(connect_to("{\"type\":\"hello\",\"protocol\":1,\"deadline_ms\":9223372036854775807,\"more\":{}}\n" RUN("0001") "\n", 133) == 0, "a hello with the longest deadline, and fields that we do not know");
	done();
}

static void places(void)
{
	char name[160], longer[400];
	int fd;

	snprintf(name, sizeof name, "%s/none", dir);
	test_row(broker_asker(name, &facts, &asker, &why) < 0 && !strcmp(why, "there is no such socket"), "no socket: %s", why);
	fd = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	close(fd);
	test_row(broker_asker(name, &facts, &asker, &why) < 0 && !strcmp(why, "it is no socket"), "B08 a file in its place: %s", why);
	unlink(name);
	if (symlink("/dev/null", name) < 0)
		test_row(false, "symlink");
	test_row(broker_asker(name, &facts, &asker, &why) < 0 && !strcmp(why, "it is no socket"), "B08 a link to something else: %s", why);
	unlink(name);
	fd = listen_at(name);
	close(fd);
	test_row(broker_asker(name, &facts, &asker, &why) < 0 && !strcmp(why, "nobody answers there"), "a socket that nobody serves: %s", why);
	unlink(name);
	test_row(broker_asker("@wask-abstract", &facts, &asker, &why) < 0 && !strcmp(why, "there is no such socket"), "B09 abstract names are names of files: %s", why);

	snprintf(longer, sizeof longer, "%s/%0120d", dir, 7);
	mkdir(longer, 0700);
	strncat(longer, "/s;uid=0;\n", sizeof longer - strlen(longer) - 1);
	if (symlink(path, longer) < 0)
		test_row(false, "symlink: %s", strerror(errno));
	peer = (struct peer){ .listenfd = listen_at(path), .fd = -1, .greeting = HELLO, .len = strlen(HELLO) };
	pthread_create(&peer.thread, NULL, greet, &peer);
	test_row(broker_asker(longer, &facts, &asker, &why) == 0, "B04 a name longer than 108 bytes, with ;uid=0; and a newline in it, through a link");
	pthread_join(peer.thread, NULL);
	close(peer.listenfd);
	done();
	unlink(longer);
	*strrchr(longer, '/') = '\0';
	rmdir(longer);
}

/* Only root can make a peer of another user. */
static void another_user(void)
{
	int ready[2], fd;
	char byte;
	pid_t pid;

	if (geteuid() != 0 || pipe2(ready, O_CLOEXEC) < 0)
		return;
	chmod(dir, 0777);
	unlink(path);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(1);
		fd = listen_at(path);
		chmod(path, 0777);
		if (write(ready[1], "", 1) < 0)
			_exit(1);
		fd = accept(fd, NULL, NULL);
		if (write(fd, HELLO, strlen(HELLO)) < 0)
			_exit(1);
		pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		test_row(false, "no peer");
	test_row(broker_asker(path, &facts, &asker, &why) < 0 && !strcmp(why, "another user answers there"), "B03 B09 another user's socket: %s", why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	chmod(dir, 0700);
}

int main(void)
{
	test_begin();
	place_make();
	malformed();
	oversize();
	dying();
	deaf();
	greetings();
	places();
	another_user();
	place_done();
	return test_end();
}
