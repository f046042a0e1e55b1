/*
 * wire_start.c - the start message as bytes. Monitor to worker only, so it is
 * trusted; it is checked all the same, because both ends change.
 */
#include "authority/wire.h"

#include <errno.h>

#include "authority/codec.h"
#include "base/limits.h"

static void put_args(struct buf *out, const struct start *start)
{
	put_u32(out, (uint32_t)start->nargs);
	for (size_t i = 0; i < start->nargs; i++) {
		const struct start_arg *arg = &start->args[i];

		put_text(out, arg->name);
		put_text(out, arg->spelled);
		put_u8(out, (uint8_t)(arg->existed | arg->output << 1 | arg->claims << 2 | arg->beneath << 3));
	}
}

static void put_mounts(struct buf *out, const struct start *start)
{
	put_u32(out, (uint32_t)start->nmounts);
	for (size_t i = 0; i < start->nmounts; i++) {
		const struct start_mount *mount = &start->mounts[i];

		put_text(out, mount->at);
		put_u32(out, mount->access);
		put_u64(out, mount->grant);
		put_u32(out, mount->flags);
	}
}

static void put_dirs(struct buf *out, const struct start *start)
{
	put_u32(out, (uint32_t)start->ndirs);
	for (size_t i = 0; i < start->ndirs; i++) {
		put_text(out, start->dirs[i].name);
		put_texts(out, start->dirs[i].entries);
	}
}

static void put_protected(struct buf *out, const struct start *start)
{
	put_u32(out, (uint32_t)start->nprotected);
	for (size_t i = 0; i < start->nprotected; i++) {
		put_u64(out, start->protected[i].dev);
		put_u64(out, start->protected[i].ino);
		put_text(out, start->protected[i].name);
		put_u8(out, start->protected[i].nothing);
	}
}

void wire_put_start(struct buf *out, const struct start *start)
{
	put_u8(out, (uint8_t)start->mode);
	put_u8(out, start->generation_fd >= 0);
	put_texts(out, start->argv);
	put_texts(out, start->env);
	put_text(out, start->cwd);
	put_text(out, start->home);
	put_texts(out, start->tops);
	put_texts(out, start->locals);
	put_args(out, start);
	put_mounts(out, start);
	put_dirs(out, start);
	put_texts(out, start->tmp);
	put_protected(out, start);
	put_excludes(out, start->exclusions);
}

/* Room for what get_count promised; fails IN when there is no memory. */
static void *room(struct reader *in, struct arena *arena, size_t n, size_t size)
{
	void *at = arena_new(arena, n, size);

	if (!at)
		in->failed = true;
	return at;
}

static void get_args(struct reader *in, struct arena *arena, struct start *out)
{
	size_t n = get_count(in, 9);

	out->args = room(in, arena, n, sizeof *out->args);
	for (size_t i = 0; out->args && i < n; i++) {
		uint8_t bits;

		get_text(in, &out->args[i].name);
		get_text(in, &out->args[i].spelled);
		get_u8(in, &bits);
		out->args[i].existed = bits & 1;
		out->args[i].output = bits & 2;
		out->args[i].claims = bits & 4;
		out->args[i].beneath = bits & 8;
	}
	out->nargs = n;
}

static void get_mounts(struct reader *in, struct arena *arena, struct start *out)
{
	size_t n = get_count(in, 20);

	if (n > LIMIT_MOUNTS)
		in->failed = true;
	out->mounts = room(in, arena, n, sizeof *out->mounts);
	for (size_t i = 0; out->mounts && i < n; i++) {
		get_text(in, &out->mounts[i].at);
		get_u32(in, &out->mounts[i].access);
		get_u64(in, &out->mounts[i].grant);
		get_u32(in, &out->mounts[i].flags);
		out->mounts[i].fd = -1;
	}
	out->nmounts = n;
}

static void get_dirs(struct reader *in, struct arena *arena, struct start *out)
{
	size_t n = get_count(in, 8);

	out->dirs = room(in, arena, n, sizeof *out->dirs);
	for (size_t i = 0; out->dirs && i < n; i++) {
		get_text(in, &out->dirs[i].name);
		get_texts(in, arena, &out->dirs[i].entries);
	}
	out->ndirs = n;
}

static void get_protected(struct reader *in, struct arena *arena, struct start *out)
{
	size_t n = get_count(in, 21);

	out->protected = room(in, arena, n, sizeof *out->protected);
	for (size_t i = 0; out->protected && i < n; i++) {
		uint8_t nothing;

		get_u64(in, &out->protected[i].dev);
		get_u64(in, &out->protected[i].ino);
		get_text(in, &out->protected[i].name);
		get_u8(in, &nothing);
		out->protected[i].nothing = nothing;
	}
	out->nprotected = n;
}

int wire_get_start(struct arena *arena, struct text body, struct start *out)
{
	struct reader in = { .rest = body, .arena = arena };
	struct start start = { 0 };
	uint8_t mode, generation;

	get_u8(&in, &mode);
	get_u8(&in, &generation);
	get_texts(&in, arena, &start.argv);
	get_texts(&in, arena, &start.env);
	get_text(&in, &start.cwd);
	get_text(&in, &start.home);
	get_texts(&in, arena, &start.tops);
	get_texts(&in, arena, &start.locals);
	get_args(&in, arena, &start);
	get_mounts(&in, arena, &start);
	get_dirs(&in, arena, &start);
	get_texts(&in, arena, &start.tmp);
	get_protected(&in, arena, &start);
	get_excludes(&in, &start.exclusions);
	if (in.failed || in.rest.len || mode > MODE_OFF)
		return -EPROTO;
	start.mode = (enum ask_mode)mode;
	start.generation_fd = generation ? 0 : -1;	/* 0: one more descriptor came along; authority_start puts it here */
	*out = start;
	return 0;
}
