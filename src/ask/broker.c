/*
 * broker.c - questions over a Unix socket; see broker.h.
 *
 * Any number of questions is open, and answers come in any order. The random id binds
 * an answer to its question; what binds to none is ignored and counted. Nothing here
 * blocks but the greeting and the farewell, both for a bounded time.
 */
#include "ask/broker.h"

#include <errno.h>

#include "ask/line.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

enum {
	PIECES_MAX = 16,		/* read at once, so that a broker that floods does not keep others waiting */
	RETRY_NS = 10000000,		/* to connect, while its queue is full */
};

struct open_question {
	const struct question *question;	/* the judge's, until it is replied to or cancelled */
	uint8_t id[QUESTION_ID];
	uint64_t deadline;
};

struct broker {
	struct lines lines;
	struct open_question *open;
	size_t nopen, size;
	uint64_t deadline_ns;		/* for each question; 0: none */
	uint64_t ignored;
	bool broken, lost;		/* LOST: and the judge has been told */
};

static uint64_t now(void)
{
	uint64_t t;

	return sys_clock(CLOCK_MONOTONIC, &t) < 0 ? UINT64_MAX - 1 : t;
}

/* For ppoll: what is left until DEADLINE. */
static struct timespec until(uint64_t deadline)
{
	uint64_t t = now(), left = t < deadline ? deadline - t : 0;

	return (struct timespec){ (time_t)(left / 1000000000), (long)(left % 1000000000) };
}

/* ---- saying ---- */

static void broker_break(struct broker *b)
{
	b->broken = true;
	lines_done(&b->lines);
}

/* A line that is too long is not said, and that is all; another failure is the end. */
static int say(struct broker *b, struct buf *line)
{
	int err = b->broken ? -EPIPE : buf_ok(line) ? lines_put(&b->lines, buf_view(line)) : -EMSGSIZE;

	buf_done(line);
	if (err < 0 && err != -EMSGSIZE && !b->broken)
		broker_break(b);
	return err;
}

#define LINE ((struct buf){ .limit = LIMIT_BROKER_OUT })

/* ---- questions ---- */

static size_t find_number(const struct broker *b, uint64_t number)
{
	size_t i = 0;

	while (i < b->nopen && b->open[i].question->number != number)
		i++;
	return i;
}

static size_t find_id(const struct broker *b, struct text id)
{
	size_t i = 0;

	while (i < b->nopen && !id_is(id, b->open[i].id))
		i++;
	return i;
}

static void forget(struct broker *b, size_t i)
{
	if (i < b->nopen)
		b->open[i] = b->open[--b->nopen];
}

static int remember(struct broker *b, const struct question *question)
{
	struct open_question open = { .question = question, .deadline = UINT64_MAX };

	if (b->nopen == b->size) {
		size_t size = b->size ? 2 * b->size : 8;
		struct open_question *grown = mem_grow(b->open, b->size, size, sizeof *grown);

		if (!grown)
			return -ENOMEM;
		b->open = grown;
		b->size = size;
	}
	memcpy(open.id, question->id, sizeof open.id);
	if (b->deadline_ns)
		open.deadline = now() + b->deadline_ns;
	b->open[b->nopen++] = open;
	return 0;
}

static void broker_ask(void *self, const struct question *question, struct reply *out)
{
	struct broker *b = self;
	struct buf line = LINE;

	out->kind = REPLY_UNAVAILABLE;
	if (b->broken || remember(b, question) < 0)
		return;
	message_ask(&line, question);
	if (say(b, &line) < 0)
		forget(b, find_number(b, question->number));
	else
		out->kind = REPLY_PENDING;
}

static void broker_cancel(void *self, uint64_t number)
{
	struct broker *b = self;
	size_t i = find_number(b, number);
	struct buf line = LINE;

	if (i == b->nopen)
		return;
	message_cancel(&line, b->open[i].id);
	forget(b, i);
	say(b, &line);
}

/* ---- answers ---- */

static const char *reply_of(const struct heard *heard, const struct question *question, struct reply *out)
{
	size_t option;

	if (heard->wrong)
		return heard->wrong;
	if (!heard->option.at) {
		*out = (struct reply){ .kind = REPLY_RULES, .rules = heard->rules };
		return NULL;
	}
	option = option_find(question, heard->option);
	if (option == question->noptions)
		return "that option was not offered";
	*out = reply_choose(question, option);
	return NULL;
}

