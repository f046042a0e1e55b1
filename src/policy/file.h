/*
 * file.h - the policy file and the data files beside it, read only when nobody else
 * can have written them (design/protocols.md 1).
 */
#ifndef POLICY_FILE_H
#define POLICY_FILE_H

#include "base/buf.h"

/*
 * Reads the file at PATH (absolute) into OUT, at most LIMIT_POLICY bytes. It and its
 * directory belong to UID or root and are writable by nobody else; a link is
 * followed, and its target must meet the same. -ENOENT: it is not there. Any other
 * negative: *WHY (static) says what is wrong.
 */
int policy_file_read(const char *path, uint32_t uid, struct buf *out, const char **why);

#endif
