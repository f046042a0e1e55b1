/*
 * driver.c - a terminal asker with nothing around it, for the tests in this folder.
 *
 *     driver [-n COUNT] [-c CLASS] [-l NEEDS] [-q] [-u] PATH [GUEST]
 *
 * Asks COUNT times about reading PATH and prints "reply WORD" for each on standard
 * output. -q writes terminal queries first, as a guest with a raw terminal would;
 * -u has a handler for SIGUSR1, which it also prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ask/terminal.h"
#include "base/sys.h"

#define QUERIES "\033[6n\033[c\033P$qm\033\\\033]10;?\a\033]11;?\a\033]52;c;?\a"

struct plan {
	int count, needs;
	const char *class, *path, *guest;
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

static const char *reply_word(const struct reply *reply, const struct question *question)
{
	switch (reply->kind) {
	case REPLY_NO: return "no";
	case REPLY_UNAVAILABLE: return "unavailable";
	case REPLY_INTERRUPTED: return "interrupted";
	case REPLY_OPTION: return reply->option < question->noptions ? question->options[reply->option].id : "?";
	default: return "??";
	}
}

static void ask(const struct asker *asker, const struct plan *plan, uint64_t number)
{
	static const struct option options[] = {
		{ .id = "run", .label = "yes, in this run" },
		{ .id = "no", .label = "no" },
	};
	struct question_need needs[64];
	struct question question = { .number = number, .program = TEXT("rg.wasm"), .needs = needs, .options = options, .noptions = 2 };
	struct reply reply = { 0 };
	char line[64];

	for (int i = 0; i < plan->needs && i < 64; i++)
		needs[question.nneeds++] = (struct question_need){
			.act = ACT_READ, .call = CALL_PATH_OPEN, .access = ACCESS_READ,
			.path = text_of(plan->path), .guest = text_of(plan->guest),
			.class = plan->class, .why = "not named on the command line",
			.exists = true, .mode = S_IFREG | 0644, .size = 3210,
		};
	asker->ask(asker->self, &question, &reply);
	snprintf(line, sizeof line, "reply %s\n", reply_word(&reply, &question));
	say(line);
}

static struct plan plan_of(int argc, char **argv)
{
	struct plan plan = { .count = 1, .needs = 1, .class = "other", .path = "/home/ada/notes/todo.txt" };
	int option;

	while ((option = getopt(argc, argv, "n:c:l:qu")) != -1) {
		if (option == 'n')
			plan.count = (int)strtol(optarg, NULL, 10);
		else if (option == 'l')
			plan.needs = (int)strtol(optarg, NULL, 10);
		else if (option == 'c')
			plan.class = optarg;
		else if (option == 'q')
			say(QUERIES);
		else if (option == 'u')
			sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_usr1 }, NULL);
		else
			_exit(2);
	}
	if (optind < argc)
		plan.path = argv[optind];
	plan.guest = optind + 1 < argc ? argv[optind + 1] : plan.path;
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
