/* codec.h - numbers and texts to bytes and back: little-endian, checked. authority/ only. */
#ifndef AUTHORITY_CODEC_H
#define AUTHORITY_CODEC_H

#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cap/exclude.h"

struct reader {
	struct text rest;
	struct arena *arena;	/* for what needs room of its own */
	bool failed;		/* sticks: what is read afterwards is zero */
};

void put_u8(struct buf *out, uint8_t v);
void put_u32(struct buf *out, uint32_t v);
void put_i32(struct buf *out, int32_t v);
void put_u64(struct buf *out, uint64_t v);
void put_text(struct buf *out, struct text v);
void put_time(struct buf *out, struct timespec v);
void put_stat(struct buf *out, struct stat v);
void put_texts(struct buf *out, struct texts v);
void put_excludes(struct buf *out, struct excludes v);

void get_u8(struct reader *in, uint8_t *out);
void get_u32(struct reader *in, uint32_t *out);
void get_i32(struct reader *in, int32_t *out);
void get_u64(struct reader *in, uint64_t *out);
void get_text(struct reader *in, struct text *out);	/* a view */
void get_time(struct reader *in, struct timespec *out);
void get_stat(struct reader *in, struct stat *out);
void get_texts(struct reader *in, struct arena *arena, struct texts *out);
void get_excludes(struct reader *in, struct excludes *out);	/* in the reader's arena */

/* A count of things of at least LEAST bytes each, so that it cannot exceed what was sent; 0 when failed. */
size_t get_count(struct reader *in, size_t least);

#endif
