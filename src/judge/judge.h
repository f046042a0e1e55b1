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

struct judge;

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

/* The server for the door; lives as long as the judge. */
const struct authority_server *judge_server(struct judge *judge);

/* One need of the record. Texts live as long as the judge. */
struct record_row {
	enum kind kind;
	enum act act;
	enum call call;
	access_set access;
	struct text name;		/* the absolute guest name of the first time */
	struct text path;		/* true path where the object was opened, else empty */
	const char *class;
	enum outcome outcome;
	enum origin by;
	uint64_t count;
	const char *verb;		/* what a question says, of the first time; static */
	bool asked;			/* a question was put about it, the first time */
};

size_t judge_record(const struct judge *judge, const struct record_row **out);	/* rows, in the order of the first time */
uint64_t judge_omitted(const struct judge *judge);				/* needs beyond LIMIT_RECORD */
bool judge_interrupted(const struct judge *judge);				/* Ctrl-C at a question: the run is to end */

#endif
