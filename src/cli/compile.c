/*
 * compile.c - the command `wask compile`: the cache has a module before its first run.
 *
 * It runs nothing, asks nothing, and gives nothing out: where compiled code is
 * loaded from is the library's to say.
 */
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void say(const char *module, const char *cache, uint32_t where, double seconds)
{
	put_shown(module);
	if (where == WASK_COMPILED_BEFORE)
		fputs(": was compiled before", stderr);
	else
		fprintf(stderr, ": compiled in %.2f s", seconds);
	if (where != WASK_COMPILED_NOT_KEPT)
		fputs(", kept in ", stderr);
	else
		fputs(cache ? ", and NOT kept: no room, or no directory of yours alone: " : ", and NOT kept: there is no place for it (--cache DIR)", stderr);
	if (cache)
		put_shown(cache);
	fputc('\n', stderr);
}

static int compile_one(struct wask *wask, const char *module, const char *cwd, const char *cache)
{
	struct wask_wasmtime_run_options how = { .size = sizeof how, .compiling = progress_compiling, .only_compile = 1 };
	struct wask_run_options options = {
		.size = sizeof options, .mode = WASK_MODE_OFF, .program = leaf_of(module), .module = module, .cwd = cwd, .stdio = { -1, -1, 2 },
	};
	struct wask_error error = { .text = "no memory" };
	struct wask_ended ended = { .size = sizeof ended };
	struct wask_run *run = NULL;
	double start = now();
	int code = wask_run_new(wask, &options, &run, &error);

	if (code == 0)
		code = wask_wasmtime_run(run, &engine_api, &how, &ended, &error);
	wask_run_free(run);
	if (code == 0 && ended.how == WASK_ENDED_COMPILED) {
		say(module, cache, ended.status, now() - start);
		return ended.status == WASK_COMPILED_NOT_KEPT ? STATUS_NOT_RUNNABLE : 0;
	}
	fprintf(stderr, "wask: %s\n", code < 0 ? error.text : ended.text[0] ? ended.text : "the compiler went away without a word");
	return code == 0 && ended.how == WASK_ENDED_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
}

/* Each of them, also after one that cannot be compiled: the status is the first that is not 0. */
static int compile_all(const struct options *options)
{
	static char cwd[PATH_ROOM], place[PATH_ROOM];
	struct wask_options wask_options = { .size = sizeof wask_options, .asker = WASK_NOBODY };
	struct wask_error error;
	struct wask *wask;
	int status = 0;

	if (!getcwd(cwd, sizeof cwd) || cwd[0] != '/')
		return usage_error(COMMAND_COMPILE, "the working directory", NULL, "it cannot be named; go somewhere else first");
	wask_options.cache = cache_place(options->cache, cwd, place);
	if (wask_open(&wask_options, &wask, &error) < 0) {
		fprintf(stderr, "wask: %s\n", error.text);
		return STATUS_NOT_RUNNABLE;
	}
	for (char **module = options->argv; *module; module++) {
		int one = compile_one(wask, *module, cwd, wask_options.cache);

		status = status ? status : one;
	}
	wask_close(wask);
	return status;
}

int command_compile(const struct stdio *stdio, int argc, char **argv)
{
	struct options options = { 0 };
	int status = options_read(COMMAND_COMPILE, argc, argv, &options);

	(void)stdio;
	if (status == 0 && options.help) {
		help_compile();
		status = output_done();
	} else if (status == 0) {
		status = compile_all(&options);
	}
	options_done(&options);
	return status;
}
