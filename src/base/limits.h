/*
 * limits.h - everything a guest or a peer can make grow has its number here.
 * Where one comes from: design/security.md section 9 unless said otherwise.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	LIMIT_PATH		= 4095,		/* bytes of a path; Linux PATH_MAX less the NUL */
	LIMIT_COMPONENT		= 255,		/* bytes of one component */
	LIMIT_LINKS		= 40,		/* symbolic links followed in one resolution */
	LIMIT_DESCRIPTORS	= 1024,		/* open at once in one guest */
	LIMIT_SOCKETS		= 16,		/* handed to one guest */
	LIMIT_IOVECS		= 1024,		/* of one call: Linux IOV_MAX */
	LIMIT_SUBSCRIPTIONS	= 4096,		/* of one poll_oneoff */
	LIMIT_CALL_BYTES	= 16 << 20,	/* copied by one call */
	LIMIT_RANDOM_BYTES	= 64 << 20,	/* one random_get, filled in pieces of LIMIT_RANDOM_PIECE */
	LIMIT_RANDOM_PIECE	= 64 << 10,
	LIMIT_AGAIN		= 64,		/* retries of an openat2 that says EAGAIN (P02) */
	LIMIT_STICKY		= 65536,	/* refusals that the worker remembers */
	LIMIT_STICKY_BYTES	= 16 << 20,	/* of their names */
	LIMIT_RECORD		= 10000,	/* needs in the record, then "and N others" */
	LIMIT_QUESTIONS		= 12,		/* that one run may put to a terminal */
	LIMIT_QUESTIONS_BROKER	= 1000,		/* that one run may put to a broker */
	LIMIT_QUESTION_TEXT	= 16 << 10,	/* bytes of one question's text */
	LIMIT_BROKER_LINE	= 64 << 10,	/* bytes of one line from a broker */
	LIMIT_BROKER_OUT	= 4 << 20,	/* bytes of one line to a broker, and twice that of what it has not yet read */
	LIMIT_BROKER_DEPTH	= 8,		/* nesting of what a broker says */
	LIMIT_ANSWER_RULES	= 1024,		/* rules of one answer */
	LIMIT_ANSWER		= 1 << 10,	/* bytes of one typed answer */
	LIMIT_GUEST_TEXT	= 256,		/* bytes of one guest-supplied item in a question */
	LIMIT_GRANTS		= 65536,	/* live grants of one run */
	LIMIT_CREATIONS	= 512,		/* own files that the judge keeps open; older ones are forgotten (and asked about) */
	LIMIT_LISTED		= 1024,		/* directories whose listing was given and is remembered */
	LIMIT_MOUNTS		= 4096,		/* in one guest's tree */
	LIMIT_MOUNTINFO		= 8 << 20,	/* bytes of the kernel's list of mounts */
	LIMIT_EXCLUDES		= 65536,	/* compiled patterns of names that no grant covers */
	LIMIT_ARGS		= 65536,	/* arguments or variables of one guest */
	LIMIT_MESSAGE		= 4 << 20,	/* bytes of one message through the door (the start message is the large one) */
	LIMIT_END_TEXT		= 8 << 10,	/* bytes of a trap's text */
	LIMIT_RULE_LINE		= 20000,	/* bytes of one rule */
	LIMIT_RULES		= 1 << 20,	/* rules in force in one run */
	LIMIT_POLICY		= 8 << 20,	/* bytes of a policy file, or of a data file beside it */
	LIMIT_DATA_LINES	= 1024,		/* secrets or companions that a user adds */
	LIMIT_MODULE		= 1 << 30,	/* bytes of a module file */
	LIMIT_TABLES		= 64,		/* wasm tables of a guest */
	LIMIT_MEMORIES		= 1,		/* linear memories of a guest: the limit of one is then the limit of all */
	LIMIT_IMPORTS_SHOWN	= 24,		/* unknown imports that an error lists, then "and N others" */
	LIMIT_EXPORTS_SHOWN	= 8,		/* functions that an error lists, then "and N others" */
	LIMIT_VALUES		= 64,		/* that a function called by name takes, and gives back */
	LIMIT_COMPONENT_PARTS	= 10000,	/* sections, imports or exports of a component that is looked into */
	LIMIT_STACK		= 512 << 10,	/* bytes of stack that a guest may use; less where the process has less */
	LIMIT_STACK_HOST	= 160 << 10,	/* of it that are left to the functions of ours that a guest calls */
	LIMIT_CACHE_ENTRIES	= 200,		/* compiled modules that are kept */
};

#define LIMIT_MEMORY	(UINT64_C(1) << 30)	/* linear memory, unless --max-memory says otherwise: api/wask.c */
#define LIMIT_CACHE	(UINT64_C(1) << 30)	/* bytes of compiled modules that are kept */
#define LIMIT_TABLE	(1 << 20)		/* elements of a wasm table */

#define STICKY_ABSENT_NS	UINT64_C(100000000)	/* how long "absent" is remembered (decisions.md 7.4) */
#define HELLO_NS		UINT64_C(5000000000)	/* a broker has so long to say hello */
#define FLUSH_NS		UINT64_C(1000000000)	/* and to take what it is told last */
#define QUIET_NS		UINT64_C(150000000)	/* typed-ahead input is flushed until this much silence */
#define ACTIVE_NS		UINT64_C(500000000)	/* an answer counts no earlier than this after drawing */
#define NOISE_NS	UINT64_C(10000000000)	/* no silence for so long: nobody is there to answer */
#define BETWEEN_NS		UINT64_C(400000000)	/* between two questions on a terminal */

#endif
