/*
 * class.h - what sort of hole a name is (design/decisions.md 5, 8, 10), by name alone.
 *
 * Pure: looks at text and at the evidence collected at start, never at the host.
 * The judge calls it twice, with the name as reached for and with the true path of
 * the opened object, and lets the stricter hold.
 */
#ifndef POLICY_CLASS_H
#define POLICY_CLASS_H

#include "cap/exclude.h"
#include "cap/start.h"

/* Columns of the table, strictest first: a smaller number is stricter. */
enum class {
#define CLASS(name, word) CLASS_##name,
#include "policy/classes.def"
#undef CLASS
	CLASSES
};

/* The caller's home, and where it leads when that is another name; empty: none known. */
enum { EVIDENCE_HOMES = 2 };

/* The evidence of one run; all names absolute and folded. Built by judge/evidence.c. */
struct evidence {
	struct text cwd;
	struct text homes[EVIDENCE_HOMES];
	struct texts paths;		/* components of PATH */
	struct texts companions;	/* relative paths; besides companions.def */
	const struct start_arg *args;	/* what the command line names, sorted by name (evidence_sort) */
	const bool *arg_is_dir;		/* existed as a directory, or is an output directory to be; parallel to args */
	size_t nargs;
	struct texts places;		/* projects and directories of named files (near), sorted */
	const struct exclude_set *secrets;	/* NULL: everything is one */
	struct excludes secret_names;	/* what it was made of */
};

/* CHANGING: the word at hand changes or creates; a look counts as reading. */
enum class class_of(const struct evidence *evidence, struct text name, bool changing);

/* By name only (decisions.md 5). */
bool name_is_broad(const struct evidence *evidence, struct text name);
bool name_is_secret(const struct evidence *evidence, struct text name, bool changing);
bool arg_names_beneath(const struct evidence *evidence, size_t arg);	/* does this argument name what is beneath it? */
bool name_is_quiet(const struct evidence *evidence, struct text name);
bool name_is_home(const struct evidence *evidence, struct text name);
bool name_is_pycache(struct text name);			/* __pycache__, or in one */

/* The built-in secrets, of these homes and of those that are homes anyway. */
struct excludes secrets_of(struct texts homes);

struct secret_lines;

/* The user's (policy/data.h; NULL: none), in ARENA; and both. 0 or -ENOMEM. */
int secrets_more(struct arena *arena, struct texts homes, const struct secret_lines *more, struct excludes *out);
int secrets_all(struct arena *arena, const struct excludes *more, struct excludes *out);

/* The homes that NAME is, or lies beneath: at most HOMES of them. Returns how many; each is a prefix of NAME. */
enum { HOMES = EVIDENCE_HOMES + 2 };
size_t name_homes(const struct evidence *evidence, struct text name, struct text out[HOMES]);

const char *class_word(enum class class);

#endif
