/* inside.h - what the files of names/ share. names/ only. */
#ifndef NAMES_INSIDE_H
#define NAMES_INSIDE_H

#include "names/tree.h"

/* A mount and where it hangs. It stays where it is as long as the names: descriptors point to it. */
struct mounted {
	struct mount mount;		/* first */
	struct node *node;		/* NULL with --ask=off */
	struct mounted *before;
	uint64_t ino;
};

struct names {
	const struct start *start;	/* borrowed */
	struct arena arena;
	struct tree tree;
	struct node root, claims, tops;	/* names; what arguments spell; first components that lead to the root (decisions.md 4.2) */
	struct node *cwd;
	struct mounted *last;		/* all mounts, newest first */
	size_t nmounts;
	const uint64_t *page;		/* the generation, written by the monitor; NULL: none */
	uint64_t seen;			/* without a page: the newest generation an answer spoke of */
	struct sticky *sticky;
};

static inline const struct mounted *mounted_of(const struct mount *mount)
{
	return (const struct mounted *)mount;
}

/* find.c: where PATH leads, walked from AT. */
int names_walk(struct names *names, struct node *at, struct text path, struct place *out);

/* mounts.c */
int mounts_init(struct names *names, int failed);	/* the start message's; FAILED: only takes their descriptors. Returns FAILED or its own failure */
int mounts_add(struct names *names, const struct start_mount *from);	/* FD passes, also on failure */
void mounts_done(struct names *names);

/* sticky.c */
struct sticky *sticky_new(void);		/* NULL: no memory */
void sticky_free(struct sticky *sticky);
int sticky_learn(struct names *names, const struct need *need, const struct answer *answer);

#endif
