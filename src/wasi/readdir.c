/*
 * readdir.c - the names in a directory.
 *
 * Streamed from the kernel; a cookie is the index of an entry, so none of the host's
 * is shown and every number is harmless (W24). An older cookie rewinds and skips.
 * "." and ".." come first, always. What the directory is, and whether it may be
 * listed, is settled at the first call and stays until the descriptor is closed.
 */
#include <dirent.h>
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

enum { BLOCK = 32 << 10, DOTS = 2 };
enum { NAME_AT = offsetof(struct sys_dirent, name), RECLEN_AT = offsetof(struct sys_dirent, reclen), TYPE_AT = offsetof(struct sys_dirent, type) };

struct listing {
	int fd;					/* read from; -1: SYNTHETIC */
	bool owned;				/* FD is ours and not the file's */
	bool begun;				/* the kernel was asked since the last rewind: what came may have been for the entry after the dots */
	const struct start_dir *synthetic;
	struct hash_pair inodes;		/* of its device */
	uint64_t ino, up;			/* "." and "..", as the guest sees them */
	uint64_t index;				/* of the entry that comes next */
	size_t pos, len;			/* in BLOCK; of SYNTHETIC: the entry that comes next */
	struct names_view view;			/* what of it is shown; not of SYNTHETIC */
	_Alignas(uint64_t) uint8_t block[BLOCK];
};

struct entry {
	struct text name;			/* good until the next one */
	uint64_t ino;				/* as the guest sees it */
	uint8_t filetype;
};

void listing_free(struct listing *listing)
{
	if (listing && listing->owned)
		sys_close(listing->fd);
	mem_free(listing);
}

static uint8_t filetype_of_dirent(uint8_t type)
{
	return type == DT_UNKNOWN ? (uint8_t)WASI_FT_UNKNOWN : filetype_of((mode_t)DTTOIF(type));
}

static int listing_rewind(struct listing *listing)
{
	int64_t at = 0;

	if (listing->begun)
		at = sys_lseek(listing->fd, 0, SEEK_SET);
	listing->begun = at < 0;
	listing->index = listing->pos = listing->len = 0;
	return at < 0 ? (int)at : 0;
}

static bool is_dots(struct text name)
{
	return name.at[0] == '.' && (name.len == 1 || (name.len == 2 && name.at[1] == '.'));
}

/* The kernel pads an entry to eight bytes: its NUL is among the last eight. */
static struct text name_of_dirent(const uint8_t *at, size_t reclen)
{
	size_t len = reclen > NAME_AT + 8 ? reclen - NAME_AT - 8 : 0;

	while (NAME_AT + len < reclen && at[NAME_AT + len])
		len++;
	return (struct text){ (const char *)at + NAME_AT, len };
}

/* The entry at POS of the block; "." and "..", and what is left out, are stepped over. 1: there is one; 0: the end; or -errno. */
static int host_entry(struct listing *listing, struct entry *out)
{
	for (;;) {
		const uint8_t *at = listing->block + listing->pos;
		uint64_t ino;
		uint16_t reclen;

		if (listing->pos >= listing->len) {
			ssize_t n = sys_getdents64(listing->fd, listing->block, BLOCK);

			listing->begun = true;
			listing->pos = listing->len = 0;
			if (n <= 0)
				return (int)n;
			listing->len = (size_t)n;
			continue;
		}
		memcpy(&ino, at, sizeof ino);
		memcpy(&reclen, at + RECLEN_AT, sizeof reclen);
		out->name = name_of_dirent(at, reclen);
		if (!is_dots(out->name) && names_lists(&listing->view, out->name, at[TYPE_AT], ino)) {
			out->ino = inode_of(&listing->inodes, ino);
			out->filetype = filetype_of_dirent(at[TYPE_AT]);
			return 1;
		}
		listing->pos += reclen;
	}
}

/* Of an absolute name; of "/" itself. */
static struct text parent_of(struct text name)
{
	while (name.len > 1 && name.at[name.len - 1] != '/')
		name.len--;
	return (struct text){ name.at, name.len > 1 ? name.len - 1 : 1 };
}

static uint64_t inode_made(struct guest *guest, struct text name)
{
	struct wasi_filestat made;

	filestat_made(guest, name, WASI_FT_UNKNOWN, &made);
	return made.ino;
}

