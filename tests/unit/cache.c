/*
 * cache.c - the cache of compiled modules: what is whole is found again, and
 * whatever was done to it otherwise is noticed, removed and never an error.
 */
#include "engine/cache.h"
#include "engine/prune.h"
#include "engine/sniff.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/sys.h"
#include "test.h"

static char root[] = "/tmp/wask-cache-XXXXXX";

static const char *in(const char *name)
{
	static char path[2][512];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", root, name);
	return path[turn];
}

static void put(int dirfd, const char *name, const void *bytes, size_t n)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static bool there(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int count(int dirfd)
{
	DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
	int n = -2;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

struct names {
	char entry[80], sum[80];
};

static struct names names_of(const struct digest *key)
{
	struct names names;
	char hex[65];

	digest_hex(key, hex);
	snprintf(names.entry, sizeof names.entry, "%s.cwasm", hex);
	snprintf(names.sum, sizeof names.sum, "%s.sum", hex);
	return names;
}

static const char code[] = "this stands for a compiled module";

static struct digest stored(int dirfd, const char *module)
{
	struct digest config = digest_of(TEXT("config")), key = cache_key(text_of(module), &config);
	char name[CACHE_NAME];
	int fd = cache_begin(dirfd, name);

	if (fd < 0 || write(fd, code, sizeof code) != (ssize_t)sizeof code || cache_commit(dirfd, name, fd, &key) < 0)
		abort();
	close(fd);
	return key;
}

static bool whole(int dirfd, const struct digest *key)
{
	char got[sizeof code + 1];
	int fd = cache_entry(dirfd, key);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, got, sizeof got);
	close(fd);
	return n == (ssize_t)sizeof code && memcmp(got, code, sizeof code) == 0;
}

static void test_directory(void)
{
	struct stat st;
	int fd = cache_open(in("new/wask"));

	test_row(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0700, "cache: made 0700, with its parent");
	close(fd);
	test_row(cache_open(in("no/such/deep")) < 0, "cache: more than one parent missing: no cache");
	chmod(in("new/wask"), 0770);
	test_row(cache_open(in("new/wask")) < 0, "cache: writable by the group: ignored");
	chmod(in("new/wask"), 0707);
	test_row(cache_open(in("new/wask")) < 0, "cache: writable by others: ignored");
	chmod(in("new/wask"), 0700);
	if (symlink("new/wask", in("link")) != 0)
		abort();
	test_row(cache_open(in("link")) < 0, "cache: a link: ignored");
	put(AT_FDCWD, in("file"), "x", 1);
	test_row(cache_open(in("file")) < 0, "cache: a file: ignored");
	if (geteuid() == 0) {
		if (chown(in("new/wask"), 65534, 65534) != 0)
			abort();
		test_row(cache_open(in("new/wask")) < 0, "cache: somebody else's: ignored");
		if (chown(in("new/wask"), 0, 0) != 0)
			abort();
	}
}

static void test_keys(void)
{
	struct digest one = digest_of(TEXT("one")), two = digest_of(TEXT("two"));
	struct digest a = cache_key(TEXT("module"), &one), b = cache_key(TEXT("module"), &two), c = cache_key(TEXT("module2"), &one);

	test_row(memcmp(&a, &b, sizeof a) != 0, "cache: another way of compiling is another entry");
	test_row(memcmp(&a, &c, sizeof a) != 0, "cache: other bytes are another entry");
}

static void test_entries(int dirfd)
{
	struct digest key = stored(dirfd, "module"), other = digest_of(TEXT("other"));
	char name[CACHE_NAME];
	int fd;

	test_row(whole(dirfd, &key) && whole(dirfd, &key), "cache: what was stored is found, and again");
	test_row(cache_entry(dirfd, &other) == -ENOENT, "cache: what was not stored is not there");
	cache_remove(dirfd, &key);
	test_row(cache_entry(dirfd, &key) == -ENOENT && count(dirfd) == 0, "cache: removed without a trace");
	fd = cache_begin(dirfd, name);
	close(fd);
	cache_abandon(dirfd, name);
	test_row(fd >= 0 && count(dirfd) == 0, "cache: abandoned without a trace");
}

/* Every way of damage: DO, then the entry is refused, gone, and may be stored again. */
static void damaged(int dirfd, const char *what, void (*how)(int dirfd, const struct names *names))
{
	struct digest key = stored(dirfd, "module");
	struct names names = names_of(&key);
	bool refused, gone;

	how(dirfd, &names);
	refused = cache_entry(dirfd, &key) < 0;
	gone = !there(dirfd, names.entry) && !there(dirfd, names.sum);
	key = stored(dirfd, "module");
	test_row(refused && gone && whole(dirfd, &key), "cache: %s: noticed, removed, stored anew", what);
	cache_remove(dirfd, &key);
}

static void flip_code(int dirfd, const struct names *names)
{
	char bytes[sizeof code];

	memcpy(bytes, code, sizeof code);
	bytes[7] ^= 1;
	put(dirfd, names->entry, bytes, sizeof bytes);
}

static void cut_code(int dirfd, const struct names *names)
{
	put(dirfd, names->entry, code, sizeof code - 1);
}

static void empty_code(int dirfd, const struct names *names)
{
	put(dirfd, names->entry, "", 0);
}

static void replace_code(int dirfd, const struct names *names)
{
	char bytes[sizeof code] = { 0 };

	put(dirfd, "aside", bytes, sizeof bytes);
	renameat(dirfd, "aside", dirfd, names->entry);
}

static void link_code(int dirfd, const struct names *names)
{
	renameat(dirfd, names->entry, dirfd, "aside");
	if (symlinkat("aside", dirfd, names->entry) != 0)
		abort();
}

static void open_code(int dirfd, const struct names *names)
{
	fchmodat(dirfd, names->entry, 0620, 0);
}

static void fifo_code(int dirfd, const struct names *names)
{
	unlinkat(dirfd, names->entry, 0);
	if (mkfifoat(dirfd, names->entry, 0600) != 0)
		abort();
}

static void no_sum(int dirfd, const struct names *names)
{
	unlinkat(dirfd, names->sum, 0);
}

static void long_sum(int dirfd, const struct names *names)
{
	int fd = openat(dirfd, names->sum, O_WRONLY | O_APPEND);

	if (write(fd, "x", 1) != 1)
		abort();
	close(fd);
}

static void open_sum(int dirfd, const struct names *names)
{
	fchmodat(dirfd, names->sum, 0602, 0);
}

static void test_damage(int dirfd)
{
	damaged(dirfd, "a bit flipped in the code", flip_code);
	damaged(dirfd, "code cut short", cut_code);
	damaged(dirfd, "code empty", empty_code);
	damaged(dirfd, "another file in its place", replace_code);
	damaged(dirfd, "a link in its place", link_code);
	unlinkat(dirfd, "aside", 0);
	damaged(dirfd, "a FIFO in its place", fifo_code);
	damaged(dirfd, "writable by the group", open_code);
	damaged(dirfd, "no sum", no_sum);
	damaged(dirfd, "a longer sum", long_sum);
	damaged(dirfd, "a sum writable by others", open_sum);
}

/* Each byte of the sum, flipped: the entry is not believed. */
static void test_sum_bytes(int dirfd)
{
	struct digest key = stored(dirfd, "module");
	struct names names = names_of(&key);
	unsigned char sum[256], flipped[256];
	int fd = openat(dirfd, names.sum, O_RDONLY), believed = 0;
	ssize_t n = read(fd, sum, sizeof sum);

	close(fd);
	for (ssize_t i = 0; i < n; i++) {
		key = stored(dirfd, "module");
		memcpy(flipped, sum, sizeof flipped);
		flipped[i] ^= 0x10;
		put(dirfd, names.sum, flipped, (size_t)n);
		fd = cache_entry(dirfd, &key);
		believed += fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	test_row(n > 0 && believed == 0, "cache: each of %zd bytes of a sum flipped: never believed", n);
	cache_remove(dirfd, &key);
}

/* Only a file that differs from the one last looked at is read again, and then remembered. */
static void test_verified(int dirfd)
{
	struct digest key = stored(dirfd, "module");
	struct names names = names_of(&key);
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct stat before, after, again;

	fstatat(dirfd, names.sum, &before, 0);
	if (!whole(dirfd, &key) || fstatat(dirfd, names.sum, &after, 0) != 0)
		abort();
	test_row(before.st_ino == after.st_ino, "cache: an unchanged entry is not looked at again");
	utimensat(dirfd, names.entry, old, 0);
	test_row(whole(dirfd, &key) && fstatat(dirfd, names.sum, &after, 0) == 0 && after.st_ino != before.st_ino,
		 "cache: one with other times is checked, and its new times are kept");
	test_row(whole(dirfd, &key) && fstatat(dirfd, names.sum, &again, 0) == 0 && again.st_ino == after.st_ino,
		 "cache: and not a second time");
	cache_remove(dirfd, &key);
}

static bool known_with(int dirfd, const struct digest *config, struct stat st, int field)
{
	struct digest key;

	switch (field) {
	case 0: st.st_dev++; break;
	case 1: st.st_ino++; break;
	case 2: st.st_size++; break;
	case 3: st.st_mtim.tv_nsec ^= 1; break;
	case 4: st.st_ctim.tv_nsec ^= 1; break;
	default: break;
	}
	return cache_known(dirfd, config, &st, &key);
}

static void test_known(int dirfd)
{
	static const char *const fields[] = { "dev", "ino", "size", "mtime", "ctime" };
	struct digest config = digest_of(TEXT("config")), other = digest_of(TEXT("other")), key = digest_of(TEXT("key")), got;
	struct stat st;

	put(dirfd, "module", "m", 1);
	fstatat(dirfd, "module", &st, 0);
	cache_note(dirfd, &config, &st, &key);
	test_row(!cache_known(dirfd, &config, &st, &got), "cache: a file that changed just now is not remembered");
	st.st_ctim.tv_sec -= 10;
	test_row(!cache_known(dirfd, &config, &st, &got), "cache: what was never noted is not known");
	cache_note(dirfd, &config, &st, &key);
	test_row(cache_known(dirfd, &config, &st, &got) && memcmp(&got, &key, sizeof key) == 0, "cache: a file that rested is remembered");
	test_row(!cache_known(dirfd, &other, &st, &got), "cache: not for another way of compiling");
	for (int i = 0; i < 5; i++)
		test_row(!known_with(dirfd, &config, st, i), "cache: not with another %s", fields[i]);
	st.st_ctim.tv_sec += 1000;
	cache_note(dirfd, &config, &st, &key);
	test_row(!cache_known(dirfd, &config, &st, &got), "cache: not one from the future");
}

/* ---- what is let go of ---- */

static struct digest kept(int dirfd, int i, off_t size, time_t used)
{
	struct timespec times[2] = { { .tv_sec = used }, { .tv_sec = 1 } };
	char module[32];
	struct digest key;
	int fd;

	snprintf(module, sizeof module, "module %d", i);
	key = stored(dirfd, module);
	fd = openat(dirfd, names_of(&key).entry, O_WRONLY);
	if (fd < 0 || ftruncate(fd, size) != 0 || futimens(fd, times) != 0)
		abort();
	close(fd);
	return key;
}

static bool has_entry(int dirfd, const struct digest *key)
{
	struct names names = names_of(key);

	return there(dirfd, names.entry) && there(dirfd, names.sum);
}

static void test_prune_entries(int dirfd)
{
	enum { MORE = LIMIT_CACHE_ENTRIES + 5 };
	struct digest keys[MORE];
	int left = 0;

	for (int i = 0; i < MORE; i++)
		keys[i] = kept(dirfd, i, 10, 1000 + (i * 7) % MORE);
	cache_prune(dirfd);
	for (int i = 0; i < MORE; i++)
		left += has_entry(dirfd, &keys[i]);
	test_row(left == LIMIT_CACHE_ENTRIES - 1, "cache: pruned to make room for one of %d entries, and %d are left", LIMIT_CACHE_ENTRIES, left);
	for (int i = 0; i < MORE; i++)
		left -= has_entry(dirfd, &keys[i]) == ((i * 7) % MORE < MORE - LIMIT_CACHE_ENTRIES + 1);
	test_row(left == LIMIT_CACHE_ENTRIES - 1, "cache: what was used longest ago is gone, and its sum");
	for (int i = 0; i < MORE; i++)
		cache_remove(dirfd, &keys[i]);
	test_row(count(dirfd) == 0, "cache: and nothing else was there");
}

static void test_prune_bytes(int dirfd)
{
	struct digest keys[4];

	for (int i = 0; i < 4; i++)
		keys[i] = kept(dirfd, i, (off_t)(LIMIT_CACHE / 4) + 1000, 5000 - i);
	cache_prune(dirfd);
	test_row(has_entry(dirfd, &keys[0]) && has_entry(dirfd, &keys[1]) && has_entry(dirfd, &keys[2]) && !has_entry(dirfd, &keys[3]),
		 "cache: pruned by size");
	for (int i = 0; i < 4; i++)
		cache_remove(dirfd, &keys[i]);
}

static void test_prune_left(int dirfd)
{
	char dead[CACHE_NAME], alive[CACHE_NAME];
	int deadfd = cache_begin(dirfd, dead), alivefd = cache_begin(dirfd, alive);

	close(deadfd);
	put(dirfd, "other", "x", 1);
	cache_prune(dirfd);
	test_row(!there(dirfd, dead), "cache: what a killed compilation left is removed");
	test_row(there(dirfd, alive), "cache: what is being written is not");
	test_row(there(dirfd, "other"), "cache: nor what is no business of ours");
	cache_abandon(dirfd, alive);
	close(alivefd);
	unlinkat(dirfd, "other", 0);
}

static void test_sniff(void)
{
	static const struct { struct text bytes; const char *word; } rows[] = {
		{ { "\0asm\1\0\0\0", 8 }, NULL },
		{ { "\0asm\1\0", 6 }, "cut short" },
		{ { "\x7f" "ELF\2\1\1\xc8", 8 }, "wasmtime compiled" },
		{ { "\0asm\2\0\0\0", 8 }, "another version" },
		{ { "(module)", 8 }, "text form" },
		{ { " \n;; hi\n(module)", 16 }, "text form" },
		{ { "\x7f" "ELF\2\1", 6 }, "native program" },
		{ { "#!/bin/sh\n", 10 }, "script" },
		{ { "\x1f\x8b\x08", 3 }, "compressed" },
		{ { "hello", 5 }, "not a WebAssembly module" },
		{ { "   ", 3 }, "not a WebAssembly module" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf error = { 0 };
		bool ok = sniff_bytes(rows[i].bytes, &error);

		buf_char(&error, '\0');
		test_row(ok == !rows[i].word && (ok || strstr(error.at, rows[i].word)), "sniff: %s", rows[i].word ? rows[i].word : "a module");
		buf_done(&error);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int main(void)
{
	int dirfd;

	test_begin();
	umask(022);
	if (!mkdtemp(root))
		abort();
	test_directory();
	test_keys();
	dirfd = cache_open(in("entries"));
	test_entries(dirfd);
	test_damage(dirfd);
	test_sum_bytes(dirfd);
	test_verified(dirfd);
	test_known(dirfd);
	unlinkat(dirfd, "module", 0);
	nftw(in("entries"), remove_one, 8, FTW_DEPTH | FTW_PHYS);
	close(dirfd);
	dirfd = cache_open(in("pruned"));
	test_prune_entries(dirfd);
	test_prune_bytes(dirfd);
	test_prune_left(dirfd);
	test_sniff();
	close(dirfd);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
