/* text.c - views of bytes: order, cutting, components, ancestry. */
#include "base/text.h"

int text_order(struct text a, struct text b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.at, b.at, n) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct text text_cut(struct text t, size_t most)
{
	if (t.len <= most)
		return t;
	while (most > 0 && ((unsigned char)t.at[most] & 0xc0) == 0x80)
		most--;
	return (struct text){ t.at, most };
}

struct text text_component(struct text *rest)
{
	struct text part;
	size_t from = 0, to;

	while (from < rest->len && rest->at[from] == '/')
		from++;
	for (to = from; to < rest->len && rest->at[to] != '/'; to++)
		;
	part = (struct text){ rest->at + from, to - from };
	*rest = text_from(*rest, to);
	return part;
}

bool text_beneath(struct text name, struct text dir)
{
	if (dir.len == 1 && dir.at[0] == '/')
		return name.len > 0 && name.at[0] == '/';
	return text_starts(name, dir) && (name.len == dir.len || name.at[dir.len] == '/');
}

struct text text_leaf(struct text path)
{
	size_t from = path.len;

	while (from > 0 && path.at[from - 1] != '/')
		from--;
	return text_from(path, from);
}

struct text text_parent(struct text path)
{
	size_t len = path.len;

	while (len > 0 && path.at[len - 1] != '/')
		len--;
	return (struct text){ path.at, len > 1 ? len - 1 : len };
}
