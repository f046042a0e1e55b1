/*
 * inside.h - what the files of judge/ share; nobody else includes it.
 *
 * One need is one matter: route (which directory does each name start from) -> object
 * (opened O_PATH, never read) -> weigh (stages in order, to a cell) -> question, when
 * somebody is to be asked: then the matter waits, with its objects open, until the
 * reply comes -> carry (on those very objects). The ledger keeps what was given and
 * refused, the record what happened.
 */
#ifndef JUDGE_INSIDE_H
#define JUDGE_INSIDE_H

#include <stddef.h>

#include "base/limits.h"
#include "judge/evidence.h"
#include "judge/judge.h"
#include "policy/class.h"
#include "policy/rules.h"
#include "policy/table.h"

static inline struct file_id file_id_of(const struct stat *st)
{
	return (struct file_id){ (uint64_t)st->st_dev, (uint64_t)st->st_ino };
}

static inline bool file_id_eq(struct file_id a, struct file_id b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

/*
 * A directory of the host at a guest name: --dir, an answer, the private /tmp, package
 * data. It stays where it is as long as the judge: routes point to it.
 */
struct branch {
	struct text at;			/* guest name, folded; with MOUNT_PREOPEN as typed */
	struct text host;		/* true path of the directory; of a LAZY one as the rule has it, until it is opened */
	struct text typed;		/* host name under which it was given; empty: HOST */
	struct text file;		/* not empty: AT is this one name in the directory, and nothing beneath it */
	int fd;				/* O_PATH; -1: not opened yet */
	access_set access;		/* what it covers by itself; 0: it only leads there */
	access_set offers;		/* of a rule: its words */
	uint64_t grant;
	uint32_t flags;			/* enum mount_flag */
	enum origin origin;
	bool narrow;			/* quiet names in it stay out (decisions.md 7.2) */
	bool told;			/* the worker knows of the ask rules in it */
	enum {
		BRANCH_START,		/* told at start */
		BRANCH_TMP,		/* made when it is reached for, and told then: the private /tmp */
		BRANCH_SELF,		/* the same: the program's own directory */
		BRANCH_DATA,		/* opened when it is reached for, and told then */
		BRANCH_LED,		/* where a rule's or an answer's "at" leads: covers nothing */
		BRANCH_GIVEN,		/* by an answer */
		BRANCH_RULE,		/* by an allow rule: covers what the rule allows, which the rules say */
	} kind;
};

/* Where a guest name starts on the host. */
struct route {
	struct branch *branch;		/* NULL: the host's own root */
	int dirfd;			/* the branch's; AT_FDCWD when REST is absolute, and then not looked at */
	const char *rest;		/* terminated; relative to DIRFD, never empty, or absolute */
	bool slash;			/* it ended in a slash */
	struct text guest;		/* folded guest name */
	struct text host;		/* the host's name of it, folded: what class and table see */
	bool passes_secret;		/* it goes into one and out again by "..": whether that is there is not told */
};

/* What a route leads to, opened to be looked at only. */
struct object {
	int fd;				/* O_PATH; -1: it does not exist */
	int parentfd;			/* O_PATH of the directory that holds NAME; -1: not known */
	bool exists;
	bool dangling;			/* a link that leads nowhere is in the place */
	bool never;			/* a device, FIFO, socket, or on a pseudo file system: never opened */
	int error;			/* why there is neither object nor parent: ENOENT, ENOTDIR, ELOOP, ... */
	struct stat st;			/* when it exists */
	struct file_id id, parent;
	struct file_id link;		/* of a link at the end that was followed; only with LINKS */
	struct text link_path;		/* its own true path; else empty */
	struct text path;		/* true path: of the object; parent's and leaf; deepest existing ancestor and the rest */
	const char *leaf;		/* the name in PARENTFD, terminated; "." when it has none of its own */
	char leaf_text[LIMIT_COMPONENT + 1];
	char text[LIMIT_PATH + LIMIT_COMPONENT + LIMIT_PATH + 4];
	char link_text[LIMIT_PATH + 1];
};

/* Without touching the room for texts: it is large. */
static inline void object_none(struct object *object)
{
	memset(object, 0, offsetof(struct object, text));
	object->fd = object->parentfd = -1;
}

/* What was given: an object, a name in a directory, or names in a directory. */
struct given {
	uint64_t number;
	access_set access;
	enum origin origin;
	bool yes;			/* a yes to a call, not a rule that says so: what the call makes is the run's own */
	int fd;				/* O_PATH of the object or directory, kept so that its inode number stays its own; -1: revoked */
	struct file_id id;
	struct text leaf;		/* empty: the object itself */
	struct text literal;		/* of a pattern: as in struct rule; else empty */
	struct text name;		/* host name under which it was given: nothing else makes a hidden name be looked at */
};

/* What was refused: one question per object, reading or changing (I6). */
struct refused {
	struct file_id id;		/* 0, 0: it did not exist */
	struct file_id parent;		/* with LEAF: the name; 0, 0: not known */
	struct text leaf, name;		/* name: the host name, folded */
	bool changing;
	enum verdict verdict;
	enum outcome outcome;
	enum origin by;
	uint64_t sticks_ns;
};

/* How many questions about changes were put for names in one directory (decisions.md 7.2, dirs). */
struct asked_in {
	struct file_id dir;
	uint64_t n;
};

/* A link that was there at start: an argument spells it, or passes through it (decisions.md 4.5). */
struct seen_link {
	struct text name;		/* the argument's */
	struct text path;		/* where it led */
};

/* What this run made: kept open until it is removed. */
struct own {
	int fd;
	struct file_id id;
	struct text name;		/* host name; owned by the ledger's memory */
};

struct ledger {
	struct given *given;
	size_t ngiven, given_size;
	struct refused *refused;
	size_t nrefused, refused_size;
	struct own *own;		/* a ring of LIMIT_CREATIONS: the oldest is forgotten; NULL: nothing was made yet */
	size_t nown;			/* ever made */
	struct text *listed;		/* host names of directories whose listing was given */
	size_t nlisted, listed_size;
	struct judge_grant *grants;	/* by number, from 1 */
	size_t ngrants, grants_size;
	struct asked_in *asked;
	size_t nasked, asked_size;
};

struct record {
	struct record_row *rows;
	uint32_t *next;			/* of the same bucket, 1 + index */
	size_t n, size;
	uint32_t *heads;		/* of the buckets; NULL: no rows */
	uint64_t omitted;
};

/* What nobody gets, or nobody changes. */
struct guarded {
	struct text name;		/* true path, or as given while absent */
	struct file_id id;		/* 0, 0: absent */
	bool nothing;			/* nothing at all (I9); else only not changed */
	bool linked;			/* it has other names, which may lie anywhere */
};

/* What no mount of the worker covers any more, and it does not know of yet. */
struct news {
	struct exclude *at;
	size_t n, size;
	struct excluded_object *objects;
	size_t nobjects, objects_size;
	bool broken;			/* some of it is not in here */
};

struct matter;

struct judge {
	struct arena arena;		/* lives as long as the judge */
	enum ask_mode mode;
	struct text program, cwd, home, path, tmp_path;
	struct text true_cwd;		/* where the cwd leads; the cwd itself when that is not known */
	struct text self_dir, module_dir;
	const struct judge_data *data;
	size_t ndata;
	struct texts argv, env, set_env;
	struct text *env_names;		/* allow env NAME */
	size_t nenv_names, env_names_size;
	struct guarded *guarded;
	size_t nguarded;
	struct rules *rules;		/* never NULL */
	bool bound;			/* all of them */
	const struct exclude_set *builtin;	/* secrets.def; NULL: to be compiled */
	const struct secret_lines *secrets;	/* the user's, besides secrets.def and companions.def */
	struct texts companions;
	look_fn *look;			/* NULL: `blind` */
	struct evidence evidence;
	bool has_evidence;
	struct seen_link *links;
	size_t nlinks;
	struct texts tmp;		/* host names at or beneath /tmp */
	struct texts synthetic;		/* directories that stand for themselves: their listings are not asked about */
	bool no_args;			/* arguments name nothing */
	bool remembers, fail_fast;
	enum verdict (*recall)(void *self, struct text path, access_set word);
	void *recall_self;
	struct branch **branches;
	size_t nbranches, branches_size;
	int tmp_parentfd;		/* where the private /tmp is a name in; -1: there is none yet */
	int tmp_lockfd;			/* held as long as the run lives: what is not held is of a dead one */
	char tmp_name[32];
	struct ledger ledger;
	struct record record;
	struct asker asker;
	struct asker_sink sink;
	uint64_t questions;
	struct generation generation;
	bool in_process;		/* the guest reads GENERATION itself */
	struct generation *generation_page;	/* shared with the worker; NULL: none */
	int generation_fd;
	bool interrupted;		/* Ctrl-C at a question */
	bool stopped, lost;		/* nobody is asked any more: `stop`, the asker is gone */
	bool failed_fast;
	struct news news;		/* told with the next answer */
	struct matter *waiting;		/* matters that wait for a reply, oldest first, and those whose answer was not taken */
	struct matter *last;		/* whose answer was given last: its texts live until the next call */
	struct matter *spare;		/* to be used again */
	uint64_t tickets, door_ticket;	/* DOOR_TICKET: the door's own need that waits; 0: none */
	struct buf message;		/* why the last reply could not be taken */
	struct authority_server server;
	struct arena call;		/* of a tally or a check: until the next one */
};

/* judge/route.c */
int route_find(struct judge *judge, struct arena *arena, struct text name, struct route *out);	/* texts live in ARENA; -ENOMEM, -EINVAL */
int route_leave(struct arena *arena, struct route *route);	/* out of its branch: the same name, on the host itself */

/* judge/branch.c */
int branch_add(struct judge *judge, const struct branch *branch, struct branch **out);	/* its texts are copied, its fd passes; OUT may be NULL */
int branch_open(struct judge *judge, struct branch *branch);	/* makes or opens a lazy one; 0 or a negative errno */
void branch_end(struct branch *branch);				/* it leads nowhere any more */
bool branch_is_over(const struct branch *branch, const struct object *object);	/* does OBJECT lie in the very directory? */
access_set branch_words(const struct judge *judge, const struct branch *branch);	/* what the worker may do in it by itself; 0: it is not told of it */
struct branch *branch_of_rule(struct judge *judge, const struct ruling *ruling);	/* the directory that an allow rule gives; NULL: none */
bool branch_covers(const struct route *route, access_set access);
bool branch_has_secrets(const struct judge *judge, const struct branch *branch);	/* secret names beneath it are covered */

/* judge/exclude.c: what the worker is told of that no mount covers. It cannot fail: what is missing takes the mounts away. */
void news_of_rule(struct judge *judge, const struct ruling *ruling);	/* no allow */
void news_of_path(struct judge *judge, struct text path);		/* nothing at or beneath PATH */
void news_of_branch(struct judge *judge, struct branch *branch);	/* before it becomes a mount */
int news_of_start(struct judge *judge);					/* all deny and hide rules; -E2BIG: more than can be told */
void news_give(struct judge *judge, struct arena *arena, struct excludes *out);	/* after what is in OUT. In ARENA, but for texts, which are the judge's */
void news_done(struct news *news);

/* judge/self.c */
int self_open(const struct judge *judge);	/* an O_PATH descriptor of the program's own directory, made when it is not there */
int data_add(struct judge *judge);		/* what the program brought along, as branches */

/* judge/tmp.c */
int tmp_make(struct judge *judge, struct text *path);	/* an O_PATH descriptor, or a negative errno */
void tmp_remove(struct judge *judge);

/* judge/object.c */
void object_open(const struct route *route, bool follow, bool links, struct object *out);	/* whatever goes wrong is OUT->error */
size_t object_above(const struct object *object, struct file_id *out, size_t room);	/* the directories it lies in, the nearest first; 0: not known */
int object_parent(struct object *object);		/* of what was opened by following: finds its name; 0 or a negative errno */
int object_same(const struct object *object);		/* does the name still lead to it? 0, or -EACCES, ... */
void object_done(struct object *object);

/* judge/ledger.c */
int ledger_give(struct judge *judge, const struct given *given);		/* texts are copied, fd passes also on failure */
void ledger_take_back(struct judge *judge, size_t given, size_t grants);	/* what was given since there were so many */
access_set ledger_access(const struct ledger *ledger, const struct object *object, access_set excluded, const struct given **last);	/* EXCLUDED: no pattern gives these. LAST: the newest that fits; untouched when there is none */
int ledger_grant(struct judge *judge, const struct rule *rule, enum origin origin, uint64_t *number);	/* a number for what is about to be given */
bool ledger_revoke(struct judge *judge, uint64_t number);	/* what was given under it is gone */
uint64_t ledger_asked_in(struct judge *judge, struct file_id dir, bool again);	/* how often before; AGAIN: and now once more */
bool ledger_knows(const struct ledger *ledger, struct text name);		/* may something that was given, or made, be at NAME? */
int ledger_refuse(struct judge *judge, const struct refused *refused);
const struct refused *ledger_refused(const struct ledger *ledger, const struct object *object, struct text name, bool changing);
void ledger_own(struct judge *judge, int fd, struct text name);		/* FD passes */
bool ledger_is_own(const struct ledger *ledger, struct file_id id);
void ledger_forget(struct ledger *ledger, struct file_id id);
void ledger_move(struct ledger *ledger, struct text from, struct text to);	/* what is its own at or beneath FROM is now called TO */
void ledger_list(struct judge *judge, struct text name);
bool ledger_listed(const struct ledger *ledger, struct text dir);
void ledger_done(struct ledger *ledger);
void generation_bump(struct judge *judge);

/* judge/guard.c */
int guard_add(struct judge *judge, struct text name, bool nothing);
int guard_keep(struct judge *judge, const struct guarded *guarded);	/* as it is; its name lives as long as the judge */
bool guard_refuses(const struct judge *judge, struct text name, const struct object *object, enum act act, enum call call);	/* OBJECT NULL: not opened */

/* judge/alias.c: after the last guard_add, the names that mounts give them besides. 0 or a negative errno */
int guard_aliases(struct judge *judge);

/* judge/bind.c */
int rules_bind_first(struct judge *judge);	/* opens what the rules name, as far as it must be before the guest starts */
int rules_bind_rest(struct judge *judge);	/* and the rest, once, before the first need is looked at */
int rule_bind(struct judge *judge, size_t i);

/* judge/record.c */
struct event {
	const struct need *need;
	enum act act;
	access_set access;
	struct text name, raw, path;	/* RAW: as the worker put it */
	enum class class;
	enum outcome outcome;
	enum origin by;
	access_set gift;
	const char *verb;		/* static */
	bool asked;
};
void record_add(struct judge *judge, const struct event *event);
void record_tally(struct judge *judge, const struct tally *tally);
void record_done(struct record *record);

/* judge/env.c */
int env_make(const struct judge *judge, struct arena *arena, struct text cwd, bool tmp_is_local, struct texts *out);	/* CWD: where the guest stands */

/* judge/start.c */
int judge_look(struct judge *judge);		/* at what the command line names, once */
int add_package(struct judge *judge, struct branch *branch);

/* judge/synthetic.c */
int synthetic_make(struct judge *judge, struct arena *arena, struct start *out);

/* One name of a need on its way to a decision; a rename has two. */
struct side {
	struct route route;
	enum act act;
	access_set access;		/* what a live grant must cover */
	access_set once;		/* what an answer gives to this call alone */
	bool follow, changing;
	bool touched, guarded;
	bool left;			/* the name leaves its branch through a link */
	bool shown;			/* it exists, and the guest may know: a look, a listing or a grant shows it (I10) */
	enum class class, look_class;	/* for the word at hand, and for looking: columns of the table */
	enum class word;		/* what CLASS is called: that of the object, where a link was named */
	access_set secret;		/* words for which it is a secret, by any of its names or by what it is */
	bool holds;			/* it is to be moved, removed or replaced, and a secret of a home or of the system may lie in it */
	const struct file_id *above;
	size_t nabove;
	bool unknown;			/* there was no memory to tell which rules speak: no */
	enum cell cell;
	int error;			/* the call's own, when it is known without a question */
	enum origin by;
	uint64_t grant;
	const struct ruling *ruling;	/* the rule that gave CELL; NULL: none. Good until a rule is added */
	const struct refused *refused;	/* it was refused before */
	int dirfd;			/* the directory that `dirs` stands for; -1: it is not offered */
	struct text dir, dir_at;	/* its true path, and the guest's name of it */
	struct object object;		/* object_none: the host was not touched. Last, for it is large */
};

/* What a matter came to, for the record. */
struct end_of {
	enum outcome outcome;
	enum origin by;
};

/* Lives on the heap: it may have to wait. Its texts live in its arena. */
struct matter {
	struct judge *judge;
	struct matter *next;
	struct arena arena;
	struct need own;
	const struct need *need;	/* OWN */
	size_t n, strictest;		/* STRICTEST: the side that was refused, or stands for the question */
	uint64_t ticket;		/* 0: nobody can ask for it later */
	struct question question;	/* NUMBER 0: it was not put (yet) */
	bool done;
	struct answer answer, *out;	/* OUT: &ANSWER */
	struct end_of end;
	struct side side[2];		/* [1]: a rename's target. Last, for they are large */
};

/* judge/weigh.c */
void side_weigh(struct matter *matter, struct side *side);	/* opens the object; fills in all but route, act, access, follow, changing */
void side_weigh_again(struct matter *matter, struct side *side);	/* the same object, by what is granted and ruled now */
bool judge_can_ask(const struct judge *judge);

/* judge/class.c */
void side_classify(const struct matter *matter, struct side *side);	/* by its name, and by its object when that was opened */

/* judge/order.c: stages of decisions.md 3, one word at a time. They set BY, GRANT, RULING. */
void side_know(struct matter *matter, struct side *side);	/* what rules are matched against, once the object is open */
enum cell side_forbidden(const struct judge *judge, struct side *side, access_set words);	/* deny and hide rules; CELL_TRUTH: none */
access_set side_live(const struct matter *matter, struct side *side, access_set words);		/* those of WORDS that a live grant gives */
access_set side_branch_gives(const struct matter *matter, const struct side *side, access_set words);	/* by the directory it starts from */
enum cell side_permitted(const struct judge *judge, struct side *side, access_set word, enum cell table);	/* allow and ask rules, memory; else TABLE */

/* judge/question.c */
access_set side_gift(const struct matter *matter, const struct side *side);	/* what a yes gives */
const char *side_verb(const struct matter *matter, size_t side);	/* what a question says that it does; static */
int question_put(struct matter *matter, struct reply *out);

struct text need_spelled(const struct judge *judge, struct text name);

/* judge/option.c */
int options_make(struct matter *matter);			/* fills in the options of matter->question */
struct text rule_line(struct arena *arena, const struct rule *rule);	/* .at NULL: no memory */
struct rule side_rule(const struct matter *matter, const struct side *side, enum verb verb);	/* for the object alone */
bool dir_is_too_broad(const struct judge *judge, struct text dir);	/* broad, and no argument spells it */
struct rule side_dir_rule(const struct side *side);		/* for what `dirs` stands for */

/* judge/grant.c */
int side_give(struct matter *matter, struct side *side, access_set access, enum lifetime lifetime, bool yes);	/* the object of SIDE, or its name; YES: as struct given */
int side_give_dir(struct matter *matter, struct side *side);	/* what `dirs` stands for */
int grant_rule(struct judge *judge, const struct rule *rule, enum origin origin);	/* what an answer of its own words gives */

/* judge/reply.c: gives what REPLY says; NULL, or why it cannot be given: then nothing was. */
const char *reply_take(struct matter *matter, const struct reply *reply);

/* judge/answer.c: REPLY_RULES, all or none; the same. */
const char *answer_rules(struct matter *matter, struct texts lines);

/*
 * judge/carry.c: does the call, on the objects of the matter. 0, or the errno of the
 * call itself, negated; -ESTALE: the name leads elsewhere than where it was decided on.
 */
int matter_carry(struct matter *matter);

void matter_own(struct matter *matter, int fd);	/* what it made; FD passes */

/* judge/change.c */
int carry_directory(struct matter *matter);
int carry_remove(struct matter *matter);
int carry_rename(struct matter *matter);
int carry_symlink(struct matter *matter);

/* judge/decide.c */
int matter_begin(struct matter *matter);			/* routes; 0 or a negative errno */
enum cell matter_weigh(struct matter *matter, bool again);	/* the strictest; sets STRICTEST */
bool matter_decide(struct matter *matter, bool again);		/* false: somebody is to be asked */
void matter_allow_all(struct matter *matter, struct end_of end);	/* carried out; refused when that is not possible any more */
void matter_refuse(struct matter *matter, struct end_of end);	/* and remembered (I6) */
void matter_record(struct matter *matter);

/* judge/matter.c */
void matters_init(struct judge *judge);
struct matter *matter_new(struct judge *judge, const struct need *need);	/* NULL: no memory */
void matter_free(struct matter *matter);	/* kept for the next one */
void matters_done(struct judge *judge);
void matters_settle(struct judge *judge);	/* what was granted, ruled or refused may settle what waits */

#endif
