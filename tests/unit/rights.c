/*
 * Rights: for each call each right dropped alone, and long random runs of opening,
 * closing, renumbering and giving up rights beside a model: they only ever shrink.
 */
#include "calls.h"

/* What a call needs of the descriptor in its first argument, or in argument WHERE; all others it does without. */
static const struct {
	const char *name;
	int where;
	uint64_t rights;
} needed[] = {
	{ "fd_advise", 0, RIGHT_FD_ADVISE }, { "fd_allocate", 0, RIGHT_FD_ALLOCATE | RIGHT_FD_WRITE }, { "fd_close", 0, 0 },
	{ "fd_datasync", 0, RIGHT_FD_DATASYNC }, { "fd_fdstat_get", 0, 0 },
	{ "fd_fdstat_set_flags", 0, RIGHT_FD_FDSTAT_SET_FLAGS | RIGHT_FD_WRITE }, { "fd_fdstat_set_rights", 0, 0 },
	{ "fd_filestat_get", 0, RIGHT_FD_FILESTAT_GET }, { "fd_filestat_set_size", 0, RIGHT_FD_FILESTAT_SET_SIZE | RIGHT_FD_WRITE },
	{ "fd_filestat_set_times", 0, RIGHT_FD_FILESTAT_SET_TIMES | RIGHT_FD_WRITE }, { "fd_pread", 0, RIGHT_FD_READ },
	{ "fd_prestat_get", 0, 0 }, { "fd_prestat_dir_name", 0, 0 }, { "fd_pwrite", 0, RIGHT_FD_WRITE }, { "fd_read", 0, RIGHT_FD_READ },
	{ "fd_readdir", 0, RIGHT_FD_READDIR }, { "fd_renumber", 0, 0 }, { "fd_seek", 0, RIGHT_FD_SEEK }, { "fd_sync", 0, RIGHT_FD_SYNC },
	{ "fd_tell", 0, RIGHT_FD_TELL }, { "fd_write", 0, RIGHT_FD_WRITE },
	{ "path_create_directory", 0, RIGHT_PATH_CREATE_DIRECTORY }, { "path_filestat_get", 0, RIGHT_PATH_FILESTAT_GET },
	{ "path_filestat_set_times", 0, RIGHT_PATH_FILESTAT_SET_TIMES }, { "path_link", 0, RIGHT_PATH_LINK_SOURCE },
	{ "path_link", 4, RIGHT_PATH_LINK_TARGET }, { "path_open", 0, RIGHT_PATH_OPEN | RIGHT_PATH_CREATE_FILE | RIGHT_PATH_FILESTAT_SET_SIZE },
	{ "path_readlink", 0, RIGHT_PATH_READLINK }, { "path_remove_directory", 0, RIGHT_PATH_REMOVE_DIRECTORY },
	{ "path_rename", 0, RIGHT_PATH_RENAME_SOURCE }, { "path_rename", 3, RIGHT_PATH_RENAME_TARGET },
	{ "path_symlink", 2, RIGHT_PATH_SYMLINK }, { "path_unlink_file", 0, RIGHT_PATH_UNLINK_FILE },
	{ "sock_accept", 0, RIGHT_SOCK_ACCEPT }, { "sock_recv", 0, RIGHT_FD_READ }, { "sock_send", 0, RIGHT_FD_WRITE },
	{ "sock_shutdown", 0, RIGHT_SOCK_SHUTDOWN },
	{ "unstable_fd_filestat_get", 0, RIGHT_FD_FILESTAT_GET }, { "unstable_fd_seek", 0, RIGHT_FD_SEEK },
	{ "unstable_path_filestat_get", 0, RIGHT_PATH_FILESTAT_GET },
};
enum { NEEDED = sizeof needed / sizeof *needed };

/* These take no descriptor, or (poll_oneoff) one in a structure: tested apart. */
static const char *const without[] = {
	"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_res_get", "clock_time_get", "poll_oneoff", "proc_exit",
	"proc_raise", "sched_yield", "random_get", "unstable_poll_oneoff",
};

