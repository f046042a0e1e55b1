/*
 * ledger.c - what this run was given, what it was refused, what it made.
 *
 * By object, never by string: a descriptor is kept for each, so that an inode
 * number means the same object as long as it stands here (security.md P19).
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"

void generation_bump(struct judge *judge)
{
	judge->generation.grants++;
	if (judge->generation_page)
		__atomic_store_n(&judge->generation_page->grants, judge->generation.grants, __ATOMIC_RELEASE);
}

int ledger_give(struct judge *judge, const struct given *given)
{
	struct ledger *l = &judge->ledger;
	struct given copy = *given;

	copy.leaf = arena_text(&judge->arena, given->leaf);
	copy.literal = arena_text(&judge->arena, given->literal);
	copy.name = arena_text(&judge->arena, given->name);
	if (l->ngiven == LIMIT_GRANTS || !copy.leaf.at || !copy.literal.at || !copy.name.at ||
	    !mem_room((void **)&l->given, l->ngiven, &l->given_size, sizeof *l->given)) {
		sys_close(given->fd);
		return -ENOMEM;
	}
	l->given[l->ngiven++] = copy;
	generation_bump(judge);
	return 0;
}

void ledger_take_back(struct judge *judge, size_t given, size_t grants)
{
	struct ledger *l = &judge->ledger;

	while (l->ngiven > given)
		sys_close(l->given[--l->ngiven].fd);
	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i]->grant > grants && judge->branches[i]->kind >= BRANCH_LED)
			branch_end(judge->branches[i]);
	l->ngrants = grants;
	generation_bump(judge);
}

int ledger_grant(struct judge *judge, const struct rule *rule, enum origin origin, uint64_t *number)
{
	struct ledger *l = &judge->ledger;
	struct text line = rule_line(&judge->arena, rule);

	if (l->ngrants == LIMIT_GRANTS || !line.at || !mem_room((void **)&l->grants, l->ngrants, &l->grants_size, sizeof *l->grants))
		return -ENOMEM;
	l->grants[l->ngrants] = (struct judge_grant){ .number = l->ngrants + 1, .origin = origin, .rule = line };
	*number = ++l->ngrants;
	return 0;
}

bool ledger_revoke(struct judge *judge, uint64_t number)
{
	struct ledger *l = &judge->ledger;

	if (number == 0 || number > l->ngrants || l->grants[number - 1].revoked)
		return false;
	l->grants[number - 1].revoked = true;
	for (size_t i = 0; i < l->ngiven; i++)
		if (l->given[i].number == number) {
			sys_close(l->given[i].fd);
			l->given[i].fd = -1;
		}
	for (size_t i = 0; i < judge->nbranches; i++)
		if (judge->branches[i]->grant == number)
			branch_end(judge->branches[i]);
	generation_bump(judge);
	return true;
}

uint64_t ledger_asked_in(struct judge *judge, struct file_id dir, bool again)
{
	struct ledger *l = &judge->ledger;
	size_t i = 0;

	while (i < l->nasked && !file_id_eq(l->asked[i].dir, dir))
		i++;
	if (i == l->nasked) {
		if (!again || i == LIMIT_LISTED || !mem_room((void **)&l->asked, i, &l->asked_size, sizeof *l->asked))
			return 0;
		l->asked[l->nasked++] = (struct asked_in){ .dir = dir };
	}
	return again ? l->asked[i].n++ : l->asked[i].n;
}

static bool given_fits(const struct given *given, const struct object *o)
{
	struct text leaf = text_of(o->leaf);

	if (given->fd < 0)
		return false;
	if (given->leaf.len == 0)
		return o->exists && file_id_eq(given->id, o->id);
	if (o->parentfd < 0 || !file_id_eq(given->id, o->parent))
		return false;
	return given->literal.len ? rule_leaf_fits(given->leaf, given->literal, leaf) : text_eq(leaf, given->leaf);
}

access_set ledger_access(const struct ledger *l, const struct object *o, access_set excluded, const struct given **last)
{
	access_set have = 0;

	for (size_t i = 0; i < l->ngiven; i++) {
		if (!given_fits(&l->given[i], o))
			continue;
		have |= l->given[i].access & ~(l->given[i].literal.len ? excluded : 0);
		*last = &l->given[i];
	}
	return have;
}

static size_t own_slots(const struct ledger *l)
{
	return l->own ? LIMIT_CREATIONS : 0;
}

bool ledger_knows(const struct ledger *l, struct text name)
{
	struct text up = text_parent(name);

	for (size_t i = 0; i < l->ngiven; i++)
		if (l->given[i].fd >= 0 && text_eq(l->given[i].literal.len ? up : name, l->given[i].name))
			return true;
	for (size_t i = 0; i < own_slots(l); i++)
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
	    !mem_room((void **)&l->refused, l->nrefused, &l->refused_size, sizeof *l->refused))
		return -ENOMEM;
	l->refused[l->nrefused++] = copy;
	return 0;
}

static bool refused_fits(const struct refused *r, const struct object *o)
{
	if (r->id.ino && o->exists && file_id_eq(r->id, o->id))
		return true;
	return r->parent.ino && o->parentfd >= 0 && file_id_eq(r->parent, o->parent) && text_eq(r->leaf, text_of(o->leaf));
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
	struct ledger *l = &judge->ledger;
	struct own *own;
	struct stat st;
	char *copy;

	if (fd < 0)
		return;
	if (!l->own)
		l->own = mem_new(LIMIT_CREATIONS, sizeof *l->own);
	copy = mem_new(name.len + 1, 1);
	if (!copy || !l->own || sys_fstat(fd, &st) < 0) {
		mem_free(copy);
		sys_close(fd);
		return;
	}
	own = &l->own[l->nown % LIMIT_CREATIONS];
	if (own->name.len)
		own_done(own);
	memcpy(copy, name.at, name.len);
	*own = (struct own){ fd, file_id_of(&st), { copy, name.len } };
	l->nown++;
	generation_bump(judge);
}

static struct own *own_find(const struct ledger *l, struct file_id id)
{
	for (size_t i = 0; i < own_slots(l); i++)
		if (l->own[i].name.len && file_id_eq(l->own[i].id, id))
			return (struct own *)(uintptr_t)&l->own[i];
	return NULL;
}

bool ledger_is_own(const struct ledger *l, struct file_id id)
{
	return own_find(l, id) != NULL;
}

void ledger_forget(struct ledger *l, struct file_id id)
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
	for (size_t i = 0; i < own_slots(l); i++)
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
	if (!copy.at || !mem_room((void **)&l->listed, l->nlisted, &l->listed_size, sizeof *l->listed))
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
	for (size_t i = 0; i < own_slots(l); i++)
		if (l->own[i].name.len)
			own_done(&l->own[i]);
	mem_free(l->own);
	mem_free(l->given);
	mem_free(l->refused);
	mem_free(l->listed);
	mem_free(l->grants);
	mem_free(l->asked);
	*l = (struct ledger){ 0 };
}
