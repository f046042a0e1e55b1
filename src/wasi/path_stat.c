/*
 * path_stat.c - looking at what a path names, and setting its times.
 *
 * Whether a link at the end is followed is part of how it is opened, never looked at
 * again afterwards (P11). A single component that is not to be followed, or turns out
 * to be no link, takes one system call.
 */
#include <errno.h>

#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"

struct stat_op {
	struct path_op op;		/* first */
	struct wasi_filestat out;
};

struct readlink_op {
	struct path_op op;		/* first */
	char text[LIMIT_PATH + 1];
	size_t len;
};

/* One component, not ".." and without slashes: the kernel goes nowhere else for it. */
static bool is_single(const char *rest)
{
	return !strchr(rest, '/') && strcmp(rest, "..") != 0;
}

static int look_flags(const struct path_op *op)
{
	return O_PATH | (op->need.flags & NEED_FOLLOW ? 0 : O_NOFOLLOW);
}

/* 1: OUT is what PLACE leads to; 0: it takes more than this. */
static int stat_quickly(const struct path_op *op, const struct place *place, struct stat *out)
{
	int failed;

	if (!is_single(place->rest) || place->mount->guards)
		return 0;
	failed = sys_fstatat(place->dirfd, place->rest, out, AT_SYMLINK_NOFOLLOW);
	if (failed < 0)
		return failed;
	if (S_ISLNK(out->st_mode) && (op->need.flags & NEED_FOLLOW))
		return place->strict ? -EXDEV : 0;
	return out->st_dev == place->mount->dev && !place->mount->pseudo;
}

static int stat_opened(const struct path_op *op, const struct place *place, struct stat *out)
{
	int fd = names_open(place, look_flags(op), 0), failed;

	if (fd < 0)
		return fd;
	failed = sys_fstat(fd, out);
	if (!failed)
		failed = path_fits(place, fd, out, ACCESS_STAT);
	sys_close(fd);
	return failed;
}

static int stat_covered(struct path_op *op, struct place *place)
{
	struct stat st;
	int done = stat_quickly(op, place, &st);

	if (done == 0)
		done = stat_opened(op, place, &st);
	if (done < 0)
		return done;
	if (names_excludes(place->mount, &st, ACCESS_STAT))
		return PATH_ASK;
	filestat_fill(op->guest, &st, &((struct stat_op *)op)->out);
	return 0;
}

static uint32_t stat_answered(struct path_op *op, struct place *place, struct answer *answer)
{
	(void)place;
	if (!answer->has_stat)
		return WASI_NOENT;
	filestat_fill(op->guest, &answer->filestat, &((struct stat_op *)op)->out);
	return WASI_SUCCESS;
}

static uint32_t stat_made(struct path_op *op, const struct place *place)
{
	bool device = place->kind == PLACE_DEVICE;

	if (device && place->slash)
		return WASI_NOTDIR;
	filestat_made(op->guest, place->name, device ? WASI_FT_CHAR : WASI_FT_DIR, &((struct stat_op *)op)->out);
	return WASI_SUCCESS;
}

static uint32_t check_lookup(uint32_t flags)
{
	return flags & ~(uint32_t)WASI_LOOKUP_FOLLOW ? WASI_INVAL : WASI_SUCCESS;
}

uint32_t path_filestat(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, const void *out_at, struct wasi_filestat *out)
{
	static const struct path_act act = { stat_covered, stat_answered, stat_made };
	struct stat_op stat = { .op = { .act = &act, .guest = guest, .covered = ACCESS_STAT,
					.need = { .call = CALL_PATH_FILESTAT_GET } } };
	struct text name;
	uint32_t error = check_lookup(flags);

	if (!error)
		error = guest_path(guest, path, len, &name);
	if (!error && !out_at)
		error = WASI_FAULT;
	if (error)
		return error;
	stat.op.need.flags = flags & WASI_LOOKUP_FOLLOW ? NEED_FOLLOW : 0;
	error = path_run(&stat.op, fd, RIGHT_PATH_FILESTAT_GET, name);
	if (!error)
		*out = stat.out;
	return error;
}

