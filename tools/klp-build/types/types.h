/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types.h - types and prototypes that a fix changes, by the debug information of both builds. */
#ifndef KLP_TYPES_H
#define KLP_TYPES_H

#include <stdbool.h>

struct build;
struct klp_err;
struct strings;

/* Compare, and refuse what would be wrong for code that isn't compiled again. */
/* @all: all units are compiled, and signatures_settle() has been. */
int types_compare(struct build *b, bool all, struct klp_err *err);
/* Functions whose prototype differs, by the types of both builds. */
int types_signatures(struct build *b, struct strings *names, struct klp_err *err);
/* signature.c: make those new functions that the units compiled alone call.  Before units_diff(). */
int signatures_settle(struct build *b, struct klp_err *err);

#endif