static void complete(void)
{
	const char *signature, *name;

	for (size_t n = 0; (name = fake_row(n, &signature)); n++) {
		bool found = false;

		for (size_t i = 0; i < NEEDED; i++)
			found = found || strcmp(needed[i].name, name) == 0;
		for (size_t i = 0; i < sizeof without / sizeof *without; i++)
			found = found || strcmp(without[i], name) == 0;
		if (!found)
			test_row(false, "W26 %s is not in the table", name);
	}
}

enum { ANOTHER = 20 };		/* a directory of its own for the second descriptor of a call */

static void arguments(const char *name, uint64_t args[FAKE_ARGS])
{
	size_t call = 0;

	while (strcmp(calls[call].name, name))
		call++;
	memcpy(args, calls[call].args, sizeof calls[call].args);
	if (strstr(name, "fd_prestat"))
		return;
	if (strcmp(name, "path_open") == 0)
		args[4] = WASI_O_CREAT | WASI_O_TRUNC;
	if (args[0] == 99)		/* fd_close, fd_fdstat_set_rights, fd_renumber */
		args[0] = args[1] = FILE_FD;
	if (strcmp(name, "fd_fdstat_set_rights") == 0)
		args[1] = args[2] = 0;
	if (strcmp(name, "path_link") == 0)
		args[4] = ANOTHER;
	if (strcmp(name, "path_rename") == 0)
		args[3] = ANOTHER;
}

static struct file *file_of(struct test_guest *t, uint64_t fd)
{
	struct file *file = NULL;

	descriptors_get(test_state(t)->descriptors, (uint32_t)fd, 0, &file);
	return file;
}

/* A right that a call needs gives notcapable without it, before anything is asked; one that it does not need changes nothing. */
static void matrix(size_t row)
{
	static struct effects before, after;
	struct test_guest t;
	struct rlimit limit;
	uint64_t args[FAKE_ARGS];
	uint64_t missed = 0, extra = 0;

	for (unsigned bit = 0; bit < 30; bit++) {
		uint64_t right = UINT64_C(1) << bit;
		uint32_t got;

		opened(&t, &limit);
		prepare(&t);
		arguments(needed[row].name, args);
		descriptors_put_at(test_state(&t)->descriptors, ANOTHER, &(struct file){ .kind = FILE_DIRECTORY, .fd = -1, .borrowed = true,
				   .filetype = WASI_FT_DIR, .base = RIGHTS_ALL, .access = ACCESS_ALL, .dir = { .kind = DIR_ROOT } });
		file_of(&t, args[needed[row].where])->base = RIGHTS_ALL & ~right;
		look(&t, &before);
		got = fake_call(t.fake, needed[row].name, args);
		look(&t, &after);
		if (needed[row].rights & right)
			missed |= got == WASI_NOTCAPABLE && same(&before, &after) ? 0 : right;
		else
			extra |= got == WASI_NOTCAPABLE ? right : 0;
		closed(&t, &limit);
	}
	test_row(!missed && !extra, "W26 %s, argument %d: each right that it needs, and no other (not needed %llx, needed too %llx)",
		 needed[row].name, needed[row].where, (unsigned long long)missed, (unsigned long long)extra);
}

/* A poll says so in its event. */
static void poll_rights(const char *call, uint32_t size)
{
	struct test_guest t;
	struct rlimit limit;
	uint64_t wrong = 0;

	for (unsigned bit = 0; bit < 30; bit++) {
		uint64_t right = UINT64_C(1) << bit;
		bool needs = right == RIGHT_POLL_FD_READWRITE;

		opened(&t, &limit);
		prepare(&t);
		put_u32(&t, SUBS + 8, WASI_EVENT_FD_READ);
		put_u32(&t, SUBS + 16, FILE_FD);
		file_of(&t, FILE_FD)->base = RIGHTS_ALL & ~right;
		wrong |= fake_run(t.fake, call, SUBS, BUF, 1, OUT) == 0 && get_u32(&t, OUT) == 1 &&
			 (uint16_t)get_u32(&t, BUF + 8) == (needs ? WASI_NOTCAPABLE : WASI_SUCCESS) ? 0 : right;
		closed(&t, &limit);
	}
	test_row(!wrong, "W26 %s needs poll_fd_readwrite and nothing else (subscriptions of %u bytes)", call, size);
}

