/*
 * driver.c - a terminal asker with nothing around it, for the tests in this folder.
 *
 *     driver [-n COUNT] [-l NEEDS] [-s NEED] [-o OPTIONS] [-r REASON] [-t TITLE] [-m] [-q] [-u] PATH [GUEST]
 *
 * Asks COUNT times about reading PATH and prints "reply WORD" for each on standard
 * output; where its NEEDS were answered differently, a word each: "reply run,no".
 * -s makes one of them (from 1) a secret; -m puts the number of each after its path;
 * OPTIONS is a letter each of "yoadns", "yn" unless it is given. -q writes terminal
 * queries first, as a guest with a raw terminal would; -u has a handler for SIGUSR1,
 * which it also prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/terminal.h"
#include "base/arena.h"
#include "base/sys.h"
#include "policy/rules.h"

#define QUERIES "\033[6n\033[c\033P$qm\033\\\033]10;?\a\033]11;?\a\033]52;c;?\a"

struct plan {
	int count, needs, secret;
	bool numbered;
	const char *path, *guest, *reason, *title, *options;
};

static void say(const char *words)
{
	if (write(STDOUT_FILENO, words, strlen(words)) < 0)
		_exit(3);
}

static void on_usr1(int sig)
{
	(void)sig;
	say("signal\n");
}

static const char *choice_word(const struct question *question, uint8_t choice)
{
	if (choice == 0)
		return "-";
	return choice <= question->noptions ? option_word(question->options[choice - 1].id) : "?";
}

static void say_choices(const struct question *question, const struct reply *reply)
{
	bool same = true;

	for (size_t i = 0; i < question->nneeds; i++)
		same &= reply->choice[i] == reply->choice[0];
	for (size_t i = 0; i < (same ? 1 : question->nneeds); i++) {
		say(i ? "," : "");
		say(choice_word(question, reply->choice[i]));
	}
}

static void say_reply(const struct question *question, const struct reply *reply)
{
	say("reply ");
	switch (reply->kind) {
	case REPLY_NO: say("no"); break;
	case REPLY_UNAVAILABLE: say("unavailable"); break;
	case REPLY_INTERRUPTED: say("interrupted"); break;
	case REPLY_OPTION: say_choices(question, reply); break;
	default: say("??");
	}
	say("\n");
}

static struct text new_text(struct arena *arena, struct buf *buf)
{
	struct text t = arena_text(arena, buf_view(buf));

	if (!buf_ok(buf) || !t.at)
		_exit(3);
	buf_done(buf);
	return t;
}

static struct text path_of(struct arena *arena, const struct plan *plan, int need)
{
	struct buf buf = { .limit = 1 << 20 };

	buf_str(&buf, plan->path);
	if (plan->numbered)
		buf_print(&buf, "%d", need + 1);
	return new_text(arena, &buf);
}

/* As the judge makes them: an object each, and one directory for all. */
static struct text rule_of(struct arena *arena, enum option_id id, struct text path)
{
	struct rule rule = {
		.verb = option_gives(id) ? VERB_ALLOW : VERB_DENY, .access = ACCESS_READ, .what = WHAT_OBJECT, .path = path,
		.lifetime = id == OPTION_ONCE ? LIFE_ONCE : id == OPTION_ALWAYS ? LIFE_ALWAYS : LIFE_RUN,
	};
	struct buf line = { .limit = 1 << 20 };

	if (id == OPTION_DIRS) {
		rule.access = ACCESS_READ | ACCESS_LIST | ACCESS_STAT;
		rule.what = WHAT_SUBTREE;
		rule.path = text_parent(path);
	}
	rule_print(&line, &rule);
	return new_text(arena, &line);
}

static size_t options_of(struct arena *arena, const struct plan *plan, const struct question_need *needs, struct option out[OPTIONS])
{
	static uint8_t of[QUESTION_NEEDS];
	size_t n = 0;

	for (enum option_id id = 0; id < OPTIONS; id++) {
		if (!strchr(plan->options, option_letter(id)))
			continue;
		out[n] = (struct option){ .id = id, .rules = { arena_new(arena, QUESTION_NEEDS, sizeof(struct text)), (size_t)plan->needs }, .of = of };
		for (int i = 0; out[n].rules.at && i < plan->needs; i++) {
			of[i] = (uint8_t)i;
			out[n].rules.at[i] = rule_of(arena, id, needs[i].path);
		}
		n++;
	}
	return n;
}

static void ask(const struct asker *asker, const struct plan *plan, uint64_t number)
{
	static struct option options[OPTIONS];
	static struct question_need needs[QUESTION_NEEDS];
	struct question question = { .number = number, .program = TEXT("rg.wasm"), .title = text_of(plan->title), .needs = needs, .options = options };
	struct arena arena = { 0 };
	struct reply reply = { 0 };

	for (int i = 0; i < plan->needs && i < QUESTION_NEEDS; i++)
		needs[question.nneeds++] = (struct question_need){
			.act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ,
			.path = path_of(&arena, plan, i), .guest = plan->guest ? text_of(plan->guest) : path_of(&arena, plan, i), .reason = text_of(plan->reason),
			.class = i + 1 == plan->secret ? "secret" : "other", .secret = i + 1 == plan->secret, .why = "not named on the command line",
			.looked = true, .exists = true, .mode = S_IFREG | 0644, .size = 3210,
		};
	question.noptions = options_of(&arena, plan, needs, options);
	asker->ask(asker->self, &question, &reply);
	say_reply(&question, &reply);
	arena_done(&arena);
}

static void take(struct plan *plan, int option, const char *value)
{
	switch (option) {
	case 'n': plan->count = (int)strtol(value, NULL, 10); break;
	case 'l': plan->needs = (int)strtol(value, NULL, 10); break;
	case 's': plan->secret = (int)strtol(value, NULL, 10); break;
	case 'o': plan->options = value; break;
	case 'r': plan->reason = value; break;
	case 't': plan->title = value; break;
	case 'm': plan->numbered = true; break;
	case 'q': say(QUERIES); break;
	case 'u': sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_usr1 }, NULL); break;
	default: _exit(2);
	}
}

static struct plan plan_of(int argc, char **argv)
{
	struct plan plan = { .count = 1, .needs = 1, .options = "yn", .path = "/home/ada/notes/todo.txt" };
	int option;

	while ((option = getopt(argc, argv, "n:l:s:o:r:t:mqu")) != -1)
		take(&plan, option, optarg);
	if (plan.needs < 1 || plan.needs > QUESTION_NEEDS)
		_exit(2);
	if (optind < argc)
		plan.path = argv[optind];
	if (optind + 1 < argc)
		plan.guest = argv[optind + 1];
	return plan;
}

int main(int argc, char **argv)
{
	struct plan plan = plan_of(argc, argv);
	struct asker asker = { 0 };
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), err = fd < 0 ? -errno : terminal_asker(fd, &asker);

	if (err < 0) {
		say("no terminal\n");
		return 1;
	}
	for (int i = 0; i < plan.count; i++)
		ask(&asker, &plan, (uint64_t)i + 1);
	asker.free(asker.self);
	return 0;
}
