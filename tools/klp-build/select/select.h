/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which units a fix reaches: the pass, and its parts.
 */
#ifndef KLP_SELECT_H
#define KLP_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct build;
struct klp_err;
struct layouts;
struct target;

/* The pass, in two steps: the units that the fix's own files are, and in @included the files that others include; */
int units_select_own(struct build *b, struct strings *included, struct klp_err *err);
/* ... and those that they reach, for which thousands may have to be read. */
int units_select_reached(struct build *b, const struct strings *included, struct klp_err *err);
/* One of the layouts changed: refuse what is apart. */
int select_apart(struct build *b, struct klp_err *err);

/* ---- units.c ---- */

/* Add a unit for "net/core/sock_map.o", once.  Files a refusal for boot code and the vdso. */
int units_add(struct build *b, const char *object, struct klp_err *err);
/* Would it be one?  Not what is made of a generated source, either. */
bool units_can(const struct build *b, const char *object);

/* Refuse if the build is limited (--max-units) and @nr units are more. */
void units_limit(const struct build *b, size_t nr);

/* ---- select_headers.c ---- */

/* Add the units that a change of @included (headers, .c files that others include) can matter to. */
int select_included(struct build *b, const struct strings *included, struct klp_err *err);

/* ---- includes.c ---- */

/*
 * All files, and objects of all units and by-products (summary.h), that may include one of
 * @files (paths of headers, or of .c files that others include), through any number of
 * headers: a superset.  In @near all files that these may include; in @upward how they may be
 * included through "..": "include/trace/events/../../../net/x.h"; NULL: not needed.
 * Units that include the file itself come first: they show soonest what it changes.
 */
int includes_closure(const struct target *t, const struct strings *files, struct strings *reached,
		     struct strings *objects, struct strings *near, struct strings *upward, struct klp_err *err);
/* .c files that others include: paths, or ends of paths where the includer's folder has no such file. */
int includes_parts(const struct target *t, struct strings *parts, struct klp_err *err);

#endif
