/* inside.h - what the files of names/ share. names/ only. */
#ifndef NAMES_INSIDE_H
#define NAMES_INSIDE_H

#include "names/tree.h"

/* A host name: absolute, folded, as far as anybody can tell without links. Always terminated. */
struct true_path {
	size_t len;
	char at[2 * LIMIT_PATH + 2];
};

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
	const struct generation *page;	/* written by the monitor; NULL: none */
	uint64_t revoked, asked;	/* so many revoked grants are known; and were there when a name was last found */
	uint64_t seen;			/* without a page: the newest generation an answer spoke of */
	struct sticky *sticky;
	int procfd;			/* of this process's own descriptors; -1 until something is settled. A fork opens its own */
	struct exclude_set *excludes;	/* what no mount covers; NULL: there is nothing */
	uint32_t additions;		/* how often more was added */
	bool lost;			/* some could not be kept: nothing is covered any more, nor will be */
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

/* exclude.c */
bool true_path_of(int fd, struct true_path *out);			/* false: nobody can tell */
bool true_path_push(struct true_path *path, struct text rest);		/* goes on from there, by name alone; false: too long */
int mount_exclude(struct names *names, struct mount *mount);		/* what of all that concerns MOUNT; also again, after there is more */
int names_exclude_more(struct names *names, const struct excludes *more);
struct excluded dir_excluded(const struct names *names, struct names_dir *dir);	/* of an opened directory, as of now; DIR learns it */

/* settle.c: PLACE with the text of its first link instead of it, found anew. -EXDEV: there is none, or only a walk can tell. */
int names_settle_link(struct names *names, const struct place *place, bool follow, struct place *out);

/* PLACE, which starts from a descriptor, found anew from its mount. -EXDEV: that directory lies there no more. */
int names_settle_dir(struct names *names, const struct place *place, struct place *out);

/* Where a walk begins, and what it does not look at. */
struct outset {
	int fd;
	struct text host;			/* its true path */
	const struct exclude_set *excludes;	/* NULL: it looks at anything */
	bool secrets;				/* they count */
};

/*
 * leave.c: the true path of what WAY (at most LIMIT_PATH bytes) leads to, also through
 * a link at its end; from the first name on that is not there or not to be looked at,
 * by the text alone, and out of the latter no way leads. False: it leads above FROM,
 * or nobody can tell.
 */
bool true_path_led(const struct outset *from, struct text way, struct true_path *out);

/* beneath.c */
bool path_has_dotdot(const char *path);
size_t path_leaf_start(const char *path);	/* where its last component begins, whatever slashes stand behind it */

/* sticky.c */
struct sticky *sticky_new(void);		/* NULL: no memory */
void sticky_free(struct sticky *sticky);
int sticky_learn(struct names *names, const struct need *need, const struct answer *answer);

#endif
