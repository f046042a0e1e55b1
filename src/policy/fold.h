/*
 * fold.h - a path with "." and ".." taken out by name: for evidence and for showing.
 *
 * Never for opening: what a name leads to the kernel alone says (security.md P23).
 */
#ifndef POLICY_FOLD_H
#define POLICY_FOLD_H

#include "base/text.h"

/*
 * PATH, joined to BASE (absolute, folded) unless it is absolute, folded into TO,
 * which has room for BASE.len + PATH.len + 2 bytes. The result is a view of TO:
 * absolute, without a final slash but for "/". ".." stops at the root.
 */
struct text path_fold(struct text base, struct text path, char *to);

#endif
