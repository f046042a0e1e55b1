/*
 * The door: the same conversation through both implementations, then what a broken
 * or hostile peer may send to the judge's end.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "authority/door.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/sys.h"
#include "test.h"

/* A judge that answers by the name, and checks that all of the need arrived. */
struct fake {
	int judged, pipe[2];		/* tallies are reported through the pipe: the judge may be another process */
};

static struct text homes[] = { { "/h", 2 } };
static const struct exclude excluded[] = { { { "/x/*", 4 }, { "1110", 4 }, ACCESS_READ, EXCLUDE_ITSELF }, { { "~/y", 3 }, { 0 }, ACCESS_ALL, EXCLUDE_SECRET } };

static const struct excluded_object hidden[] = { { { 3, 4 }, ACCESS_READ }, { { UINT64_MAX, 1 }, ACCESS_ALL } };

static bool same_exclusions(const struct excludes *got)
{
	return got->n == 2 && got->homes.n == 1 && text_eq(got->homes.at[0], homes[0]) && text_eq(got->at[0].pattern, excluded[0].pattern)
	       && text_eq(got->at[0].literal, excluded[0].literal) && got->at[0].access == ACCESS_READ && got->at[0].flags == EXCLUDE_ITSELF
	       && text_eq(got->at[1].pattern, excluded[1].pattern) && got->at[1].literal.len == 0 && got->at[1].flags == EXCLUDE_SECRET
	       && got->nobjects == 2 && got->objects[0].id.dev == 3 && got->objects[0].id.ino == 4 && got->objects[0].access == ACCESS_READ
	       && got->objects[1].id.dev == UINT64_MAX && got->objects[1].id.ino == 1 && got->objects[1].access == ACCESS_ALL;
}

