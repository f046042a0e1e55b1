/* listen.h - the sockets of --listen, opened before the run. */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include "cli/cli.h"

/* ADDRESS:PORT, a socket that listens there (of port 0 a line on stderr says which it is), or negative: the status to exit with, after such a line. */
int listen_open(const char *where);

#endif
