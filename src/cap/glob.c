/* glob.c - see glob.h. Goes back to the last star only, so it takes at most length times length steps. */
#include "cap/glob.h"

static bool byte_fits(const struct glob *glob, size_t p, char c)
{
	char want = glob->pattern.at[p];

	return want == c || (glob->fold && glob_lower(want) == glob_lower(c));
}

bool glob_fits(const struct glob *glob, struct text part)
{
	size_t len = glob->pattern.len, i = 0, p = 0, star = SIZE_MAX, from = 0;

	if (glob->shy && len && glob_is_star(glob, 0) && text_starts(part, TEXT(".")))
		return false;
	while (i < part.len) {
		if (p < len && glob_is_star(glob, p)) {
			star = p++;
			from = i;
		} else if (p < len && byte_fits(glob, p, part.at[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < len && glob_is_star(glob, p))
		p++;
	return p == len;
}
