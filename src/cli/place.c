/* place.c - where things are, for every command: the cache of compiled modules, the last part of a path. */
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

const char *cache_place(const char *chosen, const char *cwd, char place[PATH_ROOM])
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (chosen)
		n = snprintf(place, PATH_ROOM, "%s%s%s", chosen[0] == '/' ? "" : cwd, chosen[0] == '/' ? "" : "/", chosen);
	else if (xdg && xdg[0] == '/')
		n = snprintf(place, PATH_ROOM, "%s/wask", xdg);
	else if (home && home[0] == '/')
		n = snprintf(place, PATH_ROOM, "%s/.cache/wask", home);
	return n > 0 && n < PATH_ROOM ? place : NULL;
}

const char *const *places_protected(void)
{
	static const struct { const char *variable, *beneath_home; } kept[] = {
		{ "XDG_CACHE_HOME", ".cache" }, { "XDG_CONFIG_HOME", ".config" }, { "XDG_STATE_HOME", ".local/state" },
	};
	enum { KEPT = sizeof kept / sizeof *kept };
	static char rooms[2 * KEPT][PATH_ROOM];
	static const char *list[2 * KEPT + 1];
	const char *home = getenv("HOME"), *chosen;
	size_t n = 0;

	for (size_t i = 0; i < KEPT; i++) {
		chosen = getenv(kept[i].variable);
		if (chosen && chosen[0] == '/' && snprintf(rooms[n], PATH_ROOM, "%s/wask", chosen) < PATH_ROOM)
			n++;
		if (home && home[0] == '/' && snprintf(rooms[n], PATH_ROOM, "%s/%s/wask", home, kept[i].beneath_home) < PATH_ROOM)
			n++;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = rooms[i];
	list[n] = NULL;
	return list;
}

const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

bool cache_is_kept(const char *place)
{
	struct stat st;

	return lstat(place, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH));
}
