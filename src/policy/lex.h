/*
 * lex.h - the tokens of a rule (design/protocols.md 1): bytes, and which of them were quoted.
 */
#ifndef POLICY_LEX_H
#define POLICY_LEX_H

#include "policy/rules.h"

struct token {
	struct text at;			/* without quotes and escapes */
	struct text literal;		/* as long as AT: '1' where a quote covered the byte */
	size_t column;			/* of its first byte, from 1 */
	bool bare;			/* no quote in it: may be a keyword */
};

struct lexer {
	struct text line;
	size_t next;
	struct rule_error *error;	/* where to say what is wrong; not NULL */
};

/* Starts on LINE: -EINVAL when it holds what no rule may (control characters, bad UTF-8, a BOM, too many bytes). */
int lexer_init(struct lexer *lexer, struct text line, struct rule_error *error);

/* 1: OUT is the next token, in ARENA. 0: none is left (or a comment). Negative: error. */
int lexer_next(struct lexer *lexer, struct arena *arena, struct token *out);

/* Fills in the error; always -EINVAL. */
int lexer_fail(struct lexer *lexer, size_t column, const char *message);

static inline bool token_is(const struct token *token, const char *word)
{
	return token->bare && text_eq(token->at, text_of(word));
}

#endif
