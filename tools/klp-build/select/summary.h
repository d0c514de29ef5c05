/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary.h - summaries of units (reach.h), made by the compiler's preprocessor
 * and kept beside the target.
 */
#ifndef KLP_SUMMARY_H
#define KLP_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "reach.h"

struct build;
struct klp_err;
struct known;
struct strings;
struct target;

/*
 * What kbuild makes for itself by compiling or preprocessing, and then builds everything else with.
 * These have no command of their own among the target's.
 */
struct by_product {
	const char *object;	/* as it stands in lists of objects */
	const char *source;
	const char *like;	/* the object whose command serves */
	const char *extra;	/* options */
	const char *makes;	/* for people */
};

/* NULL at the end of the list. */
const struct by_product *by_product(size_t i);
const struct by_product *by_product_of(const char *object);

/* Which tree a unit is read from. */
enum side { SIDE_ORIG, SIDE_PATCHED };

/*
 * Make those of @objects that aren't there yet, b->jobs at a time.  One that can't be preprocessed gets none.
 * @known: with the fix, whose files it has; NULL: of the pristine tree.
 */
int summaries_make(const struct build *b, const struct strings *objects, const struct known *known,
		   struct klp_err *err);
/* -ENOENT: it has none. */
int summary_load(const struct build *b, const char *object, enum side side, struct summary *out);
/* Only its digest; false: it has none. */
bool summary_digest(const struct build *b, const char *object, enum side side, uint64_t *digest);
/* Is it assembly, or a linker script: lines count, not declarations? */
bool summary_is_lines(const struct build *b, const char *object);

/*
 * The constants that compiling a by-product in C gives: its "->" lines.  malloc()ed; -ECHILD: it doesn't compile.
 */
int by_product_constants(const struct build *b, const struct by_product *p, enum side side, char **out,
			 struct klp_err *err);

#endif