/* Nothing is moved, and all the same it is refused first. */
static void nothing_is_checked_first(void)
{
	static const struct { const char *call; uint64_t right, args[FAKE_ARGS]; } rows[] = {
		{ "fd_read", RIGHT_FD_READ, { FILE_FD, IOV, 0, OUT } }, { "fd_pread", RIGHT_FD_READ, { FILE_FD, IOV, 0, 0, OUT } },
		{ "fd_write", RIGHT_FD_WRITE, { FILE_FD, IOV, 0, OUT } }, { "fd_pwrite", RIGHT_FD_WRITE, { FILE_FD, IOV, 0, 0, OUT } },
		{ "fd_allocate", RIGHT_FD_ALLOCATE, { FILE_FD, 0, 0 } }, { "fd_filestat_set_size", RIGHT_FD_FILESTAT_SET_SIZE, { FILE_FD, 5 } },
		{ "fd_readdir", RIGHT_FD_READDIR, { 3, BUF, 0, 0, OUT } }, { "fd_filestat_set_times", RIGHT_FD_FILESTAT_SET_TIMES, { FILE_FD, 0, 0, 0 } },
		{ "sock_recv", RIGHT_FD_READ, { SOCKET_FD, IOV, 0, 0, OUT, OUT + 8 } }, { "sock_send", RIGHT_FD_WRITE, { SOCKET_FD, IOV, 0, 0, OUT } },
		{ "fd_advise", RIGHT_FD_ADVISE, { FILE_FD, 0, 0, 0 } }, { "path_open", RIGHT_PATH_OPEN, { 3, 1, PATH, 0, 0, 0, 0, 0, OUT } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct test_guest t;
		struct rlimit limit;

		opened(&t, &limit);
		prepare(&t);
		file_of(&t, rows[i].args[0])->base &= ~rows[i].right;
		test_row(fake_call(t.fake, rows[i].call, rows[i].args) == WASI_NOTCAPABLE && t.needs == 0, "W35 %s of nothing is checked first", rows[i].call);
		closed(&t, &limit);
	}
}

/* ---- the model ---- */

enum { RANGE = 40, STEPS = 1000000 };

struct model {
	bool open;
	int host;
	uint64_t base, inheriting;
};

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *seed >> 20;
}

static uint32_t model_renumber(struct model *model, uint32_t from, uint32_t to)
{
	if (from >= RANGE || to >= RANGE || !model[from].open || !model[to].open)
		return WASI_BADF;
	if (from != to) {
		model[to] = model[from];
		model[from].open = false;
	}
	return WASI_SUCCESS;
}

static uint32_t model_narrow(struct model *model, uint32_t fd, uint64_t base, uint64_t inheriting)
{
	if (fd >= RANGE || !model[fd].open)
		return WASI_BADF;
	if ((base & ~model[fd].base) || (inheriting & ~model[fd].inheriting))
		return WASI_NOTCAPABLE;
	model[fd].base = base;
	model[fd].inheriting = inheriting;
	return WASI_SUCCESS;
}

/* Opens what is a duplicate of HOSTFD; true: as the model says. */
static bool open_one(struct test_guest *t, struct model *model, int hostfd, uint64_t rights)
{
	uint32_t least = 0, got = UINT32_MAX;
	struct file file = { .kind = FILE_REGULAR, .filetype = WASI_FT_REG, .base = rights & RIGHTS_ALL, .inheriting = rights >> 3 & RIGHTS_ALL, .access = ACCESS_ALL };

	while (least < RANGE && model[least].open)
		least++;
	if (least == RANGE)
		return true;
	file.fd = fcntl(hostfd, F_DUPFD_CLOEXEC, 3);
	if (descriptors_put(test_state(t)->descriptors, &file, &got))
		return false;
	model[least] = (struct model){ true, file.fd, file.base, file.inheriting };
	return got == least;
}

