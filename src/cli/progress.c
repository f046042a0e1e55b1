/*
 * progress.c - says that a module is being compiled, when that takes a while and
 * somebody looks.
 *
 * The process that compiles does nothing else and ends afterwards, so a timer signal
 * is all it takes: its handler writes a line that was made before.
 */
#include "cli/progress.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { AFTER_US = 500000 };

static struct {
	char at[320];
	size_t len;
} line;

static void say(int sig)
{
	ssize_t put = write(2, line.at, line.len);

	(void)sig;
	(void)put;
}

static int format(char *at, size_t size, const char *program, uint64_t bytes)
{
	if (bytes < 1000000)
		return snprintf(at, size, "Compiling %.200s, %llu kB ...\n", program, (unsigned long long)(bytes + 999) / 1000);
	return snprintf(at, size, "Compiling %.200s, %llu MB ...\n", program, (unsigned long long)(bytes + 500000) / 1000000);
}

void progress_compiling(void *self, const char *program, uint64_t bytes)
{
	struct sigaction action = { .sa_handler = say, .sa_flags = SA_RESTART };
	struct itimerval once = { .it_value = { .tv_usec = AFTER_US } };
	int n = format(line.at, sizeof line.at, program, bytes);

	(void)self;
	if (!isatty(2) || n < 0 || (size_t)n >= sizeof line.at)
		return;
	line.len = (size_t)n;
	if (sigaction(SIGALRM, &action, NULL) == 0)
		setitimer(ITIMER_REAL, &once, NULL);
}
