/*
 * path_open.c - opening a file or directory.
 *
 * The access words are computed from the host flags that are really used, right
 * before they are used (W01). Never O_TRUNC: what was opened is looked at first. Of
 * the rights only fd_read and fd_write say how to open; a descriptor has of the
 * rights asked for those that its kind of file has and the directory hands on.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"

#define RIGHTS_FILE (RIGHT_FD_DATASYNC | RIGHT_FD_READ | RIGHT_FD_SEEK | RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_SYNC \
		     | RIGHT_FD_TELL | RIGHT_FD_WRITE | RIGHT_FD_ADVISE | RIGHT_FD_ALLOCATE | RIGHT_FD_FILESTAT_GET \
		     | RIGHT_FD_FILESTAT_SET_SIZE | RIGHT_FD_FILESTAT_SET_TIMES | RIGHT_POLL_FD_READWRITE)
#define RIGHTS_DIRECTORY (RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_SYNC | RIGHT_FD_DATASYNC | RIGHT_FD_ADVISE \
			  | RIGHT_PATH_CREATE_DIRECTORY | RIGHT_PATH_CREATE_FILE | RIGHT_PATH_LINK_SOURCE \
			  | RIGHT_PATH_LINK_TARGET | RIGHT_PATH_OPEN | RIGHT_FD_READDIR | RIGHT_PATH_READLINK \
			  | RIGHT_PATH_RENAME_SOURCE | RIGHT_PATH_RENAME_TARGET | RIGHT_PATH_FILESTAT_GET \
			  | RIGHT_PATH_FILESTAT_SET_SIZE | RIGHT_PATH_FILESTAT_SET_TIMES | RIGHT_FD_FILESTAT_GET \
			  | RIGHT_FD_FILESTAT_SET_TIMES | RIGHT_PATH_SYMLINK | RIGHT_PATH_REMOVE_DIRECTORY \
			  | RIGHT_PATH_UNLINK_FILE | RIGHT_POLL_FD_READWRITE)
#define RIGHTS_DEVICE (RIGHT_FD_READ | RIGHT_FD_WRITE | RIGHT_FD_SYNC | RIGHT_FD_DATASYNC | RIGHT_FD_FDSTAT_SET_FLAGS \
		       | RIGHT_FD_FILESTAT_GET | RIGHT_POLL_FD_READWRITE)

struct open_op {
	struct path_op op;		/* first */
	uint64_t base, inheriting;	/* asked for, and handed on by the directory */
	uint16_t fdflags;
	struct file file;		/* what comes of it */
};

/* The words of a file that was opened with these flags: it may be used as it was opened. */
static access_set access_of_mode(uint32_t flags)
{
	return (flags & NEED_READ ? ACCESS_READ : 0u) | (flags & NEED_APPEND ? ACCESS_APPEND : flags & NEED_WRITE ? ACCESS_WRITE : 0u);
}

static void fill_regular(struct open_op *open, int fd, access_set access, uint64_t grant)
{
	open->file = (struct file){ .kind = FILE_REGULAR, .fd = fd, .filetype = WASI_FT_REG, .flags = open->fdflags,
				    .base = open->base & RIGHTS_FILE, .access = access, .grant = grant };
}

/* A directory; one that no mount covers, unless more is said. FD may be -1. Its name is copied; a failure leaves FD the caller's. */
static uint32_t fill_directory(struct open_op *open, int fd, const struct place *place, access_set access, uint64_t grant)
{
	char *name;

	if (place->name.len > LIMIT_PATH)
		return WASI_NAMETOOLONG;
	name = mem_new(place->name.len + 1, 1);
	if (!name)
		return WASI_NOMEM;
	memcpy(name, place->name.at, place->name.len);
	open->file = (struct file){ .kind = FILE_DIRECTORY, .fd = fd, .filetype = WASI_FT_DIR, .flags = open->fdflags,
				    .base = open->base & RIGHTS_DIRECTORY, .inheriting = open->inheriting,
				    .access = access, .grant = grant,
				    .dir = { .kind = DIR_HOLE, .name = { name, place->name.len }, .fd = -1 } };
	return WASI_SUCCESS;
}

