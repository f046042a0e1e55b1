/*
 * files - what a C program does with files through libc: create, write, seek,
 * stat, list, rename, link, truncate, and each of these where it must fail.
 * Works in the directory named by argv[1], which holds what tests/real/test_c.py
 * put there; with a second argument it only looks and reads. No call for which the 2022 libc has no function.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "say.h"

static char path_buf[8][512];
static const char *base;

/* NAME beneath the directory of argv[1]; eight live at a time. */
static const char *at(const char *name)
{
	static unsigned turn;
	char *buf = path_buf[turn++ % 8];

	snprintf(buf, sizeof path_buf[0], "%s/%s", base, name);
	return buf;
}

static void say_file(const char *row, const char *name)
{
	char buf[4096] = "";
	int fd = open(at(name), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof buf - 1);

	if (n < 0)
		say(row, "%s", say_errno(errno));
	else
		say(row, "%zd bytes '%.*s'", n, (int)strcspn(buf, "\n"), buf);
	if (fd >= 0)
		close(fd);
}

static const char *kind_of(mode_t mode)
{
	return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "other";
}

static void say_stat(const char *row, const char *name, int flags)
{
	struct stat st;

	if (fstatat(AT_FDCWD, at(name), &st, flags) < 0)
		say(row, "%s", say_errno(errno));
	else
		say(row, "%s nlink %lld size %lld mtime %lld", kind_of(st.st_mode),
			S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_nlink, S_ISREG(st.st_mode) ? (long long)st.st_size : 0LL,
			(long long)(st.st_mtime > 1600000000 ? 1 : st.st_mtime));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_list(const char *row, const char *name)
{
	char *found[64];
	int n = 0;
	DIR *dir = opendir(at(name));
	struct dirent *entry;

	if (!dir) {
		say(row, "%s", say_errno(errno));
		return;
	}
	while (n < 64 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			found[n++] = strdup(entry->d_name);
	closedir(dir);
	qsort(found, (size_t)n, sizeof *found, by_name);
	printf("%s:", row);
	for (int i = 0; i < n; i++)
		printf(" %s", found[i]);
	putchar('\n');
}

static void try_open(const char *row, const char *name, int flags)
{
	int fd = open(at(name), flags, 0666);

	say(row, "%s", fd < 0 ? say_errno(errno) : "opened");
	if (fd >= 0)
		close(fd);
}

static void reading(void)
{
	char buf[16] = "";
	int fd = open(at("hello.txt"), O_RDONLY);

	TRY("read", read(fd, buf, 5));
	TRY("seek set", lseek(fd, 3, SEEK_SET));
	TRY("seek cur", lseek(fd, 2, SEEK_CUR));
	TRY("seek end", lseek(fd, -2, SEEK_END));
	TRY("seek before start", lseek(fd, -100, SEEK_SET));
	TRY("seek far", lseek(fd, 1000, SEEK_SET));
	TRY("read past end", read(fd, buf, 5));
	TRY("pread", pread(fd, buf, 4, 1));
	TRY("seek unmoved by pread", lseek(fd, 0, SEEK_CUR));
	TRY("pread past end", pread(fd, buf, 4, 100));
	TRY("rewind", lseek(fd, 0, SEEK_SET));
	TRY("write to what is open for reading", write(fd, "x", 1));
	TRY("close", close(fd));
	TRY("close again", close(fd));
	TRY("read closed", read(fd, buf, 1));
	say_file("whole file", "hello.txt");
	say_file("beneath", "dir/inner.txt");
	say_file("through a link", "link.txt");
	say_file("through a linked directory", "linkdir/inner.txt");
	say_file("up and down", "dir/../hello.txt");
	say_file("dots and slashes", "./dir//./inner.txt");
	say_file("absent", "none.txt");
	say_file("beneath a file", "hello.txt/x");
	say_file("a directory", "dir");
	say_file("a dangling link", "dangling");
	say_file("a loop of links", "loop");
}

static void writing(void)
{
	int fd = open(at("new.txt"), O_RDWR | O_CREAT | O_EXCL, 0666);

	TRY("write", write(fd, "0123456789", 10));
	TRY("pwrite", pwrite(fd, "XY", 2, 1));
	TRY("tell after pwrite", lseek(fd, 0, SEEK_CUR));
	TRY("truncate to grow", ftruncate(fd, 20));
	TRY("truncate to shrink", ftruncate(fd, 5));
	TRY("write beyond the end", write(fd, "!", 1));
	TRY("fsync", fsync(fd));
	TRY("fdatasync", fdatasync(fd));
	TRY("close new", close(fd));
	say_stat("stat new", "new.txt", 0);
	try_open("create what is there", "new.txt", O_WRONLY | O_CREAT);
	try_open("create exclusively what is there", "new.txt", O_WRONLY | O_CREAT | O_EXCL);
	try_open("create and truncate", "new.txt", O_WRONLY | O_CREAT | O_TRUNC);
	say_stat("stat truncated", "new.txt", 0);
	fd = open(at("new.txt"), O_WRONLY | O_APPEND);
	TRY("append", write(fd, "one", 3));
	TRY("seek to start", lseek(fd, 0, SEEK_SET));
	TRY("append again", write(fd, "two", 3));
	close(fd);
	say_file("appended", "new.txt");
	try_open("create in an absent directory", "none/x", O_WRONLY | O_CREAT);
	try_open("create beneath a file", "hello.txt/x", O_WRONLY | O_CREAT);
	try_open("create a directory's name", "dir", O_WRONLY | O_CREAT);
	try_open("write a directory", "dir", O_WRONLY);
	try_open("directory wanted, is a file", "hello.txt", O_RDONLY | O_DIRECTORY);
	try_open("nofollow of a link", "link.txt", O_RDONLY | O_NOFOLLOW);
	try_open("create through a dangling link", "dangling", O_WRONLY | O_CREAT);
	try_open("create exclusively on a dangling link", "dangling", O_WRONLY | O_CREAT | O_EXCL);
}

static void vectors(void)
{
	char buf[8] = "";
	struct iovec out[2] = { { "abc", 3 }, { "defg", 4 } };
	struct iovec in[3] = { { buf, 0 }, { buf, 3 }, { buf + 3, 4 } };
	int fd = open(at("vector.txt"), O_RDWR | O_CREAT, 0666);

	TRY("writev", writev(fd, out, 2));
	lseek(fd, 0, SEEK_SET);
	TRY("readv", readv(fd, in, 3));
	close(fd);
	unlink(at("vector.txt"));
}

static void looking(void)
{
	say_stat("stat file", "hello.txt", 0);
	say_stat("stat directory", "dir", 0);
	say_stat("stat link", "link.txt", 0);
	say_stat("lstat link", "link.txt", AT_SYMLINK_NOFOLLOW);
	say_stat("stat dangling", "loop2", 0);
	say_stat("stat loop", "loop", 0);
	say_stat("lstat loop", "loop", AT_SYMLINK_NOFOLLOW);
	say_stat("stat absent", "none", 0);
	say_stat("stat empty directory", "empty", 0);
	TRY("access read", access(at("hello.txt"), R_OK));
	TRY("access absent", access(at("none"), F_OK));
	say_list("list", "");
	say_list("list dir", "dir");
	say_list("list empty", "empty");
	say_list("list a file", "hello.txt");
	say_list("list absent", "none");
	say_list("list through a link", "linkdir");
}

static void say_link(const char *row, const char *name, size_t size)
{
	char buf[256];
	ssize_t n = readlink(at(name), buf, size);

	if (n < 0)
		say(row, "%s", say_errno(errno));
	else
		say(row, "%zd '%.*s'", n, (int)n, buf);
}

static void links(void)
{
	say_link("readlink", "link.txt", 256);
	say_link("readlink short", "link.txt", 4);
	say_link("readlink of a file", "hello.txt", 256);
	say_link("readlink absent", "none", 256);
	TRY("symlink", symlink("hello.txt", at("made.txt")));
	say_file("through the new link", "made.txt");
	TRY("symlink on what is there", symlink("x", at("made.txt")));
	TRY("symlink in an absent directory", symlink("x", at("none/x")));
	TRY("link", link(at("hello.txt"), at("hard.txt")));
	say_stat("stat both names", "hard.txt", 0);
	TRY("link on what is there", link(at("hello.txt"), at("hard.txt")));
	TRY("link of a directory", link(at("dir"), at("hard.dir")));
	TRY("link of what is absent", link(at("none"), at("hard2.txt")));
	TRY("unlink a hard link", unlink(at("hard.txt")));
	TRY("unlink a link", unlink(at("made.txt")));
	say_file("its target is still there", "hello.txt");
}

static void names(void)
{
	TRY("mkdir", mkdir(at("made"), 0777));
	TRY("mkdir again", mkdir(at("made"), 0777));
	TRY("mkdir in an absent directory", mkdir(at("none/made"), 0777));
	TRY("mkdir on a file", mkdir(at("hello.txt"), 0777));
	TRY("mkdir on a link", mkdir(at("link.txt"), 0777));
	TRY("rename", rename(at("new.txt"), at("made/moved.txt")));
	say_file("renamed", "made/moved.txt");
	TRY("rename what is absent", rename(at("none"), at("other")));
	TRY("rename a file onto a directory", rename(at("made/moved.txt"), at("empty")));
	TRY("rename a directory onto a file", rename(at("empty"), at("hello.txt")));
	TRY("rename a directory into itself", rename(at("made"), at("made/inner")));
	TRY("rename onto itself", rename(at("hello.txt"), at("hello.txt")));
	TRY("rename onto a full directory", rename(at("empty"), at("dir")));
	TRY("rename onto an empty directory", rename(at("made"), at("empty")));
	say_list("list renamed", "empty");
	TRY("rename a link", rename(at("loop"), at("loop3")));
	TRY("rmdir what is not empty", rmdir(at("empty")));
	TRY("unlink", unlink(at("empty/moved.txt")));
	TRY("unlink again", unlink(at("empty/moved.txt")));
	TRY("unlink a directory", unlink(at("empty")));
	TRY("rmdir a file", rmdir(at("hello.txt")));
	TRY("rmdir a link to a directory", rmdir(at("linkdir")));
	TRY("rmdir absent", rmdir(at("none")));
	TRY("rmdir", rmdir(at("empty")));
	TRY("rmdir dot", rmdir(at(".")));
	say_list("list at the end", "");
}

static void times(void)
{
	struct timespec then[2] = { { 1000000000, 0 }, { 1234567890, 0 } };
	struct timespec omit[2] = { { 0, UTIME_OMIT }, { 5, 0 } };
	struct timespec both[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	int fd = open(at("hello.txt"), O_RDWR);

	TRY("utimens", utimensat(AT_FDCWD, at("hello.txt"), then, 0));
	say_stat("utimens took", "hello.txt", 0);
	TRY("futimens", futimens(fd, omit));
	say_stat("futimens took", "hello.txt", 0);
	TRY("utimens of nothing", utimensat(AT_FDCWD, at("hello.txt"), both, 0));
	say_stat("nothing changed", "hello.txt", 0);
	TRY("utimens absent", utimensat(AT_FDCWD, at("none"), then, 0));
	TRY("utimens of a link", utimensat(AT_FDCWD, at("link.txt"), then, AT_SYMLINK_NOFOLLOW));
	say_stat("its target unchanged", "hello.txt", 0);
	TRY("utimens of a directory", utimensat(AT_FDCWD, at("dir"), then, 0));
	say_stat("directory took", "dir", 0);
	close(fd);
}

int main(int argc, char **argv)
{
	base = argc > 1 ? argv[1] : ".";
	looking();
	reading();
	if (argc > 2)
		return 7;
	writing();
	vectors();
	links();
	times();
	names();
	return 7;
}
