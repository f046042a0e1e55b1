/*
 * words.h - a line of standard input as words: for the guests that do what it says.
 *
 * A space stands between two; %XX in one is that byte, so a word may hold any.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 8 };

static struct word {
	char *at;			/* NULL: there are not so many */
	uint32_t len;
} word[WORDS];

static inline uint64_t number(unsigned i)
{
	return word[i].at ? strtoull(word[i].at, NULL, 0) : 0;
}

static inline int has(unsigned i, char letter)
{
	return word[i].at && strchr(word[i].at, letter) != NULL;
}

static inline int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Cuts the line at its spaces and decodes it; how many words it had behind the first. */
static inline unsigned split(char *at)
{
	char *to = at;
	unsigned n = 0;

	memset(word, 0, sizeof word);
	word[0].at = at;
	for (; *at; at++) {
		if (*at == ' ' && n + 1 < WORDS) {
			word[n].len = (uint32_t)(to - word[n].at);
			*to++ = '\0';
			word[++n].at = to;
		} else if (*at == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0) {
			*to++ = (char)(hex(at[1]) << 4 | hex(at[2]));
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	word[n].len = (uint32_t)(to - word[n].at);
	*to = '\0';
	return n;
}

#endif
