/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decl.h - what the top-level declarations of C text are, by an allow-list of shapes.
 */
#ifndef KLP_DECL_H
#define KLP_DECL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokens.h"

/* tokens_init() with the words that have a meaning here. */
void decl_tokens_init(struct tokens *t);
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
 * neither code nor data unless something names one of its names.
 */
void decl_classify(struct tokens *t, size_t from, size_t to, struct decl *out);
void decl_free(struct decl *d);

#endif
