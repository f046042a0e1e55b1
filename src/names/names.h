/*
 * names.h - the guest's namespace: virtual preopens, mounts, synthetic
 * directories, devices; a name that nothing covers is a hole (decisions.md 4).
 *
 * One resolver for every call. It never cleans a path lexically: "." and ".." are
 * walked in the tree while the walk is in the tree, and beneath a mount the kernel
 * resolves (openat2, beneath). Nothing here touches a host object that no grant
 * covers: for a hole the judge is asked.
 */
#ifndef NAMES_NAMES_H
#define NAMES_NAMES_H

#include <stdbool.h>

#include "authority/authority.h"
#include "base/limits.h"
#include "cap/start.h"

struct names;

/* A directory grant in the tree. Borrowed from struct names, valid as long as it. */
struct mount {
	struct text at;			/* absolute guest name, folded */
	int fd;				/* O_PATH directory */
	access_set access;
	uint64_t grant;
	uint32_t flags;			/* enum mount_flag */
	uint64_t dev;			/* its own device: what lies on another one is looked at more closely (P06) */
	bool pseudo;			/* it lies on proc, sysfs and the like: nothing on it is opened */
	struct text host;		/* its true path; empty: nothing is excluded anywhere */
	const struct exclude_set *excludes;	/* what it does not cover; NULL: it covers all beneath */
	struct excluded own;		/* what of it concerns the mount's own name */
	bool holds;			/* names beneath it are held in their place: they stand above a secret of a home or of the system */
	const struct start *guards;	/* whose protected lie at or beneath it; NULL: none do */
};

/* What a relative path starts from: a directory descriptor's own part of the namespace. */
struct names_dir {
	enum { DIR_ROOT, DIR_CWD, DIR_COVERED, DIR_HOLE, DIR_SYNTHETIC } kind;	/* the preopens / and . ; opened directories */
	struct text name;		/* absolute guest name; owned by the descriptor (names_preopen's is the names' own: copy it) */
	const struct mount *mount;	/* DIR_COVERED */
	int fd;				/* DIR_COVERED: the opened directory; else -1 */
	struct excluded own;		/* DIR_COVERED: the words that its mount does not give there */
	uint32_t additions;		/* after how many it was so: more may have been excluded since */
	const struct start_dir *synthetic;	/* DIR_SYNTHETIC; also the roots when they are */
};

enum device { DEVICE_NULL, DEVICE_ZERO, DEVICE_URANDOM, DEVICE_STDIN, DEVICE_STDOUT, DEVICE_STDERR };

enum place_kind { PLACE_HOLE, PLACE_COVERED, PLACE_SYNTHETIC, PLACE_DEVICE };

/* Where a path leads. Holds its own text; use it where it was declared, do not copy it. */
struct place {
	enum place_kind kind;
	const struct mount *mount;	/* COVERED */
	int dirfd;			/* COVERED: REST is resolved beneath it. Borrowed */
	const char *rest;		/* COVERED: never empty ("." for the directory itself), final slashes kept */
	enum device device;		/* DEVICE */
	const struct start_dir *synthetic;	/* SYNTHETIC */
	bool nested;			/* COVERED: other mounts hang beneath this one, and a link or ".." may lead there */
	bool strict;			/* COVERED: nothing with a link or ".." is opened: it is to be settled first */
	bool settled;			/* REST was: it has neither */
	bool by_name;			/* COVERED: NAME says where it is beneath the mount; else only DIRFD does */
	struct excluded from;		/* COVERED: what is excluded where REST starts */
	access_set excluded, beneath;	/* names_exclude: words that no grant gives there; and none beneath it */
	uint32_t additions;		/* for what is opened there */
	bool slash;			/* the path ended in a slash: it must be a directory */
	struct text name;		/* absolute guest name, NUL-terminated: for needs (a HOLE's has at most LIMIT_PATH bytes), and for what is opened through it */
	char text[LIMIT_PATH + 1];
	char at[2 * LIMIT_PATH + 2];	/* a descriptor's name and a path */
};

/* START is borrowed; its mounts' descriptors pass to the names, also when it fails. 0 or a negative errno. */
int names_new(const struct start *start, struct names **out);
void names_free(struct names *names);

/* The preopens. Index 0, 1 -> fd 3, 4 with asking on; each launcher directory with --ask=off. 0, or -EBADF past the last. */
int names_preopen(struct names *names, unsigned index, struct names_dir *out, struct text *prestat_name);

/*
 * Where does PATH (bytes from the guest, no NUL, at most LIMIT_PATH) lead from DIR?
 * 0, or a negative errno: ENOENT (empty path), ENAMETOOLONG, ENOTDIR (beneath a
 * device), EPERM (absolute, on anything but the two virtual preopens).
 */
