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

static int make_guest(struct wask_run *run)
{
	struct guest_options options = { .start = &run->start, .listen = run->listen, .nlisten = run->nlisten };
	int err;

	judge_in_process(run->judge);
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
	view_init(&run->view, NULL, run->park.call ? &run->park : NULL, run->guest);
	run->guest->owner = run;
	run->guest->end = embedded_end;
	return 0;
}

static int embedded_start(struct wask_run *run, struct wask_error *error)
{
	int code, err;

	run->started = true;
	code = run_judge(run, error);
	err = code < 0 ? 0 : make_guest(run);
	if (err < 0)
		code = error_set(error, err == -ENOMEM ? WASK_ENOMEM : WASK_EHOST, "the run cannot be started: %s", strerror(-err));
	return code;
}

void embedded_done(struct wask_run *run)
{
	bool ran = run->guest != NULL;

	guest_free(run->guest);
	if (ran)
		run_tell_end(run, run->exited ? run->status : 0);
	authority_free(run->authority);
}

static struct guest *guest_of(struct wask_run *run)
{
	if (!run || run->worker)
		return NULL;
	if (!run->started)
		embedded_start(run, NULL);
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

/* ---- parking ---- */

static int check_park_api(const struct wask_wasmtime_api *api, struct wask_error *error)
{
	if (api->size < sizeof *api)
		return error_set(error, WASK_EINVAL, "the table of engine functions is too short");
#define HAS(name) if (!api->name) return error_set(error, WASK_EINVAL, "%s is missing", #name);
	WASK_WASMTIME_DEFINE_API(HAS)
	WASK_WASMTIME_PARK_API(HAS)
	HAS(wasmtime_linker_new)
	HAS(wasmtime_linker_delete)
#undef HAS
	return 0;
}

int wask_wasmtime_park(struct wask_run *run, const struct wask_wasmtime_api *api, wasm_engine_t *engine,
		       wasmtime_context_t *context, struct wask_error *error)
{
	struct buf message = { .limit = sizeof error->text };
	int code = check_park_api(api, error);

	if (code == 0 && run->started)
		code = error_set(error, WASK_ESTATE, "the run has started");
	if (code == 0 && park_init(&run->park, api, engine, context, &message) < 0) {
		struct text text = buf_view(&message);

		code = error_set(error, WASK_EENGINE, "%.*s", (int)text.len, text.len ? text.at : "");
	}
	buf_done(&message);
	/* Here, and not with the guest's first call: it takes more stack than a fiber should have to keep. */
	return code < 0 ? code : embedded_start(run, error);
}
