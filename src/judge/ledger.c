/*
 * ledger.c - what this run was given, what it was refused, what it made.
 *
 * By object, never by string: a descriptor is kept for each, so that an inode
 * number means the same object as long as it stands here (security.md P19).
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "cap/glob.h"
#include "judge/inside.h"

/* Room for one more in an array of mem; false: no memory. */
static bool room(void **at, size_t n, size_t *size, size_t each)
{
	size_t want = *size ? 2 * *size : 16;
	void *grown;

	if (n < *size)
		return true;
	grown = mem_grow(*at, *size, want, each);
	if (!grown)
		return false;
	*at = grown;
	*size = want;
	return true;
}

void generation_bump(struct judge *judge)
{
	judge->generation++;
	if (judge->generation_page)
		__atomic_store_n(judge->generation_page, judge->generation, __ATOMIC_RELEASE);
}

int ledger_give(struct judge *judge, const struct given *given)
{
	struct ledger *l = &judge->ledger;
	struct given copy = *given;

	copy.leaf = arena_text(&judge->arena, given->leaf);
	copy.literal = arena_text(&judge->arena, given->literal);
	copy.name = arena_text(&judge->arena, given->name);
	if (l->ngiven == LIMIT_GRANTS || !copy.leaf.at || !copy.literal.at || !copy.name.at ||
	    !room((void **)&l->given, l->ngiven, &l->given_size, sizeof *l->given)) {
		sys_close(given->fd);
		return -ENOMEM;
	}
	l->given[l->ngiven++] = copy;
	generation_bump(judge);
	return 0;
}

void ledger_take_back(struct judge *judge, size_t had)
{
	struct ledger *l = &judge->ledger;

	while (l->ngiven > had)
		sys_close(l->given[--l->ngiven].fd);
	generation_bump(judge);
}

static bool given_fits(const struct given *given, const struct object *o)
{
	struct text leaf = text_of(o->leaf);

	if (given->leaf.len == 0)
		return o->exists && identity_eq(given->id, o->id);
	if (o->parentfd < 0 || !identity_eq(given->id, o->parent))
		return false;
	if (given->literal.len)
		return glob_fits(&(struct glob){ .pattern = given->leaf, .literal = given->literal.at, .shy = true }, leaf);
	return text_eq(leaf, given->leaf);
}

access_set ledger_access(const struct ledger *l, const struct object *o, access_set excluded, enum origin *by, uint64_t *number)
{
	access_set have = 0;

	for (size_t i = 0; i < l->ngiven; i++) {
		if (!given_fits(&l->given[i], o))
			continue;
		have |= l->given[i].access & ~(l->given[i].literal.len ? excluded : 0);
		*by = l->given[i].origin;
		*number = l->given[i].number;
	}
	return have;
}

bool ledger_knows(const struct ledger *l, struct text name)
{
	struct text up = text_parent(name);

	for (size_t i = 0; i < l->ngiven; i++)
		if (text_eq(l->given[i].literal.len ? up : name, l->given[i].name))
			return true;
	for (size_t i = 0; i < LIMIT_CREATIONS; i++)
		if (l->own[i].name.len && (text_eq(name, l->own[i].name) || text_eq(up, l->own[i].name)))
			return true;
	return false;
}

int ledger_refuse(struct judge *judge, const struct refused *refused)
{
	struct ledger *l = &judge->ledger;
	struct refused copy = *refused;

	copy.leaf = arena_text(&judge->arena, refused->leaf);
	copy.name = arena_text(&judge->arena, refused->name);
	if (l->nrefused == LIMIT_STICKY || !copy.leaf.at || !copy.name.at ||
	    !room((void **)&l->refused, l->nrefused, &l->refused_size, sizeof *l->refused))
		return -ENOMEM;
	l->refused[l->nrefused++] = copy;
	return 0;
}

