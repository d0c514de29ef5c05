/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names_priv.h - what the parts of names_filter() share: the names that stand
 * for a change in headers.
 */
#ifndef KLP_NAMES_PRIV_H
#define KLP_NAMES_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

struct c_piece;
struct layouts;

struct set {
	char **slots;
	size_t nr_slots, nr;
};

struct source {
	char *path;	/* relative to the tree */
	char *text;
	size_t len;
	bool hot;
	bool listed;	/* in @through: a unit includes it */
};

struct names {
	struct set seeds;
	struct strings pasted;	/* arguments of macros that declare something: "trace_" ## name */
	struct source *sources;	/* all that the candidates include */
	size_t nr_sources;
	bool everything;	/* something changed that has no name, or that everybody names */
	bool grew;
	struct layouts *layouts;	/* structs that needn't be seeds go there; NULL: all are */
	const char *path;	/* of the header that is compared */
};

/* One version of a header. */
struct header_text {
	const char *text;
	struct c_piece *pieces;
	size_t nr;
	uint64_t *conditions;	/* a digest a piece: the #ifs that it stands under */
};

#define HASH_START	14695981039346656037ull

/* FNV-1a */
static inline uint64_t hash_bytes(uint64_t h, const char *s, size_t len)
{
	while (len--)
		h = (h ^ (uint8_t)*s++) * 1099511628211ull;
	return h;
}

static inline bool is_word(const char *id, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(id, word, len);
}

/* names.c: keywords and plain types are left out. */
int names_add(struct names *n, const char *name, size_t len);
bool names_is_keyword(const char *id, size_t len);
/* names_declare.c: what looks like a name and says something of the one that follows or went before. */
bool names_is_attribute(const char *id, size_t len);

/* ---- names_declare.c: what a piece of a header declares ---- */

int names_declare(struct names *n, const char *text, const struct c_piece *p);
/* The enumerators from @from on; an enum's end is at @to. */
int names_add_enumerators(struct names *n, const char *text, size_t from, size_t to);
/* "struct foo;" makes no code. */
bool names_is_forward(const char *text, const struct c_piece *p);
/* A function that a unit gets by including the file, without naming it. */
bool names_is_function(const char *text, const struct c_piece *p);
/* "TRACE_EVENT(name, ...)", "DECLARE_STATIC_KEY_FALSE(name)": declares who knows what, named after its arguments. */
bool names_is_invocation(const char *text, const struct c_piece *p);

/* ---- names_change.c: the names of what differs between two versions of a header ---- */

int names_compare(struct names *n, const char *old, const char *new);

/* ---- names_struct.c: structs that change in the declaration of members alone ---- */

/* Piece @i of @a, which differs in @b: into n->layouts, or 1 if it can't be judged so. */
int names_add_layout(struct names *n, const struct header_text *a, size_t i, const struct header_text *b);

#endif
