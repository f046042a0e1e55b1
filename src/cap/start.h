/*
 * start.h - all that the guest's wing is told before the guest runs: plain values.
 *
 * The judge's wing computes it (judge/start.c), the door carries it
 * (authority/), names/ lives by it. Names are absolute host names, folded, which
 * outside mounts are the guest's names too (design/decisions.md 4).
 */
#ifndef CAP_START_H
#define CAP_START_H

#include "cap/exclude.h"
#include "cap/need.h"

/* --ask= (design/decisions.md 6). Zero is the one in which nothing is asked. */
enum ask_mode {
	MODE_NEVER,
	MODE_NEEDS,
	MODE_BLIND,
	MODE_OFF,
};

/* A candidate of an argument (decisions.md 8): for evidence only, it opens nothing. */
struct start_arg {
	struct text name;
	bool existed;			/* when the run started; in `blind` false (not looked at) */
	bool output;
	bool beneath;			/* it names what lies beneath it, too */
	bool claims;			/* on fd 4, NAME and what is beneath lead here: an output, or absolute and existed; never "." or "/" */
	struct text spelled;		/* what the guest would write for it, without leading slashes: "out/a.o", "tmp/x" */
};

enum mount_flag {
	MOUNT_GUARDED	= 1,		/* something protected lies at or beneath it (I9): every use is looked at */
	MOUNT_LAUNCHER	= 2,		/* --dir and the like: another device to rename and link (decisions.md 4.6) */
	MOUNT_PREOPEN	= 4,		/* --ask=off: shown by fd_prestat, named as typed */
	MOUNT_SECRETS	= 8,		/* secret names beneath are covered: its own path is one, or it is all the program's own */
};

struct start_mount {
	struct text at;			/* absolute guest name; with MOUNT_PREOPEN as typed */
	int fd;				/* O_PATH directory; owned by whoever holds the struct */
	access_set access;
	uint64_t grant;
	uint32_t flags;			/* enum mount_flag */
};

/* A directory that stands for itself without being looked at (decisions.md 4.3). But in blind, listing the cwd is a need all the same. */
struct start_dir {
	struct text name;
	struct texts entries;		/* what listing shows, without "." and ".." */
};

/* The judge is not for sale (I9): by object or, while absent, by name. */
struct start_protected {
	uint64_t dev, ino;		/* 0, 0: absent */
	struct text name;		/* true path */
	bool nothing;			/* nothing at all, nor beneath it (the cache); else only not changed (module file, our binary) */
};

/* What the judge counts and the worker reads. */
struct generation {
	uint64_t grants;		/* each change of what is given, refused or ruled: what was remembered is over */
	uint64_t revoked;		/* grants that were taken back: until the next answer says which, no mount gives anything */
};

struct start {
	enum ask_mode mode;
	struct texts argv;		/* the guest's, with argv[0] */
	struct texts env;		/* NAME=VALUE */
	struct text cwd, home;		/* where the guest stands, by its own names; home empty: none */
	struct texts tops, locals;	/* decisions.md 4.2; locals is a subset of tops */
	struct start_arg *args;
	size_t nargs;
	struct start_mount *mounts;
	size_t nmounts;
	struct start_dir *dirs;		/* synthetic */
	size_t ndirs;
	struct texts tmp;		/* host names at or beneath /tmp: what lies at or beneath one is the host's */
	struct start_protected *protected;
	size_t nprotected;
	struct excludes exclusions;	/* what no mount covers; none with --ask=off */
	const struct exclude_set *secrets;	/* that of them which is compiled already, where judge and guest share a process; else NULL: it is in EXCLUSIONS */
	int generation_fd;		/* one page to be mapped read-only: the generation, struct generation; -1: grants never change, or GENERATION */
	const struct generation *generation;	/* the same where judge and guest share a process; else NULL */
};

#endif
