/*
 * sniff.h - what a file that should be a module is, by its first bytes alone.
 */
#ifndef ENGINE_SNIFF_H
#define ENGINE_SNIFF_H

#include <sys/stat.h>

#include "base/buf.h"

/* Each returns true when it may be a module; else ERROR gets one line: what it is and what to do. */
bool sniff_file(const struct stat *st, struct buf *error);
bool sniff_bytes(struct text bytes, struct buf *error);

#endif
