/*
 * path_change.c - making and removing one name: mkdir, rmdir, unlink, symlink.
 *
 * The parent is resolved beneath the mount; on the last component the kernel acts by
 * itself and follows nothing, also with a slash behind it (P22).
 */
#include <errno.h>

#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/path.h"
#include "wasi/preview1.h"

static int make_directory(struct path_op *op, int fd, const char *leaf)
{
	(void)op;
	return sys_mkdirat(fd, leaf, 0777);
}

static int remove_directory(struct path_op *op, int fd, const char *leaf)
{
	(void)op;
	return sys_unlinkat(fd, leaf, AT_REMOVEDIR);
}

static int unlink_file(struct path_op *op, int fd, const char *leaf)
{
	(void)op;
	return sys_unlinkat(fd, leaf, 0);
}

static int make_link(struct path_op *op, int fd, const char *leaf)
{
	return sys_symlinkat(op->need.target.at, fd, leaf);
}

static int mkdir_covered(struct path_op *op, struct place *place)
{
	return path_in_parent(op, place, make_directory);
}

static int rmdir_covered(struct path_op *op, struct place *place)
{
	return path_in_parent(op, place, remove_directory);
}

static int unlink_covered(struct path_op *op, struct place *place)
{
	return path_in_parent(op, place, unlink_file);
}

static int symlink_covered(struct path_op *op, struct place *place)
{
	return path_in_parent(op, place, make_link);
}

/* A synthetic directory and a device are there, and stay as they are. */
static uint32_t made_exists(struct path_op *op, const struct place *place)
{
	(void)op, (void)place;
	return WASI_EXIST;
}

static uint32_t made_stays(struct path_op *op, const struct place *place)
{
	(void)op, (void)place;
	return WASI_ACCES;
}

uint32_t wasi_path_create_directory(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len)
{
	static const struct path_act act = { mkdir_covered, NULL, made_exists };
	struct path_op op = { .act = &act, .guest = guest, .covered = ACCESS_CREATE,
			      .need = { .call = CALL_PATH_CREATE_DIRECTORY } };
	struct text name;
	uint32_t error = guest_path(guest, path, len, &name);

	return error ? error : path_run(&op, fd, RIGHT_PATH_CREATE_DIRECTORY, name);
}

static uint32_t path_remove(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len, uint64_t right,
			    enum call call, const struct path_act *act)
{
	struct path_op op = { .act = act, .guest = guest, .covered = ACCESS_DELETE,
			      .need = { .call = (uint8_t)call } };
	struct text name;
	uint32_t error = guest_path(guest, path, len, &name);

	return error ? error : path_run(&op, fd, right, name);
}

uint32_t wasi_path_remove_directory(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len)
{
	static const struct path_act act = { rmdir_covered, NULL, made_stays };

	return path_remove(guest, fd, path, len, RIGHT_PATH_REMOVE_DIRECTORY, CALL_PATH_REMOVE_DIRECTORY, &act);
}

uint32_t wasi_path_unlink_file(struct guest *guest, uint32_t fd, uint32_t path, uint32_t len)
{
	static const struct path_act act = { unlink_covered, NULL, made_stays };

	return path_remove(guest, fd, path, len, RIGHT_PATH_UNLINK_FILE, CALL_PATH_UNLINK_FILE, &act);
}

/* The text is stored as it is given: where it leads is settled whenever it is used (W18). */
uint32_t wasi_path_symlink(struct guest *guest, uint32_t target, uint32_t target_len, uint32_t fd, uint32_t path, uint32_t len)
{
	static const struct path_act act = { symlink_covered, NULL, made_exists };
	struct path_op op = { .act = &act, .guest = guest, .covered = ACCESS_CREATE | ACCESS_LINKS,
			      .need = { .call = CALL_PATH_SYMLINK } };
	char copy[LIMIT_PATH + 1];
	struct text name, text;
	uint32_t error = guest_path(guest, target, target_len, &text);

	if (!error)
		error = guest_path(guest, path, len, &name);
	if (error)
		return error;
	if (text.len == 0)
		return WASI_NOENT;
	if (text.at[0] == '/')
		return WASI_PERM;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	op.need.target = (struct text){ copy, text.len };
	return path_run(&op, fd, RIGHT_PATH_SYMLINK, name);
}
