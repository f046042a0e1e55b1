/* json.c - JSON as a broker and a report see it; see json.h. */
#include "ask/json.h"

#include "base/escape.h"
#include "base/limits.h"

/* What is shown holds no control characters; should one get here, it is still JSON. */
static void put_char(struct buf *out, char c)
{
	if (c == '"' || c == '\\')
		buf_char(out, '\\');
	if ((unsigned char)c < ' ')
		buf_print(out, "\\u%04x", (unsigned)(unsigned char)c);
	else
		buf_char(out, c);
}

void json_put_text(struct buf *out, struct text t)
{
	size_t from = 0;

	buf_char(out, '"');
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] != '"' && t.at[i] != '\\' && (unsigned char)t.at[i] >= ' ')
			continue;
		buf_add(out, t.at + from, i - from);
		put_char(out, t.at[i]);
		from = i + 1;
	}
	buf_text(out, text_from(t, from));
	buf_char(out, '"');
}

void json_put_str(struct buf *out, const char *s)
{
	if (s)
		json_put_text(out, text_of(s));
	else
		buf_str(out, "null");
}

static void put_escaped(struct buf *out, void (*escape)(struct buf *, struct text), struct text t)
{
	struct buf shown = { .limit = LIMIT_BROKER_OUT };

	escape(&shown, t);
	out->failed |= shown.failed;
	json_put_text(out, buf_view(&shown));
	buf_done(&shown);
}

void json_put_plain(struct buf *out, struct text t)
{
	put_escaped(out, escape_plain, t);
}

void json_put_token(struct buf *out, struct text t)
{
	put_escaped(out, escape_token, t);
}

void json_put_access(struct buf *out, access_set access)
{
	static const struct { access_set bit; const char *word; } words[] = {
#define ACCESS(bit, name, word) { bit, word },
#include "cap/access.def"
#undef ACCESS
	};
	const char *comma = "";

	buf_char(out, '[');
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!(access & words[i].bit))
			continue;
		buf_str(out, comma);
		json_put_str(out, words[i].word);
		comma = ",";
	}
	buf_char(out, ']');
}

static void put_array(struct buf *out, void (*put)(struct buf *, struct text), struct texts texts)
{
	buf_char(out, '[');
	for (size_t i = 0; i < texts.n; i++) {
		if (i > 0)
			buf_char(out, ',');
		put(out, texts.at[i]);
	}
	buf_char(out, ']');
}

void json_put_texts(struct buf *out, struct texts texts)
{
	put_array(out, json_put_text, texts);
}

void json_put_plains(struct buf *out, struct texts texts)
{
	put_array(out, json_put_plain, texts);
}

void json_put_hex(struct buf *out, const uint8_t *at, size_t n)
{
	buf_char(out, '"');
	for (size_t i = 0; i < n; i++)
		buf_print(out, "%02x", at[i]);
	buf_char(out, '"');
}

/* ---- reading ---- */

static bool is_number(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Past the number at I, or LEN + 1: it has a fraction or an exponent, and is no integer. */
static size_t skip_integer(struct text line, size_t i)
{
	while (i < line.len && is_number(line.at[i])) {
		if (line.at[i] == '.' || line.at[i] == 'e' || line.at[i] == 'E')
			return line.len + 1;
		i++;
	}
	return i;
}

static size_t skip_string(struct text line, size_t i)
{
	for (i++; i < line.len && line.at[i] != '"'; i++)
		i += line.at[i] == '\\';
	return i + 1;
}

/* What the parser would take, but another one might read otherwise, or not at all. */
static bool is_strict(struct text line)
{
	int depth = 0;
	size_t i = 0;

	while (i < line.len) {
		char c = line.at[i];

		if (c == '"') {
			i = skip_string(line, i);
		} else if ((c >= '0' && c <= '9') || c == '-') {
			i = skip_integer(line, i);
		} else {
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
			i++;
		}
		if (depth > LIMIT_BROKER_DEPTH)
			return false;
	}
	return i == line.len;
}

json_t *json_read(struct text line)
{
	json_t *root = is_strict(line) ? json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (root && json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

struct text json_text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? (struct text){ json_string_value(value), json_string_length(value) } : (struct text){ 0 };
}
