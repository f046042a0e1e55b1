/*
 * queue.h - questions of many runs, answered by the embedder when it likes; api/ only.
 *
 * One for each struct wask. Its askers, one for each run, are told nothing by a
 * descriptor: an answer is brought to its run's judge at once, on this thread.
 */
#ifndef API_QUEUE_H
#define API_QUEUE_H

#include "ask/ask.h"

struct wask_run;
struct queue;

struct queue *queue_new(void);			/* NULL: no memory, or no descriptor */
void queue_free(struct queue *queue);		/* after its askers; NULL ok */

/* The asker for RUN. 0 or -ENOMEM. */
int queue_asker(struct queue *queue, struct wask_run *run, struct asker *out);

#endif
