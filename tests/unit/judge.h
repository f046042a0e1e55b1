/*
 * judge.h - a judge on a world of its own, with an asker that answers from a script.
 *
 * The world lies beneath /var/tmp, which is no place where programs look around, and
 * not beneath /tmp, which would be private.
 */
#ifndef UNIT_JUDGE_H
#define UNIT_JUDGE_H

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/limits.h"
#include "judge/judge.h"
#include "policy/match.h"
#include "policy/rules.h"
#include "test.h"

static char base[64];			/* BASE/work is the cwd, BASE/home is home */
static char rooms[16][4200];
static unsigned next_room;

/* BASE/NAME; a name that begins with a slash is itself. */
static inline const char *in(const char *name)
{
	char *room = rooms[next_room++ % 16];

	snprintf(room, sizeof rooms[0], "%s%s%s", name[0] == '/' ? "" : base, name[0] == '/' ? "" : "/", name);
	return room;
}

static inline void put(const char *name, const char *text)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		test_row(false, "cannot make %s: %s", name, strerror(errno));
	close(fd);
}

static inline bool there(const char *name)
{
	struct stat st;

	return lstat(in(name), &st) == 0;
}

static inline bool holds(int fd, const char *text)
{
	char got[256] = { 0 };

	return fd >= 0 && pread(fd, got, sizeof got - 1, 0) >= 0 && strcmp(got, text) == 0;
}

static inline bool file_holds(const char *name, const char *text)
{
	int fd = open(in(name), O_RDONLY | O_CLOEXEC);
	bool same = holds(fd, text);

	close(fd);
	return same;
}

static inline void shell(const char *command)
{
	char line[9000];
	int status, pid;

	snprintf(line, sizeof line, "cd %s && %s", base, command);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		test_row(false, "sh: %s", command);
}

static inline void world_make(void)
{
	snprintf(base, sizeof base, "/var/tmp/wask-judge-XXXXXX");
	if (!mkdtemp(base))
		test_row(false, "mkdtemp: %s", strerror(errno));
	shell("mkdir -p work/sub work/.git/hooks work/src home/.ssh home/.config/foo other/dir cache/x tmp");
	put("work/near.txt", "near");
	put("work/more.txt", "more");
	put("work/named.txt", "named");
	put("work/src/a.c", "a");
	put("work/.env", "secret");
	put("work/.git/config", "git");
	put("home/.ssh/id", "secret");
	put("home/.config/foo/x", "quiet");
	put("home/.bashrc", "rc");
	put("other/o.txt", "other");
	put("cache/x/entry", "cache");
	put("module.wasm", "wasm");
}

static inline void world_done(void)
{
	shell("rm -rf work home other cache tmp module.wasm");
	if (rmdir(base) < 0)
		test_row(false, "rmdir: %s", strerror(errno));
}

/* What the asker was asked, and answers. */
struct script {
	const char *replies;		/* one letter a question, see ask(); after the end: n */
	const char *rules[8];		/* what "r" says; "@" stands for BASE */
	unsigned asked, cancelled;
	uint64_t number;		/* of the last question, and of the one that was cancelled last */
	uint64_t cancelled_number;
	void (*during)(void);		/* while the question is open, once */
	char path[4200], second[4200], rule[9000], why[64], class[16], name[4200];
	char offered[64];		/* the ids of its options, each with a space behind it */
	char dirs[2][9000];		/* the rules of "dirs" */
	enum act act;
	bool exists, replaces, secret, looked;
	size_t nneeds;
	char told[8][9000];		/* what it was told, the oldest first: "grant N RULE", "revoked N" */
	size_t ntold;
};

static struct script script;
static struct arena arena;

static inline void copy(char *to, size_t size, struct text t)
{
	snprintf(to, size, "%.*s", (int)t.len, t.at ? t.at : "");
}

static inline struct text expand(struct arena *to, struct text t)
{
	char *room = arena_new(to, 4096, 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '@') {
			memcpy(room + n, base, strlen(base));
			n += strlen(base);
		} else {
			room[n++] = t.at[i];
		}
	}
	return (struct text){ room, n };
}

static inline void keep_options(struct script *s, const struct question *q)
{
	s->offered[0] = '\0';
	s->dirs[0][0] = s->dirs[1][0] = '\0';
	for (size_t i = 0; i < q->noptions; i++) {
		size_t n = strlen(s->offered);

		snprintf(s->offered + n, sizeof s->offered - n, "%s ", option_word(q->options[i].id));
		for (size_t k = 0; q->options[i].id == OPTION_DIRS && k < q->options[i].rules.n && k < 2; k++)
			copy(s->dirs[k], sizeof s->dirs[k], q->options[i].rules.at[k]);
	}
}

