/*
 * tty_rogue - a guest that misbehaves at a terminal, one argument a step:
 *
 *     print@TEXT      writes TEXT to standard output; %XX is that byte
 *     error@TEXT      the same to standard error
 *     flood@N         writes N lines that look like a prompt
 *     open@PATH       opens PATH for reading and tells what came of it
 *     make@PATH       makes PATH and tells
 *     steal@PATH      closes standard input and opens PATH in its place
 *     read            reads a line from standard input and tells
 *     close           closes 0 to 2; what comes later is told by the exit status
 *
 * Not "=" but "@", so that no argument names a path (design/decisions.md 8). The
 * exit status is the number of files that opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int opened;

static void put(int fd, const char *at, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

static size_t decode(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; *text && n < room; text++) {
		unsigned byte;

		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			out[n++] = (char)byte;
			text += 2;
		} else {
			out[n++] = *text;
		}
	}
	return n;
}

static void print(int fd, const char *text)
{
	static char out[1 << 16];

	put(fd, out, decode(text, out, sizeof out));
}

static void flood(const char *count)
{
	static const char line[] = "GUEST Do you want to continue?  y yes, this run  n no (Enter)  > \r";

	for (long i = strtol(count, NULL, 10); i > 0; i--)
		put(1, line, sizeof line - 1);
}

static const char *path_of(const char *coded)
{
	static char path[1 << 16];
	size_t n = decode(coded, path, sizeof path - 1);

	path[n] = '\0';
	return path;
}

static void open_one(const char *coded, int flags)
{
	int fd = open(path_of(coded), flags, 0644);
	char said[64];

	opened += fd >= 0;
	snprintf(said, sizeof said, "GUEST open: %s\n", fd >= 0 ? "ok" : strerror(errno));
	put(1, said, strlen(said));
	if (fd >= 0)
		close(fd);
}

static void steal(const char *coded)
{
	int fd;
	char said[64];

	close(0);
	fd = open(path_of(coded), O_RDONLY);
	snprintf(said, sizeof said, "GUEST standard input is now %d\n", fd);
	put(1, said, strlen(said));
}

static void read_line(void)
{
	char line[256], said[300];
	ssize_t n = read(0, line, sizeof line - 1);

	line[n > 0 ? n : 0] = '\0';
	snprintf(said, sizeof said, "GUEST read: %s\n", n > 0 ? line : "nothing");
	put(1, said, strlen(said));
}

static void step(char *word)
{
	char *value = strchr(word, '@');

	value = value ? value + 1 : word + strlen(word);
	switch (word[0]) {
	case 'p': print(1, value); break;
	case 'e': print(2, value); break;
	case 'f': flood(value); break;
	case 'o': open_one(value, O_RDONLY); break;
	case 'm': open_one(value, O_WRONLY | O_CREAT); break;
	case 's': steal(value); break;
	case 'r': read_line(); break;
	case 'c': close(0); close(1); close(2); break;
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		step(argv[i]);
	return opened;
}
