/*
 * calls.c - ten million calls, for bench/run to see whether the host grows: it says
 * "begin" when it is warm and "end" when it is done, and waits for a byte after each.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 20000, TURNS = 1000000 };

/* Ten system calls, and now and then some that are slower. */
static int turn(int i)
{
	struct timespec t;
	struct stat st;
	char block[64];
	int fd = open("file", O_RDWR);
	DIR *dir;

	if (fd < 0 || pread(fd, block, sizeof block, 0) < 0 || write(fd, block, sizeof block) < 0 || lseek(fd, 8, SEEK_SET) != 8 ||
	    fstat(fd, &st) || stat("d1/d2/d3/file", &st) || !stat("absent", &st))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	if (getentropy(block, 16) || close(fd))
		return -1;
	if (i % 64 != 0)
		return 0;
	if (open("/etc/absent", O_RDONLY) >= 0 || open("out/secret", O_RDONLY) >= 0 || mkdir("dir", 0700) || rmdir("dir"))
		return -1;
	dir = opendir("d1");
	while (dir && readdir(dir))
		;
	return dir ? closedir(dir) : -1;
}

static int turns(int n)
{
	for (int i = 0; i < n; i++)
		if (turn(i))
			return -1;
	return 0;
}

static void say(const char *what)
{
	char byte;

	puts(what);
	fflush(stdout);
	(void)!read(0, &byte, 1);
}

int main(void)
{
	if (turns(WARM))
		return 1;
	say("begin");
	if (turns(TURNS))
		return 1;
	say("end");
	return 0;
}
