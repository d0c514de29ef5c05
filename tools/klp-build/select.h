/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which units a fix reaches: parts of units_select().
 */
#ifndef KLP_SELECT_H
#define KLP_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct build;
struct klp_err;
struct layouts;
struct target;

/* Add a unit for "net/core/sock_map.o", once.  Files a refusal for boot code and the vdso. */
int units_add(struct build *b, const char *object, struct klp_err *err);

/* Refuse if the build is limited (--max-units) and @nr units are more. */
void units_limit(const struct build *b, size_t nr);

/* ---- includes.c ---- */

/*
 * Objects of all units that include one of @files (paths of headers, or of .c
 * files that others include), through any number of headers; in @through all
 * files on the way that aren't units, and in @near all files that these units include.
 * Units that include the file itself come first: they show soonest what it changes.
 */
int includes_closure(const struct target *t, const struct strings *files, struct strings *objects,
		     struct strings *through, struct strings *near, struct klp_err *err);

/* ---- names.c ---- */

/*
 * Of @objects keep those whose source names something that changed between the
 * two versions of @files, or a thing of a header that names such a thing, and
 * so on.  @through and @near as from includes_closure().  With @layouts, structs
 * that change in the declaration of members alone are put there, and who only
 * uses them is left out; see layout.h.
 */
int names_filter(const struct build *b, const struct strings *files, const struct strings *through,
		 const struct strings *near, struct strings *objects, struct layouts *layouts,
		 struct klp_err *err);

#endif