static bool one_step(struct test_guest *t, struct model *model, int hostfd, uint64_t *seed)
{
	uint64_t act = next(seed) % 8, base = next(seed) & next(seed) & RIGHTS_ALL, inheriting = next(seed) & next(seed) & RIGHTS_ALL;
	uint32_t from = (uint32_t)(next(seed) % (RANGE + 2)), to = (uint32_t)(next(seed) % (RANGE + 2)), want;

	if (act < 2)
		return open_one(t, model, hostfd, base | next(seed));
	if (act < 3) {
		want = from < RANGE && model[from].open ? WASI_SUCCESS : WASI_BADF;
		if (want == WASI_SUCCESS)
			model[from].open = false;
		return fake_run(t->fake, "fd_close", from) == want;
	}
	if (act < 5) {
		want = model_renumber(model, from, to);
		return fake_run(t->fake, "fd_renumber", from, to) == want;
	}
	if (act < 6 && from < RANGE && model[from].open) {	/* what it has, less something: succeeds */
		base &= model[from].base;
		inheriting &= model[from].inheriting;
	}
	want = model_narrow(model, from, base, inheriting);
	return fake_run(t->fake, "fd_fdstat_set_rights", from, base, inheriting) == want;
}

static bool as_the_model(struct test_guest *t, const struct model *model, uint32_t fd)
{
	struct file *file;
	bool open = descriptors_get(test_state(t)->descriptors, fd, 0, &file) == WASI_SUCCESS;

	if (fd >= RANGE || !model[fd].open)
		return !open;
	return open && file->fd == model[fd].host && fake_run(t->fake, "fd_fdstat_get", fd, OUT) == 0 &&
	       get_u64(t, OUT + 8) == model[fd].base && get_u64(t, OUT + 16) == model[fd].inheriting;
}

static void random_steps(void)
{
	static const int none[3] = { -1, -1, -1 };
	static struct model model[RANGE];
	struct test_guest t = { 0 };
	uint64_t seed = 20;
	int hostfd = test_file("x"), before, steps = 0;
	bool ok = true;

	test_guest_new(&t, none, SIZE);
	for (uint32_t fd = 0; fd < RANGE; fd++)
		descriptors_close(test_state(&t)->descriptors, fd);
	before = test_open_fds();
	for (; steps < STEPS && ok; steps++)
		ok = one_step(&t, model, hostfd, &seed) && as_the_model(&t, model, (uint32_t)(next(&seed) % (RANGE + 2)));
	test_row(ok, "W03 a million opens, closes, renumberings and rights given up, as the model says (%d steps)", steps);
	for (uint32_t fd = 0; fd < RANGE; fd++)
		before += model[fd].open;
	test_row(test_open_fds() == before, "W04 each open number of the guest holds one host descriptor, and no more are open");
	test_guest_free(&t);
	close(hostfd);
}

/* A path_open in one number and a renumbering over another, again and again. */
static void renumber_many(void)
{
	enum { TIMES = 100000 };
	struct test_guest t;
	struct rlimit limit;
	uint32_t fd;
	int before, kept = test_file("x");

	opened(&t, &limit);
	before = test_open_fds();
	for (int i = 0; i < TIMES; i++) {
		fd = test_put_file(&t, fcntl(kept, F_DUPFD_CLOEXEC, 3), RIGHTS_ALL, ACCESS_ALL, 0);
		fake_run(t.fake, "fd_renumber", fd, FILE_FD);
	}
	test_row(test_open_fds() == before, "W04 %d opens and renumberings over one number leave no descriptor", TIMES);
	closed(&t, &limit);
	close(kept);
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	test_begin();
	calls_uses();
	complete();
	for (size_t row = 0; row < NEEDED; row++)
		matrix(row);
	poll_rights("poll_oneoff", 48);
	poll_rights("unstable_poll_oneoff", 56);
	nothing_is_checked_first();
	random_steps();
	renumber_many();
	return test_end();
}
