/*
 * class.h - what sort of hole a name is (design/decisions.md 5, 8, 10), by name alone.
 *
 * Pure: looks at text and at the evidence collected at start, never at the host.
 * The judge calls it twice, with the name as reached for and with the true path of
 * the opened object, and lets the stricter hold.
 */
#ifndef POLICY_CLASS_H
#define POLICY_CLASS_H

#include "base/arena.h"
#include "cap/start.h"

/* Columns of the table, strictest first: a smaller number is stricter. */
enum class {
#define CLASS(name, word) CLASS_##name,
#include "policy/classes.def"
#undef CLASS
	CLASSES
};

/* The evidence of one run; all names absolute and folded. Built by judge/evidence.c. */
struct evidence {
	struct text cwd, home;		/* home empty: none known */
	struct text true_home;		/* where home leads, when that is another name; else empty */
	struct texts paths;		/* components of PATH */
	const struct start_arg *args;	/* what the command line names, sorted by name (evidence_sort) */
	const bool *arg_is_dir;		/* existed as a directory, or is an output directory to be; parallel to args */
	size_t nargs;
	struct texts places;		/* projects and directories of named files (near), sorted */
};

/* CHANGING: the word at hand changes or creates; a look counts as reading. */
enum class class_of(const struct evidence *evidence, struct text name, bool changing);

/* By name only (decisions.md 5). */
bool name_is_broad(const struct evidence *evidence, struct text name);
bool name_is_secret(const struct evidence *evidence, struct text name, bool changing);
bool name_is_quiet(const struct evidence *evidence, struct text name);
bool name_is_home(const struct evidence *evidence, struct text name);
bool name_is_pycache(struct text name);			/* __pycache__, or in one */

/* The homes that NAME is, or lies beneath: at most HOMES of them. Returns how many; each is a prefix of NAME. */
enum { HOMES = 4 };
size_t name_homes(const struct evidence *evidence, struct text name, struct text out[HOMES]);

const char *class_word(enum class class);

#endif
