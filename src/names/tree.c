/* tree.c - names that are known; see tree.h. Open addressing, at most half full. */
#include "names/tree.h"

#include <errno.h>

#include "base/hash.h"
#include "base/mem.h"

static uint64_t hash_child(const struct tree *tree, const struct node *at, struct text name)
{
	return hash_text(name, tree->key + at->number);
}

/* The slot that holds the child, or the free one where it belongs. */
static struct node **slot_find(const struct tree *tree, const struct node *at, struct text name)
{
	size_t i = (size_t)hash_child(tree, at, name) & (tree->size - 1);

	while (tree->slots[i] && !(tree->slots[i]->parent == at && text_eq(tree->slots[i]->name, name)))
		i = (i + 1) & (tree->size - 1);
	return &tree->slots[i];
}

static uint64_t child_bit(struct text name)
{
	return UINT64_C(1) << (((unsigned char)name.at[0] * 5u + name.len) & 63);
}

struct node *tree_child(const struct tree *tree, const struct node *at, struct text name)
{
	return at->children & child_bit(name) ? *slot_find(tree, at, name) : NULL;
}

static int tree_grow(struct tree *tree)
{
	struct tree larger = *tree;

	larger.size = tree->size ? tree->size * 2 : 64;
	larger.slots = mem_new(larger.size, sizeof *larger.slots);
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < tree->size; i++)
		if (tree->slots[i])
			*slot_find(&larger, tree->slots[i]->parent, tree->slots[i]->name) = tree->slots[i];
	mem_free(tree->slots);
	*tree = larger;
	return 0;
}

static struct node *node_new(struct tree *tree, struct node *parent, struct text name)
{
	struct text slash = parent->path.len && parent->path.at[parent->path.len - 1] != '/' ? TEXT("/") : TEXT("");
	struct node *made = arena_new(tree->arena, 1, sizeof *made);
	struct text path = arena_join(tree->arena, parent->path, slash, name);

	if (!made || !path.at)
		return NULL;
	made->parent = parent;
	made->path = path;
	made->name = text_from(path, path.len - name.len);
	made->number = tree->n + 1;
	return made;
}

static int child_add(struct tree *tree, struct node *at, struct text name, struct node **out)
{
	struct node *made = tree_child(tree, at, name);

	if (made) {
		*out = made;
		return 0;
	}
	if (2 * (tree->n + 1) > tree->size && tree_grow(tree) < 0)
		return -ENOMEM;
	made = node_new(tree, at, name);
	if (!made)
		return -ENOMEM;
	*slot_find(tree, at, name) = made;
	tree->n++;
	at->children |= child_bit(name);
	*out = made;
	return 0;
}

/* Any path that could not be walked the same way again is none. */
static bool path_sound(struct text path)
{
	struct text part;

	if (path.len > LIMIT_PATH || text_has(path, '\0'))
		return false;
	for (;;) {
		part = text_component(&path);
		if (!part.len)
			return true;
		if (text_eq(part, TEXT(".")) || text_eq(part, TEXT("..")))
			return false;
	}
}

int tree_add(struct tree *tree, struct node *root, struct text path, struct node **out)
{
	struct node *at = root;
	struct text part;

	if (!path_sound(path))
		return -EINVAL;
	for (;;) {
		part = text_component(&path);
		if (!part.len)
			break;
		if (child_add(tree, at, part, &at) < 0)
			return -ENOMEM;
	}
	*out = at;
	return 0;
}

void tree_done(struct tree *tree)
{
	mem_free(tree->slots);
	tree->slots = NULL;
	tree->size = tree->n = 0;
}
