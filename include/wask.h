/*
 * wask.h - run a WebAssembly program that owns nothing and may ask.
 *
 * A *run* is one guest with its names, its grants and its record. A guest that
 * reaches for something it may not have is held at that very call, the *asker*
 * decides, and the same call returns with what was granted. This header knows no
 * engine; wask-wasmtime.h puts a run on one.
 *
 * Threads: a struct wask and its runs belong to one thread at a time. Nothing here
 * exits, logs, or reads the environment or standard input; no signal handler is
 * installed. Zeroed memory always means no.
 *
 * Failure: functions that return int return 0, or one of WASK_E* (negative) with
 * ERROR, when it is not NULL, filled in; outputs are then untouched. A refused
 * need is no failure: it is an errno to the guest and a row of the record.
 */
#ifndef WASK_H
#define WASK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

#define WASK_VERSION "0.1.0"

/* Errors. Stable numbers; new ones may come. */
#define WASK_EINVAL	(-1001)		/* an argument of yours is wrong */
#define WASK_ENOMEM	(-1002)
#define WASK_ERULE	(-1003)		/* not a rule, or one that may not be given */
#define WASK_EHOST	(-1004)		/* the host refused: the text names file and reason */
#define WASK_ESTATE	(-1005)		/* not now: the run has started, or has ended */
#define WASK_EENGINE	(-1006)		/* the engine refused */

/* Caller-owned; TEXT is one line of printable UTF-8, terminated, cut when too long. */
struct wask_error {
	int code;			/* WASK_E* */
	char text[508];
};

/* Bytes with a length; not terminated, any byte. Borrowed from whoever is documented. */
struct wask_bytes {
	const char *at;
	size_t len;
};

struct wask;
struct wask_run;

/*
 * One thing that is asked about. Text fields are escaped for showing (backslash,
 * control, bidi, zero-width and invalid bytes are \xNN): safe to print as they are.
 */
struct wask_need {
	size_t size;			/* sizeof of the library's struct; fields are only added at the end */
	const char *kind;		/* "file", ... */
	const char *act;		/* "read", "list", "create", "change", ... : a row of the table */
	const char *access;		/* "read", "read,write", ...: the access words of the call */
	const char *path;		/* true path of the opened object, as a rule's token: paste it into a rule */
	const char *guest;		/* absolute name as the guest reached for it: the program's words */
	const char *second;		/* rename: true path of the target; else "" */
	const char *call;		/* "path_open", ... */
	const char *clazz;		/* "named", "near", "quiet", "secret", "other" */
	int exists;			/* 1, or 0: it would be made */
	int replaces;			/* 1: what is there would be changed or replaced */
	uint64_t bytes;			/* size of what exists */
};

struct wask_option {
	const char *id;			/* "run", "no" */
	const char *const *rules;	/* what choosing it means; NULL-terminated */
};

/* A question never changes once it is put. It lives until the ask function returns. */
struct wask_question {
	size_t size;
	uint64_t number;		/* from 1, ascending within a run */
	const char *program;		/* file name of the module */
	size_t nneeds;
	const struct wask_need *needs;
	size_t noptions;
	const struct wask_option *options;
};

/* Zeroed: no. */
struct wask_answer {
	size_t size;			/* sizeof; set by the library before it calls */
	const char *option;		/* id of an option, borrowed until the ask function returned; NULL or unknown: no */
};

/* Blocks the guest until it returns; called on the thread that runs the guest. It must not use the run that asks. */
typedef void wask_ask_fn(void *self, const struct wask_question *question, struct wask_answer *answer);

/* Who answers. */
enum {
	WASK_NOBODY = 0,		/* every ask is refused, at once */
	WASK_FUNCTION = 1,		/* ASK below */
	WASK_TERMINAL = 2,		/* a person at TTY_FD */
};

/* --ask= : what the table does (design/decisions.md 6). */
enum {
	WASK_MODE_NEVER = 0,		/* what would be asked is refused */
	WASK_MODE_NEEDS = 1,		/* the table */
	WASK_MODE_BLIND = 2,		/* nothing depends on what exists; for untrusted programs */
	WASK_MODE_OFF = 3,		/* classic preopens, no virtual names */
};

