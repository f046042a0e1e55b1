/*
 * poll.c - poll_oneoff: clocks and descriptors in one wait.
 *
 * The subscriptions are copied in before any of them is looked at. Every wait ends:
 * none at all is `inval` (W10), arithmetic on a guest's times saturates (W08). A bad
 * subscription is an event with its errno, not the end of the call.
 */
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sys.h"
#include "wasi/memory.h"
#include "wasi/preview1.h"
#include "wasi/state.h"

/* One subscription on its way. */
struct wait {
	struct wasi_subscription sub;
	bool ready;
	uint16_t error;
	uint64_t deadline;		/* of a clock, on its own scale */
	uint64_t nbytes;
	uint16_t flags;			/* of the event */
};

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void settle(struct wait *wait, uint32_t error)
{
	wait->ready = true;
	wait->error = (uint16_t)error;
}

static void clock_begin(struct wait *wait)
{
	const struct wasi_subscription *sub = &wait->sub;
	uint64_t now;
	uint32_t error = sub->flags & ~WASI_ABSTIME ? (uint32_t)WASI_INVAL : clock_now(sub->id, &now);

	if (!error && sub->id > WASI_CLOCK_MONOTONIC)
		error = WASI_NOTSUP;	/* a sleeping guest uses no processor time */
	if (error)
		settle(wait, error);
	else
		wait->deadline = sub->flags & WASI_ABSTIME ? sub->timeout : saturating_add(now, sub->timeout);
}

static uint64_t bytes_left(const struct file *file)
{
	struct stat st;

	if (file->kind != FILE_REGULAR || file->pos == FILE_AT_END || sys_fstat(file->fd, &st) < 0)
		return 0;
	return (uint64_t)st.st_size > file->pos ? (uint64_t)st.st_size - file->pos : 0;
}

/* Files and devices are always ready; a stream is put to the kernel. */
static void fd_begin(struct guest *guest, struct wait *wait, struct pollfd *poll)
{
	bool reads = wait->sub.tag == WASI_EVENT_FD_READ;
	struct file *file;
	uint32_t error = descriptors_get(guest->state->descriptors, wait->sub.id, RIGHT_POLL_FD_READWRITE, &file);

	if (!error && file->kind == FILE_DIRECTORY)
		error = WASI_BADF;
	if (error || (file->kind != FILE_STDIO && file->kind != FILE_SOCKET)) {
		settle(wait, error);
		if (!error)
			wait->nbytes = reads ? bytes_left(file) : 1;
		return;
	}
	poll->fd = file->fd;
	poll->events = reads ? POLLIN | POLLRDHUP : POLLOUT;
}

/* At least one where nobody knows more: a connection that waits, room to write. */
static uint64_t bytes_ready(const struct pollfd *poll)
{
	uint64_t n;

	if (!(poll->revents & (POLLIN | POLLOUT)))
		return 0;
	return poll->revents & POLLIN && sys_waiting(poll->fd, &n) == 0 ? n : 1;
}

static void fd_end(struct wait *wait, const struct pollfd *poll)
{
	if (wait->ready || poll->fd < 0 || !poll->revents)
		return;
	settle(wait, poll->revents & POLLNVAL ? WASI_BADF : WASI_SUCCESS);
	wait->flags = poll->revents & (POLLHUP | POLLRDHUP | POLLERR) ? WASI_HANGUP : 0;
	wait->nbytes = bytes_ready(poll);
}

static void clock_end(struct wait *wait)
{
	uint64_t now;

	if (wait->ready || wait->sub.tag != WASI_EVENT_CLOCK)
		return;
	if (clock_now(wait->sub.id, &now) || now >= wait->deadline)
		settle(wait, WASI_SUCCESS);
}

