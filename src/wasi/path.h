/*
 * path.h - what the calls on paths share: one resolver for all of them (W22). wasi/ only.
 *
 * A call is a struct path_op, usually the first member of something larger, and says
 * what it does on each kind of place. Beneath a mount it acts itself, after the
 * mount's words were checked against the final flags; in a hole the need goes to the
 * door with the final flags, and comes back carried out.
 */
#ifndef WASI_PATH_H
#define WASI_PATH_H

#include "cap/flags.h"
#include "wasi/state.h"

struct path_op;

enum { PATH_ASK = 1 };

struct path_act {
	/* Beneath a mount that has the words. 0; -EXDEV: it leaves; PATH_ASK: no grant covers this after all; or a negative errno. */
	int (*covered)(struct path_op *op, struct place *place);
	/* The judge carried it out; ANSWER's descriptors are ours. NULL: nothing is to be taken over. */
	uint32_t (*answered)(struct path_op *op, struct place *place, struct answer *answer);
	/* A synthetic directory or a device. */
	uint32_t (*made)(struct path_op *op, const struct place *place);
};

struct path_op {
	const struct path_act *act;
	struct guest *guest;
	struct need need;		/* call, flags, target and times; path_run fills in the rest */
	access_set covered;		/* what a mount must have */
};

/* Resolves PATH from the directory FD, which must have RIGHTS, and acts. */
uint32_t path_run(struct path_op *op, uint32_t fd, uint64_t rights, struct text path);

/* The directory FD, if it has RIGHTS: SUCCESS, BADF, NOTDIR, NOTCAPABLE. */
uint32_t path_dir(struct guest *guest, uint32_t fd, uint64_t rights, struct file **out);

/* PLACE's name for a need: with the slash that it ended in. Lies in PLACE. */
struct text path_asked_name(struct place *place);

/* Is what MOUNT does not give refused here and now? Else the judge is asked. */
bool path_refused(const struct guest *guest);

/* Beneath a mount, by parent and last component. ACT is given both; its result is returned. */
int path_in_parent(struct path_op *op, struct place *place, int (*act)(struct path_op *op, int fd, const char *leaf));

/* Opens the directory that PLACE (COVERED) is, O_PATH, for a use that takes ACCESS: its grant and path_fits agree. OUT is what it is. A descriptor, or a negative errno. */
int path_open_self(const struct place *place, access_set access, struct stat *out);

/* Refuses what lies on proc and the like (P06, P07) and what is protected (I9), by the object, for a use that takes ACCESS. FD may be O_PATH. 0; -EACCES; PATH_ASK: the mount does not give it. */
int path_fits(const struct place *place, int fd, const struct stat *st, access_set access);

#endif