int names_find(struct names *names, struct names_dir *dir, struct text path, struct place *out);

/*
 * Where the directory DIR itself is: not the same as "." on the preopen "/", from which
 * "." is the cwd. Of what a mount excludes of ACCESS, or covers by another name only, a HOLE.
 */
int names_self(struct names *names, struct names_dir *dir, access_set access, struct place *out);

/* Fills in what no grant gives at PLACE (COVERED), by its name: secrets, and what rules take out (decisions.md 4.8). */
void names_exclude(const struct names *names, struct place *place);

/* Is FD, an opened directory, what the name of PLACE (COVERED, with names_exclude) means, and given there? */
bool names_is_at(const struct place *place, int fd);

/* Is the name of PLACE (COVERED) not to be moved, removed or made a link, for what lies or would lie beneath it? */
bool names_holds(const struct place *place);

/*
 * names_open or names_parent said EXDEV: walks once, component by component, to
 * learn the name that leaves PLACE's mount, also into another mount beneath it, and
 * finds that one instead; or what it is when it stays. OUT is another place. FOLLOW: a link at the end counts.
 * -EACCES: it leaves through a link, which is a need for the name as reached; -EPERM with --ask=off;
 * -ELOOP.
 */
int names_leave(struct names *names, const struct place *place, bool follow, struct place *out);

/*
 * Opens PLACE (COVERED) with FLAGS, beneath its mount; re-entering through
 * names_leave is the caller's part. Result: descriptor, or a negative errno.
 */
int names_open(const struct place *place, int flags, mode_t mode);

/*
 * The directory that holds PLACE's last component (COVERED), and that component
 * with its final slashes (also "." and ".."): only for the calls that the kernel
 * resolves by the parent and that never follow what is there (mkdirat, unlinkat,
 * renameat, symlinkat, linkat's new name). PLACE is cut in two and only good for its
 * name afterwards; on failure it is whole. Close *FD when *OWNED.
 */
int names_parent(struct place *place, int *fd, bool *owned, const char **leaf);

/* Is what was opened (or looked at) beneath MOUNT on proc, sysfs or the like? True also when nobody can tell. FD: -1, unknown. */
bool names_pseudo(const struct mount *mount, int fd, const struct stat *st);

/* Do other mounts hang beneath the name that PLACE (COVERED) leads to? Then it is not to be moved: they would stay behind. */
bool names_above_mounts(struct names *names, const struct place *place);

/* Is FD (may be O_PATH), which was opened beneath MOUNT, not to be used (CHANGES: not to be changed)? I9, by object. */
bool names_guards(const struct mount *mount, int fd, const struct stat *st, bool changes);

/* Is the name LEAF in PARENTFD, beneath MOUNT, not to be made, removed, linked or moved? Also what stands above something protected. */
bool names_guards_name(const struct mount *mount, int parentfd, const char *leaf);

/* Does MOUNT not give ACCESS to what is there, whatever its name: a socket, which is a secret, or what a rule takes out by object? */
bool names_excludes(const struct mount *mount, const struct stat *st, access_set access);
bool names_excludes_leaf(const struct mount *mount, int parentfd, const char *leaf);	/* any of it; of a link the link itself */

/* A directory that is being listed. */
struct names_view {
	const struct names *names;
	const struct mount *mount;	/* NULL: the judge opened it */
	const struct start *guards;
	uint64_t dev;
	int fd;
	bool secrets;			/* they are left out */
	size_t len;			/* of PATH; 0: not known yet */
	char path[LIMIT_PATH + 1];
};

/* FD: the directory, open as long as OUT is used. MOUNT: beneath which it was opened, or NULL. */
void names_view_init(const struct names *names, const struct mount *mount, int fd, struct names_view *out);

/* Does the listing show NAME, whose dirent says TYPE (DT_*) and INO? Not "." and "..": they always are. */
bool names_lists(struct names_view *view, struct text name, uint8_t type, uint64_t ino);

/* The same for an entry of the synthetic directory DIR. */
bool names_lists_made(const struct names *names, struct text dir, struct text name);

/* Does a refusal of NEED still stick? Then *OUT is its verdict, and no judge is needed. */
bool names_sticky(struct names *names, const struct need *need, uint8_t *out);

/*
 * Remembers a refusal as long as ANSWER says; adds the mount that ANSWER brings (its
 * fds[1] passes to the names, also on failure). -ENOSPC: the table is full of
 * refusals that were used: names_tallies makes room.
 */
int names_learn(struct names *names, const struct need *need, struct answer *answer);

/* Calls TALLY for every sticky refusal that was used since the last time. */
void names_tallies(struct names *names, struct authority *authority);

uint64_t names_generation(const struct names *names);
enum ask_mode names_mode(const struct names *names);

#endif
