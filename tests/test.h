/*
 * test.h - enough for every C test.
 *
 * A test program has rows; each prints "ok NAME" or "not ok NAME: why". test_end
 * checks that no descriptor was left open and no child is alive, prints the
 * counts, and gives the exit status. An alarm ends what hangs.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int test_passed, test_failed, test_fds;

static int test_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void test_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(120);
	test_fds = test_open_fds();
}

__attribute__((format(printf, 2, 3)))
static bool test_row(bool ok, const char *name, ...)
{
	va_list args;

	fputs(ok ? "ok " : "not ok ", stdout);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	*(ok ? &test_passed : &test_failed) += 1;
	return ok;
}

/* One condition, one row, named after its text. */
#define CHECK(condition) test_row((condition), "%s:%d %s", __FILE__, __LINE__, #condition)

static int test_end(void)
{
	test_row(test_open_fds() == test_fds, "no descriptor left: %d before, %d now", test_fds, test_open_fds());
	test_row(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child alive");
	printf("%d passed, %d failed\n", test_passed, test_failed);
	return test_failed ? 1 : 0;
}

#endif
