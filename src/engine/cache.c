/*
 * cache.c - compiled modules, kept for the next run; see cache.h.
 *
 * KEY.cwasm   the compiled module, mapped by the engine
 * KEY.sum     its SHA-256, and which file (dev, ino, size, mtime, ctime) was last
 *             found to have it: only a file that differs is read again
 * HEX.file    one module file as stat shows it, and its KEY: a warm start does not
 *             read the module
 *
 * Nothing here is believed before its magic, its length and its own digest fit.
 */
#include "engine/cache.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

#define SECOND UINT64_C(1000000000)

enum { FRESH_SECONDS = 2, RECORD_WORDS = 6, TRIES = 8 };

/* A file as its times show it; equal means unchanged. */
struct identity {
	uint64_t dev, ino, size, mtime, ctime;
};

/* The contents of .sum (digest of the entry) and of .file (key): written whole, read whole. */
struct record {
	uint64_t magic;
	struct identity of;
	struct digest digest;
	struct digest check;		/* of all before it */
};

#define SUM_MAGIC	UINT64_C(0x314d55534b534157)	/* "WASKSUM1" */
#define FILE_MAGIC	UINT64_C(0x314c49464b534157)	/* "WASKFIL1" */

_Static_assert(sizeof(struct record) == 8 * RECORD_WORDS + 64, "no padding in a record");

static struct identity identity_of(const struct stat *st)
{
	return (struct identity){
		.dev = st->st_dev, .ino = st->st_ino, .size = (uint64_t)st->st_size,
		.mtime = (uint64_t)st->st_mtim.tv_sec * SECOND + (uint64_t)st->st_mtim.tv_nsec,
		.ctime = (uint64_t)st->st_ctim.tv_sec * SECOND + (uint64_t)st->st_ctim.tv_nsec,
	};
}

static bool identity_same(const struct identity *a, const struct identity *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static bool digest_same(const struct digest *a, const struct digest *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static bool is_private(const struct stat *st, mode_t type)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == sys_euid() && (st->st_mode & 022) == 0;
}

/* ---- names ---- */

struct name {
	char at[CACHE_NAME];
};

static struct name name_of(const struct digest *digest, const char *suffix)
{
	struct name name;
	char hex[65];

	digest_hex(digest, hex);
	snprintf(name.at, sizeof name.at, "%s%s", hex, suffix);
	return name;
}

/* Where the record of a module file is: one for each (file, way of compiling). */
static struct name name_of_file(const struct identity *id, const struct digest *config)
{
	struct { uint64_t dev, ino; struct digest config; } place = { id->dev, id->ino, *config };
	struct digest digest = digest_of((struct text){ (const char *)&place, sizeof place });

	return name_of(&digest, CACHE_NOTE);
}

static int temp_name(char name[CACHE_NAME])
{
	uint64_t random[2];
	int err = sys_random(random, sizeof random);

	if (err == 0)
		snprintf(name, CACHE_NAME, CACHE_TEMP "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
	return err;
}

/* ---- the directory ---- */

static int make_dir(const char *dir)
{
	char parent[LIMIT_PATH + 1];
	struct text up = text_parent(text_of(dir));
	int err = sys_mkdirat(AT_FDCWD, dir, 0700);

	if (err != -ENOENT || up.len >= sizeof parent)
		return err;
	memcpy(parent, up.at, up.len);
	parent[up.len] = '\0';
	err = sys_mkdirat(AT_FDCWD, parent, 0700);
	return err < 0 ? err : sys_mkdirat(AT_FDCWD, dir, 0700);
}

int cache_open(const char *dir)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW, fd;
	struct stat st;

	if (sys_is_privileged())
		return -EPERM;
	fd = sys_openat(AT_FDCWD, dir, flags, 0);
	if (fd == -ENOENT && make_dir(dir) == 0)
		fd = sys_openat(AT_FDCWD, dir, flags, 0);
	if (fd < 0)
		return fd;
	if (sys_fstat(fd, &st) < 0 || !is_private(&st, S_IFDIR)) {
		sys_close(fd);
		return -EPERM;
	}
	return fd;
}

/* ---- records ---- */

static struct digest record_check(const struct record *record)
{
	return digest_of((struct text){ (const char *)record, offsetof(struct record, check) });
}

static int open_private(int dirfd, const char *name, struct stat *st)
{
	int fd = sys_openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0), err;

	if (fd < 0)
		return fd;
	err = sys_fstat(fd, st);
	if (err == 0 && !is_private(st, S_IFREG))
		err = -EPERM;
	if (err < 0) {
		sys_close(fd);
		return err;
	}
	return fd;
}

static int record_read(int dirfd, const char *name, uint64_t magic, struct record *out)
{
	struct record record;
	struct digest check;
	struct stat st;
	int fd = open_private(dirfd, name, &st);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = sys_read(fd, &record, sizeof record);
	sys_close(fd);
	if (got != (ssize_t)sizeof record || st.st_size != (off_t)sizeof record || record.magic != magic)
		return -EINVAL;
	check = record_check(&record);
	if (!digest_same(&check, &record.check))
		return -EINVAL;
	*out = record;
	return 0;
}

