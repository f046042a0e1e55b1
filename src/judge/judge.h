/*
 * judge.h - what stands behind the door: classes, table, ledger, record, asker.
 *
 * One judge serves one run. It is the only one who touches the host for a hole,
 * and it carries out what it allowed on the very object that it decided on.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include "ask/ask.h"
#include "authority/authority.h"
#include "base/arena.h"
#include "cap/rule.h"
#include "cap/start.h"
#include "policy/data.h"
#include "policy/match.h"

struct judge;

/* Something of the program's own, read-only: HOST, beneath the module's directory, appears at AT. */
struct judge_data {
	struct text at;			/* absolute guest name */
	struct text host;		/* relative to module_dir; a file, or a directory with all beneath */
};

/* All texts are copied. */
struct judge_options {
	enum ask_mode mode;
	struct text program;		/* file name of the module, for questions */
	struct texts argv;		/* the guest's, with argv[0] */
	bool no_args;			/* --no-args: they name nothing */
	struct texts env;		/* the caller's whole environment: what the guest sees of it is decided here */
	struct texts set_env;		/* --env: NAME=VALUE, in order */
	struct text cwd, home, path;	/* absolute cwd; home and path ("a:b") may be empty */
	struct texts protected;		/* host paths that nobody gets (cache) */
	struct texts unchanging;	/* host paths that are never changed (module file, our binary) */
	const struct exclude_set *builtin;	/* secrets_of no homes, compiled, for many judges; NULL: this one does it. Borrowed, as the next two are */
	const struct secret_lines *secrets;	/* the user's own; NULL: none */
	struct texts companions;	/* the user's own */
	struct rules *rules;		/* of flags and policy files; passes to the judge when judge_new succeeds; NULL: none */
	bool fail_fast;			/* the first need that would be asked, and cannot be, ends the run */
	bool remembers;			/* there is a store: `always` is offered */
	enum verdict (*recall)(void *self, struct text path, access_set word);	/* remembered answers, one word of access.def: ALLOW or ABSTAIN; NULL: none are */
	void *recall_self;
	struct text self_dir;		/* host path of the program's own writable directory, made when it is reached for; empty: none */
	struct text module_dir;		/* host path of the directory of the module; empty: no DATA */
	const struct judge_data *data;	/* those that are not there are left out */
	size_t ndata;
	struct asker asker;		/* passes to the judge when judge_new succeeds */
};

/* What is wrong with openat2 here, without which there is no judge: 0, or negative errno. */
int judge_probe(void);

int judge_new(const struct judge_options *options, struct judge **out);		/* 0, or negative errno; judge_probe's first */
void judge_free(struct judge *judge);						/* removes the private /tmp; NULL ok */

/*
 * A grant from the launcher, before the run: allow rules only. A subtree is opened
 * now and becomes a mount. PREOPEN is its name as typed (--ask=off), else empty.
 * Negative errno (ENOENT, ENOTDIR, EACCES, ...); EINVAL: not a rule that a launcher may give.
 */
int judge_grant(struct judge *judge, const struct rule *rule, struct text preopen, uint64_t *grant);

/*
 * Looks at the host once, at what the command line names, and fills in OUT, all of
 * which lives in ARENA except the descriptors, which stay the judge's. Call once.
 */
int judge_start(struct judge *judge, struct arena *arena, struct start *out);

/* The guest will live in this process: nothing is shared with another one. Before judge_start. */
void judge_in_process(struct judge *judge);

/* The server for the door, one need at a time; lives as long as the judge. */
const struct authority_server *judge_server(struct judge *judge);

/*
 * The same with tickets, for more than one need at a time. Put: 0, OUT is the answer;
 * 1: somebody is being asked, and TICKET takes it; negative: refused. Take: 1: not yet;
 * the ticket is used up by anything else. OUT's texts live until the next call here.
 */
int judge_put(struct judge *judge, const struct need *need, struct answer *out, uint64_t *ticket);
int judge_take(struct judge *judge, uint64_t ticket, struct answer *out);
void judge_cancel(struct judge *judge, uint64_t ticket);	/* nobody waits for it any longer */

/* Where an asker without a descriptor brings what it was told; lives as long as the judge. */
const struct asker_sink *judge_sink(struct judge *judge);
void judge_tell(struct judge *judge, const struct told *told);	/* passed on to the asker */

/* A live grant, or one that was. RULE lives as long as the judge. */
struct judge_grant {
	uint64_t number;
	enum origin origin;
	struct text rule;		/* a line of the rule language */
	bool revoked;
};

size_t judge_grants(const struct judge *judge, const struct judge_grant **out);
int judge_revoke(struct judge *judge, uint64_t grant);		/* 0; -ENOENT: no such grant is live */

/*
 * What would be answered without a guest (`wask check`), to the strictest of NEED's words
 * (its verb does not count). OUT is the verb; FROM gets the line that says it: "deny
 * FILE:LINE", "allow --allow", "allow 12" (a grant), "ask table CLASS". 0 or a negative errno.
 */
int judge_check(struct judge *judge, const struct rule *need, struct buf *from, enum verb *out);

/* One need of the record. Texts live as long as the judge. */
struct record_row {
	enum kind kind;
	enum act act;
	enum call call;
	access_set access;
	struct text name;		/* the absolute guest name of the first time */
	struct text spelled;		/* as the program spelled it, as far as that is known: relative to the cwd, dots and all */
	struct text path;		/* true path where the object was opened, else empty */
	const char *class;
	enum outcome outcome;
	enum origin by;
	uint64_t count;
	access_set gift;		/* the words of the rule that makes the next run pass; 0: there is none (design/protocols.md 4) */
	const char *verb;		/* what a question says, of the first time; static */
	bool asked;			/* a question was put about it, the first time */
};

void judge_row_rule(const struct record_row *row, struct buf *out);		/* adds that rule, when there is one */
size_t judge_record(const struct judge *judge, const struct record_row **out);	/* rows, in the order of the first time */
uint64_t judge_omitted(const struct judge *judge);				/* needs beyond LIMIT_RECORD */
bool judge_interrupted(const struct judge *judge);				/* Ctrl-C at a question: the run is to end */
bool judge_failed_fast(const struct judge *judge);				/* --fail-fast, and something would have been asked: the run is to end */

#endif
