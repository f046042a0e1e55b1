/*
 * broker.c - the smallest whole broker: answers the questions of any number of runs.
 *
 *     cc broker.c -ljansson -o broker
 *     ./broker SOCKET [POLICY]
 *     wask run --broker SOCKET MODULE.wasm
 *
 * POLICY has a line for each path, "allow /home/ada/notes/" or "deny /home/ada/key":
 * what ends in a slash is about all beneath it, and the longest one counts. What no
 * line is about is asked here, on the terminal; without one it is no.
 */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { RUNS = 64, LINE = 4 << 20, LINES = 1000 };	/* a line to us has at most 4 MiB */

struct line {
	int allow;
	char path[4096];
};

struct run {
	int fd;
	char program[256];
	char *line;		/* what came of the next one */
	size_t len;
};

static struct line policy[LINES];
static struct run runs[RUNS];
static size_t npolicy;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void read_policy(const char *path)
{
	FILE *file = fopen(path, "r");
	char verb[16], text[4096];

	if (!file)
		fail(path);
	while (npolicy < LINES && fscanf(file, "%15s %4095[^\n]", verb, text) == 2) {
		policy[npolicy].allow = strcmp(verb, "allow") == 0;
		memcpy(policy[npolicy++].path, text, sizeof text);
	}
	fclose(file);
}

/* 1, 0, or -1: none is about it. */
static int policy_says(const char *path)
{
	size_t longest = 0;
	int says = -1;

	for (size_t i = 0; i < npolicy; i++) {
		size_t len = strlen(policy[i].path);
		int fits = policy[i].path[len - 1] == '/' ? strncmp(path, policy[i].path, len) == 0 : strcmp(path, policy[i].path) == 0;

		if (fits && len >= longest) {
			longest = len;
			says = policy[i].allow;
		}
	}
	return says;
}

static int ask_here(const struct run *run, const json_t *question)
{
	const json_t *needs = json_object_get(question, "needs"), *need;
	char answer[16];
	size_t i;

	if (!isatty(0))
		return 0;
	json_array_foreach(needs, i, need)
		printf("%s wants to %s %s (%s)\n", run->program, json_string_value(json_array_get(json_object_get(need, "access"), 0)),
		       json_string_value(json_object_get(need, "path")), json_string_value(json_object_get(need, "class")));
	printf("allow? y/N\n");
	return fgets(answer, sizeof answer, stdin) && answer[0] == 'y';
}

/* Yes when every need is; no when one is not. */
static int decide(const struct run *run, const json_t *question)
{
	const json_t *needs = json_object_get(question, "needs"), *need;
	int all = 1;
	size_t i;

	json_array_foreach(needs, i, need) {
		const char *path = json_string_value(json_object_get(need, "path"));
		int says = path ? policy_says(path) : -1;

		if (says == 0)
			return 0;
		all = all && says == 1;
	}
	return all || ask_here(run, question);
}

static void hear(struct run *run, const json_t *message)
{
	const char *word = json_string_value(json_object_get(message, "type")), *type = word ? word : "";
	json_t *reply = NULL;
	char *text;

	if (strcmp(type, "hello") == 0) {
		snprintf(run->program, sizeof run->program, "%s", json_string_value(json_object_get(json_object_get(message, "program"), "name")));
		reply = json_pack("{s:s, s:i}", "type", "hello", "protocol", 1);
	} else if (strcmp(type, "ask") == 0) {
		reply = json_pack("{s:s, s:O, s:s}", "type", "answer", "id", json_object_get(message, "id"), "option", decide(run, message) ? "run" : "no");
	} else if (strcmp(type, "grant") == 0) {
		printf("%s: %s\n", run->program, json_string_value(json_object_get(message, "rule")));
	} else if (strcmp(type, "end") == 0) {
		printf("%s: ended with %d\n", run->program, (int)json_integer_value(json_object_get(message, "status")));
	}
	if (!reply)
		return;
	text = json_dumps(reply, JSON_COMPACT);
	dprintf(run->fd, "%s\n", text);	/* a run that is gone shows when it is read */
	free(text);
	json_decref(reply);
}

/* Takes what came, and every line of it that is whole. */
static void receive(struct run *run)
{
	ssize_t got = read(run->fd, run->line + run->len, LINE - run->len);
	char *end;

	if (got <= 0) {
		close(run->fd);
		free(run->line);
		run->fd = -1;
		return;
	}
	run->len += (size_t)got;
	while ((end = memchr(run->line, '\n', run->len))) {
		size_t len = (size_t)(end - run->line) + 1;
		json_t *message = json_loadb(run->line, len, JSON_REJECT_DUPLICATES, NULL);

		hear(run, message);
		json_decref(message);
		memmove(run->line, end + 1, run->len - len);
		run->len -= len;
	}
}

/* Waits for all of them; a run more is let in while there is room. */
static void serve(int listenfd)
{
	struct pollfd fds[RUNS + 1];
	struct run *room = NULL;

	for (size_t i = 0; i < RUNS; i++) {
		fds[i] = (struct pollfd){ .fd = runs[i].fd, .events = POLLIN };
		room = runs[i].fd < 0 ? &runs[i] : room;
	}
	fds[RUNS] = (struct pollfd){ .fd = room ? listenfd : -1, .events = POLLIN };
	if (poll(fds, RUNS + 1, -1) < 0)
		fail("poll");
	for (size_t i = 0; i < RUNS; i++)
		if (fds[i].revents)
			receive(&runs[i]);
	if (fds[RUNS].revents)
		*room = (struct run){ .fd = accept(listenfd, NULL, NULL), .line = malloc(LINE) };
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listenfd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc < 2)
		fail("broker SOCKET [POLICY]");
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2)
		read_policy(argv[2]);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
	unlink(argv[1]);
	if (bind(listenfd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listenfd, RUNS) < 0)
		fail(argv[1]);
	for (size_t i = 0; i < RUNS; i++)
		runs[i].fd = -1;
	puts("ready");
	for (;;)
		serve(listenfd);
}
