/*
 * files.c - what file calls cost: the same source for every host and for the native
 * build. `files RESULTS GROUP [ROOT]` runs the rows of one group in the tree that
 * bench/run made in the working directory, and writes one line a row to RESULTS: name,
 * nanoseconds a call (the best of several batches), and what it did not do right.
 * What stands below ROOT (the working directory, spelled from `/`) is the same tree.
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

#define DEEP "d1/d2/d3/"
enum { LINES = 100000 };
static const uint64_t batch_ns = 1500000, row_ns = 25000000, slow_ns = 100000000;

static char block[65536], name[4096];
static const char *root = ".";
static int file;
static long turn;
static const char *fault;

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

/* ---- names: each row's path is made once, before it is timed ---- */

static void open_name(void)
{
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		die(name);
	close(fd);
}

static void open_absent(void)
{
	if (open(name, O_RDONLY) >= 0)
		fault = "there";
}

static void stat_name(void)
{
	struct stat st;

	if (stat(name, &st))
		die(name);
}

static void stat_absent(void)
{
	struct stat st;

	if (stat(name, &st) == 0)
		fault = "there";
}

/* ---- descriptors ---- */

static void pread_64(void)
{
	if (pread(file, block, 64, 0) != 64)
		fault = "short";
}

static void pread_64k(void)
{
	if (pread(file, block, sizeof block, 0) != sizeof block)
		fault = "short";
}

/* From the start again now and then, so that the file stays as large as it is. */
static void rewind_file(void)
{
	if (turn++ % 1024 == 0 && lseek(file, 0, SEEK_SET))
		die("seek");
}

static void write_64(void)
{
	rewind_file();
	if (write(file, block, 64) != 64)
		fault = "short";
}

static void writev_2(void)
{
	struct iovec iov[2] = { { block, 32 }, { block + 100, 32 } };

	rewind_file();
	if (writev(file, iov, 2) != 64)
		fault = "short";
}

static void clock_once(void)
{
	now();
}

static void random_16(void)
{
	if (getentropy(block, 16))
		die("random");
}

/* ---- directories ---- */

static void list(void)
{
	DIR *dir = opendir(name);
	int n = 0;

	if (!dir)
		die(name);
	while (readdir(dir))
		n++;
	closedir(dir);
	if (n < atoi(name + 4))
		fault = "short";
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

/* ---- the rows ---- */

struct row {
	const char *group, *name;
	void (*one)(void);
	const char *path;
};

#define NAMES(group, where) \
	{ group, "open+close 1 deep" where, open_name, "file" }, { group, "open+close 4 deep" where, open_name, DEEP "file" }, \
	{ group, "open miss 1 deep" where, open_absent, "absent" }, { group, "open miss 4 deep" where, open_absent, DEEP "absent" }, \
	{ group, "stat 1 deep" where, stat_name, "file" }, { group, "stat 4 deep" where, stat_name, DEEP "file" }, \
	{ group, "stat miss 1 deep" where, stat_absent, "absent" }, { group, "stat miss 4 deep" where, stat_absent, DEEP "absent" }

static const struct row rows[] = {
	NAMES("plain", ""), NAMES("absolute", ", absolute"),
	{ "links", "open+close through a link", open_name, "link/file" }, { "links", "open+close through ..", open_name, "d1/../file" },
	{ "links", "stat through a link", stat_name, "link/file" }, { "links", "stat through ..", stat_name, "d1/../file" },
	{ "list", "readdir of 2,000", list, "list2000" }, { "long", "readdir of 20,000", list, "list20000" },
	{ "data", "pread 64 B", pread_64, NULL }, { "data", "pread 64 KiB", pread_64k, NULL },
	{ "data", "write 64 B", write_64, NULL }, { "data", "writev 2x32 B", writev_2, NULL },
	{ "data", "clock", clock_once, NULL }, { "data", "random 16 B", random_16, NULL },
	{ "change", "create+rename+unlink", churn, NULL }, { "change", "mkdir+rmdir", directory, NULL },
};

static uint64_t batch(const struct row *row, long times)
{
	uint64_t start = now();

	for (long i = 0; i < times; i++)
		row->one();
	return now() - start;
}

static double measure(const struct row *row)
{
	uint64_t took = batch(row, 1), total;
	long times = 1;
	double best;

	while (took < batch_ns) {
		times *= 2;
		took = batch(row, times);
	}
	best = (double)took / (double)times;
	for (total = took; total < row_ns || (took < slow_ns && total < 12 * took); total += took) {
		took = batch(row, times);
		if ((double)took / (double)times < best)
			best = (double)took / (double)times;
	}
	return best;
}

static void run_row(const struct row *row, FILE *results)
{
	double ns;

	if (row->path)
		snprintf(name, sizeof name, "%s%s%s", strcmp(row->group, "absolute") ? "" : root, strcmp(row->group, "absolute") ? "" : "/", row->path);
	fault = "";
	ns = measure(row);
	fprintf(results, "%s\t%.2f\t%s\n", row->name, ns, fault);
}

/* Lines to standard output, which bench/run made a file or a pipe: as libc buffers them, or each at once. */
static uint64_t print_lines(int from, int to, int at_once)
{
	uint64_t start = now();

	for (int i = from; i < to; i++) {
		printf("line %d\n", i);
		if (at_once)
			fflush(stdout);
	}
	if (fflush(stdout))
		die("lines");
	return now() - start;
}

static void run_lines(FILE *results, const char *where, int at_once)
{
	enum { PIECE = LINES / 20 };
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < LINES; i += PIECE) {
		uint64_t took = print_lines(i, i + PIECE, at_once);

		best = took < best ? took : best;
	}
	fprintf(results, "printf line%s to a %s\t%.2f\t\n", at_once ? " at once" : "", where, (double)best / PIECE);
}

int main(int argc, char **argv)
{
	FILE *results = argc > 2 ? fopen(argv[1], "w") : NULL;

	if (!results)
		die("results");
	if (argc > 3)
		root = argv[3];
	file = open("file", O_RDWR);
	if (file < 0)
		die("file");
	if (!strcmp(argv[2], "lines")) {
		run_lines(results, root, 0);
		run_lines(results, root, 1);
	}
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
		if (!strcmp(argv[2], rows[r].group))
			run_row(&rows[r], results);
	return fclose(results) ? 1 : 0;
}
