/*
 * fit.h - what others named, made fit to be read by a person, at the last step (U11).
 *
 * Beyond base/escape.h: of several spaces in a row all but the first are escaped as
 * well, so that no name can pad itself to the edge of a terminal and go on as if it
 * were our next line (U06). Still injective.
 */
#ifndef ASK_FIT_H
#define ASK_FIT_H

#include "base/buf.h"

void fit_name(struct buf *out, struct text name);	/* whole; more than LIMIT_QUESTION_TEXT: OUT fails */
void fit_words(struct buf *out, struct text words);	/* the program's: cut, with the length */
void fit_quoted(struct buf *out, struct text words);	/* the same in quotes: where it begins and ends is seen */
void fit_rule(struct buf *out, struct text line);	/* a rule as it was printed: its own escapes stay */
void fit_bytes(struct buf *out, struct text name);	/* every byte but plain ASCII as \xNN */

/* Does NAME have what looks like another character: letters of two scripts in one component, or a false slash (U08)? */
bool fit_is_alike(struct text name);

#endif