static bool refused_fits(const struct refused *r, const struct object *o)
{
	if (r->id.ino && o->exists && identity_eq(r->id, o->id))
		return true;
	return r->parent.ino && o->parentfd >= 0 && identity_eq(r->parent, o->parent) && text_eq(r->leaf, text_of(o->leaf));
}

const struct refused *ledger_refused(const struct ledger *l, const struct object *o, struct text name, bool changing)
{
	for (size_t i = 0; i < l->nrefused; i++) {
		const struct refused *r = &l->refused[i];

		if (r->changing == changing && (text_eq(r->name, name) || (o && refused_fits(r, o))))
			return r;
	}
	return NULL;
}

static void own_done(struct own *own)
{
	sys_close(own->fd);
	mem_free((void *)(uintptr_t)own->name.at);
	*own = (struct own){ .fd = -1 };
}

void ledger_own(struct judge *judge, int fd, struct text name)
{
	struct own *own = &judge->ledger.own[judge->ledger.nown % LIMIT_CREATIONS];
	struct stat st;
	char *copy;

	if (fd < 0)
		return;
	copy = mem_new(name.len + 1, 1);
	if (!copy || sys_fstat(fd, &st) < 0) {
		mem_free(copy);
		sys_close(fd);
		return;
	}
	if (own->name.len)
		own_done(own);
	memcpy(copy, name.at, name.len);
	*own = (struct own){ fd, identity_of(&st), { copy, name.len } };
	judge->ledger.nown++;
	generation_bump(judge);
}

static struct own *own_find(const struct ledger *l, struct identity id)
{
	for (size_t i = 0; i < LIMIT_CREATIONS; i++)
		if (l->own[i].name.len && identity_eq(l->own[i].id, id))
			return (struct own *)(uintptr_t)&l->own[i];
	return NULL;
}

bool ledger_is_own(const struct ledger *l, struct identity id)
{
	return own_find(l, id) != NULL;
}

void ledger_forget(struct ledger *l, struct identity id)
{
	struct own *own = own_find(l, id);

	if (own)
		own_done(own);
}

/* Without memory it keeps its old name: less is found, never more. */
static void own_rename(struct own *own, struct text to, struct text rest)
{
	char *name = mem_new(to.len + rest.len + 1, 1);

	if (!name)
		return;
	memcpy(name, to.at, to.len);
	memcpy(name + to.len, rest.at, rest.len);
	mem_free((void *)(uintptr_t)own->name.at);
	own->name = (struct text){ name, to.len + rest.len };
}

void ledger_move(struct ledger *l, struct text from, struct text to)
{
	for (size_t i = 0; i < LIMIT_CREATIONS; i++)
		if (l->own[i].name.len && text_beneath(l->own[i].name, from))
			own_rename(&l->own[i], to, text_from(l->own[i].name, from.len));
}

void ledger_list(struct judge *judge, struct text name)
{
	struct ledger *l = &judge->ledger;
	struct text copy;

	if (ledger_listed(l, name) || l->nlisted == LIMIT_LISTED)
		return;
	copy = arena_text(&judge->arena, name);
	if (!copy.at || !room((void **)&l->listed, l->nlisted, &l->listed_size, sizeof *l->listed))
		return;
	l->listed[l->nlisted++] = copy;
	generation_bump(judge);
}

bool ledger_listed(const struct ledger *l, struct text dir)
{
	for (size_t i = 0; i < l->nlisted; i++)
		if (text_eq(l->listed[i], dir))
			return true;
	return false;
}

void ledger_done(struct ledger *l)
{
	for (size_t i = 0; i < l->ngiven; i++)
		sys_close(l->given[i].fd);
	for (size_t i = 0; i < LIMIT_CREATIONS; i++)
		if (l->own[i].name.len)
			own_done(&l->own[i]);
	mem_free(l->given);
	mem_free(l->refused);
	mem_free(l->listed);
	*l = (struct ledger){ 0 };
}
