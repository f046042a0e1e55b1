/*
 * need.c - a call held at the door until somebody has decided.
 *
 * A refusal that sticks is given again without going there. Whatever goes wrong,
 * the answer is no.
 */
#include <errno.h>

#include "base/sys.h"
#include "wasi/state.h"

static void answer_close(struct answer *answer)
{
	for (int i = 0; i < ANSWER_FDS; i++) {
		sys_close(answer->fds[i]);
		answer->fds[i] = -1;
	}
}

/* The errno of a refusal; a verdict that is none refuses too. */
static uint32_t refusal(uint8_t verdict)
{
	return verdict == VERDICT_HIDE ? WASI_NOENT : WASI_ACCES;
}

static int need_wait(struct guest *guest, const struct need *need, struct answer *out)
{
	struct authority *authority = guest->state->authority;
	int failed = authority_put(authority, need);

	if (failed < 0)
		return failed;
	for (;;) {
		failed = authority_take(authority, !guest->wait, out);
		if (failed <= 0)
			return failed;
		if (guest->wait(guest) < 0) {
			authority_cancel(authority);
			return -EINTR;
		}
	}
}

/* A full table is told first and then has room; what still cannot be remembered is judged each time. */
static void need_learn(struct guest *guest, const struct need *need, struct answer *answer)
{
	struct guest_state *state = guest->state;

	if (names_learn(state->names, need, answer) != -ENOSPC || answer->verdict == VERDICT_ALLOW)
		return;
	names_tallies(state->names, state->authority);
	names_learn(state->names, need, answer);
}

/* rename and link say `xdev`; an open that would leave is `perm`. */
static uint32_t error_of(const struct need *need, int error)
{
	return need->call == CALL_PATH_RENAME || need->call == CALL_PATH_LINK ? errno_wasi(error) : errno_open(error);
}

uint32_t guest_need(struct guest *guest, const struct need *need, struct answer *out)
{
	uint8_t verdict;
	int failed;

	if (names_mode(guest->state->names) == MODE_OFF)
		return WASI_ACCES;
	if (names_sticky(guest->state->names, need, &verdict))
		return refusal(verdict);
	*out = ANSWER_NO;
	failed = need_wait(guest, need, out);
	if (failed < 0) {
		answer_close(out);
		*out = ANSWER_NO;
		if (guest->lost && failed == -EPIPE)
			guest->lost(guest);
		return failed == -EINTR ? WASI_INTR : WASI_ACCES;
	}
	need_learn(guest, need, out);
	if (out->verdict == VERDICT_ALLOW && out->error == 0)
		return WASI_SUCCESS;
	answer_close(out);
	return out->verdict == VERDICT_ALLOW ? error_of(need, out->error) : refusal(out->verdict);
}
