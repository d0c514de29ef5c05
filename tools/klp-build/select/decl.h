/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decl.h - C text as tokens, and what its top-level declarations are, by an
 * allow-list of shapes.  For preprocessed units (reach.c) and for the text of
 * headers (headerdiff.c).
 */
#ifndef KLP_DECL_H
#define KLP_DECL_H

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
	size_t nr, cap;
	struct word *words;	/* the first are decl.c's own */
	size_t nr_words, cap_words;
	uint32_t *buckets;
	size_t nr_buckets;
	bool failed;		/* out of memory */
};

/* One token of @s; NULL at @end.  Comments and "\\\n" must be gone: see c_splice(). */
const char *token_next(const char *s, const char *end, struct token *out);
void tokens_add(struct tokens *t, struct token tok);
/* Index of the word. */
uint32_t tokens_word(struct tokens *t, const char *s, size_t len);
int tokens_init(struct tokens *t);
void tokens_free(struct tokens *t);

/* Source text without comments and continued lines; malloc()ed, NULL: no memory. */
char *c_splice(const char *text);

/* Does the declaration of tokens @from to @to end with the '}' at @to - 1: is it a function's? */
bool decl_is_body(const struct tokens *t, size_t from, size_t to);

enum decl_shape {
	DECL_UNKNOWN,		/* everything that isn't certainly one of the others */
	DECL_NOTHING,		/* ";", _Static_assert() */
	DECL_FUNCTION,		/* static inline, with its body */
	DECL_PROTOTYPE,
	DECL_EXTERN,		/* a variable that is elsewhere */
	DECL_TAGGED,		/* struct, union or enum, defined or only named */
	DECL_TYPEDEF,
};

struct decl {
	enum decl_shape shape;
	uint32_t *names;	/* what it declares: words; a superset */
	size_t nr_names;
	uint32_t *others;	/* other words at the top level, which could be macros */
	size_t nr_others;
	bool tag;		/* DECL_TAGGED: names[0] is the tag */
	bool is_enum;
};

/*
 * The shape of tokens @from to @to.  A declaration of any shape but DECL_UNKNOWN makes
 * neither code nor data unless something names one of its names.  -ENOMEM, or 0.
 */
int decl_classify(struct tokens *t, size_t from, size_t to, struct decl *out);
void decl_free(struct decl *d);

#endif
