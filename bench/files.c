/*
 * files.c - what file calls cost: the same source for every host and for the native
 * build. Works in the directory it is started in (given whole), prints one line a
 * row: name, nanoseconds a call (the best of several batches).
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define DEEP "d1/d2/d3/file"
enum { BATCHES = 7, ENTRIES = 2000 };

static char block[65536];
static int file;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void open_one(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		die(path);
	close(fd);
}

static void stat_one(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		die(path);
}

static void open_1(void) { open_one("file"); }
static void open_4(void) { open_one(DEEP); }
static void open_miss(void) { if (open("absent", O_RDONLY) >= 0) die("absent is there"); }
static void stat_1(void) { stat_one("file"); }
static void stat_4(void) { stat_one(DEEP); }
static void stat_miss(void) { struct stat st; if (stat("absent", &st) == 0) die("absent is there"); }
static void pread_64(void) { if (pread(file, block, 64, 0) != 64) die("pread"); }
static void pread_64k(void) { if (pread(file, block, sizeof block, 0) != sizeof block) die("pread"); }
static void write_64(void) { if (pwrite(file, block, 64, 128) != 64) die("pwrite"); }

static void writev_2(void)
{
	struct iovec iov[2] = { { block, 32 }, { block + 100, 32 } };

	if (lseek(file, 0, SEEK_SET) || writev(file, iov, 2) <= 0)	/* wasmtime writes the first alone */
		die("writev");
}

static void readdir_all(void)
{
	DIR *dir = opendir("many");
	int n = 0;

	if (!dir)
		die("many");
	while (readdir(dir))
		n++;
	closedir(dir);
	if (n < ENTRIES)
		die("entries");
}

static void churn(void)
{
	int fd = open("new", O_CREAT | O_WRONLY, 0600);

	if (fd < 0 || close(fd) || rename("new", "newer") || unlink("newer"))
		die("create, rename, unlink");
}

static void directory(void)
{
	if (mkdir("dir", 0700) || rmdir("dir"))
		die("mkdir, rmdir");
}

static void clock_once(void)
{
	now();
}

static void hidden(void)
{
	if (open("/etc/absent", O_RDONLY) >= 0)
		die("/etc/absent is there");
}

static const struct { const char *name; void (*one)(void); int times; } rows[] = {
	{ "open+close", open_1, 4000 }, { "open+close 4 deep", open_4, 4000 }, { "open, absent", open_miss, 4000 },
	{ "stat", stat_1, 8000 }, { "stat 4 deep", stat_4, 8000 }, { "stat, absent", stat_miss, 8000 },
	{ "readdir of 2000", readdir_all, 10 }, { "pread 64", pread_64, 20000 }, { "pread 64 KiB", pread_64k, 4000 },
	{ "pwrite 64", write_64, 10000 }, { "seek+writev 2x32", writev_2, 10000 },
	{ "create+rename+unlink", churn, 1000 }, { "mkdir+rmdir", directory, 1000 }, { "clock", clock_once, 20000 },
	{ "open, hidden", hidden, 20000 },
};

static void prepare(void)
{
	char name[32];
	int fd;

	mkdir("d1", 0700); mkdir("d1/d2", 0700); mkdir("d1/d2/d3", 0700); mkdir("many", 0700);
	fd = open(DEEP, O_CREAT | O_WRONLY, 0600);
	close(fd);
	file = open("file", O_CREAT | O_RDWR, 0600);
	if (file < 0 || write(file, block, sizeof block) != sizeof block)
		die("file");
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, "many/entry-%d", i);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		if (fd < 0)
			die(name);
		close(fd);
	}
}

int main(void)
{
	prepare();
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		uint64_t best = UINT64_MAX;

		for (int batch = 0; batch < BATCHES; batch++) {
			uint64_t start = now(), took;

			for (int i = 0; i < rows[r].times; i++)
				rows[r].one();
			took = now() - start;
			best = took < best ? took : best;
		}
		printf("%s\t%.1f\n", rows[r].name, (double)best / rows[r].times);
	}
	return 0;
}
