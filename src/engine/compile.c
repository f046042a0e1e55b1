/*
 * compile.c - from a module file to a loaded module, through the cache.
 *
 * Warm: the side table gives the entry's key, the entry is mapped, and the module
 * is not even read. Else the module is read once, and what is hashed is what is
 * compiled. Compiling happens in a child process: its threads and its memory go
 * with it, and this process stays one that can be forked while it is held.
 */
#include "engine/compile.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "engine/cache.h"
#include "engine/component.h"
#include "engine/define.h"
#include "engine/prune.h"
#include "engine/sniff.h"

/* What else than the module's bytes decides what code comes out. */
static struct digest config_digest(const struct compiler *compiler)
{
	const char *version = compiler->api->version ? compiler->api->version : "unknown";
	char cpu[512];
	struct buf all = { .limit = 1024 };
	struct digest digest;

	buf_print(&all, "wasmtime %s speed backtracking pinned no-unwind ", version);
	buf_text(&all, sys_cpu(cpu, sizeof cpu));
	digest = digest_of(buf_view(&all));
	buf_done(&all);
	return digest;
}

/* FD stays the caller's: the engine opens and maps the same file again. */
static wasmtime_error_t *load_fd(const struct compiler *compiler, int fd, wasmtime_module_t **out)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return compiler->api->wasmtime_module_deserialize_file(compiler->wasm, path, out);
}

/* The entry of KEY, if it is there and the engine takes it; one that it does not take is removed. */
static bool load_entry(const struct compiler *compiler, int cachefd, const struct digest *key, wasmtime_module_t **out)
{
	int fd = cache_entry(cachefd, key);
	wasmtime_error_t *failure;

	if (fd < 0)
		return false;
	failure = load_fd(compiler, fd, out);
	sys_close(fd);
	if (!failure)
		return true;
	compiler->api->wasmtime_error_delete(failure);
	cache_remove(cachefd, key);
	return false;
}

/* ---- the child that compiles ---- */

enum child_status { CHILD_DONE = 0, CHILD_NOT_RUNNABLE = 1, CHILD_FAILED = 2, CHILD_UNWRITTEN = 3 };

static enum child_status child_refused(const struct compiler *compiler, wasmtime_error_t *failure, int outfd)
{
	struct buf line = { .limit = LIMIT_END_TEXT };
	struct text text;

	buf_str(&line, "it is damaged, cut short or of a kind that wask does not know (");
	define_cause(compiler->api, failure, &line);
	buf_str(&line, "): build or fetch it again");
	text = buf_view(&line);
	return sys_write_all(outfd, text.at, text.len) < 0 ? CHILD_UNWRITTEN : CHILD_NOT_RUNNABLE;
}

static enum child_status child_compile(const struct compiler *compiler, struct text bytes, int outfd)
{
	const struct wask_wasmtime_api *api = compiler->api;
	wasmtime_module_t *module;
	wasm_byte_vec_t code;
	wasmtime_error_t *failure;

	if (compiler->config->compiling)
		compiler->config->compiling(compiler->config->self, bytes.len);
	failure = api->wasmtime_module_new(compiler->wasm, (const uint8_t *)bytes.at, bytes.len, &module);
	if (failure)
		return child_refused(compiler, failure, outfd);
	failure = api->wasmtime_module_serialize(module, &code);
	if (failure)
		return child_refused(compiler, failure, outfd);
	return sys_write_all(outfd, code.data, code.size) < 0 ? CHILD_UNWRITTEN : CHILD_DONE;
}

/* Compiles BYTES into the empty file OUTFD, or puts there why not. */
static enum child_status compile(const struct compiler *compiler, struct text bytes, int outfd)
{
	int parent = sys_pid(), pid = sys_fork(), status = 0;

	if (pid == 0) {
		if (sys_die_with_parent(parent) < 0)
			sys_exit(CHILD_FAILED);
		sys_exit((int)child_compile(compiler, bytes, outfd));
	}
	if (pid < 0 || sys_wait(pid, &status, true) < 0)
		return CHILD_FAILED;
	if ((status & 0x7f) != 0)	/* killed */
		return CHILD_FAILED;
	return (enum child_status)(status >> 8 & 0xff);
}

static void add_file(struct buf *out, int fd)
{
	char bytes[LIMIT_END_TEXT];
	struct iovec iov = { bytes, sizeof bytes };
	ssize_t n = sys_preadv(fd, &iov, 1, 0);

	if (n > 0)
		buf_add(out, bytes, (size_t)n);
}

/* ---- cold ---- */

/* Where compiled code goes: a file of the cache, or memory when there is none. */
struct output {
	int cachefd, fd;
	char name[CACHE_NAME];
};

static int output_open(struct output *out, int cachefd)
{
	out->cachefd = cachefd;
	if (cachefd >= 0)
		cache_prune(cachefd);
	out->fd = cachefd < 0 ? -1 : cache_begin(cachefd, out->name);
	if (out->fd < 0) {
		out->cachefd = -1;
		out->fd = sys_memfd("wask-module");
	}
	return out->fd;
}

