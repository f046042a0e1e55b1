/* show.h - questions as the public header has them, and answers back; api/ only. */
#ifndef API_SHOW_H
#define API_SHOW_H

#include "api/run.h"

/* Everything in OUT lives in ARENA. NUMBER is the one within RUN's struct wask. False: no memory. */
bool question_show(struct arena *arena, const struct wask_run *run, const struct question *question, uint64_t number,
		   struct wask_question *out);

/*
 * What ANSWER says to QUESTION; its texts live in ARENA. NULL, or why it is no answer:
 * an option that was not offered, no memory.
 */
const char *answer_take(struct arena *arena, const struct question *question, const struct wask_answer *answer, struct reply *out);

#endif
