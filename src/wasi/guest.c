/*
 * guest.c - a guest put together: standard descriptors, preopens, its own state.
 *
 * Only what it was given is open; nothing comes from the process around it.
 */
#include "wasi/guest.h"

#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "wasi/state.h"

enum { STDIO = 3 };

/* None of 0 to 2 reports fd_seek or fd_tell: a libc would take a terminal for a file (isatty). */
static const struct {
	uint64_t rights;
	access_set access;
} stdio_gives[STDIO] = {
	{ RIGHT_FD_READ, ACCESS_READ },
	{ RIGHT_FD_WRITE | RIGHT_FD_SYNC | RIGHT_FD_DATASYNC, ACCESS_WRITE },
	{ RIGHT_FD_WRITE | RIGHT_FD_SYNC | RIGHT_FD_DATASYNC, ACCESS_WRITE },
};

enum { SOCKET_RIGHTS = RIGHTS_CONNECTION | RIGHT_SOCK_ACCEPT };

static bool is_socket(mode_t mode)
{
	return (mode & S_IFMT) == S_IFSOCK;
}

/* A directory, or nothing that is open, is closed for the guest. */
static uint32_t add_stdio(struct guest_state *state, const struct guest_options *options, uint32_t i)
{
	struct file file = { .kind = FILE_STDIO, .fd = options->stdio[i], .borrowed = true, .sanitise = options->sanitise[i] };
	struct stat st;

	if (file.fd < 0 || sys_fstat(file.fd, &st) < 0 || (st.st_mode & S_IFMT) == S_IFDIR)
		return WASI_SUCCESS;
	file.filetype = filetype_of(st.st_mode);
	file.access = stdio_gives[i].access;
	file.base = stdio_gives[i].rights | RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_FILESTAT_GET | RIGHT_POLL_FD_READWRITE;
	if (is_socket(st.st_mode)) {
		file.base |= SOCKET_RIGHTS;
		file.inheriting = RIGHTS_CONNECTION;
		file.access = ACCESS_READ | ACCESS_WRITE;
	}
	return descriptors_put_at(state->descriptors, i, &file);
}

/* The preopens, from 3 on: how many. What a virtual one may do is asked name by name. */
static int add_preopens(struct guest_state *state)
{
	struct names_dir dir;
	struct text name;
	unsigned i;

	for (i = 0; names_preopen(state->names, i, &dir, &name) == 0; i++) {
		struct file file = { .kind = FILE_DIRECTORY, .fd = dir.fd, .borrowed = true, .filetype = WASI_FT_DIR,
				     .base = RIGHTS_ALL, .inheriting = RIGHTS_ALL, .preopen = i + 1, .dir = dir };
		char *copy = mem_new(dir.name.len + 1, 1);

		if (!copy)
			return -ENOMEM;
		if (dir.name.len)
			memcpy(copy, dir.name.at, dir.name.len);
		file.dir.name = (struct text){ copy, dir.name.len };
		file.access = dir.mount ? dir.mount->access : ACCESS_ALL;
		file.grant = dir.mount ? dir.mount->grant : 0;
		if (descriptors_put_at(state->descriptors, STDIO + i, &file)) {
			mem_free(copy);
			return -EMFILE;
		}
	}
	return (int)i;
}

/* From NUMBER on. A program finds them as it does anywhere: it looks from 3 on for what is a socket. */
static int add_sockets(struct guest_state *state, const struct guest_options *options, uint32_t number)
{
	struct stat st;

	for (size_t i = 0; i < options->nlisten; i++) {
		struct file file = { .kind = FILE_SOCKET, .fd = options->listen[i], .borrowed = true, .filetype = WASI_FT_STREAM,
				     .base = SOCKET_RIGHTS, .inheriting = RIGHTS_CONNECTION, .access = ACCESS_READ | ACCESS_WRITE };
		int error = sys_fstat(file.fd, &st);

		if (error < 0)
			return error;
		if (!is_socket(st.st_mode))
			return -ENOTSOCK;
		if (descriptors_put_at(state->descriptors, number + (uint32_t)i, &file))
			return -EMFILE;
	}
	return 0;
}

static int state_fill(struct guest_state *state, const struct guest_options *options)
{
	int error = names_new(options->start, &state->names);

	if (error < 0)
		return error;
	error = sys_random(&state->inode_key, sizeof state->inode_key);
	if (error < 0)
		return error;
	state->authority = options->authority;
	state->start = options->start;
	state->descriptors = descriptors_new();
	state->random = random_new();
	state->output = output_new(options->stdio);
	if (!state->descriptors || !state->random || !state->output)
		return -ENOMEM;
	for (uint32_t i = 0; i < STDIO; i++)
		if (add_stdio(state, options, i))
			return -EMFILE;
	error = add_preopens(state);
	return error < 0 ? error : add_sockets(state, options, STDIO + (uint32_t)error);
}

static void state_free(struct guest_state *state)
{
	if (!state)
		return;
	descriptors_free(state->descriptors);
	names_free(state->names);
	output_free(state->output);
	random_free(state->random);
	mem_free(state);
}

/* The mounts' descriptors pass even when this fails. */
int guest_new(const struct guest_options *options, struct guest **out)
{
	struct guest *guest = mem_new(1, sizeof *guest);
	struct guest_state *state = mem_raw(sizeof *state);	/* its iovecs are written before they are read */
	int error = -ENOMEM;

	if (state)
		memset(state, 0, offsetof(struct guest_state, iovecs));
	if (guest && state) {
		error = state_fill(state, options);
	} else {
		for (size_t i = 0; i < options->start->nmounts; i++)
			sys_close(options->start->mounts[i].fd);
	}
	if (error < 0) {
		state_free(state);
		mem_free(guest);
		return error;
	}
	guest->state = state;
	*out = guest;
	return 0;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	output_end(guest->state->output);
	guest_tally(guest);
	state_free(guest->state);
	mem_free(guest);
}

void guest_tally(struct guest *guest)
{
	names_tallies(guest->state->names, guest->state->authority);
}

uint32_t guest_file(struct guest *guest, uint32_t fd, uint64_t rights, access_set access, struct file **out)
{
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, fd, rights, &file);

	if (error)
		return error;
	if (!access_covers(file->access, access))
		return WASI_NOTCAPABLE;
	*out = file;
	return WASI_SUCCESS;
}