static inline struct reply choose(const struct question *q, enum option_id id)
{
	size_t i = option_find(q, text_of(option_word(id)));

	return i < q->noptions ? reply_choose(q, i) : (struct reply){ .kind = REPLY_UNAVAILABLE };
}

static inline struct reply reply_rules(const struct script *s)
{
	static struct text lines[8];
	struct reply reply = { .kind = REPLY_RULES, .rules = { lines, 0 } };

	while (reply.rules.n < 8 && s->rules[reply.rules.n]) {
		lines[reply.rules.n] = expand(&arena, text_of(s->rules[reply.rules.n]));
		reply.rules.n++;
	}
	return reply;
}

static inline struct reply reply_of(const struct script *s, const struct question *q, char letter)
{
	switch (letter) {
	case 'y': return choose(q, OPTION_RUN);
	case 'o': return choose(q, OPTION_ONCE);
	case 'a': return choose(q, OPTION_ALWAYS);
	case 'd': return choose(q, OPTION_DIRS);
	case 's': return choose(q, OPTION_STOP);
	case 'N': return choose(q, OPTION_NO);
	case 'r': return reply_rules(s);
	case 'p': return (struct reply){ .kind = REPLY_PENDING };
	case 'u': return (struct reply){ .kind = REPLY_UNAVAILABLE };
	case 'i': return (struct reply){ .kind = REPLY_INTERRUPTED };
	case 'x': return (struct reply){ .kind = REPLY_OPTION, .choice = { 200, 200 } };
	case 'z': return (struct reply){ .kind = 0x7f };
	default: return (struct reply){ .kind = REPLY_NO };
	}
}

static inline void ask(void *self, const struct question *q, struct reply *out)
{
	struct script *s = self;
	char c = s->replies && s->replies[0] ? *s->replies++ : 'n';

	s->asked++;
	s->number = q->number;
	copy(s->path, sizeof s->path, q->needs[0].path);
	copy(s->name, sizeof s->name, q->needs[0].name);
	copy(s->second, sizeof s->second, q->needs[0].second);
	copy(s->rule, sizeof s->rule, q->options[0].rules.at[0]);
	copy(s->why, sizeof s->why, text_of(q->needs[0].why));
	copy(s->class, sizeof s->class, text_of(q->needs[0].class));
	keep_options(s, q);
	s->act = q->needs[0].act;
	s->exists = q->needs[0].exists;
	s->replaces = q->needs[0].replaces;
	s->secret = q->needs[0].secret;
	s->looked = q->needs[0].looked;
	s->nneeds = q->nneeds;
	if (s->during)
		s->during();
	s->during = NULL;
	*out = reply_of(s, q, c);
}

static inline void cancel(void *self, uint64_t number)
{
	struct script *s = self;

	s->cancelled++;
	s->cancelled_number = number;
}

static inline void tell(void *self, const struct told *told)
{
	struct script *s = self;
	char *room = s->told[s->ntold % 8];

	s->ntold++;
	snprintf(room, sizeof s->told[0], told->what == TOLD_GRANT ? "grant %llu %.*s" : "revoked %llu",
		 (unsigned long long)told->grant, (int)told->rule.len, told->rule.at);
}

static struct judge *judge;
static struct start start;
static struct answer answer = { .fds = { -1, -1 } };

static inline void answer_done(void)
{
	for (int i = 0; i < ANSWER_FDS; i++)
		if (answer.fds[i] >= 0)
			close(answer.fds[i]);
	answer = ANSWER_NO;
}

/* What a run is given besides the usual: NULL is nothing. */
struct setting {
	enum ask_mode mode;
	const char *argv;		/* "a b c": split at spaces; "@" stands for BASE */
	const char *env[8];
	const char *grants[8];		/* rules; "@" stands for BASE */
	bool nobody;
	enum origin who;		/* zero: the embedder */
	const char *cwd;
	bool no_args;
	const char *flags[8];		/* rules of --allow, --deny, --hide; "@" stands for BASE */
	const char *policy[8];		/* rules of [*] in a policy file, line by line */
	bool fail_fast, remembers;
	const char *self_dir;
	const struct judge_data *data;	/* beneath BASE */
	size_t ndata;
};

static inline struct texts split(struct arena *to, const char *words)
{
	struct texts out = { arena_new(to, 32, sizeof(struct text)), 0 };

	out.at[out.n++] = TEXT("prog");
	while (words && *words) {
		size_t n = strcspn(words, " ");

		out.at[out.n++] = expand(to, (struct text){ words, n });
		words += n + (words[n] == ' ');
	}
	return out;
}

static inline void judge_done(void)
{
	answer_done();
	judge_free(judge);
	judge = NULL;
	arena_done(&arena);
}

