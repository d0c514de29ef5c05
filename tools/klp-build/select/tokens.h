/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tokens.h - C text as tokens: preprocessed units (reach.c), and the text of headers (headerdiff.c).
 */
#ifndef KLP_TOKENS_H
#define KLP_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
	TOKEN_PUNCT,		/* value: the character */
	TOKEN_WORD,		/* value: index into tokens::words */
	TOKEN_OTHER,		/* number, string; value: hash of its text */
	TOKEN_LINE,		/* a whole line that begins with '#'; value: hash */
};

struct token {
	const char *s;
	uint32_t len;
	uint32_t value;
	uint8_t kind;
	bool space;		/* white space before it */
};

struct word {
	const char *s;
	uint32_t len;
	uint32_t next;		/* in its bucket, + 1 */
	uint64_t hash;
};

struct tokens {
	struct token *list;
	size_t nr;
	struct word *words;	/* the first are tokens_init()'s */
	size_t nr_words, cap_words;
	uint32_t *buckets;
	size_t nr_buckets;
};

/* One token of @s; NULL at @end.  Comments and "\\\n" must be gone: see c_splice(). */
const char *token_next(const char *s, const char *end, struct token *out);
void tokens_add(struct tokens *t, struct token tok);
/* Index of the word. */
uint32_t tokens_word(struct tokens *t, const char *s, size_t len);
/* With @words as its first. */
void tokens_init(struct tokens *t, const char *const *words, size_t nr);
void tokens_free(struct tokens *t);

/* Source text without comments and continued lines; malloc()ed. */
char *c_splice(const char *text);

#endif
