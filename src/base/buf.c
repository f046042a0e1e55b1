/* buf.c - bytes that are being put together; see buf.h. */
#include "base/buf.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"

static bool buf_room(struct buf *buf, size_t n)
{
	size_t limit = buf->limit ? buf->limit : (size_t)LIMIT_MESSAGE, size = buf->size ? buf->size : 64;
	char *grown;

	if (buf->failed || n > limit || buf->len > limit - n) {
		buf->failed = true;
		return false;
	}
	if (buf->len + n <= buf->size)
		return true;
	while (size < buf->len + n)
		size *= 2;
	grown = mem_grow(buf->at, buf->size, size, 1);
	if (!grown) {
		buf->failed = true;
		return false;
	}
	buf->at = grown;
	buf->size = size;
	return true;
}

void buf_add(struct buf *buf, const void *at, size_t n)
{
	if (n == 0 || !buf_room(buf, n))
		return;
	memcpy(buf->at + buf->len, at, n);
	buf->len += n;
}

void buf_text(struct buf *buf, struct text t)
{
	buf_add(buf, t.at, t.len);
}

void buf_str(struct buf *buf, const char *s)
{
	buf_text(buf, text_of(s));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_print(struct buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !buf_room(buf, (size_t)n + 1)) {
		buf->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(buf->at + buf->len, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

bool buf_ok(const struct buf *buf)
{
	return !buf->failed;
}

struct text buf_view(const struct buf *buf)
{
	return buf->failed ? (struct text){ 0 } : (struct text){ buf->at, buf->len };
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

void buf_done(struct buf *buf)
{
	mem_free(buf->at);
	*buf = (struct buf){ .limit = buf->limit };
}