/* One beneath a mount, which gives what it does not exclude. */
static uint32_t fill_covered(struct open_op *open, int fd, const struct place *place)
{
	uint32_t error = fill_directory(open, fd, place, place->mount->access & ~place->excluded, place->mount->grant);
	struct names_dir *dir = &open->file.dir;

	if (error)
		return error;
	dir->kind = DIR_COVERED;
	dir->mount = place->mount;
	dir->fd = fd;
	dir->own = (struct excluded){ .self = place->excluded, .beneath = place->beneath };
	dir->additions = place->additions;
	return WASI_SUCCESS;
}

static uint32_t fill_synthetic(struct open_op *open, const struct place *place)
{
	uint32_t error = fill_directory(open, -1, place, ACCESS_LIST | ACCESS_STAT, 0);

	if (error)
		return error;
	open->file.dir.kind = DIR_SYNTHETIC;
	open->file.dir.synthetic = place->synthetic;
	return WASI_SUCCESS;
}

/* FD was opened with FLAGS: only regular files and directories stay open (P08, P09), and only then is one emptied. */
static int take_opened(struct open_op *open, struct place *place, int fd, int flags)
{
	const struct mount *mount = place->mount;
	struct stat st;
	int failed = sys_fstat(fd, &st);

	if (!failed && !sys_is_regular_or_dir(&st))
		failed = S_ISLNK(st.st_mode) ? -ELOOP : -EACCES;
	if (!failed)
		failed = path_fits(place, fd, &st, access_of_flags(flags));
	if (!failed && (flags & O_TRUNC))
		failed = sys_ftruncate(fd, 0);
	if (failed)
		return failed;
	if (S_ISREG(st.st_mode))
		fill_regular(open, fd, (mount->access & ~place->excluded) | access_of_mode(open->op.need.flags), mount->grant);
	else if (fill_covered(open, fd, place))
		return place->name.len > LIMIT_PATH ? -ENAMETOOLONG : -ENOMEM;
	return 0;
}

/* Under a grant that creates but does not change, only what is new is opened for writing. */
static int flags_for(const struct open_op *open, const struct mount *mount)
{
	int flags = flags_of_need(open->op.need.flags);

	if ((flags & O_CREAT) && !access_covers(mount->access, access_of_flags(flags)))
		flags |= O_EXCL;
	return flags;
}

/* Where something protected lies beneath the mount: may this name be made? PLACE is as before afterwards. */
static int create_fits(struct place *place)
{
	const char *leaf;
	bool owned, refused;
	int fd, failed = names_parent(place, &fd, &owned, &leaf);

	if (failed < 0)
		return failed;
	refused = names_guards_name(place->mount, fd, leaf);
	if (owned) {
		place->text[leaf - place->text - 1] = '/';
		sys_close(fd);
	}
	return refused ? -EACCES : 0;
}

/* PLACE cannot be opened, or made anew, as what it is: does the mount not give it? That it is there is not told then. */
static bool is_excluded(const struct place *place)
{
	int fd = names_open(place, O_PATH | O_NOFOLLOW, 0);
	struct stat st;
	bool excluded = fd >= 0 && sys_fstat(fd, &st) == 0 && names_excludes(place->mount, &st, ACCESS_STAT);

	sys_close(fd);
	return excluded;
}