static inline void rules_take(struct rules *to, const char *const *lines, enum rule_from from, const struct rule_places *places)
{
	for (size_t i = 0; i < 8 && lines[i]; i++) {
		struct rule_source source = { .from = from, .file = from == RULE_FLAG ? TEXT("--allow") : TEXT("policy"), .line = i + 1, .column = 1 };
		struct rule rule;
		struct rule_error error;

		if (rule_parse(rules_arena(to), expand(&arena, text_of(lines[i])), places, true, &rule, &error) < 0 || rules_add(to, &rule, &source) < 0)
			test_row(false, "rule: %s", lines[i]);
	}
}

static inline void judge_make(const struct setting *s)
{
	struct text protected[1] = { text_of(in("cache")) }, fixed[1] = { text_of(in("module.wasm")) }, env[8];
	struct judge_options options = {
		.mode = s->mode, .program = TEXT("prog.wasm"), 
		.argv = split(&arena, s->argv), .no_args = s->no_args, .env = { env, 0 },
		.cwd = text_of(in(s->cwd ? s->cwd : "work")), .home = text_of(in("home")), .path = TEXT("/usr/bin:/bin"),
		.protected = { protected, 1 }, .unchanging = { fixed, 1 }, .fail_fast = s->fail_fast, .remembers = s->remembers,
		.rules = rules_new(), .self_dir = text_of(s->self_dir ? in(s->self_dir) : NULL), .module_dir = text_of(base), .data = s->data, .ndata = s->ndata,
	};
	const struct rule_places places = { options.home, options.cwd };

	rules_take(options.rules, s->flags, RULE_FLAG, &places);
	rules_take(options.rules, s->policy, RULE_EVERY, &places);

	while (options.env.n < 8 && s->env[options.env.n]) {
		env[options.env.n] = text_of(s->env[options.env.n]);
		options.env.n++;
	}
	if (!s->nobody)
		options.asker = (struct asker){ .origin = s->who ? s->who : ORIGIN_EMBEDDER, .self = &script, .ask = ask, .cancel = cancel, .tell = tell };
	if (judge_new(&options, &judge) < 0)
		test_row(false, "judge_new");
	for (size_t i = 0; i < 8 && s->grants[i]; i++) {
		struct rule rule;
		struct rule_error error;
		uint64_t grant;

		if (rule_parse(&arena, expand(&arena, text_of(s->grants[i])), &places, true, &rule, &error) < 0 ||
		    judge_grant(judge, &rule, TEXT(""), &grant) < 0)
			test_row(false, "grant: %s", s->grants[i]);
	}
	if (judge_start(judge, &arena, &start) < 0)
		test_row(false, "judge_start");
	script = (struct script){ 0 };
}

static inline int put_need(struct need need)
{
	const struct authority_server *server = judge_server(judge);
	int error;

	answer_done();
	error = server->judge(server->self, &need, &answer);
	if (error < 0)
		answer = ANSWER_NO;
	return error;
}

static inline void call2(enum call call, const char *name, uint32_t flags, const char *target)
{
	put_need((struct need){
		.call = (uint8_t)call, .flags = flags, .name = text_of(in(name)),
		.target = target ? text_of(in(target)) : TEXT(""),
		.times = { { .tv_sec = 5 }, { .tv_sec = 6 } },
	});
}

static inline void call(enum call which, const char *name, uint32_t flags)
{
	call2(which, name, flags, NULL);
}

static inline void look(const char *name)
{
	call(CALL_PATH_FILESTAT_GET, name, NEED_FOLLOW);
}

static inline void open_as(const char *name, uint32_t flags)
{
	call(CALL_PATH_OPEN, name, NEED_FOLLOW | flags);
}

/* What came of the last need, in the words of the tests: "ok", "acces", "noent", or the call's own errno. */
static inline const char *came(void)
{
	if (answer.verdict == VERDICT_HIDE)
		return "noent";
	if (answer.verdict != VERDICT_ALLOW)
		return "acces";
	return answer.error ? strerrorname_np(answer.error) : "ok";
}

/* The last need came to WANT, and ASKED questions were put so far. */
static inline bool is(const char *want, unsigned asked, const char *name)
{
	return test_row(strcmp(came(), want) == 0 && script.asked == asked, "%s: %s, %u asked (is %s, %u)", name, want, asked, came(), script.asked);
}

/* The row of the record for BASE/NAME, ACT and OUTCOME: its count, or 0. */
static inline uint64_t recorded(const char *name, enum act act, enum outcome outcome, enum origin *by)
{
	const struct record_row *rows;
	size_t n = judge_record(judge, &rows);

	for (size_t i = 0; i < n; i++)
		if (text_eq(rows[i].name, text_of(in(name))) && rows[i].act == act && rows[i].outcome == outcome) {
			if (by)
				*by = rows[i].by;
			return rows[i].count;
		}
	return 0;
}

#endif
