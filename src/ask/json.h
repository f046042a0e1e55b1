/*
 * json.h - JSON as a broker and a report see it: written by hand into a buffer, read
 * strictly.
 *
 * What is written is plain printable UTF-8 on one line. What is read is a subset that
 * no two parsers read differently: no duplicate keys, depth LIMIT_BROKER_DEPTH,
 * integers only, no NUL, valid UTF-8 (B10).
 */
#ifndef ASK_JSON_H
#define ASK_JSON_H

#include <jansson.h>

#include "cap/access.h"

/* Each adds one value. */
void json_put_text(struct buf *out, struct text t);	/* text that is fit to be shown already */
void json_put_str(struct buf *out, const char *s);	/* the same; NULL: null */
void json_put_plain(struct buf *out, struct text t);	/* raw bytes, escaped for showing */
void json_put_token(struct buf *out, struct text t);	/* raw bytes, as a rule's token */
void json_put_access(struct buf *out, access_set access);	/* ["read","write"] */
void json_put_texts(struct buf *out, struct texts texts);	/* an array of json_put_text */
void json_put_plains(struct buf *out, struct texts texts);	/* an array of json_put_plain */
void json_put_hex(struct buf *out, const uint8_t *at, size_t n);

/* One object, or NULL. The caller owns it: json_decref. */
json_t *json_read(struct text line);

/* The text of a member, valid as long as OBJECT; .at NULL: there is none, or it is no string. */
struct text json_text_of(const json_t *object, const char *key);

#endif