static int open_covered(struct path_op *op, struct place *place)
{
	struct open_op *open = (struct open_op *)op;
	int flags = flags_for(open, place->mount), fd, failed = 0;

	if (!access_covers(place->mount->access, access_of_flags(flags)))
		return path_refused(op->guest) ? -EACCES : PATH_ASK;
	if (place->excluded & access_of_flags(flags))
		return PATH_ASK;
	if (place->mount->guards && (flags & O_CREAT))
		failed = create_fits(place);
	if (failed < 0)
		return failed;
	fd = names_open(place, flags & ~O_TRUNC, 0666);
	if (fd == -EEXIST && !(op->need.flags & NEED_EXCL))
		return path_refused(op->guest) ? -EACCES : PATH_ASK;
	if ((fd == -ENXIO || fd == -EEXIST || fd == -ENODEV) && is_excluded(place))
		return PATH_ASK;
	if (fd == -ENXIO || fd == -ENODEV)
		return -EACCES;
	if (fd < 0)
		return fd;
	failed = take_opened(open, place, fd, flags);
	if (failed)
		sys_close(fd);
	return failed;
}

/* What the judge opened. Is that what a mount covers, perhaps since just now, it is from now on beneath that mount. */
static uint32_t directory_answered(struct open_op *open, struct place *place, const struct answer *answer)
{
	struct names_dir root = { .kind = DIR_ROOT, .fd = -1 };
	struct names *names = open->op.guest->state->names;
	struct place now;

	if (answer->fds[0] >= 0 && names_find(names, &root, place->name, &now) == 0 && now.kind == PLACE_COVERED) {
		names_exclude(names, &now);
		if (names_is_at(&now, answer->fds[0]))
			return fill_covered(open, answer->fds[0], &now);
	}
	return fill_directory(open, answer->fds[0], place, answer->access, answer->grant);
}

static uint32_t open_answered(struct path_op *op, struct place *place, struct answer *answer)
{
	struct open_op *open = (struct open_op *)op;
	struct stat st = answer->filestat;
	int fd = answer->fds[0];
	uint32_t error;

	if (fd < 0 && !answer->has_stat)
		return WASI_ACCES;
	if (fd >= 0 && sys_fstat(fd, &st) < 0)
		return WASI_IO;
	if (S_ISREG(st.st_mode) && fd >= 0) {
		fill_regular(open, fd, answer->access | access_of_mode(op->need.flags), answer->grant);
	} else if (S_ISDIR(st.st_mode)) {
		error = directory_answered(open, place, answer);
		if (error)
			return error;
	} else {
		return WASI_ACCES;
	}
	answer->fds[0] = -1;
	return WASI_SUCCESS;
}

/* As opening /proc/self/fd/N would: the same thing once more, as long as the guest has not closed it. */
static uint32_t open_stdio(struct open_op *open, uint32_t fd)
{
	struct file *of;
	uint32_t error = descriptors_get(open->op.guest->state->descriptors, fd, 0, &of);

	if (error || of->kind != FILE_STDIO)
		return WASI_NOENT;
	open->file = *of;
	open->file.borrowed = true;
	open->file.base &= open->base;
	open->file.inheriting = 0;
	open->file.flags = open->fdflags;
	return WASI_SUCCESS;
}

static uint32_t open_device(struct open_op *open, const struct place *place)
{
	uint32_t flags = open->op.need.flags;

	if (place->slash || (flags & NEED_DIRECTORY))
		return WASI_NOTDIR;
	if ((flags & NEED_CREAT) && (flags & NEED_EXCL))
		return WASI_EXIST;
	if (place->device >= DEVICE_STDIN)
		return open_stdio(open, (uint32_t)(place->device - DEVICE_STDIN));
	open->file = (struct file){ .kind = FILE_DEVICE, .fd = -1, .filetype = WASI_FT_CHAR, .flags = open->fdflags,
				    .base = open->base & RIGHTS_DEVICE, .access = ACCESS_READ | ACCESS_WRITE | ACCESS_STAT,
				    .device = place->device };
	return WASI_SUCCESS;
}

static uint32_t open_made(struct path_op *op, const struct place *place)
{
	struct open_op *open = (struct open_op *)op;

	if (place->kind == PLACE_DEVICE)
		return open_device(open, place);
	if (op->need.flags & NEED_CREAT)
		return op->need.flags & NEED_EXCL ? WASI_EXIST : WASI_ISDIR;
	if (op->need.flags & (NEED_WRITE | NEED_APPEND | NEED_TRUNC))
		return WASI_ISDIR;
	return fill_synthetic(open, place);
}

