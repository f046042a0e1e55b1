/* api.h - runs of the public interface without an engine: the test is the guest, at its door. */
#ifndef UNIT_API_H
#define UNIT_API_H

#include <fcntl.h>
#include <sys/stat.h>

#include "api/run.h"
#include "base/limits.h"
#include "test.h"

static char base[64];

static const char *in(const char *name)
{
	static char room[8][256];
	static unsigned next;
	char *at = room[next++ % 8];

	snprintf(at, sizeof room[0], "%s/%s", base, name);
	return at;
}

static void put(const char *name, const char *text)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		test_row(false, "cannot make %s", name);
	close(fd);
}

static struct wask *open_wask(int asker, const char *policy)
{
	struct wask_options options = { .size = sizeof options, .asker = asker, .policy = policy };
	struct wask_error error;
	struct wask *wask = NULL;

	if (wask_open(&options, &wask, &error) < 0)
		test_row(false, "wask_open: %s", error.text);
	return wask;
}

static struct wask_run *open_run(struct wask *wask, void *user)
{
	struct wask_run_options options = { .size = sizeof options, .mode = WASK_MODE_NEEDS, .program = "guest.wasm", .stdio = { -1, -1, -1 }, .user = user };
	struct wask_error error;
	struct wask_run *run = NULL;

	options.cwd = in("work");
	if (wask_run_new(wask, &options, &run, &error) < 0)
		test_row(false, "wask_run_new: %s", error.text);
	return run;
}

/* The guest's door; the start is ours to keep. */
static struct authority *door_of(struct wask_run *run)
{
	struct start *start = &run->start;

	if (run_judge(run, NULL) < 0 || judge_start(run->judge, &run->arena, start) < 0)
		test_row(false, "the run does not start");
	run->started = true;
	return authority_local(judge_server(run->judge));
}

static int reach(struct authority *door, const char *name)
{
	struct need need = { .kind = KIND_FILE, .act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ,
		.flags = NEED_READ | NEED_FOLLOW, .name = text_of(name) };

	return authority_put(door, &need);
}

/* 'y' allowed, 'n' refused, '-' not yet. */
static char answer_of(struct authority *door)
{
	struct answer answer;
	int result = authority_take(door, false, &answer);

	if (result == 1)
		return '-';
	for (int i = 0; i < ANSWER_FDS; i++) {
		if (answer.fds[i] >= 0)
			close(answer.fds[i]);
	}
	return result == 0 && answer.verdict == VERDICT_ALLOW && answer.error == 0 ? 'y' : 'n';
}

static void place_make(void)
{
	snprintf(base, sizeof base, "/var/tmp/wask-api-XXXXXX");
	if (!mkdtemp(base) || mkdir(in("work"), 0755) < 0)
		test_row(false, "mkdtemp: %s", strerror(errno));
	put("work/a.txt", "a");
	put("work/b.txt", "b");
	put("work/c.txt", "c");
}

static void place_done(void)
{
	unlink(in("work/a.txt"));
	unlink(in("work/b.txt"));
	unlink(in("work/c.txt"));
	if (rmdir(in("work")) < 0 || rmdir(base) < 0)
		test_row(false, "rmdir: %s", strerror(errno));
}

#endif
