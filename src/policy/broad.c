/* broad.c - homes, broad directories and quiet ones: lists of decisions.md 5, by name only. */
#include "cap/glob.h"
#include "policy/class.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const broad_tops[] = {
	"/etc", "/usr", "/var", "/opt", "/srv", "/mnt", "/media", "/tmp", "/run", "/boot",
	"/dev", "/proc", "/sys", "/lib*", "/bin", "/sbin",
};

static const char *const quiet_tops[] = {
	"/etc", "/usr", "/lib*", "/bin", "/sbin", "/opt", "/var/lib",
};

/* Is NAME what PATTERN says, or, with BENEATH, beneath it? */
static bool top_fits(struct text name, const char *pattern, bool beneath)
{
	struct text top = text_of(pattern), want;

	while ((want = text_component(&top)).len) {
		struct text part = text_component(&name);

		if (!part.len || !glob_fits(&(struct glob){ .pattern = want }, part))
			return false;
	}
	return beneath || name.len == 0;
}

static bool tops_fit(struct text name, const char *const *tops, size_t n, bool beneath)
{
	for (size_t i = 0; i < n; i++)
		if (top_fits(name, tops[i], beneath))
			return true;
	return false;
}

size_t name_homes(const struct evidence *e, struct text name, struct text out[HOMES])
{
	struct text rest = name;
	size_t n = 0;

	for (size_t i = 0; i < EVIDENCE_HOMES; i++)
		if (e->homes[i].len && text_beneath(name, e->homes[i]))
			out[n++] = (struct text){ name.at, e->homes[i].len };
	if (text_beneath(name, TEXT("/root")))
		out[n++] = (struct text){ name.at, TEXT("/root").len };
	if (text_beneath(name, TEXT("/home")) && name.len > 6) {
		text_component(&rest);
		text_component(&rest);
		out[n++] = (struct text){ name.at, name.len - rest.len };
	}
	return n;
}

bool name_is_home(const struct evidence *e, struct text name)
{
	struct text homes[HOMES];
	size_t n = name_homes(e, name, homes);

	for (size_t i = 0; i < n; i++)
		if (homes[i].len == name.len)
			return true;
	return false;
}

bool name_is_broad(const struct evidence *e, struct text name)
{
	for (size_t i = 0; i < EVIDENCE_HOMES; i++)
		if (e->homes[i].len && text_beneath(e->homes[i], name))
			return true;
	return text_eq(name, TEXT("/")) || text_eq(name, TEXT("/home")) || name_is_home(e, name) ||
	       tops_fit(name, broad_tops, COUNT(broad_tops), false);
}

/* A dotfile of a home, or beneath one. */
static bool is_dotfile(const struct evidence *e, struct text name)
{
	struct text homes[HOMES];
	size_t n = name_homes(e, name, homes);

	for (size_t i = 0; i < n; i++) {
		struct text rest = text_from(name, homes[i].len), first = text_component(&rest);

		if (text_starts(first, TEXT(".")))
			return true;
	}
	return false;
}

bool name_is_quiet(const struct evidence *e, struct text name)
{
	if (tops_fit(name, quiet_tops, COUNT(quiet_tops), true) || is_dotfile(e, name))
		return true;
	for (size_t i = 0; i < e->paths.n; i++)
		if (e->paths.at[i].len > 1 && text_beneath(name, e->paths.at[i]))
			return true;
	return false;
}
