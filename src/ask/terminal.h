/*
 * terminal.h - a person at a terminal (design/decisions.md 7.5).
 */
#ifndef ASK_TERMINAL_H
#define ASK_TERMINAL_H

#include "ask/ask.h"

/*
 * Takes over FD, an open /dev/tty, private to us and close-on-exec. 0: OUT is
 * filled in and owns FD, which does not block any more. Negative: FD is not our
 * controlling terminal or there is no memory; FD is still yours, and as it was.
 */
int terminal_asker(int fd, struct asker *out);

#endif
