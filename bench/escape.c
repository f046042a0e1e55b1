/*
 * escape.c - does a host keep a guest inside the directory that it was given?
 * `escape RESULTS` tries ways out of the tree that bench/run made, to files that are
 * there, by open and by stat, and writes the name of each that worked to RESULTS. (A host of which one
 * works does less than the others for a path, and its rows for paths do not count.)
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct { const char *what, *path; int flags; } ways[] = {
	{ "..", "../outside/secret", O_RDONLY },
	{ ".. behind a directory", "d1/../../outside/secret", O_RDONLY },
	{ ".. through a link that stays inside", "link/../../../outside/secret", O_RDONLY },
	{ "a linked directory", "out/secret", O_RDONLY },
	{ "a link to a file", "outfile", O_RDONLY },
	{ "an absolute link", "outabsolute/secret", O_RDONLY },
	{ "a link to a link", "outtwice/secret", O_RDONLY },
	{ "a link with a trailing slash", "out/", O_RDONLY | O_DIRECTORY },
	{ "a link with a trailing slash and dot", "out/.", O_RDONLY | O_DIRECTORY },
	{ "creating through a dangling link", "outnew", O_WRONLY | O_CREAT },
};

int main(int argc, char **argv)
{
	FILE *results = argc > 1 ? fopen(argv[1], "w") : NULL;
	struct stat st;

	if (!results)
		return 1;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		int fd = open(ways[i].path, ways[i].flags, 0600);

		if (fd >= 0) {
			fprintf(results, "%s\n", ways[i].what);
			close(fd);
		}
		if (stat(ways[i].path, &st) == 0)
			fprintf(results, "%s\n", ways[i].what);
	}
	return fclose(results) ? 1 : 0;
}
