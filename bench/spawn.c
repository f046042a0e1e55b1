/*
 * spawn.c - runs a command once from a small process: prints wall nanoseconds and the
 * peak resident KiB of the larger of its processes. (A large parent's own memory
 * would be counted to a child that it starts by vfork.)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long long start = now();
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (argc < 2)
		return 2;
	if (pid == 0) {
		int fd = open("/dev/null", O_RDWR);

		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || status)
		return 1;
	printf("%lld %ld\n", now() - start, usage.ru_maxrss);
	return 0;
}
