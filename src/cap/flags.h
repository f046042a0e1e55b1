/*
 * flags.h - what a call needs, from its final host flags: pure.
 *
 * One function says which access words an open takes, and both sides use it: the
 * worker asserts it against the mount, the judge against what it grants, right
 * before the call (W01). O_TRUNC stands for the ftruncate that follows; it is in
 * these flags only to be counted, and never reaches an open.
 */
#ifndef CAP_FLAGS_H
#define CAP_FLAGS_H

#include <fcntl.h>

#include "cap/need.h"

/* On every open of something a guest named (P09, P10). */
enum { FLAGS_ALWAYS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

/* How an open with FLAGS (enum need_flag) is carried out; O_TRUNC is to be taken out and done by ftruncate. */
static inline int flags_of_need(uint32_t flags)
{
	int host = 0;

	if (!(flags & (NEED_READ | NEED_WRITE | NEED_APPEND | NEED_TRUNC | NEED_CREAT | NEED_DIRECTORY)))
		host = O_PATH | O_CLOEXEC;
	else if (flags & (NEED_WRITE | NEED_APPEND | NEED_TRUNC))
		host = FLAGS_ALWAYS | (flags & NEED_READ ? O_RDWR : O_WRONLY);
	else
		host = FLAGS_ALWAYS | O_RDONLY;
	if (flags & NEED_APPEND)
		host |= O_APPEND;
	if (flags & NEED_CREAT)
		host |= O_CREAT;
	if (flags & NEED_EXCL && flags & NEED_CREAT)
		host |= O_EXCL;
	if (flags & NEED_TRUNC)
		host |= O_TRUNC;
	if (flags & NEED_DIRECTORY)
		host |= O_DIRECTORY;
	if (!(flags & NEED_FOLLOW))
		host |= O_NOFOLLOW;
	if (flags & NEED_SYNC)
		host |= O_SYNC;
	if (flags & NEED_DSYNC)
		host |= O_DSYNC;
	return host;
}

/* The words that an open with these host flags needs. A new name needs no write on it: it destroys nothing. */
static inline access_set access_of_flags(int flags)
{
	bool fresh = (flags & O_CREAT) && (flags & O_EXCL);
	access_set set = 0;

	if (flags & O_PATH)
		return ACCESS_STAT;
	if (flags & O_CREAT)
		set |= ACCESS_CREATE;
	if (flags & O_DIRECTORY)
		set |= ACCESS_STAT;		/* opening a directory is a look; reading it is LIST, at fd_readdir */
	else if ((flags & O_ACCMODE) != O_WRONLY)
		set |= ACCESS_READ;
	if ((flags & O_ACCMODE) != O_RDONLY && !fresh)
		set |= flags & O_APPEND ? ACCESS_APPEND : ACCESS_WRITE;
	if ((flags & O_TRUNC) && !fresh)
		set |= ACCESS_WRITE;
	return set;
}

/* The words that CALL needs on its first name, with FLAGS (enum need_flag); of a rename: on its source, the target: create. */
static inline access_set access_of_call(enum call call, uint32_t flags)
{
	switch (call) {
	case CALL_PATH_OPEN:
		return access_of_flags(flags_of_need(flags));
	case CALL_PATH_FILESTAT_GET:
	case CALL_PATH_READLINK:
		return ACCESS_STAT;
	case CALL_PATH_FILESTAT_SET_TIMES:
		return ACCESS_META;
	case CALL_PATH_CREATE_DIRECTORY:
		return ACCESS_CREATE;
	case CALL_PATH_REMOVE_DIRECTORY:
	case CALL_PATH_UNLINK_FILE:
	case CALL_PATH_RENAME:
		return ACCESS_DELETE;
	case CALL_FD_READDIR:
		return ACCESS_LIST;
	case CALL_PATH_SYMLINK:
		return ACCESS_CREATE | ACCESS_LINKS;
	case CALL_PATH_LINK:
		return ACCESS_WRITE | ACCESS_LINKS;	/* its target: create and links */
	default:
		return ACCESS_ALL;
	}
}

/* The row of the decision table for CALL with FLAGS (decisions.md 6: one row per call, by its flags). */
static inline enum act act_of_call(enum call call, uint32_t flags)
{
	switch (call) {
	case CALL_PATH_FILESTAT_GET:
	case CALL_PATH_READLINK:
		return ACT_LOOK;
	case CALL_PATH_CREATE_DIRECTORY:
		return ACT_CREATE;
	case CALL_FD_READDIR:
		return ACT_LIST;
	case CALL_PATH_LINK:
	case CALL_PATH_SYMLINK:
		return ACT_LINK;
	case CALL_PATH_OPEN:
		if (flags & NEED_CREAT)
			return ACT_CREATE;
		if (flags & (NEED_WRITE | NEED_APPEND | NEED_TRUNC))
			return ACT_CHANGE;
		if (flags & NEED_DIRECTORY)
			return ACT_OPENDIR;
		return flags & NEED_READ ? ACT_READ : ACT_LOOK;
	default:
		return ACT_CHANGE;
	}
}

/* Does CALL move or remove what its names are, or make a link of it? Then what stands above a secret stays (decisions.md 4.8). */
static inline bool call_moves(enum call call)
{
	return call == CALL_PATH_RENAME || call == CALL_PATH_REMOVE_DIRECTORY || call == CALL_PATH_UNLINK_FILE || call == CALL_PATH_SYMLINK;
}

#endif
