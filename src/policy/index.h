/*
 * index.h - how a set of rules is found again; between rules.c and match.c alone.
 *
 * Each rule has up to four places in one hash table: under its own path, under the
 * true path, and under the objects that it led to. A name is hashed once, byte by
 * byte, and looked up at each of its components; so what a match costs grows with
 * the name, never with the rules. (All patterns of one directory are one place.)
 */
#ifndef POLICY_INDEX_H
#define POLICY_INDEX_H

#include "policy/match.h"

enum key {
	KEY_NONE,			/* not in the table */
	KEY_OBJECT,
	KEY_SUBTREE,
	KEY_PATTERN,			/* under the path of its directory */
	KEY_OBJECT_OWN,			/* the same three: a rule that permits, under its own path, where the true one is another */
	KEY_SUBTREE_OWN,
	KEY_PATTERN_OWN,
	KEY_OBJECT_ID,
	KEY_SUBTREE_ID,
	KEY_PATTERN_ID,			/* under its directory */
	KEY_ENV,
	KEY_NET,
	KEY_REQUEST,
	KEYS
};

enum place {
	PLACE_WRITTEN,			/* the rule's own path; of env and net the name */
	PLACE_TRUE,
	PLACE_SELF,
	PLACE_TARGET,
	PLACES
};

struct entry {
	uint32_t hash;
	uint32_t next;			/* number of the next in the bucket, plus one; 0: none */
	enum key key;
};

struct slot {
	struct ruling ruling;
	struct entry at[PLACES];
	char *room;			/* of the true path, used again when it is bound again */
	size_t size;
};

enum { CHUNK = 64 };

struct rules {
	struct arena arena;
	struct slot **chunks;		/* of CHUNK slots each: they never move */
	size_t n, room;			/* rules, and how many there is room for */
	size_t nchunks;			/* pointers there is room for */
	uint32_t *buckets;
	size_t nbuckets;		/* a power of two, or 0 */
	size_t count[KEYS];		/* entries of each key: what there is none of is not looked for */
};

static inline enum key key_own(enum key key)
{
	return (enum key)(key + (KEY_OBJECT_OWN - KEY_OBJECT));
}

static inline struct slot *rules_slot(const struct rules *rules, size_t i)
{
	return &rules->chunks[i / CHUNK][i % CHUNK];
}

/* Entry NUMBER is place NUMBER % PLACES of rule NUMBER / PLACES. */
static inline struct entry *rules_entry(const struct rules *rules, size_t number)
{
	return &rules_slot(rules, number / PLACES)->at[number % PLACES];
}

/* FNV-1a, so that a longer name goes on from a shorter one. No key: no guest puts rules here. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_step(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

static inline uint32_t hash_end(uint64_t hash, enum key key)
{
	hash = (hash ^ (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(hash >> 32);
}

static inline uint64_t hash_id(struct file_id id)
{
	return (HASH_START ^ id.dev * UINT64_C(0x9e3779b97f4a7c15) ^ id.ino) * UINT64_C(0x100000001b3);
}

static inline bool id_is(struct file_id id)
{
	return id.dev || id.ino;
}

static inline bool id_eq(struct file_id a, struct file_id b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

/* Hosts have no case. */
static inline char host_char(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

#endif
