/*
 * tree.h - names that are known: a tree of components. names/ only.
 *
 * Built from the start message and from answers, never from what a guest merely
 * reaches for. One hash table holds the children of all nodes, keyed at random.
 * Nodes live as long as the arena.
 */
#ifndef NAMES_TREE_H
#define NAMES_TREE_H

#include "base/arena.h"
#include "names/names.h"

struct node {
	struct node *parent;		/* the root's: itself */
	struct text name;		/* one component */
	struct text path;		/* absolute; of claims relative */
	struct mount *mount;
	const struct start_dir *synthetic;
	const struct start_arg *claim;
	uint64_t number;
	uint64_t children;		/* a bit for each, by first byte and length: most names that are not there need no hash */
	bool mounts;			/* there are some beneath it */
	bool host;			/* it and what is beneath is the host's: no mount above counts (private /tmp) */
	bool local;			/* of tops: on fd 4 the cwd's own entry is meant */
	bool has_device;
	enum device device;
};

struct tree {
	struct arena *arena;
	struct node **slots;
	size_t n, size;			/* SIZE: a power of two, or 0 */
	uint64_t key;
};

/* The child of AT with that name, or NULL. */
struct node *tree_child(const struct tree *tree, const struct node *at, struct text name);

/* The node at PATH (components without "." and "..") below ROOT, made if need be. 0, -EINVAL or -ENOMEM. */
int tree_add(struct tree *tree, struct node *root, struct text path, struct node **out);
void tree_done(struct tree *tree);

#endif
