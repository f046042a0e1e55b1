/*
 * broker.h - questions over a Unix socket (design/protocols.md 2).
 *
 * A broken broker is unavailable, never yes: what it says out of turn, too long or
 * malformed, its silence at the start and its end all close the connection, and with
 * it every open question and every later one.
 */
#ifndef ASK_BROKER_H
#define ASK_BROKER_H

#include "ask/ask.h"
#include "ask/message.h"

/*
 * Connects to the socket at PATH, greets, and waits for its hello. 0, or a negative
 * errno with WHY (static): nobody there who may answer. FACTS are used during the call.
 */
int broker_asker(const char *path, const struct run_facts *facts, struct asker *out, const char **why);

/* Answers to no open question: stale, unknown or said twice. */
uint64_t broker_ignored(const struct asker *asker);

#endif
