/*
 * buf.h - bytes that are being put together.
 *
 * Grows as needed up to a limit given at the start. The first failure (no memory,
 * limit) sticks: later calls do nothing, and only the one who uses the result
 * asks buf_ok. A zeroed struct buf with a limit is ready for use.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct buf {
	char *at;
	size_t len, size;
	size_t limit;		/* bytes; 0: LIMIT_MESSAGE */
	bool failed;
};

void buf_add(struct buf *buf, const void *at, size_t n);
void buf_text(struct buf *buf, struct text t);
void buf_str(struct buf *buf, const char *s);
void buf_char(struct buf *buf, char c);
void buf_print(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_ok(const struct buf *buf);
struct text buf_view(const struct buf *buf);	/* borrowed until the next call; empty when it failed */
void buf_reset(struct buf *buf);		/* empty again, memory kept */
void buf_done(struct buf *buf);

#endif
