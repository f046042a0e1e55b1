/*
 * inside.h - what the files of judge/ share; nobody else includes it.
 *
 * One need goes: route (which directory does its name start from) -> object (opened
 * O_PATH, never read) -> decide (stages in order, to a cell) -> carry (on that very
 * object). The ledger keeps what was given and refused, the record what happened.
 */
#ifndef JUDGE_INSIDE_H
#define JUDGE_INSIDE_H

#include "base/limits.h"
#include "judge/evidence.h"
#include "judge/judge.h"
#include "policy/class.h"
#include "policy/table.h"

/* An object of the host: which one, not by what name. */
struct identity {
	uint64_t dev, ino;
};

static inline struct identity identity_of(const struct stat *st)
{
	return (struct identity){ (uint64_t)st->st_dev, (uint64_t)st->st_ino };
}

static inline bool identity_eq(struct identity a, struct identity b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

/* A directory of the host at a guest name: --dir, the private /tmp, package data. */
struct branch {
	struct text at;			/* guest name, folded; with MOUNT_PREOPEN as typed */
	struct text host;		/* true path of the directory */
	struct text typed;		/* absolute host name under which it was given; empty: HOST */
	int fd;				/* O_PATH; -1: not opened yet (only LAZY ones) */
	access_set access;
	uint64_t grant;
	uint32_t flags;			/* enum mount_flag */
	enum origin origin;
	enum { BRANCH_START, BRANCH_TMP, BRANCH_DATA } kind;	/* told at start; made or opened when needed, and told then */
};

/* Where a guest name starts on the host. */
struct route {
	struct branch *branch;		/* NULL: the host's own root */
	int dirfd;			/* the branch's; AT_FDCWD when REST is absolute, and then not looked at */
	const char *rest;		/* terminated; relative to DIRFD, never empty, or absolute */
	bool slash;			/* it ended in a slash */
	struct text guest;		/* folded guest name */
	struct text host;		/* the host's name of it, folded: what class and table see */
	access_set excluded;		/* words that the branch does not give here (decisions.md 4.8) */
	access_set shut;		/* nor a pattern, which never covers a secret */
	bool passes_secret;		/* it goes into one and out again by "..": whether that is there is not told */
};

/* What a route leads to, opened to be looked at only. */
struct object {
	int fd;				/* O_PATH; -1: it does not exist */
	int parentfd;			/* O_PATH of the directory that holds NAME; -1: not known */
	bool exists;
	bool dangling;			/* a link that leads nowhere is in the place */
	bool never;			/* a device, FIFO, socket, or on a pseudo file system: never opened */
	int error;			/* why there is neither object nor parent: ENOENT, ENOTDIR, ELOOP, ... */
	struct stat st;			/* when it exists */
	struct identity id, parent;
	struct text path;		/* true path: of the object; parent's and leaf; deepest existing ancestor and the rest */
	const char *leaf;		/* the name in PARENTFD, terminated; "." when it has none of its own */
	char text[LIMIT_PATH + LIMIT_COMPONENT + LIMIT_PATH + 4];
	char leaf_text[LIMIT_COMPONENT + 1];
};

#define OBJECT_NONE ((struct object){ .fd = -1, .parentfd = -1 })

/* What was given: an object, a name in a directory, or names in a directory. */
struct given {
	uint64_t number;
	access_set access;
	enum origin origin;
	int fd;				/* O_PATH of the object or directory, kept so that its inode number stays its own */
	struct identity id;
	struct text leaf;		/* empty: the object itself */
	struct text literal;		/* of a pattern: as in struct rule; else empty */
	struct text name;		/* host name under which it was given: nothing else makes a hidden name be looked at */
};

/* What was refused: one question per object, reading or changing (I6). */
struct refused {
	struct identity id;		/* 0, 0: it did not exist */
	struct identity parent;		/* with LEAF: the name; 0, 0: not known */
	struct text leaf, name;		/* name: the host name, folded */
	bool changing;
	enum verdict verdict;
	enum outcome outcome;
	enum origin by;
	uint64_t sticks_ns;
};

/* What this run made: kept open until it is removed. */
struct own {
	int fd;
	struct identity id;
	struct text name;		/* host name; owned by the ledger's memory */
};

struct ledger {
	struct given *given;
	size_t ngiven, given_size;
	struct refused *refused;
	size_t nrefused, refused_size;
	struct own own[LIMIT_CREATIONS];	/* a ring: the oldest is forgotten */
	size_t nown;			/* ever made */
	struct text *listed;		/* host names of directories whose listing was given */
	size_t nlisted, listed_size;
};

struct record {
	struct record_row *rows;
	uint32_t *next;			/* of the same bucket, 1 + index */
	size_t n, size;
	uint32_t heads[1024];
	uint64_t omitted;
};

/* What nobody gets, or nobody changes. */
struct guarded {
	struct text name;		/* true path, or as given while absent */
	struct identity id;		/* 0, 0: absent */
	bool nothing;			/* nothing at all (I9); else only not changed */
	bool linked;			/* it has other names, which may lie anywhere */
};

struct judge {
	struct arena arena;		/* lives as long as the judge */
	enum ask_mode mode;
	struct text program, cwd, home, path, tmp_path;
	struct texts argv, env, set_env;
	struct text *env_names;		/* allow env NAME */
	size_t nenv_names, env_names_size;
	struct guarded *guarded;
	size_t nguarded;
	look_fn *look;			/* NULL: `blind` */
	struct evidence evidence;
	struct texts tmp;		/* host names at or beneath /tmp */
	struct texts synthetic;		/* directories that stand for themselves: their listings are not asked about */
	bool no_args;			/* arguments name nothing */
	struct branch *branches;
	size_t nbranches, branches_size;
	int tmp_parentfd;		/* where the private /tmp is a name in; -1: there is none yet */
	int tmp_lockfd;			/* held as long as the run lives: what is not held is of a dead one */
	char tmp_name[32];
	struct ledger ledger;
	struct record record;
	struct asker asker;
	uint64_t questions, grants, generation;
	uint64_t *generation_page;	/* shared with the worker; NULL: none */
	int generation_fd;
	bool interrupted;
	struct authority_server server;
	struct arena call;		/* until the next need: the answer's texts */
};

/* judge/route.c */
int route_find(struct judge *judge, struct text name, struct route *out);	/* texts live in judge->call; -ENOMEM, -EINVAL */
int branch_add(struct judge *judge, const struct branch *branch);		/* its texts are copied, its fd passes */
int branch_open(struct judge *judge, struct branch *branch);			/* makes or opens a lazy one; 0 or a negative errno */
bool branch_covers(const struct route *route, access_set access);
void route_exclude(const struct judge *judge, struct route *route, struct text path);	/* PATH is another name of what it leads to */
void route_exclude_secret(struct route *route);	/* what it leads to is one, whatever its name */
void route_exclude_moves(const struct judge *judge, struct route *route, struct text path);	/* it is to be moved, removed or made a link */

/* judge/tmp.c */
int tmp_make(struct judge *judge, struct text *path);	/* an O_PATH descriptor, or a negative errno */
void tmp_remove(struct judge *judge);

/* judge/object.c */
void object_open(const struct route *route, bool follow, struct object *out);	/* whatever goes wrong is OUT->error */
int object_parent(struct object *object);		/* of what was opened by following: finds its name; 0 or a negative errno */
int object_same(const struct object *object);		/* does the name still lead to it? 0, or -EACCES, ... */
void object_done(struct object *object);

/* judge/ledger.c */
int ledger_give(struct judge *judge, const struct given *given);		/* texts are copied, fd passes also on failure */
void ledger_take_back(struct judge *judge, size_t had);		/* what was given since there were HAD */
access_set ledger_access(const struct ledger *ledger, const struct object *object, access_set excluded, enum origin *by, uint64_t *number);	/* EXCLUDED: no pattern gives these */
bool ledger_knows(const struct ledger *ledger, struct text name);		/* may something that was given, or made, be at NAME? */
int ledger_refuse(struct judge *judge, const struct refused *refused);
const struct refused *ledger_refused(const struct ledger *ledger, const struct object *object, struct text name, bool changing);
void ledger_own(struct judge *judge, int fd, struct text name);		/* FD passes */
bool ledger_is_own(const struct ledger *ledger, struct identity id);
void ledger_forget(struct ledger *ledger, struct identity id);
void ledger_move(struct ledger *ledger, struct text from, struct text to);	/* what is its own at or beneath FROM is now called TO */
void ledger_list(struct judge *judge, struct text name);
bool ledger_listed(const struct ledger *ledger, struct text dir);
void ledger_done(struct ledger *ledger);
void generation_bump(struct judge *judge);

/* judge/guard.c */
int guard_add(struct judge *judge, struct text name, bool nothing);
int guard_keep(struct judge *judge, const struct guarded *guarded);	/* as it is; its name lives as long as the judge */
bool guard_refuses(const struct judge *judge, struct text name, const struct object *object, enum act act, enum call call);	/* OBJECT NULL: not opened */

/* judge/alias.c: after the last guard_add, the names that mounts give them besides. 0 or a negative errno */
int guard_aliases(struct judge *judge);

/* judge/record.c */
struct event {
	const struct need *need;
	enum act act;
	access_set access;
	struct text name, path;
	const char *verb;		/* static */
	enum class class;
	enum outcome outcome;
	enum origin by;
	bool asked;
};
void record_add(struct judge *judge, const struct event *event);
void record_tally(struct judge *judge, const struct tally *tally);
void record_done(struct record *record);

/* judge/env.c */
int env_make(const struct judge *judge, struct arena *arena, struct text cwd, bool tmp_is_local, struct texts *out);	/* CWD: where the guest stands */

/* judge/synthetic.c */
int synthetic_make(struct judge *judge, struct arena *arena, struct start *out);

/* One name of a need on its way to a decision; a rename has two. */
struct side {
	struct route route;
	struct object object;		/* OBJECT_NONE: the host was not touched */
	enum act act;
	access_set access;		/* what a live grant must cover */
	bool follow, changing;
	bool touched, guarded;
	bool shown;			/* it exists, and the guest may know: a look, a listing or a grant shows it (I10) */
	enum class class, look_class;	/* for the word at hand, and for looking */
	enum cell cell;
	int error;			/* the call's own, when it is known without a question */
	enum origin by;
	uint64_t grant;
	const struct refused *refused;	/* it was refused before */
};

struct matter {
	struct judge *judge;
	const struct need *need;
	struct side side[2];		/* [1]: a rename's target */
	size_t n, strictest;		/* STRICTEST: the side that was refused, or stands for the question */
	struct answer *out;
};

/* judge/weigh.c */
void side_weigh(struct matter *matter, struct side *side);	/* fills in all but route, act, access, follow, changing */
bool judge_can_ask(const struct judge *judge);

/* judge/question.c */
access_set side_gift(const struct matter *matter, const struct side *side);	/* what a yes gives */
const char *side_verb(const struct matter *matter, size_t side);	/* what a question says that it does; static */
int question_put(struct matter *matter, struct reply *out);

/*
 * judge/carry.c: does the call, on the objects of the matter. 0, or the errno of the
 * call itself, negated; -ESTALE: the name leads elsewhere than where it was decided on.
 */
int matter_carry(struct matter *matter);

/* judge/change.c */
int carry_directory(struct matter *matter);
int carry_remove(struct matter *matter);
int carry_rename(struct matter *matter);
int carry_symlink(struct matter *matter);

/* judge/decide.c */
int judge_need(void *self, const struct need *need, struct answer *out);

#endif
