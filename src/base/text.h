/*
 * text.h - views of bytes.
 *
 * A struct text borrows: it is valid as long as what it points into. It is not
 * terminated and may hold any byte, also NUL; what must be a C string is copied
 * into an arena (arena.h) or a buffer first. Nothing here allocates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
	const char *at;
	size_t len;
};

struct texts {
	struct text *at;
	size_t n;
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

/* View of a C string; NULL gives the empty text. */
static inline struct text text_of(const char *s)
{
	return (struct text){ s, s ? strlen(s) : 0 };
}

static inline bool text_eq(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool text_starts(struct text t, struct text prefix)
{
	return t.len >= prefix.len && (prefix.len == 0 || memcmp(t.at, prefix.at, prefix.len) == 0);
}

static inline bool text_ends(struct text t, struct text suffix)
{
	return t.len >= suffix.len && memcmp(t.at + t.len - suffix.len, suffix.at, suffix.len) == 0;
}

static inline bool text_has(struct text t, char c)
{
	return t.len && memchr(t.at, c, t.len) != NULL;
}

/* The part from FROM on; empty when FROM is past the end. */
static inline struct text text_from(struct text t, size_t from)
{
	return from < t.len ? (struct text){ t.at + from, t.len - from } : (struct text){ t.at + t.len, 0 };
}

/* At most MOST bytes of T, and no UTF-8 character cut in two. */
struct text text_cut(struct text t, size_t most);

/* memcmp order, shorter first on a tie: for sorted tables. */
int text_order(struct text a, struct text b);

/*
 * Takes the next path component off *REST: slashes before it are dropped, and
 * the slashes after it stay. Returns the empty text when none is left.
 */
struct text text_component(struct text *rest);

/* Is NAME the directory DIR or beneath it, component by component? Both absolute and folded. */
bool text_beneath(struct text name, struct text dir);

/* The last component of a folded absolute path ("" for "/") and the path before it ("/" at least). */
struct text text_leaf(struct text path);
struct text text_parent(struct text path);

#endif
