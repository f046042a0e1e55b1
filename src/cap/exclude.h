/*
 * exclude.h - names that a grant of a directory does not cover (decisions.md 4.8):
 * secrets, and what rules take out. Plain values, and the form that is matched.
 *
 * The judge's wing makes the values, the door carries them, and both sides match
 * names by the same compiled form. A name is always a true path: absolute, folded,
 * without links.
 */
#ifndef CAP_EXCLUDE_H
#define CAP_EXCLUDE_H

#include "base/arena.h"
#include "cap/access.h"

enum exclude_flag {
	EXCLUDE_SECRET		= 1,	/* a secret: letters compare without case, and a grant of a secret covers it */
	EXCLUDE_ITSELF		= 2,	/* the name alone, not what is beneath it */
	EXCLUDE_UNLISTED	= 4,	/* no listing shows it */
	EXCLUDE_PLAIN		= 8,	/* the other way round: a component like this is no secret, whatever floating pattern begins at it */
	EXCLUDE_FLAGS		= 15,
};

struct exclude {
	struct text pattern;		/* component by component: "/a/b" from the root, "~/a" from any home, else from any component on */
	struct text literal;		/* as in struct rule; empty: each "*" is a star */
	access_set access;		/* what is not given */
	uint32_t flags;			/* enum exclude_flag */
};

/* An object of the host: which one, not by what name. 0, 0: none. */
struct file_id {
	uint64_t dev, ino;
};

struct excluded_object {
	struct file_id id;
	access_set access;		/* what is not given */
};

struct excludes {
	struct texts homes;		/* absolute, folded; besides /root and /home/NAME */
	const struct exclude *at;
	size_t n;
	const struct excluded_object *objects;	/* the same by object, whatever its name */
	size_t nobjects;
};

struct exclude_set;

/* Words that no grant gives. */
struct excluded {
	access_set self, beneath;	/* at a name; at all that is beneath it */
	bool unlisted;
};

/* One that lives in ARENA, with nothing in it but what is in BASE, which lives as long (NULL: nothing). Its homes are BASE's, too. NULL: no memory. */
struct exclude_set *exclude_new(struct arena *arena, const struct exclude_set *base);

/* Adds all of MORE, whose texts are copied. 0; -EINVAL: not a pattern; -ENOSPC; -ENOMEM: then some of it may have been added. */
int exclude_add(struct exclude_set *set, const struct excludes *more);

/*
 * Could a component of REST complete a pattern? False: nothing does, whatever stands
 * before REST. Any bytes will do, also "." and ".." and slashes.
 */
bool exclude_maybe(const struct exclude_set *set, struct text rest);
bool exclude_maybe_part(const struct exclude_set *set, struct text part);	/* of one component, not empty */

/* Words that are taken out of that object, whatever its name. */
access_set exclude_object(const struct exclude_set *set, struct file_id id);

/* What the patterns take out at PATH that are completed at or behind its byte FROM. Without SECRETS those do not count. */
struct excluded exclude_at(const struct exclude_set *set, struct text path, size_t from, bool secrets);

/* Is PATH, or does it stand above, something that a pattern which begins at a home or at the root takes out? */
bool exclude_is_above(const struct exclude_set *set, struct text path, bool secrets);

#endif
