/*
 * run.h - what stands behind the two handles of wask.h; api/ only.
 *
 * A run is plain data until its judge is needed: for a grant, or because it starts.
 */
#ifndef API_RUN_H
#define API_RUN_H

#include <signal.h>
#include <wask.h>

#include "authority/authority.h"
#include "ask/message.h"
#include "base/arena.h"
#include "base/limits.h"
#include "engine/define.h"
#include "judge/judge.h"

struct wask {
	struct wask_options options;
	struct arena arena;
	struct text cache;		/* absolute; empty: none */
	struct queue *queue;		/* with WASK_QUEUE */
	const struct exclude_set *secrets;	/* the built-in ones; NULL until needed */
	uint64_t asked;			/* number of the last question */
	struct texts protect;		/* CACHE too */
};

struct wask_run {
	struct wask *wask;
	struct arena arena;
	enum ask_mode mode;
	struct text program, module;	/* module: absolute, not folded; empty: none */
	struct texts argv, env, set_env;
	struct text cwd, home;
	int stdio[3];
	bool raw_tty, no_args, fail_fast;
	int listen[LIMIT_SOCKETS];
	size_t nlisten;
	uint64_t max_memory;
	void *user;			/* the embedder's */
	struct text self_dir;
	char sha256[65];		/* of the module; empty: not taken yet */
	uint8_t id[RUN_ID];		/* random; once there is a judge */

	struct rules *rules;		/* the judge's, for what is added before the start */
	struct judge *judge;		/* NULL until needed */
	bool started;
	volatile sig_atomic_t worker;	/* process id, read by signal handlers */

	/* The guest of an embedder's engine (api/embedded.c). */
	struct authority *authority;
	struct start start;
	struct guest *guest;
	struct view view;
	struct park park;		/* CALL NULL: it blocks while it is held */

	bool exited, told;		/* TOLD: the broker, that it ended */
	uint32_t status;
};

/* Fills ERROR (NULL ok) in, the text escaped, and returns CODE. */
int error_set(struct wask_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* T in TO, terminated, cut when it does not fit. */
void text_put(struct text t, char *to, size_t size);

/* Copies the options FROM, which begin with their size, to TO (zeroed, SIZE bytes). False: of a newer header than ours and not zero there. */
bool options_take(void *to, size_t size, const void *from);

/* NULL-terminated strings as texts in ARENA; NULL: none. 0 or -ENOMEM. */
int texts_take(struct arena *arena, const char *const *strings, struct texts *out);

/* PATH, absolute, in ARENA and terminated: folded, or as it is, for opening. .at NULL: no memory. */
struct text path_absolute(struct arena *arena, struct text cwd, struct text path);
struct text path_joined(struct arena *arena, struct text cwd, struct text path);

/* The judge of RUN, made when it is not there. 0 or WASK_E*. */
int run_judge(struct wask_run *run, struct wask_error *error);

/* Is stdio I a terminal on which a question may appear? */
bool run_sanitises(const struct wask_run *run, int i);

/* api/asker.c: the asker that the options of RUN's struct wask speak of. 0 or WASK_E*. */
int asker_of(struct wask_run *run, struct asker *out, struct wask_error *error);

/* api/identity.c: 64 hex digits of RUN's module, NULL when there is none to be read. 0 or WASK_E*. */
int run_sha256(struct wask_run *run, const char **out, struct wask_error *error);
bool sha256_sound(const char *hex);

/* api/rules.c: the policy file of RUN, if it has one, into RULES. 0 or WASK_E*. */
int rules_load(struct wask_run *run, struct rules *rules, struct wask_error *error);

/* api/secrets.c: which names are secret in RUN, into OPTIONS; and where the user's own are written down. 0 or WASK_E*. */
int secrets_load(struct wask_run *run, struct judge_options *options, struct text paths[2], struct wask_error *error);

/* api/report.c: the record as the JSON array of design/protocols.md 4. */
void report_needs(const struct wask_run *run, struct buf *out);
void run_tell_end(struct wask_run *run, uint32_t status);	/* to a broker, once */

/* api/embedded.c: what a run on an embedder's engine holds; called by wask_run_free. */
void embedded_done(struct wask_run *run);

#endif