/* The judge frees the question once it has taken the reply. */
static void take_answer(struct broker *b, const struct heard *heard, const struct asker_sink *sink)
{
	size_t i = find_id(b, heard->id);
	struct reply reply = { 0 };
	struct buf line = LINE;
	uint8_t id[QUESTION_ID];
	uint64_t number;
	const char *wrong;

	if (i == b->nopen) {
		b->ignored++;
		return;
	}
	memcpy(id, b->open[i].id, sizeof id);
	number = b->open[i].question->number;
	wrong = reply_of(heard, b->open[i].question, &reply);
	if (!wrong) {
		struct open_question taken = b->open[i];

		forget(b, i);			/* first: the reply may settle others, and put new ones */
		wrong = sink->reply(sink->self, number, &reply);
		if (wrong && remember(b, taken.question) == 0)
			b->open[b->nopen - 1].deadline = taken.deadline;
	}
	if (!wrong)
		return;
	message_error(&line, id, wrong);
	say(b, &line);
}

static int hear(struct broker *b, struct text line, const struct asker_sink *sink)
{
	struct heard heard;
	int err = heard_read(line, &heard);

	if (err == 0 && heard.type == HEARD_HELLO)
		err = -EPROTO;			/* it was said */
	if (err == 0 && heard.type == HEARD_ANSWER)
		take_answer(b, &heard, sink);
	if (err == 0 && heard.type == HEARD_REVOKE)
		sink->revoke(sink->self, heard.grant);
	heard_done(&heard);
	return err;
}

static int hear_all(struct broker *b, const struct asker_sink *sink)
{
	int err = 0;

	for (int piece = 0; piece < PIECES_MAX && err == 0 && !b->broken; piece++) {
		struct text line;

		err = lines_fill(&b->lines);
		while (err == 0 && !b->broken) {
			err = lines_next(&b->lines, &line);
			if (err <= 0)
				break;
			err = hear(b, line, sink);
		}
	}
	return err == -EAGAIN ? 0 : err;
}

/* ---- time ---- */

static uint64_t broker_deadline(void *self)
{
	const struct broker *b = self;
	uint64_t first = UINT64_MAX;

	if (b->broken)
		return b->lost ? UINT64_MAX : 0;
	for (size_t i = 0; i < b->nopen; i++) {
		if (b->open[i].deadline < first)
			first = b->open[i].deadline;
	}
	return first;
}

/* What was not answered in time never is. */
static void expire(struct broker *b, const struct asker_sink *sink)
{
	const struct reply unavailable = { .kind = REPLY_UNAVAILABLE };

	while (!b->broken && broker_deadline(b) <= now()) {
		size_t i = 0;
		uint64_t number;

		while (i < b->nopen && b->open[i].deadline > now())
			i++;
		if (i == b->nopen)
			return;
		number = b->open[i].question->number;
		broker_cancel(b, number);
		sink->reply(sink->self, number, &unavailable);
	}
}

static void broker_step(void *self, const struct asker_sink *sink)
{
	struct broker *b = self;

	if (!b->broken && (lines_flush(&b->lines) < 0 || hear_all(b, sink) < 0))
		broker_break(b);
	expire(b, sink);
	if (!b->broken || b->lost)
		return;
	b->lost = true;
	b->nopen = 0;
	sink->lost(sink->self);
}

static int broker_fd(void *self)
{
	const struct broker *b = self;

	return b->lines.pollfd;
}

/* ---- beginning and end ---- */

static void broker_tell(void *self, const struct told *told)
{
	struct buf line = LINE;

	message_told(&line, told);
	say(self, &line);
}

/* The farewell: what was said last arrives, if somebody reads. */
static void flush(struct broker *b)
{
	uint64_t deadline = now() + FLUSH_NS;

	while (lines_unsent(&b->lines) && now() < deadline) {
		struct pollfd ready = { .fd = b->lines.fd, .events = POLLOUT };
		struct timespec left = until(deadline);

		sys_ppoll(&ready, 1, &left);
		if (lines_flush(&b->lines) < 0)
			return;
	}
}

static void broker_free(void *self)
{
	struct broker *b = self;

	flush(b);
	lines_done(&b->lines);
	mem_free(b->open);
	mem_free(b);
}

