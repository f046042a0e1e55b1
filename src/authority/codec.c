/* codec.c - numbers and texts to bytes and back; see codec.h. */
#include "authority/codec.h"

void put_u8(struct buf *out, uint8_t v)
{
	buf_add(out, &v, 1);
}

void put_u32(struct buf *out, uint32_t v)
{
	const uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	buf_add(out, bytes, sizeof bytes);
}

void put_i32(struct buf *out, int32_t v)
{
	put_u32(out, (uint32_t)v);
}

void put_u64(struct buf *out, uint64_t v)
{
	put_u32(out, (uint32_t)v);
	put_u32(out, (uint32_t)(v >> 32));
}

void put_text(struct buf *out, struct text v)
{
	if (v.len > UINT32_MAX) {
		out->failed = true;
		return;
	}
	put_u32(out, (uint32_t)v.len);
	buf_text(out, v);
}

void put_time(struct buf *out, struct timespec v)
{
	put_u64(out, (uint64_t)v.tv_sec);
	put_u64(out, (uint64_t)v.tv_nsec);
}

void put_stat(struct buf *out, struct stat v)
{
	put_u64(out, v.st_dev);
	put_u64(out, v.st_ino);
	put_u32(out, v.st_mode);
	put_u64(out, v.st_nlink);
	put_u64(out, (uint64_t)v.st_size);
	put_time(out, v.st_atim);
	put_time(out, v.st_mtim);
	put_time(out, v.st_ctim);
}

void put_texts(struct buf *out, struct texts v)
{
	put_u32(out, (uint32_t)v.n);
	for (size_t i = 0; i < v.n; i++)
		put_text(out, v.at[i]);
}

void put_excludes(struct buf *out, struct excludes v)
{
	put_u32(out, (uint32_t)v.n);
	put_texts(out, v.homes);
	for (size_t i = 0; i < v.n; i++) {
		put_text(out, v.at[i].pattern);
		put_text(out, v.at[i].literal);
		put_u32(out, v.at[i].access);
		put_u32(out, v.at[i].flags);
	}
	put_u32(out, (uint32_t)v.nobjects);
	for (size_t i = 0; i < v.nobjects; i++) {
		put_u64(out, v.objects[i].id.dev);
		put_u64(out, v.objects[i].id.ino);
		put_u32(out, v.objects[i].access);
	}
}

/* N bytes, or NULL: then nothing more is read. */
static const uint8_t *take(struct reader *in, size_t n)
{
	const uint8_t *at = (const uint8_t *)in->rest.at;

	if (in->failed || in->rest.len < n) {
		in->failed = true;
		return NULL;
	}
	in->rest = text_from(in->rest, n);
	return at;
}

void get_u8(struct reader *in, uint8_t *out)
{
	const uint8_t *at = take(in, 1);

	*out = at ? at[0] : 0;
}

void get_u32(struct reader *in, uint32_t *out)
{
	const uint8_t *at = take(in, 4);

	*out = at ? at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24 : 0;
}

void get_i32(struct reader *in, int32_t *out)
{
	uint32_t v;

	get_u32(in, &v);
	*out = (int32_t)v;
}

void get_u64(struct reader *in, uint64_t *out)
{
	uint32_t low, high;

	get_u32(in, &low);
	get_u32(in, &high);
	*out = low | (uint64_t)high << 32;
}

void get_text(struct reader *in, struct text *out)
{
	uint32_t len;
	const uint8_t *at;

	get_u32(in, &len);
	at = take(in, len);
	*out = at ? (struct text){ (const char *)at, len } : (struct text){ 0 };
}

void get_time(struct reader *in, struct timespec *out)
{
	uint64_t sec, nsec;

	get_u64(in, &sec);
	get_u64(in, &nsec);
	*out = (struct timespec){ (time_t)sec, (long)nsec };
}

void get_stat(struct reader *in, struct stat *out)
{
	uint64_t dev, ino, nlink, size;
	uint32_t mode;

	*out = (struct stat){ 0 };
	get_u64(in, &dev);
	get_u64(in, &ino);
	get_u32(in, &mode);
	get_u64(in, &nlink);
	get_u64(in, &size);
	out->st_dev = dev;
	out->st_ino = ino;
	out->st_mode = mode;
	out->st_nlink = nlink;
	out->st_size = (off_t)size;
	get_time(in, &out->st_atim);
	get_time(in, &out->st_mtim);
	get_time(in, &out->st_ctim);
}

size_t get_count(struct reader *in, size_t least)
{
	uint32_t n;

	get_u32(in, &n);
	if (in->failed || n > in->rest.len / least) {
		in->failed = true;
		return 0;
	}
	return n;
}

void get_texts(struct reader *in, struct arena *arena, struct texts *out)
{
	size_t n = get_count(in, 4);

	*out = (struct texts){ arena_new(arena, n, sizeof *out->at), n };
	if (!out->at) {
		in->failed = true;
		*out = (struct texts){ 0 };
		return;
	}
	for (size_t i = 0; i < n; i++)
		get_text(in, &out->at[i]);
}

static void get_objects(struct reader *in, struct excludes *out)
{
	size_t n = get_count(in, 20);
	struct excluded_object *at = n ? arena_new(in->arena, n, sizeof *at) : NULL;

	for (size_t i = 0; at && i < n; i++) {
		get_u64(in, &at[i].id.dev);
		get_u64(in, &at[i].id.ino);
		get_u32(in, &at[i].access);
	}
	in->failed |= n && !at;
	out->objects = at;
	out->nobjects = at ? n : 0;
}

void get_excludes(struct reader *in, struct excludes *out)
{
	size_t n = get_count(in, 16);
	struct exclude *at = n ? arena_new(in->arena, n, sizeof *at) : NULL;

	*out = (struct excludes){ .at = at, .n = at ? n : 0 };
	get_texts(in, in->arena, &out->homes);
	for (size_t i = 0; at && i < n; i++) {
		get_text(in, &at[i].pattern);
		get_text(in, &at[i].literal);
		get_u32(in, &at[i].access);
		get_u32(in, &at[i].flags);
		in->failed |= (at[i].flags & ~(uint32_t)EXCLUDE_FLAGS) != 0;
	}
	in->failed |= n && !at;
	get_objects(in, out);
}