static uint32_t when(bool condition, uint32_t flag)
{
	return condition ? flag : 0;
}

/* The final flags, in the need's own words. */
static uint32_t need_flags(uint32_t dirflags, uint32_t oflags, uint64_t base, uint32_t fdflags)
{
	bool write = base & RIGHT_FD_WRITE;

	return when(dirflags & WASI_LOOKUP_FOLLOW, NEED_FOLLOW)
	       | when(oflags & WASI_O_DIRECTORY, NEED_DIRECTORY)
	       | when(oflags & WASI_O_CREAT, NEED_CREAT)
	       | when(oflags & WASI_O_EXCL, NEED_EXCL)
	       | when(oflags & WASI_O_TRUNC, NEED_TRUNC)
	       | when(base & RIGHT_FD_READ, NEED_READ)
	       | when(write, NEED_WRITE)
	       | when(write && (fdflags & WASI_FD_APPEND), NEED_APPEND)
	       | when(fdflags & WASI_FD_NONBLOCK, NEED_NONBLOCK)
	       | when(fdflags & (WASI_FD_SYNC | WASI_FD_RSYNC), NEED_SYNC)
	       | when(fdflags & WASI_FD_DSYNC, NEED_DSYNC);
}

static uint32_t check_flags(uint32_t dirflags, uint32_t oflags, uint32_t fdflags)
{
	if ((dirflags & ~(uint32_t)WASI_LOOKUP_FOLLOW) || (oflags & ~(uint32_t)WASI_O_ALL) || (fdflags & ~(uint32_t)WASI_FD_ALL))
		return WASI_INVAL;
	/* Linux 6.3 and openat2 say so too: older ones made a regular file. */
	return (oflags & WASI_O_DIRECTORY) && (oflags & (WASI_O_CREAT | WASI_O_TRUNC)) ? WASI_INVAL : WASI_SUCCESS;
}

static uint64_t rights_for(uint32_t oflags)
{
	return RIGHT_PATH_OPEN | (oflags & WASI_O_CREAT ? RIGHT_PATH_CREATE_FILE : 0)
	       | (oflags & WASI_O_TRUNC ? RIGHT_PATH_FILESTAT_SET_SIZE : 0);
}

static uint32_t put_opened(struct open_op *open, void *out)
{
	uint32_t number, error = descriptors_put(open->op.guest->state->descriptors, &open->file, &number);

	if (error) {
		file_done(&open->file);
		return error;
	}
	guest_put_u32(out, number);
	return WASI_SUCCESS;
}

uint32_t wasi_path_open(struct guest *guest, uint32_t fd, uint32_t dirflags, uint32_t path, uint32_t len, uint32_t oflags,
			uint64_t rights_base, uint64_t rights_inheriting, uint32_t fdflags, uint32_t out)
{
	static const struct path_act act = { open_covered, open_answered, open_made };
	struct open_op open;
	struct file *dir;
	struct text name;
	void *out_at = guest_range(guest, out, sizeof(uint32_t));
	uint32_t error = path_dir(guest, fd, rights_for(oflags), &dir);

	if (!error)
		error = check_flags(dirflags, oflags, fdflags);
	if (!error)
		error = guest_path(guest, path, len, &name);
	if (error)
		return error;
	if (!out_at)
		return WASI_FAULT;
	if (descriptors_full(guest->state->descriptors))
		return WASI_MFILE;
	open.base = rights_base & dir->inheriting;
	open.inheriting = rights_inheriting & dir->inheriting;
	open.fdflags = (uint16_t)fdflags;
	open.op = (struct path_op){ .act = &act, .guest = guest };
	open.op.need.call = CALL_PATH_OPEN;
	open.op.need.flags = need_flags(dirflags, oflags, open.base, fdflags);
	error = path_run(&open.op, fd, rights_for(oflags), name);
	return error ? error : put_opened(&open, out_at);
}
