/*
 * unstable.c - wasi_unstable where its ABI differs: the order of whence, a filestat of
 * 56 bytes, a subscription with an identifier in it.
 *
 * Only the bytes are another's: what a call does is preview1's. Nothing is decided here.
 */
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

uint32_t wasi_unstable_fd_seek(struct guest *guest, uint32_t fd, uint64_t by, uint32_t whence, uint32_t out)
{
	static const uint32_t whences[] = { WASI_SEEK_CUR, WASI_SEEK_END, WASI_SEEK_SET };

	return wasi_fd_seek(guest, fd, by, whence < sizeof whences / sizeof *whences ? whences[whence] : whence, out);
}

static void filestat_put(void *at, const struct wasi_filestat *stat)
{
	const struct wasi_unstable_filestat old = {
		.dev = stat->dev, .ino = stat->ino, .filetype = stat->filetype,
		.nlink = stat->nlink < UINT32_MAX ? (uint32_t)stat->nlink : UINT32_MAX,
		.size = stat->size, .atim = stat->atim, .mtim = stat->mtim, .ctim = stat->ctim,
	};

	guest_put(at, &old, sizeof old);
}

uint32_t wasi_unstable_fd_filestat_get(struct guest *guest, uint32_t fd, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_unstable_filestat));
	struct wasi_filestat stat;
	uint32_t error = fd_filestat(guest, fd, at, &stat);

	if (!error)
		filestat_put(at, &stat);
	return error;
}

uint32_t wasi_unstable_path_filestat_get(struct guest *guest, uint32_t fd, uint32_t flags, uint32_t path, uint32_t len, uint32_t out)
{
	void *at = guest_range(guest, out, sizeof(struct wasi_unstable_filestat));
	struct wasi_filestat stat;
	uint32_t error = path_filestat(guest, fd, flags, path, len, at, &stat);

	if (!error)
		filestat_put(at, &stat);
	return error;
}

static void subscription_take(const uint8_t *at, struct wasi_subscription *out)
{
	struct wasi_unstable_subscription old;

	memcpy(&old, at, sizeof old);
	*out = (struct wasi_subscription){ .userdata = old.userdata, .tag = old.tag, .id = old.u.fd };
	if (old.tag != WASI_EVENT_CLOCK)
		return;
	out->id = old.u.clock.id;
	out->timeout = old.u.clock.timeout;
	out->precision = old.u.clock.precision;
	out->flags = old.u.clock.flags;
}

uint32_t wasi_unstable_poll_oneoff(struct guest *guest, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents)
{
	static const struct subscriptions layout = { sizeof(struct wasi_unstable_subscription), subscription_take };

	return poll_subscriptions(guest, &layout, in, out, n, nevents);
}
