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
#define WASK_EASKER	(-1007)		/* who is to answer is not there: no broker, or not one of ours */

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
	const char *name;		/* as the program spelled it */
	const char *reason;		/* why it wants this: the program's words; "" when it said nothing */
	const char *why;		/* why it is asked about, in a few words of ours */
	int secret;			/* 1: a secret, by its name */
};

struct wask_option {
	const char *id;			/* "run", "once", "dirs", "no", "stop", ... */
	const char *const *rules;	/* what choosing it means; NULL-terminated */
	const char *kind;		/* "allow_once", "allow_always", "reject_once", "reject_always" */
	const char *label;		/* for a person */
};

/*
 * A question never changes once it is put. It lives until the ask function returns;
 * one from wask_next_question until it was answered or its run is freed.
 */
struct wask_question {
	size_t size;
	uint64_t number;		/* from 1, ascending within a struct wask */
	const char *program;		/* file name of the module */
	size_t nneeds;
	const struct wask_need *needs;
	size_t noptions;
	const struct wask_option *options;
	const char *id;			/* random, 32 hex digits: to bind an answer from elsewhere to it */
	const char *title;		/* what the program calls it; "" when it said nothing */
	const char *const *former;	/* rules that the same program name with other contents held; NULL-terminated */
	struct wask_run *run;		/* whose guest is held */
	void *user;			/* of that run's options */
};

/* Zeroed: no. Texts are borrowed until the function that gives or takes it has returned. */
struct wask_answer {
	size_t size;			/* sizeof; for an ask function the library sets it */
	const char *option;		/* id of an option; an unknown one is no, or in wask_answer an error */
	/*
	 * With OPTION NULL: rules of your own (allow, deny, hide), NULL-terminated. Narrower
	 * than what was asked, wider, a part of it, or with "at" another object under that
	 * name. All are taken or none; what they leave undecided is refused.
	 */
	const char *const *rules;
};

/* Blocks the guest until it returns; called on the thread that runs the guest. It must not use the run that asks. */
typedef void wask_ask_fn(void *self, const struct wask_question *question, struct wask_answer *answer);

/* Who answers. */
enum {
	WASK_NOBODY = 0,		/* every ask is refused, at once */
	WASK_FUNCTION = 1,		/* ASK below */
	WASK_TERMINAL = 2,		/* a person at TTY_FD */
	WASK_BROKER = 3,		/* whoever serves the Unix socket BROKER; each run has its own connection */
	WASK_QUEUE = 4,			/* you, when you like: wask_next_question, wask_answer; its guests must park (wask-wasmtime.h) */
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
	const char *broker;		/* with WASK_BROKER: path of its socket */
	const char *policy;		/* absolute path of a policy file, read for each run as it starts; NULL: none. Not with WASK_MODE_OFF */
	int policy_optional;		/* 1: it need not exist */
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
	int fail_fast;			/* 1: the first need that would be asked, and cannot be, ends the run */
	const char *sha256;		/* of the module, 64 hex digits; NULL: taken from MODULE when a broker or a policy wants it */
	const char *self_dir;		/* absolute: the program's own directory, as /var/lib/self; made 0700 when reached for. NULL: none */
	void *user;			/* yours: comes with each question */
	const int *listen;		/* sockets handed to the guest, listening ones most of the time: its descriptors right after the preopens, in this order; borrowed, never closed, at most WASK_SOCKETS */
	size_t nlisten;
};

/* All of OPTIONS is copied; descriptors stay yours. */
int wask_run_new(struct wask *wask, const struct wask_run_options *options, struct wask_run **out, struct wask_error *error);
void wask_run_free(struct wask_run *run);	/* removes the private /tmp; NULL is fine */

/*
 * A rule before the run (man wask-rules): what is given, for instance
 * "allow read,list,stat /data/", "allow rw,append,meta,links /src/ at /work",
 * "allow env EDITOR", and what is not: "deny all /src/private/", "hide all /src/.git/",
 * "ask read /src/keys/". --dir H::G is "allow rw,append,meta,links H/ at G".
 * GRANT, when not NULL, gets the number of what was given, or 0.
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
	const char *kind;		/* as in struct wask_need */
	const char *rule;		/* given before, it makes the next run pass; "" where none was needed, or none is told */
	const char *verb;		/* what a question says of it: "read", "change or replace", "remove", ... */
	int asked;			/* 1: a question was put about it, answered or not */
};
typedef int wask_record_fn(void *self, const struct wask_record *row);
int wask_run_record(struct wask_run *run, wask_record_fn *fn, void *self);
uint64_t wask_run_omitted(struct wask_run *run);	/* needs that the record had no room for */

/* Text for whoever wants it, not terminated; valid during the call. */
typedef void wask_text_fn(void *self, const char *text, size_t len);

/* The record as one JSON object (man wask-report), with STATUS as the run's. 0 or WASK_ENOMEM. */
int wask_run_report(struct wask_run *run, int status, wask_text_fn *fn, void *self);

/*
 * What the run holds, and once held: FN is called for each grant, and returns 0 to
 * go on. What is revoked is gone at once: descriptors that were opened through it
 * answer `notcapable`. WASK_EINVAL: no such grant is live.
 */
struct wask_grant {
	size_t size;
	uint64_t number;
	const char *rule;
	const char *by;			/* as in struct wask_record */
	int revoked;
};
typedef int wask_grant_fn(void *self, const struct wask_grant *grant);
int wask_grants(struct wask_run *run, wask_grant_fn *fn, void *self);
int wask_revoke(struct wask_run *run, uint64_t grant, struct wask_error *error);

/* What would be answered, without a guest. */
struct wask_verdict {
	size_t size;			/* set it to sizeof(struct wask_verdict) */
	const char *verb;		/* "allow", "deny", "ask", "hide"; static */
	char from[8192];		/* what says so: "FILE:LINE", a grant's number, "table CLASS"; one line, cut when too long */
};

/* NEED is a rule without its verb: "read /etc/hosts", "env EDITOR". The strictest of its words. RUN has not started. */
int wask_check(struct wask_run *run, const char *need, struct wask_verdict *out, struct wask_error *error);

/* Reads a policy file and gives it back as it was understood, absolute, one rule a line. HOME may be NULL. */
int wask_policy(const char *path, const char *home, const char *cwd, wask_text_fn *fn, void *self, struct wask_error *error);

/*
 * With WASK_QUEUE: questions wait here, of all runs of WASK, and you answer them when
 * you like, in any order. wask_fd is readable while wask_next_question has one;
 * -1 with another asker. It stays the library's.
 */
int wask_fd(struct wask *wask);

/* 1: OUT is one that was not given out before. 0: there is none. */
int wask_next_question(struct wask *wask, const struct wask_question **out);

/*
 * Answers question NUMBER, which is then gone: go on with its guest. WASK_ERULE: that
 * answer cannot be given, ERROR says why, and the question stays open.
 * WASK_EINVAL: no such question is open (any longer: its guest ended, or it was settled).
 */
int wask_answer(struct wask *wask, uint64_t number, const struct wask_answer *answer, struct wask_error *error);

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