uint32_t wasi_path_filestat_get(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_filestat));
	struct wasi_filestat stat;
	uint32_t error = path_filestat(guest, fd, flags, path, len, at, &stat);

	if (!error)
		guest_put(at, &stat, sizeof stat);
	return error;
}

static int times_covered(struct path_op *op, struct place *place)
{
	int fd = names_open(place, look_flags(op), 0), failed;
	struct stat st;

	if (fd < 0)
		return fd;
	failed = sys_fstat(fd, &st);
	if (!failed)
		failed = path_fits(place, fd, &st, ACCESS_META);
	if (!failed)
		failed = sys_utimensat(fd, "", op->need.times, AT_EMPTY_PATH);
	sys_close(fd);
	return failed;
}

static uint32_t times_made(struct path_op *op, const struct place *place)
{
	(void)op, (void)place;
	return WASI_ACCES;
}

uint32_t wasi_path_filestat_set_times(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len,
				      uint64_t atim, uint64_t mtim, uint32_t fstflags)
{
	static const struct path_act act = { times_covered, NULL, times_made };
	struct path_op op = { .act = &act, .guest = guest, .covered = ACCESS_META,
			      .need = { .call = CALL_PATH_FILESTAT_SET_TIMES } };
	struct text name;
	uint32_t error = check_lookup(flags);

	if (!error)
		error = guest_path(guest, path, len, &name);
	if (!error)
		error = times_fill(atim, mtim, fstflags, op.need.times);
	if (error)
		return error;
	op.need.flags = flags & WASI_LOOKUP_FOLLOW ? NEED_FOLLOW : 0;
	return path_run(&op, fd, RIGHT_PATH_FILESTAT_SET_TIMES, name);
}

static int readlink_covered(struct path_op *op, struct place *place)
{
	struct readlink_op *link = (struct readlink_op *)op;
	struct stat st;
	ssize_t n;
	int fd, failed;

	fd = names_open(place, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	failed = sys_fstat(fd, &st);
	if (!failed)
		failed = path_fits(place, fd, &st, ACCESS_STAT);
	if (!failed && !S_ISLNK(st.st_mode))
		failed = -EINVAL;
	if (!failed) {
		n = sys_readlinkat(fd, "", link->text, sizeof link->text);
		failed = n < 0 ? (int)n : 0;
		link->len = n < 0 ? 0 : (size_t)n;
	}
	sys_close(fd);
	return failed;
}

static uint32_t readlink_answered(struct path_op *op, struct place *place, struct answer *answer)
{
	struct readlink_op *link = (struct readlink_op *)op;

	(void)place;
	link->len = answer->text.len < sizeof link->text ? answer->text.len : sizeof link->text;
	if (link->len)
		memcpy(link->text, answer->text.at, link->len);
	return WASI_SUCCESS;
}

static uint32_t readlink_made(struct path_op *op, const struct place *place)
{
	(void)op, (void)place;
	return WASI_INVAL;
}

/* What does not fit is cut, as readlink(2) does. */
uint32_t wasi_path_readlink(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len, uint32_t buf, uint32_t buf_len, uint32_t out)
{
	static const struct path_act act = { readlink_covered, readlink_answered, readlink_made };
	struct readlink_op link;
	void *buf_at = guest_range(guest, buf, buf_len), *out_at = guest_range(guest, out, sizeof(uint32_t));
	struct text name;
	uint32_t n, error = guest_path(guest, path, len, &name);

	if (!error && (!buf_at || !out_at))
		error = WASI_FAULT;
	if (error)
		return error;
	link.op = (struct path_op){ .act = &act, .guest = guest, .covered = ACCESS_STAT,
				    .need = { .call = CALL_PATH_READLINK } };
	link.len = 0;
	error = path_run(&link.op, fd, RIGHT_PATH_READLINK, name);
	if (error)
		return error;
	n = link.len < buf_len ? (uint32_t)link.len : buf_len;
	if (n)
		guest_put(buf_at, link.text, n);
	guest_put_u32(out_at, n);
	return WASI_SUCCESS;
}