struct wask_options {
	size_t size;			/* sizeof(struct wask_options) */
	int asker;			/* WASK_NOBODY, ... */
	wask_ask_fn *ask;		/* with WASK_FUNCTION */
	void *self;			/* for ASK */
	int tty_fd;			/* with WASK_TERMINAL: an open /dev/tty, used by nobody else; passes to the library when wask_open succeeds */
	const char *cache;		/* directory for compiled modules, made 0700 when absent; NULL: none. Copied */
	const char *const *protect;	/* NULL-terminated absolute paths of which no guest gets anything, whatever it is given: other caches, policies, sockets that another run goes by. CACHE is one without being here. NULL: none. Copied */
};

/* Serves many runs, one after another or side by side. All of OPTIONS is copied. */
int wask_open(const struct wask_options *options, struct wask **out, struct wask_error *error);
void wask_close(struct wask *wask);		/* after its runs; NULL is fine */

#define WASK_SOCKETS	16		/* that a run may be handed */

struct wask_run_options {
	size_t size;			/* sizeof(struct wask_run_options) */
	int mode;			/* WASK_MODE_* */
	const char *program;		/* file name of the module, for questions and as argv[0] when ARGV is empty */
	const char *module;		/* path of the module file, or NULL: never to be changed by the guest */
	const char *const *argv;	/* NULL-terminated, with argv[0]; what names files names them for the guest */
	const char *const *env;		/* NAME=VALUE: what the guest's environment is chosen from; NULL: none */
	const char *const *set_env;	/* NAME=VALUE: what the guest gets besides (--env); NULL: none */
	const char *cwd;		/* absolute; where the guest stands */
	const char *home;		/* absolute, or NULL */
	int stdio[3];			/* the guest's 0 to 2: borrowed, never closed; -1, or a directory: closed */
	int raw_tty;			/* 1: output to a terminal is passed as it is, and a terminal asker is then nobody */
	uint64_t max_memory;		/* bytes of linear memory; 0: 1 GiB */
	int no_args;			/* 1: ARGV names nothing */
	const int *listen;		/* sockets handed to the guest, listening ones most of the time: its descriptors right after the preopens, in this order; borrowed, never closed, at most WASK_SOCKETS */
	size_t nlisten;
};

/* All of OPTIONS is copied; descriptors stay yours. */
int wask_run_new(struct wask *wask, const struct wask_run_options *options, struct wask_run **out, struct wask_error *error);
void wask_run_free(struct wask_run *run);	/* removes the private /tmp; NULL is fine */

/*
 * Gives something before the run: an allow rule (man wask-rules), for instance
 * "allow read,list,stat /data/", "allow rw,append,meta,links /src/ at /work",
 * "allow env EDITOR". --dir H::G is "allow rw,append,meta,links H/ at G".
 * GRANT, when not NULL, gets its number.
 */
int wask_run_allow(struct wask_run *run, const char *rule, uint64_t *grant, struct wask_error *error);

/*
 * --dir HOST[::GUEST][:ro]: the directory HOST (relative: to the run's cwd) with
 * all beneath it, at GUEST (NULL: as HOST is spelled; relative: to the cwd).
 * READ_ONLY: read, list and stat; what it lacks is asked.
 * With WASK_MODE_OFF a preopen of that name, and more is refused.
 */
int wask_run_dir(struct wask_run *run, const char *host, const char *guest, int read_only, uint64_t *grant, struct wask_error *error);

/*
 * The record: every need that was hidden, refused, asked or granted, once, with a
 * count. Valid during the call. Returns what FN returned when that is not 0 (and
 * stops), else 0.
 */
struct wask_record {
	size_t size;
	const char *act, *access, *name, *path, *call, *clazz;	/* as in struct wask_need; path "" where nothing was opened */
	const char *outcome;		/* "granted", "hidden", "denied", "unavailable" */
	const char *by;			/* "launcher", "argument", "table", "person", "embedder", "nobody", ... */
	uint64_t count;
	const char *verb;		/* what a question says of it: "read", "change or replace", "remove", ... */
	int asked;			/* 1: a question was put about it, answered or not */
};
typedef int wask_record_fn(void *self, const struct wask_record *row);
int wask_run_record(struct wask_run *run, wask_record_fn *fn, void *self);
uint64_t wask_run_omitted(struct wask_run *run);	/* needs that the record had no room for */

/* Did the guest call proc_exit? 1 and STATUS, else 0. */
int wask_run_exited(struct wask_run *run, uint32_t *status);

const char *wask_version(void);			/* static */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
