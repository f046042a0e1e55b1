/*
 * wire.c - needs, answers, tallies and ends as bytes; see wire.h. The start
 * message is in wire_start.c.
 */
#include "authority/wire.h"

#include <errno.h>

#include "authority/codec.h"
#include "base/limits.h"

/* "WK", so that something that is no door is noticed at once. */
enum { MAGIC0 = 'W', MAGIC1 = 'K' };

void wire_put_head(const struct wire_head *head, uint8_t out[WIRE_HEAD])
{
	const uint8_t bytes[WIRE_HEAD] = {
		MAGIC0, MAGIC1, (uint8_t)head->type, head->mask,
		(uint8_t)head->len, (uint8_t)(head->len >> 8), (uint8_t)(head->len >> 16), (uint8_t)(head->len >> 24),
	};

	memcpy(out, bytes, WIRE_HEAD);
}

int wire_get_head(const uint8_t in[WIRE_HEAD], struct wire_head *out)
{
	uint32_t len = in[4] | (uint32_t)in[5] << 8 | (uint32_t)in[6] << 16 | (uint32_t)in[7] << 24;

	if (in[0] != MAGIC0 || in[1] != MAGIC1 || in[2] == MESSAGE_NONE || in[2] > MESSAGE_END || len > LIMIT_MESSAGE)
		return -EPROTO;
	*out = (struct wire_head){ (enum message)in[2], len, in[3] };
	return 0;
}

void wire_put_need(struct buf *out, const struct need *need)
{
#define NEED(type, field) put_##type(out, need->field);
#define ANSWER(type, field)
#include "authority/wire.def"
#undef NEED
#undef ANSWER
}

void wire_put_answer(struct buf *out, const struct answer *answer)
{
#define NEED(type, field)
#define ANSWER(type, field) put_##type(out, answer->field);
#include "authority/wire.def"
#undef NEED
#undef ANSWER
}

static void get_need(struct reader *in, struct need *out)
{
#define NEED(type, field) get_##type(in, &out->field);
#define ANSWER(type, field)
#include "authority/wire.def"
#undef NEED
#undef ANSWER
}

static bool kind_known(uint8_t kind)
{
	static const uint8_t kinds[] = {
#define KIND(number, name, word) number,
#include "cap/kinds.def"
#undef KIND
	};

	for (size_t i = 0; i < sizeof kinds; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

static bool name_sound(struct text name)
{
	return name.len > 0 && name.len <= LIMIT_PATH && !text_has(name, '\0');
}

static bool times_sound(const struct need *need)
{
	for (int i = 0; i < 2; i++) {
		long nsec = need->times[i].tv_nsec;

		if ((nsec < 0 || nsec >= 1000000000) && nsec != UTIME_NOW && nsec != UTIME_OMIT)
			return false;
	}
	return true;
}

static bool need_sound(const struct need *need)
{
	if (!kind_known(need->kind) || need->act >= ACTS || need->call >= CALLS || need->reserved)
		return false;
	if (!access_covers(ACCESS_ALL, need->access) || (need->flags & ~(uint32_t)NEED_FLAGS) || !times_sound(need))
		return false;
	if (!name_sound(need->name) || (need->target.len && !name_sound(need->target)))
		return false;
	return need->kind != KIND_FILE || need->name.at[0] == '/';
}

int wire_get_need(struct text body, struct need *out)
{
	struct reader in = { .rest = body };
	struct need need = { 0 };

	get_need(&in, &need);
	if (in.failed || in.rest.len || !need_sound(&need))
		return -EPROTO;
	*out = need;
	return 0;
}

int wire_get_answer(struct arena *arena, struct text body, struct answer *out)
{
	struct reader in = { .rest = body, .arena = arena };
	struct answer answer = ANSWER_NO;

#define NEED(type, field)
#define ANSWER(type, field) get_##type(&in, &answer.field);
#include "authority/wire.def"
#undef NEED
#undef ANSWER
	if (in.failed || in.rest.len)
		return -EPROTO;
	*out = answer;
	return 0;
}

void wire_put_tally(struct buf *out, const struct tally *tally)
{
	put_u64(out, tally->count);
	wire_put_need(out, tally->need);
}

int wire_get_tally(struct text body, struct need *need, uint64_t *count)
{
	struct reader in = { .rest = body };
	struct need got = { 0 };
	uint64_t n;

	get_u64(&in, &n);
	get_need(&in, &got);
	if (in.failed || in.rest.len || !need_sound(&got))
		return -EPROTO;
	*need = got;
	*count = n;
	return 0;
}

void wire_put_end(struct buf *out, const struct end *end)
{
	struct text text = end->text;

	if (text.len > LIMIT_END_TEXT)
		text.len = LIMIT_END_TEXT;
	put_u8(out, (uint8_t)end->kind);
	put_u32(out, end->status);
	put_text(out, text);
}

int wire_get_end(struct text body, struct end *out)
{
	struct reader in = { .rest = body };
	struct end end = { 0 };
	uint8_t kind;

	get_u8(&in, &kind);
	get_u32(&in, &end.status);
	get_text(&in, &end.text);
	if (in.failed || in.rest.len || kind > END_FAILED || end.text.len > LIMIT_END_TEXT)
		return -EPROTO;
	end.kind = (enum end_kind)kind;
	*out = end;
	return 0;
}