static void record_write(int dirfd, const char *name, struct record *record)
{
	char temp[CACHE_NAME];
	int fd = cache_begin(dirfd, temp), err;

	if (fd < 0)
		return;
	record->check = record_check(record);
	err = sys_write_all(fd, record, sizeof *record);
	if (err < 0 || sys_renameat(dirfd, temp, dirfd, name, true) < 0)
		cache_abandon(dirfd, temp);
	sys_close(fd);		/* after the rename: until then the lock keeps it from being pruned */
}

/* ---- module files ---- */

bool cache_known(int dirfd, const struct digest *config, const struct stat *module, struct digest *key)
{
	struct identity id = identity_of(module);
	struct name name = name_of_file(&id, config);
	struct record record;

	if (record_read(dirfd, name.at, FILE_MAGIC, &record) < 0 || !identity_same(&record.of, &id))
		return false;
	*key = record.digest;
	return true;
}

void cache_note(int dirfd, const struct digest *config, const struct stat *module, const struct digest *key)
{
	struct record record = { .magic = FILE_MAGIC, .of = identity_of(module), .digest = *key };
	struct name name = name_of_file(&record.of, config);
	uint64_t now;

	if (sys_clock(CLOCK_REALTIME, &now) < 0 || now < record.of.ctime || now - record.of.ctime <= FRESH_SECONDS * SECOND)
		return;
	record_write(dirfd, name.at, &record);
}

struct digest cache_key(struct text module, const struct digest *config)
{
	struct { struct digest module, config; } both = { digest_of(module), *config };

	return digest_of((struct text){ (const char *)&both, sizeof both });
}

/* ---- entries ---- */

static int digest_of_fd(int fd, uint64_t size, struct digest *out)
{
	void *at;

	if (size == 0 || size > SIZE_MAX)
		return -EINVAL;
	at = sys_map(fd, (size_t)size, false);
	if (!at)
		return -ENOMEM;
	*out = digest_of((struct text){ at, (size_t)size });
	sys_unmap(at, (size_t)size);
	return 0;
}

/* Has FD, which is ST, the bytes that were written? Reads them only when the file is not the one last looked at. */
static int entry_check(int dirfd, const struct digest *key, int fd, const struct stat *st)
{
	struct name sum = name_of(key, CACHE_SUM);
	struct identity id = identity_of(st);
	struct record record;
	struct digest digest;
	int err = record_read(dirfd, sum.at, SUM_MAGIC, &record);

	if (err < 0 || identity_same(&record.of, &id))
		return err;
	if (record.of.size != id.size)
		return -EINVAL;
	err = digest_of_fd(fd, id.size, &digest);
	if (err < 0)
		return err;
	if (!digest_same(&digest, &record.digest))
		return -EINVAL;
	record.of = id;
	record_write(dirfd, sum.at, &record);
	return 0;
}

int cache_entry(int dirfd, const struct digest *key)
{
	struct name name = name_of(key, CACHE_CODE);
	struct stat st;
	int fd = open_private(dirfd, name.at, &st), err;

	if (fd == -ENOENT)
		return fd;
	err = fd < 0 ? fd : entry_check(dirfd, key, fd, &st);
	if (err < 0) {
		sys_close(fd);
		cache_remove(dirfd, key);
		return err;
	}
	return fd;
}

/* Locked, so that who prunes leaves it alone: one that was pruned before that is made once more. */
int cache_begin(int dirfd, char name[CACHE_NAME])
{
	for (int tries = 0; tries < TRIES; tries++) {
		int fd = temp_name(name);
		struct stat st;

		if (fd == 0)
			fd = sys_openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd < 0 || (sys_try_lock(fd) != -EAGAIN && sys_fstat(fd, &st) == 0 && st.st_nlink))
			return fd;
		sys_close(fd);
		cache_abandon(dirfd, name);
	}
	return -EAGAIN;
}

/* The sum is written last: an entry without one is none. */
int cache_commit(int dirfd, const char *name, int fd, const struct digest *key)
{
	struct name entry = name_of(key, CACHE_CODE), sum = name_of(key, CACHE_SUM);
	struct record record = { .magic = SUM_MAGIC };
	struct stat st;
	int err = sys_fstat(fd, &st);

	if (err == 0)
		err = digest_of_fd(fd, (uint64_t)st.st_size, &record.digest);
	if (err == 0)
		err = sys_renameat(dirfd, name, dirfd, entry.at, true);
	if (err < 0) {
		cache_abandon(dirfd, name);
		return err;
	}
	err = sys_fstat(fd, &st);
	record.of = identity_of(&st);
	if (err == 0)
		record_write(dirfd, sum.at, &record);
	return err;
}

void cache_abandon(int dirfd, const char *name)
{
	sys_unlinkat(dirfd, name, 0);
}

void cache_remove(int dirfd, const struct digest *key)
{
	struct name entry = name_of(key, CACHE_CODE), sum = name_of(key, CACHE_SUM);

	sys_unlinkat(dirfd, sum.at, 0);
	sys_unlinkat(dirfd, entry.at, 0);
}
