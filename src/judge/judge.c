/*
 * judge.c - one judge for one run, put together; and what the launcher gives it.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "judge/inside.h"
#include "policy/fold.h"

static int text_copy(struct judge *j, struct text from, struct text *out)
{
	*out = arena_text(&j->arena, from);
	return out->at ? 0 : -ENOMEM;
}

static int path_copy(struct judge *j, struct text from, struct text *out)
{
	char *room = arena_new(&j->arena, j->cwd.len + from.len + 2, 1);

	if (!room)
		return -ENOMEM;
	*out = from.len ? path_fold(j->cwd.len ? j->cwd : TEXT("/"), from, room) : TEXT("");
	return 0;
}

static int texts_copy(struct judge *j, struct texts from, struct texts *out)
{
	int error = 0;

	if (from.n > LIMIT_ARGS)
		return -E2BIG;
	*out = (struct texts){ arena_new(&j->arena, from.n, sizeof(struct text)), from.n };
	if (!out->at)
		return -ENOMEM;
	for (size_t i = 0; error == 0 && i < from.n; i++)
		error = text_copy(j, from.at[i], &out->at[i]);
	return error;
}

static int data_copy(struct judge *j, const struct judge_options *o)
{
	struct judge_data *data = arena_new(&j->arena, o->ndata, sizeof *data);
	int error = data ? 0 : -ENOMEM;

	for (size_t i = 0; error == 0 && i < o->ndata; i++) {
		error = path_copy(j, o->data[i].at, &data[i].at);
		if (error == 0)
			error = text_copy(j, o->data[i].host, &data[i].host);
	}
	j->data = data;
	j->ndata = o->ndata;
	return error;
}

static int copy_options(struct judge *j, const struct judge_options *o)
{
	int error = path_copy(j, o->cwd, &j->cwd);

	if (error == 0)
		error = text_copy(j, o->program, &j->program);
	if (error == 0)
		error = path_copy(j, text_starts(o->home, TEXT("/")) ? o->home : TEXT(""), &j->home);
	if (error == 0)
		error = text_copy(j, o->path, &j->path);
	if (error == 0)
		error = texts_copy(j, o->argv, &j->argv);
	if (error == 0)
		error = texts_copy(j, o->env, &j->env);
	if (error == 0)
		error = texts_copy(j, o->set_env, &j->set_env);
	if (error == 0)
		error = path_copy(j, o->self_dir, &j->self_dir);
	if (error == 0)
		error = path_copy(j, o->module_dir, &j->module_dir);
	return error == 0 ? data_copy(j, o) : error;
}

static int guard_all(struct judge *j, struct texts names, bool nothing)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < names.n; i++) {
		struct text path;

		error = path_copy(j, names.at[i], &path);
		if (error == 0)
			error = guard_add(j, path, nothing);
	}
	return error;
}

/* The true path of a directory, when it has one and that is another; else as it is. */
static int true_path(struct judge *j, struct text dir, struct text *out)
{
	char room[LIMIT_PATH + 1];
	struct text found = { 0 };
	size_t len;
	int fd;

	*out = dir;
	if (!dir.len)
		return 0;
	fd = sys_openat(AT_FDCWD, dir.at, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0 && sys_path_of(fd, room, sizeof room, &len) == 0)
		found = (struct text){ room, len };
	sys_close(fd);
	if (!found.len || text_eq(found, dir))
		return 0;
	*out = arena_text(&j->arena, found);
	return out->at ? 0 : -ENOMEM;
}

/* Where home and the cwd really are: the secrets in home are secret under that name, too. */
static int find_places(struct judge *j)
{
	struct text home;
	int error;

	j->true_cwd = j->cwd;
	if (j->mode == MODE_OFF)
		return 0;
	error = true_path(j, j->cwd, &j->true_cwd);
	if (error == 0)
		error = true_path(j, j->home, &home);
	if (error == 0 && !text_eq(home, j->home))
		j->evidence.homes[1] = home;
	return error;
}

/* They stay the caller's until this succeeds. */
static int take_rules(struct judge *j, struct rules *rules)
{
	j->rules = rules ? rules : rules_new();
	return j->rules ? 0 : -ENOMEM;
}

/* Without openat2 nothing here is safe (D3): a descriptor beneath a directory, and none above it. */
int judge_probe(void)
{
	int fd = sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, SYS_NO_MAGIC), herefd, upfd;

	if (fd < 0)
		return fd;
	herefd = sys_openat2(fd, ".", O_PATH | O_DIRECTORY, 0, SYS_BENEATH | SYS_NO_MAGIC);
	upfd = sys_openat2(fd, "..", O_PATH | O_DIRECTORY, 0, SYS_BENEATH | SYS_NO_MAGIC);
	sys_close(herefd);
	sys_close(upfd);
	sys_close(fd);
	if (herefd < 0)
		return herefd;
	return upfd == -EXDEV ? 0 : upfd < 0 ? upfd : -ENOTSUP;
}

