/* access.h - words for what one may do with an object; the only comparison of them. */
#ifndef CAP_ACCESS_H
#define CAP_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

typedef uint32_t access_set;	/* bits of access.def */

enum {
#define ACCESS(bit, name, word) ACCESS_##name = bit,
#include "cap/access.def"
#undef ACCESS
	/* What a person means by "rw" (design/protocols.md 1), and what --dir gives. */
	ACCESS_RW = ACCESS_READ | ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_LIST | ACCESS_STAT,
	ACCESS_DIR = ACCESS_RW | ACCESS_APPEND | ACCESS_META | ACCESS_LINKS,
	ACCESS_DIR_RO = ACCESS_READ | ACCESS_LIST | ACCESS_STAT,
	ACCESS_ANY_CHANGE = ACCESS_WRITE | ACCESS_APPEND | ACCESS_CREATE | ACCESS_DELETE | ACCESS_META | ACCESS_LINKS,
	ACCESS_ALL = 0x32ff,
};

/* May HAVE stand in for WANT? Nothing else compares scopes of access. Who may write may append. */
static inline bool access_covers(access_set have, access_set want)
{
	if (have & ACCESS_WRITE)
		have |= ACCESS_APPEND;
	return (want & ~have) == 0;
}

/* One word ("read", also "rw" and "all"): its bits, or 0 when it is none. */
access_set access_parse(struct text word);

/* Adds the words of SET, comma-separated, in the order of access.def ("rw" is spelled out). */
void access_print(struct buf *out, access_set set);

#endif
