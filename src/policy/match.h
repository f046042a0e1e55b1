/*
 * match.h - a set of rules, and which of them speaks (design/protocols.md 1).
 *
 * A match allocates nothing and cannot fail. It does not know what was granted,
 * remembered or protected: decisions.md 3 says who speaks before and after rules.
 * Deny and hide hold under every name and for every name of the object; allow and
 * ask for the true path of the opened object alone.
 */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include "base/arena.h"
#include "cap/rule.h"

struct rules;

/* What a rule's path led to when it was opened. An absent one: true path of the nearest ancestor there is, and the rest. */
struct rule_object {
	struct text path;		/* true path, links followed; of a pattern: of its directory; empty: not known, the rule's own counts */
	struct file_id self;		/* what the path names; of a link: the link itself; 0, 0: absent */
	struct file_id target;		/* of a link: where it leads; else 0, 0 */
	bool linked;			/* a file with more than one name: it may lie anywhere */
};

/* A rule in the set. */
struct ruling {
	struct rule rule;
	struct rule_source source;
	struct rule_object object;
	bool bound;			/* OBJECT was given */
};

struct rules *rules_new(void);				/* NULL: no memory */
void rules_free(struct rules *rules);			/* NULL ok */
struct arena *rules_arena(struct rules *rules);		/* lives as long as RULES: parse into it */

/* Makes room for N more at once; not needed, but quicker. 0 or -ENOMEM. */
int rules_expect(struct rules *rules, size_t n);

/* Adds a copy of RULE, whose texts (and the source's) live as long as RULES. Its index, from 0, or -ENOMEM. */
int rules_add(struct rules *rules, const struct rule *rule, const struct rule_source *source);

/*
 * Says what rule I led to; again when it is tried again. PATH is copied. Until
 * then a rule goes by its own path. 0 or -ENOMEM: the rule is as it was.
 */
int rules_bind(struct rules *rules, size_t i, const struct rule_object *object);

/* For all from 0; NULL: I is past the end. It never moves. */
const struct ruling *rules_at(const struct rules *rules, size_t i);

/* What is known of a file that is reached for. All names absolute and folded; empty: not known. */
struct known {
	struct text written;		/* host name as it was reached for */
	struct text link;		/* true path of the link that was followed at its end */
	struct text path;		/* true path of the opened object; of a new name: true parent and name */
	struct file_id ids[3];		/* of the object, the link, its target, in any order; 0, 0: not known */
	const struct file_id *above;	/* of the directories above the object, the one that holds it first */
	size_t nabove;
};

enum rule_stage {
	STAGE_FORBID,			/* deny and hide */
	STAGE_PERMIT,			/* ask and allow */
};

/* The rule that speaks for ONE access word (a bit of access.def) at this stage; NULL: none. */
const struct ruling *rules_match(const struct rules *rules, enum rule_stage stage, const struct known *known, access_set word);
const struct ruling *rules_match_env(const struct rules *rules, enum rule_stage stage, struct text name);
const struct ruling *rules_match_net(const struct rules *rules, enum rule_stage stage, struct text host, uint16_t port, access_set word);
const struct ruling *rules_match_request(const struct rules *rules, enum rule_stage stage);

/* By name alone, before anything is opened: does an allow or ask rule for one of WORDS have NAME, by its own path or by its true one? */
bool rules_permit_name(const struct rules *rules, struct text name, access_set words);

/* Is it worth while to fill in KNOWN.above: is there a subtree or pattern to be denied or hidden by object? */
bool rules_want_above(const struct rules *rules);

/*
 * The next rule from *I on that is no allow, speaks for one of WORDS, and is about
 * something that lies beneath the directory DIR (true path), or may: names in DIR
 * itself, and files with more than one name. Moves *I past it; NULL: no more.
 */
const struct ruling *rules_beneath(const struct rules *rules, struct text dir, access_set words, size_t *i);

/* Adds what `wask check` says: "deny FILE:LINE", "allow --allow", "ask 12" (a grant's number). */
void ruling_explain(struct buf *out, const struct ruling *ruling);

const char *verb_word(enum verb verb);

/* Does LEAF fit a pattern whose stars are where LITERAL has '0'? A star never gives a leading dot. */
bool rule_leaf_fits(struct text pattern, struct text literal, struct text leaf);

#endif
