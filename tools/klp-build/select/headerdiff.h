/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * headerdiff.h - what differs between two versions of a header, as names that a
 * unit has to have for it to matter.
 */
#ifndef KLP_HEADERDIFF_H
#define KLP_HEADERDIFF_H

#include <stdbool.h>

#include "base/text.h"

struct layouts;

struct header_change {
	bool everything;		/* something that has no certain name: may matter to all that read the file */
	struct strings macros;		/* #define and #undef of these */
	struct strings names;		/* functions, types, enumerators, extern variables */
	struct strings structs;		/* tags that struct layouts has; not among the names */
	struct strings plain;		/* all of that holds only if these aren't macros */
	struct strings inside;		/* and if none of these expands to a _Pragma(), which holds for what follows */
};

/*
 * Pure function of both texts ("" if there is none).  Structs of which nothing but
 * the declaration of members changes are put into @layouts, see layout.h; NULL: not.
 */
void header_compare(const char *path, const char *old, const char *new, struct layouts *layouts,
		    struct header_change *out);
void header_change_free(struct header_change *c);

/* ---- layout_text.c ---- */

/*
 * "struct tag {...}" in two versions, without comments: into @layouts, or 1 if more may
 * change than the declaration of members.
 */
int layout_compare(const char *old, size_t old_len, const char *new, size_t new_len, const char *path,
		   struct layouts *layouts);

#endif