/* What a stat of DIR/ENTRY says where that is synthetic too; what is there on the host has another number. */
static uint64_t inode_beneath(struct guest *guest, struct text dir, struct text entry)
{
	char name[LIMIT_PATH + 1];
	size_t slash = dir.len > 1 ? dir.len : 0;

	if (slash + 1 + entry.len > sizeof name)
		return inode_made(guest, entry);
	memcpy(name, dir.at, slash);
	name[slash] = '/';
	memcpy(name + slash + 1, entry.at, entry.len);
	return inode_made(guest, (struct text){ name, slash + 1 + entry.len });
}

static int synthetic_entry(struct guest *guest, struct listing *listing, struct entry *out)
{
	const struct start_dir *dir = listing->synthetic;

	while (listing->pos < dir->entries.n && !names_lists_made(guest->state->names, dir->name, dir->entries.at[listing->pos]))
		listing->pos++;
	if (listing->pos >= dir->entries.n)
		return 0;
	out->name = dir->entries.at[listing->pos];
	out->ino = inode_beneath(guest, dir->name, out->name);
	out->filetype = WASI_FT_UNKNOWN;
	return 1;
}

static int entry_peek(struct guest *guest, struct listing *listing, struct entry *out)
{
	if (listing->index < DOTS) {
		*out = listing->index ? (struct entry){ TEXT(".."), listing->up, WASI_FT_DIR } : (struct entry){ TEXT("."), listing->ino, WASI_FT_DIR };
		return 1;
	}
	return listing->synthetic ? synthetic_entry(guest, listing, out) : host_entry(listing, out);
}

static void entry_step(struct listing *listing)
{
	uint16_t reclen = 1;

	if (listing->index++ < DOTS)
		return;
	if (!listing->synthetic)
		memcpy(&reclen, listing->block + listing->pos + RECLEN_AT, sizeof reclen);
	listing->pos += reclen;
}

/* Goes to the entry COOKIE: forward from where it stands, or from the start. 1, 0 past the end, or -errno. */
static int listing_seek(struct guest *guest, struct listing *listing, uint64_t cookie, struct entry *out)
{
	int there = cookie < listing->index ? listing_rewind(listing) : 0;

	if (there < 0)
		return there;
	for (;;) {
		there = entry_peek(guest, listing, out);
		if (there <= 0 || listing->index == cookie)
			return there;
		entry_step(listing);
	}
}

/* MOUNT: beneath which FD was opened; nothing on proc and the like is listed (P07). NULL: the judge opened it. */
static uint32_t listing_of_fd(const struct guest *guest, int fd, bool owned, const struct mount *mount, struct listing **out)
{
	struct listing *listing;
	struct stat st;
	int error = sys_fstat(fd, &st);

	if (error == 0 && mount && names_pseudo(mount, fd, &st))
		error = -EACCES;
	listing = error < 0 ? NULL : mem_new(1, sizeof *listing);
	if (!listing) {
		if (owned)
			sys_close(fd);
		return error < 0 ? errno_wasi(error) : (uint32_t)WASI_NOMEM;
	}
	listing->fd = fd;
	listing->owned = owned;
	listing->inodes = inodes_of(guest, st.st_dev);
	listing->ino = inode_of(&listing->inodes, st.st_ino);
	names_view_init(guest->state->names, mount, fd, &listing->view);
	listing->up = listing->ino;	/* ".." is not looked at: it may lie outside the grant */
	*out = listing;
	return WASI_SUCCESS;
}

/* FD may be one that only names the directory (O_PATH), or somebody else's: then it is opened for listing. */
static uint32_t listing_of_dir(const struct guest *guest, int fd, bool ours, const struct mount *mount, struct listing **out)
{
	int flags = ours ? sys_get_flags(fd) : O_PATH, readfd;

	if (flags < 0)
		return errno_wasi(flags);
	if (!(flags & O_PATH))
		return listing_of_fd(guest, fd, false, mount, out);
	readfd = sys_openat2(fd, ".", O_RDONLY | O_DIRECTORY, 0, SYS_BENEATH | SYS_NO_MAGIC);
	return readfd < 0 ? errno_open(readfd) : listing_of_fd(guest, readfd, true, mount, out);
}

static struct need need_of_listing(const struct place *place)
{
	return (struct need){ .kind = KIND_FILE, .act = ACT_LIST, .call = CALL_FD_READDIR, .access = ACCESS_LIST,
			      .flags = NEED_FOLLOW | NEED_DIRECTORY | NEED_READ, .name = place->name };
}

/* Nobody is asked, but the record has it (decisions.md 4.3). */
static uint32_t listing_made(struct guest *guest, const struct place *place, struct listing **out)
{
	struct listing *listing = mem_new(1, sizeof *listing);
	const struct need need = need_of_listing(place);

	if (!listing)
		return WASI_NOMEM;
	authority_tally(guest->state->authority, &(struct tally){ &need, 1 });
	listing->fd = -1;
	listing->ino = inode_made(guest, place->name);
	listing->up = inode_made(guest, parent_of(place->name));
	listing->synthetic = place->synthetic;
	*out = listing;
	return WASI_SUCCESS;
}

