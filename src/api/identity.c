/*
 * identity.c - which bytes a run's program is: the hash that a broker is told and that
 * sections of a policy are for. Taken only when one of these wants it.
 */
#include <errno.h>

#include "api/run.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"

bool sha256_sound(const char *hex)
{
	return strspn(hex, "0123456789abcdef") == 64 && hex[64] == '\0';
}

/* All of FD, SIZE bytes; negative when it has fewer. */
static int digest_file(int fd, size_t size, struct digest *out)
{
	char *at = mem_new(size, 1);
	size_t n = 0;
	ssize_t got = at ? 1 : -ENOMEM;

	while (got > 0 && n < size) {
		struct iovec iov = { at + n, size - n };

		got = sys_preadv(fd, &iov, 1, n);
		if (got > 0)
			n += (size_t)got;
	}
	if (got >= 0 && n == size)
		*out = digest_of((struct text){ at, size });
	mem_free(at);
	return got < 0 ? (int)got : n == size ? 0 : -EIO;
}

static int digest_module(const char *path, struct digest *out)
{
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0), err;
	struct stat st;

	if (fd < 0)
		return fd;
	err = sys_fstat(fd, &st);
	if (err == 0 && ((st.st_mode & S_IFMT) != S_IFREG || st.st_size > LIMIT_MODULE))
		err = -EINVAL;
	if (err == 0)
		err = digest_file(fd, (size_t)st.st_size, out);
	sys_close(fd);
	return err;
}

int run_sha256(struct wask_run *run, const char **out, struct wask_error *error)
{
	struct digest digest;
	int err;

	if (!run->sha256[0] && run->module.len) {
		err = digest_module(run->module.at, &digest);
		if (err < 0)
			return error_set(error, WASK_EHOST, "%s: %s", run->module.at, strerror(-err));
		digest_hex(&digest, run->sha256);
	}
	*out = run->sha256[0] ? run->sha256 : NULL;
	return 0;
}
