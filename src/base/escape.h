/*
 * escape.h - the one function that makes bytes fit to be shown.
 *
 * Text is stored as it is and escaped when it is shown: on a terminal, in a
 * question, in the log, in JSON, in a rule. Injective: two different inputs never
 * give the same output, so what is shown is what is meant (U03).
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"

/*
 * Adds T as plain printable UTF-8. Backslash, invalid bytes and every character
 * of the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp, also separators other
 * than the plain space and what is shown as nothing (default-ignorable), become
 * \xNN, one for each byte.
 */
void escape_plain(struct buf *out, struct text t);

/*
 * As escape_plain, but at most LIMIT_GUEST_TEXT bytes of T: what is cut off is
 * said with the whole length ("... (4095 bytes)").
 */
void escape_cut(struct buf *out, struct text t);

/*
 * Adds T as one token of a rule (design/protocols.md section 1): bare when it
 * needs no quotes, else in quotes with \" \\ and \xNN inside.
 */
void escape_token(struct buf *out, struct text t);
void escape_quoted(struct buf *out, struct text t);	/* the same, always in quotes */

#endif