static int fake_judge(void *self, const struct need *need, struct answer *out)
{
	struct fake *fake = self;

	fake->judged++;
	if (text_eq(need->name, TEXT("/fails"))) {
		out->verdict = VERDICT_ALLOW;		/* half written, then failed */
		return -EIO;
	}
	if (text_eq(need->name, TEXT("/hidden"))) {
		out->verdict = VERDICT_HIDE;
		out->sticks_ns = STICKS_RUN;
		return 0;
	}
	out->verdict = VERDICT_ALLOW;
	out->access = need->access;
	out->grant = 42;
	out->generation = 7;
	out->error = text_eq(need->name, TEXT("/exists")) ? EEXIST : 0;
	out->has_stat = 1;
	out->filestat = (struct stat){ .st_dev = 1, .st_ino = UINT64_MAX, .st_mode = S_IFREG | 0600, .st_nlink = 2,
		.st_size = 1 << 20, .st_atim = need->times[0], .st_mtim = need->times[1], .st_ctim = { -1, 999999999 } };
	out->text = need->target;
	out->exclusions = (struct excludes){ { homes, 1 }, excluded, 2, hidden, 2 };
	out->fds[1] = open("/", O_PATH | O_CLOEXEC);
	if (text_eq(need->name, TEXT("/both")))
		out->fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

static void fake_tally(void *self, const struct tally *tally)
{
	struct fake *fake = self;

	if (write(fake->pipe[1], &tally->count, sizeof tally->count) != sizeof tally->count)
		abort();
}

static struct answer ask(struct authority *door, const char *name, const char *target)
{
	struct need need = { .kind = KIND_FILE, .act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ,
		.flags = NEED_READ | NEED_FOLLOW, .name = text_of(name), .target = text_of(target),
		.times = { { 1, 2 }, { 0, UTIME_OMIT } } };
	struct answer answer;

	if (authority_put(door, &need) < 0 || authority_take(door, true, &answer) != 0)
		return ANSWER_NO;
	return answer;
}

static void drop_fds(struct answer *answer)
{
	close(answer->fds[0]);
	close(answer->fds[1]);
}

static void conversation(const char *which, struct authority *door, struct fake *fake)
{
	struct need need = { .act = ACT_LOOK, .name = TEXT("/hidden") };
	char longest[LIMIT_PATH + 1];
	uint64_t count = 0;
	struct answer a = ask(door, "/plain", "target");

	test_row(a.verdict == VERDICT_ALLOW && a.access == ACCESS_READ && a.grant == 42 && a.generation == 7, "%s: allowed, all numbers arrive", which);
	test_row(a.has_stat && a.filestat.st_ino == UINT64_MAX && a.filestat.st_size == 1 << 20 && a.filestat.st_ctim.tv_sec == -1, "%s: the filestat arrives", which);
	test_row(a.filestat.st_atim.tv_nsec == 2 && a.filestat.st_mtim.tv_nsec == UTIME_OMIT, "%s: the need's times arrived", which);
	test_row(text_eq(a.text, TEXT("target")), "%s: text arrives", which);
	test_row(same_exclusions(&a.exclusions), "%s: exclusions arrive", which);
	test_row(a.fds[0] == -1 && a.fds[1] >= 0 && (fcntl(a.fds[1], F_GETFD) & FD_CLOEXEC), "%s: the second descriptor alone, close-on-exec", which);
	drop_fds(&a);
	a = ask(door, "/both", "");
	test_row(a.fds[0] >= 0 && a.fds[1] >= 0 && !(fcntl(a.fds[0], F_GETFL) & O_PATH) && (fcntl(a.fds[1], F_GETFL) & O_PATH), "%s: both descriptors in their places", which);
	drop_fds(&a);
	a = ask(door, "/exists", "");
	test_row(a.verdict == VERDICT_ALLOW && a.error == EEXIST, "%s: the call's own error arrives", which);
	drop_fds(&a);
	a = ask(door, "/fails", "");
	test_row(a.verdict == VERDICT_DENY && a.fds[0] == -1 && a.fds[1] == -1, "%s: a judge that fails has denied", which);
	a = ask(door, "/hidden", "");
	test_row(a.verdict == VERDICT_HIDE && a.sticks_ns == STICKS_RUN, "%s: hidden, and sticks", which);
	memset(longest, 'a', sizeof longest);
	longest[0] = '/';
	longest[LIMIT_PATH] = '\0';
	a = ask(door, longest, longest);
	test_row(a.verdict == VERDICT_ALLOW && a.text.len == LIMIT_PATH, "%s: names of %d bytes", which, LIMIT_PATH);
	drop_fds(&a);
	authority_tally(door, &(struct tally){ &need, 9999 });
	test_row(read(fake->pipe[0], &count, sizeof count) == sizeof count && count == 9999, "%s: the tally arrives", which);
	test_row(authority_take(door, true, &a) < 0 && a.verdict == VERDICT_DENY, "%s: nothing was asked: no answer, and it is no", which);
}

static pid_t serve_in_child(int pair[2], const struct authority_server *server, int *status_pipe)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct arena arena = { 0 };
		struct end end;
		int failed;

		close(pair[0]);
		failed = authority_serve(pair[1], server, &arena, &end);
		dprintf(status_pipe[1], "%d %d %u %.*s", failed, (int)end.kind, end.status, (int)end.text.len, end.text.len ? end.text.at : "");
		_exit(0);
	}
	close(pair[1]);
	return pid;
}

static void both_doors(void)
{
	struct fake fake = { 0 };
	struct authority_server server = { .self = &fake, .judge = fake_judge, .tally = fake_tally };
	struct authority *door;
	char said[64] = "";
	int pair[2], status[2];

	if (pipe(fake.pipe) || pipe(status) || sys_socketpair(pair))
		abort();
	door = authority_local(&server);
	conversation("local", door, &fake);
	authority_free(door);
	test_row(fake.judged > 0, "local: judged in this process");

	serve_in_child(pair, &server, status);
	door = authority_remote(pair[0]);
	conversation("remote", door, &fake);
	authority_end(door, &(struct end){ END_EXIT, 7, TEXT("bye") });
	wait(NULL);
	test_row(read(status[0], said, sizeof said - 1) > 0 && !strcmp(said, "0 1 7 bye"), "remote: the end arrives: %s", said);
	test_row(ask(door, "/plain", "").verdict == VERDICT_DENY, "remote: after the judge left everything is no");
	authority_free(door);
	close(fake.pipe[0]); close(fake.pipe[1]); close(status[0]); close(status[1]);
}