/* A hole: somebody decides, and the answer is the opened directory. */
static uint32_t listing_asked(struct guest *guest, const struct place *place, struct listing **out)
{
	const struct need need = need_of_listing(place);
	struct answer answer = ANSWER_NO;
	uint32_t error = guest_need(guest, &need, &answer);

	if (error)
		return error;
	sys_close(answer.fds[1]);
	if (answer.fds[0] < 0)
		return WASI_IO;
	error = listing_of_dir(guest, answer.fds[0], true, NULL, out);
	if (error || (*out)->owned)
		sys_close(answer.fds[0]);
	else
		(*out)->owned = true;
	return error;
}

/* But in blind, a listing of the cwd is never made up: it is asked for (decisions.md 4.3). */
static bool is_listed_truly(const struct guest *guest, const struct place *place)
{
	return place->kind == PLACE_SYNTHETIC && names_mode(guest->state->names) != MODE_BLIND &&
	       text_eq(place->name, guest->state->start->cwd);
}

static uint32_t listing_open(struct guest *guest, struct file *file, struct listing **out)
{
	struct place place;
	uint32_t error;
	int fd;

	if (file->dir.kind == DIR_COVERED)
		return file->access & ACCESS_LIST ? listing_of_dir(guest, file->fd, !file->borrowed, file->dir.mount, out) : (uint32_t)WASI_NOTCAPABLE;
	error = errno_open(names_self(guest->state->names, &file->dir, ACCESS_LIST, &place));
	if (error)
		return error;
	if (place.kind == PLACE_HOLE || is_listed_truly(guest, &place))
		return listing_asked(guest, &place, out);
	if (place.kind == PLACE_SYNTHETIC)
		return listing_made(guest, &place, out);
	if (place.kind != PLACE_COVERED)
		return WASI_NOTDIR;
	if (!(place.mount->access & ACCESS_LIST))
		return WASI_NOTCAPABLE;
	fd = names_open(&place, O_RDONLY | O_DIRECTORY, 0);
	return fd < 0 ? errno_open(fd) : listing_of_fd(guest, fd, true, place.mount, out);
}

/* Copies what fits; what does not is cut, which tells the guest to come again with more room. */
static uint32_t entry_write(uint8_t *to, uint32_t room, const struct entry *entry, uint64_t index)
{
	struct wasi_dirent head = { .next = index + 1, .ino = entry->ino, .namlen = (uint32_t)entry->name.len, .filetype = entry->filetype };
	uint32_t n = room < sizeof head ? room : (uint32_t)sizeof head;
	uint32_t rest = room - n < entry->name.len ? room - n : (uint32_t)entry->name.len;

	guest_put(to, &head, n);
	if (rest)
		guest_put(to + n, entry->name.at, rest);
	return n + rest;
}

static uint32_t fill(struct guest *guest, struct listing *listing, uint8_t *to, uint32_t len, uint64_t cookie, uint32_t *used)
{
	struct entry entry;
	int there = len ? listing_seek(guest, listing, cookie, &entry) : 0;

	while (there > 0) {
		*used += entry_write(to + *used, len - *used, &entry, listing->index);
		if (*used == len)
			return WASI_SUCCESS;	/* this one may be cut: it comes next again */
		entry_step(listing);
		there = entry_peek(guest, listing, &entry);
	}
	return errno_wasi(there);
}

uint32_t wasi_fd_readdir(struct guest *guest, uint32_t fd, uint32_t buf, uint32_t len, uint64_t cookie, uint32_t out)
{
	void *out_at = guest_range(guest, out, sizeof(uint32_t));
	uint8_t *to = guest_range(guest, buf, len);
	uint32_t error, used = 0;
	struct file *file;

	error = descriptors_get(guest->state->descriptors, fd, RIGHT_FD_READDIR, &file);
	if (error)
		return error;
	if (!to || !out_at)
		return WASI_FAULT;
	if (file->kind != FILE_DIRECTORY)
		return WASI_NOTDIR;
	if (!file->listing)
		error = listing_open(guest, file, &file->listing);
	if (!error)
		error = fill(guest, file->listing, to, len, cookie, &used);
	guest_put_u32(out_at, error ? 0 : used);	/* also when it failed: some guests loop on what was there (W24) */
	return error;
}