static enum load_from output_keep(struct output *out, const struct digest *key)
{
	bool kept = out->cachefd >= 0 && cache_commit(out->cachefd, out->name, out->fd, key) == 0;

	out->cachefd = -1;
	return kept ? FROM_COMPILER : FROM_COMPILER_ALONE;
}

static void output_close(struct output *out)
{
	if (out->cachefd >= 0)
		cache_abandon(out->cachefd, out->name);
	sys_close(out->fd);
}

static enum load_result load_compiled(const struct compiler *compiler, struct text bytes, int cachefd,
				      const struct digest *key, wasmtime_module_t **out, enum load_from *from, struct buf *error)
{
	struct output output;
	wasmtime_error_t *failure = NULL;
	enum child_status status;
	enum load_result result = LOAD_FAILED;

	if (output_open(&output, cachefd) < 0) {
		buf_str(error, "no memory for its compiled code");
		return LOAD_FAILED;
	}
	status = compile(compiler, bytes, output.fd);
	if (status == CHILD_UNWRITTEN && output.cachefd >= 0) {	/* no room there: no cache, then */
		output_close(&output);
		if (output_open(&output, -1) >= 0)
			status = compile(compiler, bytes, output.fd);
	}
	if (status == CHILD_DONE) {
		*from = output_keep(&output, key);
		failure = load_fd(compiler, output.fd, out);
		if (failure)
			define_cause(compiler->api, failure, error);
		else
			result = LOAD_OK;
	} else if (status == CHILD_NOT_RUNNABLE) {
		add_file(error, output.fd);
		result = LOAD_NOT_RUNNABLE;
	} else {
		buf_str(error, "it could not be compiled: the compiler was killed, or there is no memory");
	}
	output_close(&output);
	return result;
}

/* All of FD, at most the size that stat gave: what grows meanwhile is cut and then does not compile. */
static int read_module(int fd, size_t size, struct text *out)
{
	char *bytes = mem_new(size, 1);
	size_t len = 0;
	ssize_t n = 1;

	if (!bytes)
		return -ENOMEM;
	while (len < size && n > 0) {
		n = sys_read(fd, bytes + len, size - len);
		if (n == -EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	if (n < 0) {
		mem_free(bytes);
		return (int)n;
	}
	*out = (struct text){ bytes, len };
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && memcmp(&a->st_mtim, &b->st_mtim, sizeof a->st_mtim) == 0 &&
	       memcmp(&a->st_ctim, &b->st_ctim, sizeof a->st_ctim) == 0;
}

/* What is to be compiled of the file: all of it, or the program in a component. */
static bool take_program(struct text file, struct text *out, struct buf *error)
{
	*out = file;
	return is_component(file) ? component_program(file, out, error) : sniff_bytes(file, error);
}

static enum load_result load_cold(const struct compiler *compiler, int modulefd, const struct stat *before, int cachefd,
				  const struct digest *config, wasmtime_module_t **out, enum load_from *from, struct buf *error)
{
	enum load_result result = LOAD_OK;
	struct digest key;
	struct stat after;
	struct text bytes = { 0 }, program;
	int err = read_module(modulefd, (size_t)before->st_size, &bytes);

	if (err < 0) {
		buf_print(error, "it cannot be read: %s", strerror(-err));
		return LOAD_FAILED;
	}
	if (!take_program(bytes, &program, error)) {
		mem_free((void *)(uintptr_t)bytes.at);
		return LOAD_NOT_RUNNABLE;
	}
	key = cache_key(program, config);
	if (cachefd < 0 || !load_entry(compiler, cachefd, &key, out))
		result = load_compiled(compiler, program, cachefd, &key, out, from, error);
	mem_free((void *)(uintptr_t)bytes.at);
	if (result == LOAD_OK && cachefd >= 0 && sys_fstat(modulefd, &after) == 0 && same_file(before, &after))
		cache_note(cachefd, config, &after, &key);
	return result;
}

static int open_cache(struct text dir)
{
	char path[LIMIT_PATH + 1];

	if (dir.len == 0 || dir.len >= sizeof path)
		return -1;
	memcpy(path, dir.at, dir.len);
	path[dir.len] = '\0';
	return cache_open(path);
}

enum load_result compile_load(const struct compiler *compiler, int modulefd, wasmtime_module_t **out, enum load_from *from, struct buf *error)
{
	struct digest config = config_digest(compiler), key;
	enum load_result result = LOAD_OK;
	struct stat st;
	int cachefd, err = sys_fstat(modulefd, &st);

	if (err < 0) {
		buf_print(error, "it cannot be read: %s", strerror(-err));
		return LOAD_FAILED;
	}
	if (!sniff_file(&st, error))
		return LOAD_NOT_RUNNABLE;
	*from = FROM_CACHE;
	cachefd = open_cache(compiler->config->cache);
	if (cachefd < 0 || !cache_known(cachefd, &config, &st, &key) || !load_entry(compiler, cachefd, &key, out))
		result = load_cold(compiler, modulefd, &st, cachefd, &config, out, from, error);
	sys_close(cachefd);
	return result;
}
