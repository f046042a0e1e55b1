/*
 * prune.c - what the cache of compiled modules lets go of; see prune.h.
 *
 * When a file was used its access time says, or, where those are not kept, its
 * change: the order is then that of making. Removing an entry that is in use harms
 * nobody: it stays mapped, and is compiled again the next time.
 */
#include "engine/prune.h"

#include "engine/cache.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

enum { MOST = 65536, NOTES_PER_ENTRY = 4 };

/* A compiled module (its sum goes with it) or the note of a module file: both are removed alike. */
struct item {
	char name[CACHE_NAME];
	uint64_t used, bytes;
	bool note;
};

struct items {
	struct item *at;
	size_t n, room;
};

static bool name_ends(const char *name, const char *end)
{
	return text_ends(text_of(name), text_of(end));
}

/* Who compiles holds a lock on the file that it writes to. */
static void remove_left(int dirfd, const char *name)
{
	int fd = sys_openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);

	if (fd >= 0 && sys_try_lock(fd) == 0)
		sys_unlinkat(dirfd, name, 0);
	sys_close(fd);
}

static void add(struct items *items, int dirfd, const char *name, bool note)
{
	struct item item = { .note = note };
	struct stat st;

	if (strlen(name) >= sizeof item.name || items->n >= MOST || sys_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (items->n == items->room) {
		size_t room = items->room ? 2 * items->room : 64;
		struct item *grown = mem_grow(items->at, items->n, room, sizeof *grown);

		if (!grown)
			return;
		items->at = grown;
		items->room = room;
	}
	snprintf(item.name, sizeof item.name, "%s", name);
	item.used = (uint64_t)(st.st_atim.tv_sec > st.st_mtim.tv_sec ? st.st_atim.tv_sec : st.st_mtim.tv_sec);
	item.bytes = (uint64_t)st.st_size;
	items->at[items->n++] = item;
}

static void look_at(struct items *items, int dirfd, const char *name)
{
	if (strncmp(name, CACHE_TEMP, strlen(CACHE_TEMP)) == 0)
		remove_left(dirfd, name);
	else if (name_ends(name, CACHE_CODE))
		add(items, dirfd, name, false);
	else if (name_ends(name, CACHE_NOTE))
		add(items, dirfd, name, true);
}

static void collect(int dirfd, struct items *out)
{
	_Alignas(struct sys_dirent) char entries[8192];
	int fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	ssize_t n;

	while (fd >= 0 && (n = sys_getdents64(fd, entries, sizeof entries)) > 0)
		for (char *at = entries; at < entries + n; at += ((struct sys_dirent *)(void *)at)->reclen)
			look_at(out, dirfd, ((struct sys_dirent *)(void *)at)->name);
	sys_close(fd);
}

/* The latest used first. */
static int order(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	return (a->used < b->used) - (a->used > b->used);
}

/* The sum first: an entry without one is none. */
static void remove_item(int dirfd, const struct item *item)
{
	char sum[CACHE_NAME];
	size_t stem = strlen(item->name) - strlen(CACHE_CODE);

	if (!item->note) {
		snprintf(sum, sizeof sum, "%.*s" CACHE_SUM, (int)stem, item->name);
		sys_unlinkat(dirfd, sum, 0);
	}
	sys_unlinkat(dirfd, item->name, 0);
}

void cache_prune(int dirfd)
{
	struct items items = { 0 };
	uint64_t bytes = 0;
	size_t entries = 0, notes = 0;

	collect(dirfd, &items);
	if (items.n)
		qsort(items.at, items.n, sizeof *items.at, order);
	for (size_t i = 0; i < items.n; i++) {
		const struct item *item = &items.at[i];

		bytes += item->note ? 0 : item->bytes;
		if (item->note ? ++notes > NOTES_PER_ENTRY * LIMIT_CACHE_ENTRIES : ++entries >= LIMIT_CACHE_ENTRIES || bytes > LIMIT_CACHE)
			remove_item(dirfd, item);
	}
	mem_free(items.at);
}
