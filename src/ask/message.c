/* message.c - the lines of design/protocols.md 2; see message.h. */
#include "ask/message.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"

/* ---- what is said ---- */

void message_hello(struct buf *out, const struct run_facts *run)
{
	buf_str(out, "{\"type\":\"hello\",\"protocol\":1,\"run\":");
	json_put_hex(out, run->id, sizeof run->id);
	buf_str(out, ",\"program\":{\"name\":");
	json_put_plain(out, run->program);
	buf_str(out, ",\"sha256\":");
	json_put_str(out, run->sha256);
	buf_str(out, "},\"args\":");
	json_put_plains(out, run->args);
	buf_str(out, ",\"cwd\":");
	json_put_plain(out, run->cwd);
	buf_str(out, ",\"chain\":[]}");
}

static const char *filetype(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "regular_file";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "symbolic_link";
	case S_IFCHR: return "character_device";
	case S_IFBLK: return "block_device";
	case S_IFSOCK: return "socket_stream";
	default: return "unknown";
	}
}

static void put_facts(struct buf *out, const struct question_need *need)
{
	buf_print(out, ",\"exists\":%s,\"filetype\":", !need->looked ? "null" : need->exists ? "true" : "false");
	json_put_str(out, need->looked && need->exists ? filetype(need->mode) : NULL);
	if (need->looked && need->exists)
		buf_print(out, ",\"size\":%llu", (unsigned long long)need->size);
	else
		buf_str(out, ",\"size\":null");
}

/* The program's words, or null. */
static void put_words(struct buf *out, struct text words)
{
	if (words.len)
		json_put_plain(out, words);
	else
		buf_str(out, "null");
}

static void put_need(struct buf *out, const struct question_need *need)
{
	buf_str(out, "{\"kind\":");
	json_put_str(out, kind_word(need->kind));
	buf_str(out, ",\"access\":");
	json_put_access(out, need->access);
	buf_str(out, ",\"name\":");
	json_put_plain(out, need->name.len ? need->name : need->guest);
	buf_str(out, ",\"guest\":");
	json_put_token(out, need->guest);
	buf_str(out, ",\"path\":");
	if (need->kind == KIND_FILE)
		json_put_token(out, need->path);
	else
		buf_str(out, "null");
	buf_str(out, ",\"call\":");
	json_put_str(out, call_word(need->call));
	buf_str(out, ",\"class\":");
	json_put_str(out, need->class);
	put_facts(out, need);
	buf_str(out, ",\"reason\":");
	put_words(out, need->reason);
	buf_char(out, '}');
}

static void put_option(struct buf *out, const struct option *option)
{
	buf_str(out, "{\"id\":");
	json_put_str(out, option_word(option->id));
	buf_str(out, ",\"kind\":");
	json_put_str(out, option_kind(option->id));
	buf_str(out, ",\"rules\":");
	json_put_texts(out, option->rules);
	buf_char(out, '}');
}

void message_ask(struct buf *out, const struct question *question)
{
	buf_str(out, "{\"type\":\"ask\",\"id\":");
	json_put_hex(out, question->id, sizeof question->id);
	buf_str(out, ",\"title\":");
	put_words(out, question->title);
	buf_str(out, ",\"needs\":[");
	for (size_t i = 0; i < question->nneeds; i++) {
		if (i > 0)
			buf_char(out, ',');
		put_need(out, &question->needs[i]);
	}
	buf_str(out, "],\"former\":");
	json_put_texts(out, question->former);
	buf_str(out, ",\"options\":[");
	for (size_t i = 0; i < question->noptions; i++) {
		if (i > 0)
			buf_char(out, ',');
		put_option(out, &question->options[i]);
	}
	buf_str(out, "]}");
}

void message_cancel(struct buf *out, const uint8_t id[QUESTION_ID])
{
	buf_str(out, "{\"type\":\"cancel\",\"id\":");
	json_put_hex(out, id, QUESTION_ID);
	buf_char(out, '}');
}

void message_told(struct buf *out, const struct told *told)
{
	switch (told->what) {
	case TOLD_GRANT:
		buf_print(out, "{\"type\":\"grant\",\"grant\":%llu,\"rule\":", (unsigned long long)told->grant);
		json_put_text(out, told->rule);
		break;
	case TOLD_REVOKED:
	case TOLD_NARROWED:
		buf_print(out, "{\"type\":\"change\",\"grant\":%llu,\"what\":", (unsigned long long)told->grant);
		json_put_str(out, told->what == TOLD_REVOKED ? "revoked" : "narrowed");
		break;
	case TOLD_END:
		buf_print(out, "{\"type\":\"end\",\"status\":%u,\"needs\":", (unsigned)told->status);
		buf_text(out, told->needs);
		break;
	}
	buf_char(out, '}');
}