/* How long the first clock has to go, in nanoseconds; UINT64_MAX: there is none. 0 as soon as anything is ready. */
static uint64_t time_left(const struct wait *waits, uint32_t n)
{
	uint64_t least = UINT64_MAX, now;

	for (uint32_t i = 0; i < n; i++) {
		const struct wait *wait = &waits[i];

		if (wait->ready)
			return 0;
		if (wait->sub.tag != WASI_EVENT_CLOCK)
			continue;
		if (clock_now(wait->sub.id, &now) || now >= wait->deadline)
			return 0;
		if (wait->deadline - now < least)
			least = wait->deadline - now;
	}
	return least;
}

static uint32_t begin(struct guest *guest, const struct subscriptions *layout, const uint8_t *in, uint32_t n, struct wait *waits, struct pollfd *polls)
{
	for (uint32_t i = 0; i < n; i++) {
		layout->take(in + (size_t)i * layout->size, &waits[i].sub);
		polls[i].fd = -1;
		if (waits[i].sub.tag > WASI_EVENT_FD_WRITE)
			return WASI_INVAL;
		if (waits[i].sub.tag == WASI_EVENT_CLOCK)
			clock_begin(&waits[i]);
		else
			fd_begin(guest, &waits[i], &polls[i]);
	}
	return WASI_SUCCESS;
}

static uint32_t wait_once(struct wait *waits, struct pollfd *polls, uint32_t n)
{
	uint64_t left = time_left(waits, n);
	struct timespec timeout = { (time_t)(left / 1000000000), (long)(left % 1000000000) };
	int got = sys_ppoll(polls, n, left == UINT64_MAX ? NULL : &timeout);

	if (got < 0 && got != -EINTR)
		return errno_wasi(got);
	for (uint32_t i = 0; i < n; i++) {
		if (got > 0)
			fd_end(&waits[i], &polls[i]);
		clock_end(&waits[i]);
	}
	return WASI_SUCCESS;
}

static uint32_t write_events(const struct wait *waits, uint32_t n, uint8_t *out)
{
	uint32_t events = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct wait *wait = &waits[i];
		struct wasi_event event = { .userdata = wait->sub.userdata, .error = wait->error, .type = wait->sub.tag,
					    .nbytes = wait->nbytes, .flags = wait->flags };

		if (wait->ready)
			guest_put(out + (size_t)events++ * sizeof event, &event, sizeof event);
	}
	return events;
}

static uint32_t poll_all(struct guest *guest, const struct subscriptions *layout, const uint8_t *in, uint8_t *out, uint32_t n, void *nevents)
{
	struct wait *waits = mem_new(n, sizeof *waits);
	struct pollfd *polls = mem_new(n, sizeof *polls);
	uint32_t events = 0, error = waits && polls ? begin(guest, layout, in, n, waits, polls) : (uint32_t)WASI_NOMEM;

	while (!error && !events) {	/* a timer may fire early, a signal wake us: then once more */
		error = wait_once(waits, polls, n);
		if (!error)
			events = write_events(waits, n, out);
	}
	if (!error)
		guest_put_u32(nevents, events);
	mem_free(polls);
	mem_free(waits);
	return error;
}

uint32_t poll_subscriptions(struct guest *guest, const struct subscriptions *layout, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents)
{
	uint8_t *in_at = guest_array(guest, in, n, layout->size);
	uint8_t *out_at = guest_array(guest, out, n, sizeof(struct wasi_event));
	void *nevents_at = guest_range(guest, nevents, sizeof(uint32_t));

	if (n == 0)
		return WASI_INVAL;
	if (!in_at || !out_at || !nevents_at)
		return WASI_FAULT;
	if (n > LIMIT_SUBSCRIPTIONS)
		return WASI_INVAL;
	return poll_all(guest, layout, in_at, out_at, n, nevents_at);
}

static void subscription_take(const uint8_t *at, struct wasi_subscription *out)
{
	memcpy(out, at, sizeof *out);
}

uint32_t wasi_poll_oneoff(struct guest *guest, uint32_t in, uint32_t out, uint32_t n, uint32_t nevents)
{
	static const struct subscriptions layout = { sizeof(struct wasi_subscription), subscription_take };

	return poll_subscriptions(guest, &layout, in, out, n, nevents);
}
