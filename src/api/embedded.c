/*
 * embedded.c - a run on the embedder's own engine: both wings in this process.
 *
 * The run starts with the first call of its guest, so that everything that was
 * granted before is seen. Without a start there is no guest, and its calls trap.
 */
#include <errno.h>
#include <wask-wasmtime.h>

#include "api/run.h"
#include "base/mem.h"
#include "base/sys.h"

/* The mounts' descriptors are the judge's; the guest gets its own. */
static int own_mounts(struct start *start)
{
	for (size_t i = 0; i < start->nmounts; i++) {
		int fd = sys_dup(start->mounts[i].fd, 3);

		if (fd < 0) {
			while (i-- > 0)
				sys_close(start->mounts[i].fd);
			return fd;
		}
		start->mounts[i].fd = fd;
	}
	return 0;
}

/* proc_exit: comes back, and the engine unwinds the guest. */
static void embedded_end(struct guest *guest, uint32_t status)
{
	struct wask_run *run = guest->owner;

	run->exited = true;
	run->status = status;
}

static int embedded_start(struct wask_run *run)
{
	struct guest_options options = { .start = &run->start, .listen = run->listen, .nlisten = run->nlisten };
	int err = run_judge(run, NULL);

	if (err == 0)
		err = judge_start(run->judge, &run->arena, &run->start);
	if (err < 0)
		return err;
	options.authority = run->authority = authority_local(judge_server(run->judge));
	if (!options.authority)
		return -ENOMEM;
	for (int i = 0; i < 3; i++) {
		options.stdio[i] = run->stdio[i];
		options.sanitise[i] = run_sanitises(run, i);
	}
	err = own_mounts(&run->start);
	if (err < 0)
		return err;
	err = guest_new(&options, &run->guest);
	if (err < 0)
		return err;
	view_init(&run->view, NULL, run->guest);
	run->guest->owner = run;
	run->guest->end = embedded_end;
	return 0;
}

void embedded_done(struct wask_run *run)
{
	guest_free(run->guest);
	authority_free(run->authority);
}

static struct guest *guest_of(struct wask_run *run)
{
	if (!run || run->worker)
		return NULL;
	if (!run->started) {
		run->started = true;
		embedded_start(run);
	}
	return run->guest;
}

static struct guest *find_fixed(void *self, void *store_data)
{
	(void)store_data;
	return guest_of(self);
}

static struct guest *find_by_data(void *self, void *store_data)
{
	struct wask_run *(*run_of)(void *);

	memcpy(&run_of, &self, sizeof run_of);
	return guest_of(run_of(store_data));
}

static int check_api(const struct wask_wasmtime_api *api, struct wask_error *error)
{
	if (api->size < offsetof(struct wask_wasmtime_api, wasm_config_new))
		return error_set(error, WASK_EINVAL, "the table of engine functions is too short");
#define HAS(name) if (!api->name) return error_set(error, WASK_EINVAL, "%s is missing", #name);
	WASK_WASMTIME_DEFINE_API(HAS)
#undef HAS
	return 0;
}

int wask_wasmtime_define(wasmtime_linker_t *linker, const struct wask_wasmtime_api *api,
			 struct wask_run *run, struct wask_run *(*run_of)(void *store_data), struct wask_error *error)
{
	struct finder finder = { .find = find_fixed, .self = run };
	struct buf message = { .limit = sizeof error->text };
	int code = check_api(api, error);

	if (code == 0 && !run && !run_of)
		code = error_set(error, WASK_EINVAL, "neither a run nor a way to one");
	if (code < 0)
		return code;
	if (run_of) {
		finder.find = find_by_data;
		memcpy(&finder.self, &run_of, sizeof finder.self);
	}
	if (define_preview1(linker, api, &finder, NULL, &message) < 0) {
		struct text text = buf_view(&message);

		code = error_set(error, WASK_EENGINE, "%.*s", (int)text.len, text.len ? text.at : "");
	}
	buf_done(&message);
	return code;
}
