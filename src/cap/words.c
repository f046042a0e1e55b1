/* words.c - the names of kinds, acts, calls and access words, from their lists. */
#include "cap/grant.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const act_words[] = {
#define ACT(name, word, verb) word,
#include "cap/acts.def"
#undef ACT
};

static const char *const act_verbs[] = {
#define ACT(name, word, verb) verb,
#include "cap/acts.def"
#undef ACT
};

static const char *const call_words[] = {
#define CALL(name, word) word,
#include "cap/calls.def"
#undef CALL
};

static const struct { enum kind kind; const char *word; } kind_words[] = {
#define KIND(number, name, word) { KIND_##name, word },
#include "cap/kinds.def"
#undef KIND
};

static const struct { access_set bits; const char *word; } access_words[] = {
#define ACCESS(bit, name, word) { bit, word },
#include "cap/access.def"
#undef ACCESS
};

static const char *const origin_words[] = {
#define ORIGIN(name, word) word,
#include "cap/origins.def"
#undef ORIGIN
};

static const char *const outcome_words[] = { "denied", "hidden", "unavailable", "granted" };

const char *act_word(enum act act)
{
	return (size_t)act < COUNT(act_words) ? act_words[act] : "?";
}

const char *act_verb(enum act act)
{
	return (size_t)act < COUNT(act_verbs) ? act_verbs[act] : "?";
}

const char *call_word(enum call call)
{
	return (size_t)call < COUNT(call_words) ? call_words[call] : "?";
}

const char *kind_word(enum kind kind)
{
	for (size_t i = 0; i < COUNT(kind_words); i++)
		if (kind_words[i].kind == kind)
			return kind_words[i].word;
	return "?";
}

const char *origin_word(enum origin origin)
{
	return (size_t)origin < COUNT(origin_words) ? origin_words[origin] : "?";
}

const char *outcome_word(enum outcome outcome)
{
	return (size_t)outcome < COUNT(outcome_words) ? outcome_words[outcome] : "?";
}

access_set access_parse(struct text word)
{
	if (text_eq(word, TEXT("rw")))
		return ACCESS_RW;
	if (text_eq(word, TEXT("all")))
		return ACCESS_ALL;
	for (size_t i = 0; i < COUNT(access_words); i++)
		if (text_eq(word, text_of(access_words[i].word)))
			return access_words[i].bits;
	return 0;
}

void access_print(struct buf *out, access_set set)
{
	const char *comma = "";

	for (size_t i = 0; i < COUNT(access_words); i++) {
		if (!(set & access_words[i].bits))
			continue;
		buf_str(out, comma);
		buf_str(out, access_words[i].word);
		comma = ",";
	}
}