static struct text repeat(struct arena *arena, size_t n)
{
	char *at = arena_new(arena, n, 1);

	memset(at, 'x', n);
	return (struct text){ at, n };
}

static void start_message(void)
{
	enum { MOUNTS = 150 };
	struct arena arena = { 0 }, theirs = { 0 };
	struct text words[] = { TEXT("prog"), TEXT("a b"), repeat(&arena, 100000) };
	struct start_mount mounts[MOUNTS];
	struct start_arg arg = { TEXT("/out/a.o"), true, true, true, false, TEXT("out/a.o") };
	struct start_dir dir = { TEXT("/home"), { words, 2 } };
	struct start_protected kept = { 1, 2, TEXT("/p"), true };
	struct start start = { .mode = MODE_BLIND, .argv = { words, 3 }, .cwd = TEXT("/home/u"), .tops = { words, 1 },
		.args = &arg, .nargs = 1, .mounts = mounts, .nmounts = MOUNTS, .dirs = &dir, .ndirs = 1,
		.protected = &kept, .nprotected = 1, .exclusions = { { homes, 1 }, excluded, 2, hidden, 2 }, .generation_fd = -1 };
	struct start got;
	struct authority *door;
	int pair[2], failed;
	bool same = true;
	pid_t pid;

	for (int i = 0; i < MOUNTS; i++)
		mounts[i] = (struct start_mount){ TEXT("/m"), open(i % 2 ? "/" : "/dev", O_PATH | O_CLOEXEC), ACCESS_DIR, (uint64_t)i, MOUNT_LAUNCHER };
	if (sys_socketpair(pair))
		abort();
	pid = fork();
	if (pid == 0)
		_exit(authority_send_start(pair[1], &start) ? 1 : 0);
	door = authority_remote(pair[0]);
	failed = authority_start(door, &theirs, &got);
	test_row(!failed && got.mode == MODE_BLIND && got.argv.n == 3 && got.argv.at[2].len == 100000 && text_eq(got.cwd, start.cwd), "start: texts arrive");
	test_row(!failed && got.nargs == 1 && got.args->existed && got.args->output && got.args->beneath && !got.args->claims && text_eq(got.args->spelled, arg.spelled), "start: arguments arrive");
	test_row(!failed && got.ndirs == 1 && got.dirs->entries.n == 2 && got.nprotected == 1 && got.protected->nothing, "start: directories, protected arrive");
	test_row(!failed && same_exclusions(&got.exclusions), "start: exclusions arrive");
	for (int i = 0; i < MOUNTS && !failed; i++) {
		struct stat a, b;

		same = same && fstat(mounts[i].fd, &a) == 0 && fstat(got.mounts[i].fd, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev && got.mounts[i].grant == (uint64_t)i;
		close(got.mounts[i].fd);
	}
	test_row(!failed && got.nmounts == MOUNTS && same && got.generation_fd == -1, "start: %d mounts, each with its descriptor", MOUNTS);
	for (int i = 0; i < MOUNTS; i++)
		close(mounts[i].fd);
	waitpid(pid, NULL, 0);
	authority_free(door);
	close(pair[1]);
	arena_done(&arena);
	arena_done(&theirs);
}

/* Whatever a worker sends that it may not: the run ends, nothing is judged. */
static void hostile(const char *what, const void *bytes, size_t n, bool with_fd)
{
	struct fake fake = { 0 };
	struct authority_server server = { .self = &fake, .judge = fake_judge, .tally = fake_tally };
	struct arena arena = { 0 };
	struct end end = { .kind = END_EXIT };
	int pair[2], fds[1], failed;
	size_t nfds = 0;

	if (sys_socketpair(pair))
		abort();
	if (with_fd)
		fds[nfds++] = pair[0];
	if (n && sys_send_fds(pair[0], bytes, n, fds, nfds) < 0)
		abort();
	shutdown(pair[0], SHUT_WR);
	failed = authority_serve(pair[1], &server, &arena, &end);
	test_row(failed < 0 && end.kind == END_LOST && fake.judged == 0, "hostile worker: %s", what);
	close(pair[0]);
	close(pair[1]);
	arena_done(&arena);
}

static void hostile_needs(void)
{
	struct { const char *what; struct need need; } rows[] = {
		{ "unknown kind", { .kind = 99, .name = TEXT("/a") } },
		{ "unknown act", { .act = 200, .name = TEXT("/a") } },
		{ "unknown call", { .call = 200, .name = TEXT("/a") } },
		{ "unknown flags", { .flags = 0x8000, .name = TEXT("/a") } },
		{ "unknown access", { .access = 0x100, .name = TEXT("/a") } },
		{ "reserved not zero", { .reserved = 1, .name = TEXT("/a") } },
		{ "empty name", { .act = ACT_READ } },
		{ "relative name", { .name = TEXT("a") } },
		{ "W16 NUL in the name", { .name = { "/a\0b", 4 } } },
		{ "NUL in the target", { .name = TEXT("/a"), .target = { "\0", 1 } } },
		{ "times out of range", { .name = TEXT("/a"), .times = { { 0, 2000000000 } } } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf bytes = { 0 }, body = { 0 };
		uint8_t head[WIRE_HEAD];

		wire_put_need(&body, &rows[i].need);
		wire_put_head(&(struct wire_head){ MESSAGE_NEED, (uint32_t)body.len, 0 }, head);
		buf_add(&bytes, head, sizeof head);
		buf_text(&bytes, buf_view(&body));
		hostile(rows[i].what, bytes.at, bytes.len, false);
		buf_done(&bytes);
		buf_done(&body);
	}
}

static void hostile_messages(void)
{
	hostile("says nothing and goes", "", 0, false);
	hostile("half a head", "WK\3", 3, false);
	hostile("no door at all", "GET / HTTP/1.1\r\n", 16, false);
	hostile("a start message", "WK\2\0\0\0\0\0", 8, false);
	hostile("an answer", "WK\4\0\0\0\0\0", 8, false);
	hostile("unknown message", "WK\x63\0\0\0\0\0", 8, false);
	hostile("4 GiB", "WK\3\0\xff\xff\xff\xff", 8, false);
	hostile("a need without a body", "WK\3\0\0\0\0\0", 8, false);
	hostile("half a body", "WK\3\0\x20\0\0\0abc", 11, false);
	hostile("an end of unknown kind", "WK\6\0\x09\0\0\0\x09\0\0\0\0\0\0\0\0", 17, false);
	hostile("P29 a descriptor beside a bad message", "WK\4\0\0\0\0\0", 8, true);
}

/* A worker that has no room for the descriptor of an answer: that call fails, the next one is answered. */
static void no_room(void)
{
	struct fake fake = { 0 };
	struct authority_server server = { .self = &fake, .judge = fake_judge, .tally = fake_tally };
	struct rlimit limit, little;
	struct authority *door;
	struct answer a;
	int pair[2], status[2];

	if (pipe(status) || sys_socketpair(pair) || getrlimit(RLIMIT_NOFILE, &limit))
		abort();
	serve_in_child(pair, &server, status);
	door = authority_remote(pair[0]);
	little = (struct rlimit){ (rlim_t)dup(0), limit.rlim_max };
	close((int)little.rlim_cur);
	setrlimit(RLIMIT_NOFILE, &little);
	a = ask(door, "/plain", "");
	test_row(a.verdict == VERDICT_ALLOW && a.error == EMFILE && a.fds[0] == -1 && a.fds[1] == -1, "no room for its descriptor: the call fails with mfile");
	setrlimit(RLIMIT_NOFILE, &limit);
	a = ask(door, "/plain", "");
	test_row(a.verdict == VERDICT_ALLOW && a.error == 0 && a.fds[1] >= 0, "and the door is as good as before");
	drop_fds(&a);
	authority_free(door);
	wait(NULL);
	close(status[0]);
	close(status[1]);
}

static void worker_killed(void)
{
	struct fake fake = { 0 };
	struct authority_server server = { .self = &fake, .judge = fake_judge, .tally = fake_tally };
	struct arena arena = { 0 };
	struct end end;
	int pair[2], failed;
	pid_t pid;

	if (sys_socketpair(pair))
		abort();
	pid = fork();
	if (pid == 0) {
		struct authority *door = authority_remote(pair[0]);

		close(pair[1]);
		ask(door, "/hidden", "");
		raise(SIGKILL);
	}
	close(pair[0]);
	failed = authority_serve(pair[1], &server, &arena, &end);
	test_row(failed < 0 && end.kind == END_LOST && fake.judged == 1, "worker killed after a need: lost, not hung");
	waitpid(pid, NULL, 0);
	close(pair[1]);
	arena_done(&arena);
}

/* ---- answers that come later ---- */

/* A judge that asks somebody at the other end of a pipe: 'y' answers, 'r' is something else that it hears, 'i' nothing. */
struct later {
	int fd;				/* -1: it is told by nobody */
	uint64_t deadline;
	int out[2];			/* what happened, a letter each */
	bool pending, answered;
};

static void note(const struct later *later, char letter)
{
	if (write(later->out[1], &letter, 1) != 1)
		abort();
}

static int later_judge(void *self, const struct need *need, struct answer *out)
{
	struct later *later = self;

	(void)out;
	later->pending = true;
	note(later, need->name.len ? 'q' : '?');
	return 1;
}

static int later_take(void *self, struct answer *out)
{
	struct later *later = self;

	if (!later->answered)
		return 1;
	later->answered = later->pending = false;
	out->verdict = VERDICT_ALLOW;
	out->grant = 9;
	out->fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

static int later_fd(void *self)
{
	return ((struct later *)self)->fd;
}

static uint64_t later_deadline(void *self)
{
	return ((struct later *)self)->deadline;
}

static void later_step(void *self)
{
	struct later *later = self;
	char said = 't';

	if (later->deadline != UINT64_MAX)
		later->deadline = UINT64_MAX;
	else if (read(later->fd, &said, 1) != 1)
		later->fd = -1;
	note(later, said);
	later->answered = later->pending && (said == 'y' || said == 't');
}

static void later_cancel(void *self)
{
	struct later *later = self;

	later->pending = false;
	note(later, 'c');
}

static struct authority_server later_server(struct later *later)
{
	return (struct authority_server){ .self = later, .judge = later_judge, .take = later_take, .fd = later_fd,
		.deadline = later_deadline, .step = later_step, .cancel = later_cancel, .tally = fake_tally };
}

/* The next N letters of what happened. */
static bool happened(const struct later *later, const char *letters)
{
	char got[16] = "";
	size_t n = 0;

	while (n < strlen(letters)) {
		ssize_t more = read(later->out[0], got + n, strlen(letters) - n);

		if (more <= 0)
			return false;
		n += (size_t)more;
	}
	return strcmp(got, letters) == 0;
}

static const struct need later_need = { .kind = KIND_FILE, .act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ,
	.name = { "/later", 6 }, .times = { { 0, 0 } } };

static uint64_t in_ms(uint64_t ms)
{
	uint64_t now;

	sys_clock(CLOCK_MONOTONIC, &now);
	return now + ms * 1000000;
}

static void later_conversation(const char *which, struct authority *door, struct later *later, int tellfd)
{
	struct answer a;

	test_row(authority_put(door, &later_need) == 0 && happened(later, "q"), "%s: a need that somebody is asked about", which);
	test_row(authority_take(door, false, &a) == 1 && a.verdict == VERDICT_DENY && a.fds[0] == -1, "%s: not answered yet, and meanwhile it is no", which);
	test_row(authority_put(door, &later_need) == -EPROTO, "%s: one need at a time", which);
	if (write(tellfd, "iy", 2) != 2)
		abort();
	test_row(authority_take(door, true, &a) == 0 && a.verdict == VERDICT_ALLOW && a.grant == 9 && a.fds[0] >= 0, "%s: answered later, the same need goes on", which);
	drop_fds(&a);
	test_row(happened(later, "iy"), "%s: after it had heard something else", which);
	test_row(authority_take(door, true, &a) < 0, "%s: answered once", which);
}

static void later_doors(void)
{
	struct later later = { .deadline = UINT64_MAX };
	struct authority_server server = later_server(&later);
	struct authority *door;
	struct answer a;
	int pair[2], status[2], tell[2];

	if (pipe(later.out) || pipe(status) || pipe(tell) || sys_socketpair(pair))
		abort();
	later.fd = tell[0];
	door = authority_local(&server);
	later_conversation("local", door, &later, tell[1]);
	test_row(authority_fd(door) == tell[0], "local: what is to be polled is the asker's");
	authority_put(door, &later_need);
	authority_cancel(door);
	test_row(happened(&later, "qc") && authority_take(door, true, &a) == -EPROTO, "local: given up, the question is cancelled");
	later.deadline = in_ms(10);
	test_row(authority_put(door, &later_need) == 0 && authority_take(door, true, &a) == 0 && happened(&later, "qt"), "local: the asker's time wakes it");
	drop_fds(&a);
	later.fd = -1;
	later.deadline = UINT64_MAX;
	test_row(authority_put(door, &later_need) == 0 && authority_take(door, true, &a) == -EDEADLK && a.verdict == VERDICT_DENY && happened(&later, "qc"),
		 "local: what could never be answered is refused, not waited for");
	test_row(authority_put(door, &later_need) == 0 && authority_take(door, false, &a) == 1, "local: unless somebody else waits");
	authority_free(door);
	test_row(happened(&later, "qc"), "local: freed while it waits: cancelled");

	later.fd = tell[0];
	serve_in_child(pair, &server, status);
	door = authority_remote(pair[0]);
	later_conversation("remote", door, &later, tell[1]);
	if (write(tell[1], "r", 1) != 1)
		abort();
	test_row(happened(&later, "r"), "remote: the asker is heard between needs");
	if (sys_send_fds(pair[0], "WK\3", 3, NULL, 0) != 3 || write(tell[1], "r", 1) != 1)
		abort();
	test_row(happened(&later, "r"), "remote: and while a worker has said half a message");
	authority_free(door);
	wait(NULL);
	close(status[0]);
	close(status[1]);
	for (int i = 0; i < 2; i++) {
		close(later.out[i]);
		close(tell[i]);
	}
}

/* What happens to a question when its worker does AFTER. */
static void later_worker(const char *name, void (*after)(struct authority *door, int fd))
{
	struct later later = { .deadline = UINT64_MAX };
	struct authority_server server = later_server(&later);
	struct authority *door;
	int pair[2], status[2], tell[2];
	char said[64] = "";

	if (pipe(later.out) || pipe(status) || pipe(tell) || sys_socketpair(pair))
		abort();
	later.fd = tell[0];
	serve_in_child(pair, &server, status);
	door = authority_remote(pair[0]);
	authority_put(door, &later_need);
	after(door, pair[0]);
	test_row(happened(&later, "qc") && read(status[0], said, sizeof said - 1) > 0 && said[0] == '-' && strstr(said, " 0 0 "), "%s: %s", name, said);
	authority_free(door);
	wait(NULL);
	for (int i = 0; i < 2; i++) {
		close(status[i]);
		close(later.out[i]);
		close(tell[i]);
	}
}

static void worker_goes(struct authority *door, int fd)
{
	(void)door;
	shutdown(fd, SHUT_RDWR);
}

static void worker_asks_twice(struct authority *door, int fd)
{
	struct buf bytes = { 0 }, body = { 0 };
	uint8_t head[WIRE_HEAD];

	(void)door;
	wire_put_need(&body, &later_need);
	wire_put_head(&(struct wire_head){ MESSAGE_NEED, (uint32_t)body.len, 0 }, head);
	buf_add(&bytes, head, sizeof head);
	buf_text(&bytes, buf_view(&body));
	if (sys_send_fds(fd, bytes.at, bytes.len, NULL, 0) < 0)
		abort();
	buf_done(&bytes);
	buf_done(&body);
}

int main(void)
{
	test_begin();
	both_doors();
	later_doors();
	later_worker("a worker that goes while it is held: cancelled, lost", worker_goes);
	later_worker("a worker that asks again while it is held: cancelled, lost", worker_asks_twice);
	start_message();
	hostile_messages();
	hostile_needs();
	no_room();
	worker_killed();
	return test_end();
}