uint64_t broker_ignored(const struct asker *asker)
{
	return ((const struct broker *)asker->self)->ignored;
}

/* ---- the greeting ---- */

static int connect_to(int namefd, uint64_t deadline)
{
	int fd = sys_connect_unix(namefd);

	while (fd == -EAGAIN && now() < deadline) {
		sys_ppoll(NULL, 0, &(struct timespec){ 0, RETRY_NS });
		fd = sys_connect_unix(namefd);
	}
	return fd;
}

/* A socket of ours, with somebody of the same user behind it, by the kernel's word (B03, B09). */
static int socket_of(const char *path, uint64_t deadline, const char **why)
{
	int namefd = sys_openat(AT_FDCWD, path, O_PATH, 0), fd;
	struct stat st;
	uint32_t uid;

	*why = "there is no such socket";
	if (namefd < 0)
		return namefd;
	*why = "it is no socket";
	fd = sys_fstat(namefd, &st) == 0 && (st.st_mode & S_IFMT) == S_IFSOCK ? 0 : -ENOTSOCK;
	if (fd == 0) {
		*why = "nobody answers there";
		fd = connect_to(namefd, deadline);
	}
	sys_close(namefd);
	if (fd < 0)
		return fd;
	if (sys_peer_uid(fd, &uid) == 0 && uid == sys_euid())
		return fd;
	sys_close(fd);
	*why = "another user answers there";
	return -EACCES;
}

static int wait_readable(const struct broker *b, uint64_t deadline)
{
	struct pollfd ready = { .fd = b->lines.pollfd, .events = POLLIN };
	struct timespec left = until(deadline);
	int n = sys_ppoll(&ready, 1, &left);

	if (n == -EINTR)
		return now() < deadline ? 0 : -ETIMEDOUT;
	return n > 0 ? 0 : n < 0 ? n : -ETIMEDOUT;
}

/* The first line that comes. What comes behind it is for later. */
static int first_line(struct broker *b, uint64_t deadline, struct text *line)
{
	int got = 0, err = 0;

	while (got == 0) {
		err = wait_readable(b, deadline);
		if (err == 0)
			err = lines_flush(&b->lines);
		if (err == 0)
			err = lines_fill(&b->lines);
		if (err < 0 && err != -EAGAIN)
			return err;
		got = lines_next(&b->lines, line);
	}
	return got < 0 ? got : 0;
}

static int greet(struct broker *b, const struct run_facts *facts, uint64_t deadline, const char **why)
{
	struct buf line = LINE;
	struct heard heard = { 0 };
	struct text said;
	int err;

	message_hello(&line, facts);
	err = say(b, &line);
	*why = err == -EMSGSIZE ? "the command line is too long to be told" : "it hung up without a hello";
	if (err < 0)
		return err;
	err = first_line(b, deadline, &said);
	*why = err == -ETIMEDOUT ? "it said no hello in 5 seconds" : err == -EPIPE ? "it hung up without a hello" : "what it said is no hello";
	if (err < 0)
		return err;
	err = heard_read(said, &heard);
	if (err == 0 && heard.type != HEARD_HELLO)
		err = -EPROTO;
	if (err == 0 && !heard.protocol) {
		*why = "it speaks another protocol";
		err = -EPROTONOSUPPORT;
	}
	b->deadline_ns = heard.deadline_ns;
	heard_done(&heard);
	return err;
}

int broker_asker(const char *path, const struct run_facts *facts, struct asker *out, const char **why)
{
	uint64_t deadline = now() + HELLO_NS;
	struct broker *b = mem_new(1, sizeof *b);
	int fd, err;

	*why = "no memory";
	if (!b)
		return -ENOMEM;
	fd = socket_of(path, deadline, why);
	err = fd < 0 ? fd : lines_init(&b->lines, fd);
	if (err < 0) {
		mem_free(b);
		return err;
	}
	err = greet(b, facts, deadline, why);
	if (err < 0) {
		lines_done(&b->lines);
		mem_free(b);
		return err;
	}
	*out = (struct asker){
		.origin = ORIGIN_BROKER, .self = b, .ask = broker_ask, .fd = broker_fd, .step = broker_step,
		.deadline = broker_deadline, .cancel = broker_cancel, .tell = broker_tell, .free = broker_free,
	};
	return 0;
}
