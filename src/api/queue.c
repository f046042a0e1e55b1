/*
 * queue.c - questions of many runs, answered by the embedder when it likes; see queue.h.
 *
 * A question is in a table by its number until it is answered or no longer matters,
 * and, until it is given out, in a list in the order of asking.
 */
#include "api/queue.h"

#include <errno.h>

#include "api/show.h"
#include "base/mem.h"
#include "base/sys.h"

enum { BUCKETS = 4096 };

struct entry {
	struct entry *next;		/* of the same bucket */
	struct entry *before, *after;	/* in the list of those not given out; both NULL and not FIRST: given out */
	struct entry *left, *right;	/* of the same run */
	struct queued *asker;
	const struct question *question;	/* the judge's */
	struct wask_question shown;
	struct arena arena;
};

/* The asker of one run. */
struct queued {
	struct queue *queue;
	struct wask_run *run;
	struct entry *open;
};

struct queue {
	int eventfd;			/* readable while there is one not given out */
	struct entry *first, *end;	/* not given out */
	struct entry *buckets[BUCKETS];
};

struct queue *queue_new(void)
{
	struct queue *queue = mem_new(1, sizeof *queue);

	if (!queue)
		return NULL;
	queue->eventfd = sys_eventfd();
	if (queue->eventfd >= 0)
		return queue;
	mem_free(queue);
	return NULL;
}

void queue_free(struct queue *queue)
{
	if (queue)
		sys_close(queue->eventfd);
	mem_free(queue);
}

/* ---- the list of those not given out ---- */

static void list_add(struct queue *queue, struct entry *entry)
{
	uint64_t one = 1;

	entry->before = queue->end;
	if (queue->end)
		queue->end->after = entry;
	else
		queue->first = entry;
	queue->end = entry;
	if (queue->first == entry)
		sys_write(queue->eventfd, &one, sizeof one);
}

static void list_remove(struct queue *queue, struct entry *entry)
{
	uint64_t count;

	if (queue->first != entry && !entry->before)
		return;			/* it was given out */
	if (entry->before)
		entry->before->after = entry->after;
	else
		queue->first = entry->after;
	if (entry->after)
		entry->after->before = entry->before;
	else
		queue->end = entry->before;
	entry->before = entry->after = NULL;
	if (!queue->first)
		sys_read(queue->eventfd, &count, sizeof count);
}

/* ---- entries ---- */

static struct entry **bucket_of(struct queue *queue, uint64_t number)
{
	return &queue->buckets[number % BUCKETS];
}

static struct entry *find(struct queue *queue, uint64_t number)
{
	struct entry *entry = *bucket_of(queue, number);

	while (entry && entry->shown.number != number)
		entry = entry->next;
	return entry;
}

static void entry_add(struct queued *asker, struct entry *entry)
{
	struct entry **bucket = bucket_of(asker->queue, entry->shown.number);

	entry->next = *bucket;
	*bucket = entry;
	entry->right = asker->open;
	if (asker->open)
		asker->open->left = entry;
	asker->open = entry;
	list_add(asker->queue, entry);
}

static void entry_free(struct entry *entry)
{
	struct entry **at = bucket_of(entry->asker->queue, entry->shown.number);

	list_remove(entry->asker->queue, entry);
	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	if (entry->left)
		entry->left->right = entry->right;
	else
		entry->asker->open = entry->right;
	if (entry->right)
		entry->right->left = entry->left;
	arena_done(&entry->arena);
	mem_free(entry);
}

/* ---- the asker ---- */

static void queued_ask(void *self, const struct question *question, struct reply *out)
{
	struct queued *asker = self;
	struct entry *entry = mem_new(1, sizeof *entry);

	out->kind = REPLY_UNAVAILABLE;
	if (!entry)
		return;
	entry->asker = asker;
	entry->question = question;
	if (!question_show(&entry->arena, asker->run, question, asker->run->wask->asked + 1, &entry->shown)) {
		arena_done(&entry->arena);
		mem_free(entry);
		return;
	}
	asker->run->wask->asked++;
	entry_add(asker, entry);
	out->kind = REPLY_PENDING;
}

static struct entry *find_question(const struct queued *asker, uint64_t number)
{
	struct entry *entry = asker->open;

	while (entry && entry->question->number != number)
		entry = entry->right;
	return entry;
}

static void queued_cancel(void *self, uint64_t number)
{
	struct entry *entry = find_question(self, number);

	if (entry)
		entry_free(entry);
}

static void queued_free(void *self)
{
	struct queued *asker = self;

	while (asker->open)
		entry_free(asker->open);
	mem_free(asker);
}

int queue_asker(struct queue *queue, struct wask_run *run, struct asker *out)
{
	struct queued *asker = mem_new(1, sizeof *asker);

	if (!asker)
		return -ENOMEM;
	*asker = (struct queued){ .queue = queue, .run = run };
	*out = (struct asker){ .origin = ORIGIN_EMBEDDER, .self = asker, .ask = queued_ask, .cancel = queued_cancel, .free = queued_free };
	return 0;
}

/* ---- the public functions ---- */

int wask_fd(struct wask *wask)
{
	return wask->queue ? wask->queue->eventfd : -1;
}

int wask_next_question(struct wask *wask, const struct wask_question **out)
{
	struct entry *entry = wask->queue ? wask->queue->first : NULL;

	if (!entry)
		return 0;
	list_remove(wask->queue, entry);
	*out = &entry->shown;
	return 1;
}

/* The judge frees its question once it has taken the reply, and may put another one meanwhile. */
int wask_answer(struct wask *wask, uint64_t number, const struct wask_answer *answer, struct wask_error *error)
{
	struct entry *entry = wask->queue ? find(wask->queue, number) : NULL;
	const struct asker_sink *sink;
	struct reply reply = { 0 };
	const char *wrong;

	if (!entry)
		return error_set(error, WASK_EINVAL, "no such question is open");
	wrong = answer_take(&entry->arena, entry->question, answer, &reply);
	sink = judge_sink(entry->asker->run->judge);
	if (!wrong)
		wrong = sink->reply(sink->self, entry->question->number, &reply);
	if (wrong)
		return error_set(error, WASK_ERULE, "%s", wrong);
	entry = find(wask->queue, number);	/* taking it may have cancelled it */
	if (entry)
		entry_free(entry);
	return 0;
}
