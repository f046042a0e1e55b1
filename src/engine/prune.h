/* prune.h - what the cache of compiled modules lets go of, so that it does not grow for ever. */
#ifndef ENGINE_PRUNE_H
#define ENGINE_PRUNE_H

/*
 * Removes what a killed compilation left, and the entries that were used longest
 * ago beyond LIMIT_CACHE and LIMIT_CACHE_ENTRIES. Called before a compilation, which
 * takes far longer. Whatever goes wrong, less is removed.
 */
void cache_prune(int dirfd);

#endif