/* ---- the door: one need at a time ---- */

static int door_judge(void *self, const struct need *need, struct answer *out)
{
	struct judge *j = self;

	if (j->door_ticket)
		return -EPROTO;
	return judge_put(j, need, out, &j->door_ticket);
}

static int door_take(void *self, struct answer *out)
{
	struct judge *j = self;
	int came = judge_take(j, j->door_ticket, out);

	if (came != 1)
		j->door_ticket = 0;
	return came;
}

static int door_fd(void *self)
{
	struct judge *j = self;

	return j->asker.fd && !j->lost ? j->asker.fd(j->asker.self) : -1;
}

static uint64_t door_deadline(void *self)
{
	struct judge *j = self;

	return j->asker.deadline && !j->lost ? j->asker.deadline(j->asker.self) : UINT64_MAX;
}

static void door_step(void *self)
{
	struct judge *j = self;

	if (j->asker.step && !j->lost)
		j->asker.step(j->asker.self, &j->sink);
}

static void door_cancel(void *self)
{
	struct judge *j = self;

	judge_cancel(j, j->door_ticket);
	j->door_ticket = 0;
}

static void door_tally(void *self, const struct tally *tally)
{
	record_tally(self, tally);
}

static const struct authority_server door = {
	.judge = door_judge, .take = door_take, .fd = door_fd, .deadline = door_deadline,
	.step = door_step, .cancel = door_cancel, .tally = door_tally,
};

int judge_new(const struct judge_options *options, struct judge **out)
{
	struct judge *j;
	int error;

	if (!text_starts(options->cwd, TEXT("/")) || options->cwd.len > LIMIT_PATH || options->home.len > LIMIT_PATH)
		return -EINVAL;
	error = judge_probe();
	if (error < 0)
		return error;
	j = mem_new(1, sizeof *j);
	if (!j)
		return -ENOMEM;
	j->mode = options->mode;
	j->no_args = options->no_args;
	j->fail_fast = options->fail_fast;
	j->remembers = options->remembers;
	j->builtin = options->builtin;
	j->secrets = options->secrets;
	j->companions = options->companions;
	j->recall = options->recall;
	j->recall_self = options->recall_self;
	j->message.limit = LIMIT_MESSAGE / 2;
	j->generation.grants = 1;
	j->generation_fd = j->tmp_parentfd = j->tmp_lockfd = -1;
	j->tmp_path = TEXT("/.wasi/tmp");
	j->server = door;
	j->server.self = j;
	matters_init(j);
	error = copy_options(j, options);
	if (error == 0)
		error = find_places(j);
	if (error == 0)
		error = guard_all(j, options->protected, true);
	if (error == 0)
		error = guard_all(j, options->unchanging, false);
	if (error == 0)
		error = guard_aliases(j);
	if (error == 0)
		error = take_rules(j, options->rules);
	if (error < 0) {
		judge_free(j);
		return error;
	}
	j->asker = options->asker;
	*out = j;
	return 0;
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	matters_done(j);
	tmp_remove(j);
	for (size_t i = 0; i < j->nbranches; i++)
		sys_close(j->branches[i]->fd);
	if (j->asker.free)
		j->asker.free(j->asker.self);
	if (j->generation_page)
		sys_unmap(j->generation_page, sizeof *j->generation_page);
	sys_close(j->generation_fd);
	ledger_done(&j->ledger);
	record_done(&j->record);
	mem_free(j->branches);
	mem_free(j->guarded);
	mem_free(j->env_names);
	rules_free(j->rules);
	news_done(&j->news);
	buf_done(&j->message);
	arena_done(&j->call);
	arena_done(&j->arena);
	mem_free(j);
}

void judge_in_process(struct judge *j)
{
	j->in_process = true;
}

const struct authority_server *judge_server(struct judge *j)
{
	return &j->server;
}

const struct asker_sink *judge_sink(struct judge *j)
{
	return &j->sink;
}

void judge_tell(struct judge *j, const struct told *told)
{
	if (j->asker.tell)
		j->asker.tell(j->asker.self, told);
}

size_t judge_record(const struct judge *j, const struct record_row **out)
{
	*out = j->record.rows;
	return j->record.n;
}

uint64_t judge_omitted(const struct judge *j)
{
	return j->record.omitted;
}

bool judge_interrupted(const struct judge *j)
{
	return j->interrupted;
}

bool judge_failed_fast(const struct judge *j)
{
	return j->failed_fast;
}
