/*
 * cache.h - compiled modules, kept for the next run.
 *
 * Loading a compiled module is running native code and the engine checks no
 * integrity, so: a private directory of our own user, a SHA-256 beside each entry,
 * temp + rename. What does not check out is removed and compiled again; a cache that
 * cannot be trusted or used is no cache, and never an error.
 */
#ifndef ENGINE_CACHE_H
#define ENGINE_CACHE_H

#include <sys/stat.h>

#include "base/hash.h"

/* What its files are called: a hash in hexadecimal and one of these, or while one is written a prefix and a number. */
#define CACHE_CODE	".cwasm"
#define CACHE_SUM	".sum"
#define CACHE_NOTE	".file"
#define CACHE_TEMP	"tmp-"
enum { CACHE_NAME = 72 };		/* room for any of them */

/* The directory, made 0700 with its parent when absent; negative: no cache. */
int cache_open(const char *dir);

/* What a module file was compiled to, without reading it: false when that is not known for sure. */
bool cache_known(int dirfd, const struct digest *config, const struct stat *module, struct digest *key);

/* Remembers that: only when the file last changed long enough ago to tell a later change by its times. */
void cache_note(int dirfd, const struct digest *config, const struct stat *module, const struct digest *key);

/* The key of MODULE's bytes, compiled as CONFIG says. */
struct digest cache_key(struct text module, const struct digest *config);

/* The entry of KEY, opened for reading and checked; negative when there is none that is whole. */
int cache_entry(int dirfd, const struct digest *key);

/* A file to write an entry to: NAME is for cache_commit or cache_abandon. Negative: no cache after all. */
int cache_begin(int dirfd, char name[CACHE_NAME]);
int cache_commit(int dirfd, const char *name, int fd, const struct digest *key);	/* 0, or negative: the entry is not kept, FD is still good */
void cache_abandon(int dirfd, const char *name);

void cache_remove(int dirfd, const struct digest *key);

#endif
