/*
 * need.h - what a guest reaches for, and what came of it: plain values.
 *
 * A need is a message: everything in it is a number or a view of bytes that the
 * sender owns until the call returns. Nothing here opens, asks or remembers.
 * A need is carried out by the side that judges it: the answer is the errno of
 * the whole call, and the descriptor or the filestat that it asked for. So what
 * was decided on is what is used (I2), and a worker never holds a directory that
 * it was not given.
 */
#ifndef CAP_NEED_H
#define CAP_NEED_H

#include <sys/stat.h>
#include <time.h>

#include "cap/access.h"
#include "cap/exclude.h"

enum kind {
#define KIND(number, name, word) KIND_##name = number,
#include "cap/kinds.def"
#undef KIND
};

enum act {
#define ACT(name, word, verb) ACT_##name,
#include "cap/acts.def"
#undef ACT
	ACTS
};

enum call {
#define CALL(name, word) CALL_##name,
#include "cap/calls.def"
#undef CALL
	CALLS
};

/* The final flags of the call. Unknown bits are refused by the judge. */
enum need_flag {
	NEED_FOLLOW	= 0x001,	/* a link at the end is followed */
	NEED_DIRECTORY	= 0x002,	/* must be a directory: O_DIRECTORY, or a trailing slash */
	NEED_READ	= 0x004,	/* open for reading */
	NEED_WRITE	= 0x008,	/* open for writing */
	NEED_APPEND	= 0x010,
	NEED_CREAT	= 0x020,
	NEED_EXCL	= 0x040,
	NEED_TRUNC	= 0x080,	/* carried out by ftruncate after fstat */
	NEED_NONBLOCK	= 0x100,
	NEED_SYNC	= 0x200,
	NEED_DSYNC	= 0x400,
	NEED_FLAGS	= 0x7ff,
};

struct need {
	uint8_t kind;			/* enum kind */
	uint8_t act;			/* enum act, as the worker sees it; the judge goes by CALL and FLAGS alone */
	uint8_t call;			/* enum call: which call raised it */
	uint8_t reserved;		/* 0 */
	access_set access;		/* the same: what the call needs; for rename: of its source */
	uint32_t flags;			/* enum need_flag */
	struct text name;		/* absolute guest name, 1 to LIMIT_PATH bytes, no NUL; may hold "." and ".."; a variable: its name */
	struct text target;		/* rename, link: the second absolute name; symlink: the link's text; else empty */
	struct timespec times[2];	/* set_times: access and modification, UTIME_NOW and UTIME_OMIT allowed */
};

/* Zero means no, so memory nobody filled in refuses. At least two bits apart, so one flip cannot allow (B15). */
enum verdict {
	VERDICT_DENY	= 0x00,		/* acces: somebody or something said no */
	VERDICT_HIDE	= 0x03,		/* noent: as if it were not there */
	VERDICT_ABSTAIN	= 0x0c,		/* not mine to say: ask the next stage (never leaves the judge) */
	VERDICT_ALLOW	= 0x35,
};

enum lifetime {
	LIFE_RUN,			/* this run */
	LIFE_ONCE,			/* this call alone */
	LIFE_ALWAYS,			/* remembered */
};

enum { ANSWER_FDS = 2, STICKS_NOT = 0 };
#define STICKS_RUN UINT64_MAX

struct answer {
	uint8_t verdict;		/* enum verdict */
	uint8_t lifetime;		/* enum lifetime of what was granted */
	uint8_t has_stat;		/* FILESTAT is filled in */
	uint8_t mount_flags;		/* enum mount_flag of what is mounted */
	int32_t error;			/* allowed, but the call itself failed: a host errno (EEXIST, ENOENT, ...); else 0 */
	access_set access;		/* what was given: never beyond the need, unless a rule is wider and says so */
	uint64_t grant;			/* its number; 0: none */
	uint64_t generation;		/* of the grants, when this was decided */
	uint64_t sticks_ns;		/* refused: answer the same by yourself for so long, this generation; STICKS_RUN: until it changes */
	struct stat filestat;		/* of the object (a link itself without NEED_FOLLOW); st_dev, st_ino are the host's */
	int fds[ANSWER_FDS];		/* [0] the opened object, [1] a directory that is mounted at MOUNT; -1: none. Owned by the receiver */
	struct text mount;		/* absolute guest name under which fds[1] appears, with ACCESS; empty: none */
	struct excludes exclusions;	/* what no mount covers any more, from now on, whatever the verdict */
	struct text text;		/* readlink: the link's text */
};

#define ANSWER_NO ((struct answer){ .fds = { -1, -1 } })

const char *act_word(enum act act);
const char *act_verb(enum act act);
const char *call_word(enum call call);
const char *kind_word(enum kind kind);

#endif
