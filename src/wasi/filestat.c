/*
 * filestat.c - what a guest sees of a stat, and what it may set.
 *
 * Device and inode numbers are hashed with a key of this run: they compare, and say
 * nothing about the host. Times saturate (W07): no host mtime is an error.
 */
#include <sys/stat.h>

#include "base/hash.h"
#include "wasi/state.h"

enum { NS = 1000000000 };

enum { OF_THE_DEVICE = -1 };		/* no inode: no file system has it */

struct hash_pair inodes_of(const struct guest *guest, uint64_t dev)
{
	return hash_pair_begin(dev, guest->state->inode_key);
}

uint64_t inode_of(const struct hash_pair *inodes, uint64_t ino)
{
	uint64_t hash = hash_pair_end(inodes, ino);

	return hash ? hash : 1;		/* 0 means "no inode" to some readers of directories */
}

uint8_t filetype_of(mode_t mode)
{
	static const uint8_t types[16] = {
		[S_IFBLK >> 12] = WASI_FT_BLOCK, [S_IFCHR >> 12] = WASI_FT_CHAR, [S_IFDIR >> 12] = WASI_FT_DIR,
		[S_IFREG >> 12] = WASI_FT_REG, [S_IFLNK >> 12] = WASI_FT_LINK, [S_IFSOCK >> 12] = WASI_FT_STREAM,
	};

	return types[(mode & S_IFMT) >> 12];
}

static uint64_t ns_of(struct timespec t)
{
	if (t.tv_sec < 0)
		return 0;
	if ((uint64_t)t.tv_sec > UINT64_MAX / NS || ((uint64_t)t.tv_sec == UINT64_MAX / NS && (uint64_t)t.tv_nsec > UINT64_MAX % NS))
		return UINT64_MAX;
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

void filestat_fill(struct guest *guest, const struct stat *st, struct wasi_filestat *out)
{
	const struct hash_pair inodes = inodes_of(guest, st->st_dev);

	*out = (struct wasi_filestat){
		.dev = inode_of(&inodes, (uint64_t)OF_THE_DEVICE),
		.ino = inode_of(&inodes, st->st_ino),
		.filetype = filetype_of(st->st_mode),
		.nlink = st->st_nlink,
		.size = st->st_size < 0 ? 0 : (uint64_t)st->st_size,
		.atim = ns_of(st->st_atim), .mtim = ns_of(st->st_mtim), .ctim = ns_of(st->st_ctim),
	};
}

void filestat_made(struct guest *guest, struct text name, uint8_t filetype, struct wasi_filestat *out)
{
	uint64_t ino = hash_text(name, guest->state->inode_key);

	*out = (struct wasi_filestat){ .ino = ino ? ino : 1, .filetype = filetype };
}

static bool time_fill(uint64_t ns, uint32_t flags, uint32_t set, uint32_t now, struct timespec *out)
{
	if ((flags & set) && (flags & now))
		return false;
	*out = (struct timespec){ .tv_nsec = flags & now ? UTIME_NOW : UTIME_OMIT };
	if (flags & set)
		*out = (struct timespec){ .tv_sec = (time_t)(ns / NS), .tv_nsec = (long)(ns % NS) };
	return true;
}

uint32_t times_fill(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec out[2])
{
	struct timespec times[2];

	if ((flags & ~(uint32_t)WASI_FST_ALL) ||
	    !time_fill(atim, flags, WASI_FST_ATIM, WASI_FST_ATIM_NOW, &times[0]) ||
	    !time_fill(mtim, flags, WASI_FST_MTIM, WASI_FST_MTIM_NOW, &times[1]))
		return WASI_INVAL;
	out[0] = times[0];
	out[1] = times[1];
	return WASI_SUCCESS;
}
