/*
 * process - what a C program sees of its process: arguments, environment, standard
 * descriptors, clocks, randomness, and every way to end.
 *     process WAY [WORD...]    WAY: say, or how to end: return, exit:N, abort, trap
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

extern char **environ;

static void arguments(int argc, char **argv)
{
	say("argc", "%d", argc);
	for (int i = 0; i < argc; i++)
		printf("argv %d: '%s'\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env %.*s: '%s'\n", (int)strcspn(*e, "="), *e, *e + strcspn(*e, "="));
}

static void standard(void)
{
	char buf[100];
	long n, all = 0;

	for (int fd = 0; fd < 3; fd++)
		printf("isatty %d: %d\n", fd, isatty(fd));
	while ((n = read(0, buf, sizeof buf)) > 0)
		all += n;
	if (n < 0)
		say("standard input", "%s", say_errno(errno));
	else
		say("standard input", "%ld bytes", all);
	TRY("at its end", read(0, buf, 1));
	TRY("write to standard input", write(0, "x", 1) < 0 ? 0 : 1);
	TRY("read of what is not open", read(77, buf, 1));
	fflush(stdout);
	TRY("write nothing", write(1, buf, 0));
	fputs("this is standard error\n", stderr);
}

static long long nanoseconds(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	return clock_gettime(clock, &t) ? -1 : t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void clocks(void)
{
	struct timespec nap = { 0, 20000000 }, res = { 0, 0 };
	long long real = nanoseconds(CLOCK_REALTIME), before = nanoseconds(CLOCK_MONOTONIC), after;

	say("now is after 2024", "%d", real > 1704067200000000000LL);
	nanosleep(&nap, NULL);
	after = nanoseconds(CLOCK_MONOTONIC);
	say("slept for twenty milliseconds, but for the one that node may miss", "%d", after - before >= 19000000);
	say("resolution of a clock", "%d", !clock_getres(CLOCK_MONOTONIC, &res) && res.tv_sec == 0 && res.tv_nsec > 0);
}

static void randomness(void)
{
	unsigned char a[256] = { 0 }, b[256] = { 0 };
	unsigned zeros = 0;

	TRY("random", getentropy(a, sizeof a));
	TRY("random again", getentropy(b, sizeof b));
	for (unsigned i = 0; i < sizeof a; i++)
		zeros += a[i] == 0;
	say("random differs", "%d", memcmp(a, b, sizeof a) != 0 && zeros < 20);
	TRY("random nothing", getentropy(a, 0));
}

static int recurse(volatile int *deeper)
{
	volatile int here = *deeper + 1;

	return here < 0 ? 0 : recurse(&here) + here;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "say";
	int zero = 0;

	if (!strncmp(way, "exit:", 5))
		exit(atoi(way + 5));
	if (!strcmp(way, "abort"))
		abort();
	if (!strcmp(way, "trap"))
		__builtin_trap();
	if (!strcmp(way, "recurse"))
		return recurse(&zero);
	if (!strcmp(way, "return"))
		return 5;
	arguments(argc, argv);
	standard();
	clocks();
	randomness();
	return 0;
}
