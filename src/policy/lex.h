/*
 * lex.h - the tokens of a rule (design/protocols.md 1): bytes, and which of them were quoted.
 */
#ifndef POLICY_LEX_H
#define POLICY_LEX_H

#include "policy/rules.h"

struct token {
	struct text at;			/* without quotes and escapes; of the line itself where it has none */
	struct text literal;		/* as long as AT: not 0 where a quote covered the byte */
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

/* 1: OUT is the next token, in ARENA or a view of the line. 0: none is left (or a comment). Negative: error. */
int lexer_next(struct lexer *lexer, struct arena *arena, struct token *out);

/* Fills in the error; always -EINVAL. */
int lexer_fail(struct lexer *lexer, size_t column, const char *message);

/* rule_parse of a LINE that lives as long as what is in ARENA; ERROR is not NULL. */
int rule_parse_kept(struct arena *arena, struct text line, const struct rule_places *places, bool flag, struct rule *out, struct rule_error *error);

static inline bool token_is(const struct token *token, const char *word)
{
	return token->bare && text_eq(token->at, text_of(word));
}

#endif
