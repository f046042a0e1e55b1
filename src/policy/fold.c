/* fold.c - "." and ".." taken out by name; see fold.h. */
#include "policy/fold.h"

static size_t fold_up(const char *to, size_t len)
{
	while (len > 0 && to[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

struct text path_fold(struct text base, struct text path, char *to)
{
	size_t len = 0;
	struct text part, rest = path;

	if (!text_starts(path, TEXT("/")) && base.len > 1) {
		memcpy(to, base.at, base.len);
		len = base.len;
	}
	while ((part = text_component(&rest)).len) {
		if (text_eq(part, TEXT(".")))
			continue;
		if (text_eq(part, TEXT(".."))) {
			len = fold_up(to, len);
			continue;
		}
		to[len++] = '/';
		memcpy(to + len, part.at, part.len);
		len += part.len;
	}
	if (len == 0)
		to[len++] = '/';
	return (struct text){ to, len };
}
