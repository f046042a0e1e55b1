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
#include "base/arena.h"
#include "base/limits.h"
#include "engine/define.h"
#include "judge/judge.h"

struct wask {
	struct wask_options options;
	struct arena arena;
	struct text cache;		/* absolute; empty: none */
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
	int listen[LIMIT_SOCKETS];
	size_t nlisten;
	bool raw_tty, no_args;
	uint64_t max_memory;

	struct judge *judge;		/* NULL until needed */
	bool started;
	volatile sig_atomic_t worker;	/* process id, read by signal handlers */

	/* The guest of an embedder's engine (api/embedded.c). */
	struct authority *authority;
	struct start start;
	struct guest *guest;
	struct view view;

	bool exited;
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

/* api/asker.c: the asker that WASK's options speak of, for one run. 0 or a negative errno. */
int asker_of(const struct wask *wask, bool raw_tty, struct asker *out);

/* api/embedded.c: what a run on an embedder's engine holds; called by wask_run_free. */
void embedded_done(struct wask_run *run);

#endif