void message_error(struct buf *out, const uint8_t id[QUESTION_ID], const char *message)
{
	buf_str(out, "{\"type\":\"error\",\"id\":");
	json_put_hex(out, id, QUESTION_ID);
	buf_str(out, ",\"message\":");
	json_put_plain(out, text_of(message));
	buf_char(out, '}');
}

/* ---- what is heard ---- */

static int read_hello(const json_t *root, struct heard *out)
{
	const json_t *protocol = json_object_get(root, "protocol"), *deadline = json_object_get(root, "deadline_ms");
	json_int_t ms = json_integer_value(deadline);

	out->protocol = json_is_integer(protocol) && json_integer_value(protocol) == 1;
	if (!deadline)
		return 0;
	if (!json_is_integer(deadline) || ms < 1)
		return -EPROTO;
	out->deadline_ns = (uint64_t)ms > UINT64_MAX / 2000000 ? UINT64_MAX / 2 : (uint64_t)ms * 1000000;
	return 0;
}

/* Rules as they came; who takes the answer parses them. */
static const char *read_rules(const json_t *rules, struct heard *out)
{
	size_t n = json_array_size(rules);

	if (!json_is_array(rules))
		return "rules is an array of strings";
	if (n > LIMIT_ANSWER_RULES)
		return "too many rules";
	out->rules.at = mem_new(n, sizeof *out->rules.at);
	if (!out->rules.at)
		return "no memory";
	for (size_t i = 0; i < n; i++) {
		const json_t *rule = json_array_get(rules, i);

		if (!json_is_string(rule))
			return "rules is an array of strings";
		out->rules.at[i] = (struct text){ json_string_value(rule), json_string_length(rule) };
	}
	out->rules.n = n;
	return NULL;
}

static void read_answer(const json_t *root, struct heard *out)
{
	const json_t *option = json_object_get(root, "option"), *rules = json_object_get(root, "rules"), *values = json_object_get(root, "values");

	out->id = json_text_of(root, "id");
	if (!!option + !!rules + !!values != 1) {
		out->wrong = "it is exactly one of option, rules, values";
	} else if (values) {
		out->wrong = "values answer only what asks for a variable";
	} else if (rules) {
		out->wrong = read_rules(rules, out);
	} else {
		out->option = json_text_of(root, "option");
		out->wrong = out->option.at ? NULL : "option is a string";
	}
}

static int read_revoke(const json_t *root, struct heard *out)
{
	const json_t *grant = json_object_get(root, "grant");

	if (!json_is_integer(grant) || json_integer_value(grant) < 1)
		return -EPROTO;
	out->grant = (uint64_t)json_integer_value(grant);
	return 0;
}

int heard_read(struct text line, struct heard *out)
{
	static const struct { struct text word; enum heard_type type; } types[] = {
		{ { "hello", 5 }, HEARD_HELLO }, { { "answer", 6 }, HEARD_ANSWER }, { { "revoke", 6 }, HEARD_REVOKE },
	};
	struct text type;

	*out = (struct heard){ .root = json_read(line) };
	type = json_text_of(out->root, "type");
	for (size_t i = 0; type.at && i < sizeof types / sizeof *types; i++) {
		if (text_eq(type, types[i].word))
			out->type = types[i].type;
	}
	switch (out->type) {
	case HEARD_HELLO:
		return read_hello(out->root, out);
	case HEARD_ANSWER:
		read_answer(out->root, out);
		return 0;
	case HEARD_REVOKE:
		return read_revoke(out->root, out);
	case HEARD_NONE:
		break;
	}
	return -EPROTO;
}

void heard_done(struct heard *heard)
{
	mem_free(heard->rules.at);
	json_decref(heard->root);
	*heard = (struct heard){ 0 };
}

bool id_is(struct text text, const uint8_t id[QUESTION_ID])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char differs = 0;

	if (text.len != 2 * QUESTION_ID)
		return false;
	for (size_t i = 0; i < QUESTION_ID; i++) {
		differs |= (unsigned char)(text.at[2 * i] ^ digits[id[i] >> 4]);
		differs |= (unsigned char)(text.at[2 * i + 1] ^ digits[id[i] & 15]);
	}
	return differs == 0;
}
