/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.h - structs that a header changes in their declaration alone: once one
 * unit shows that nothing of it moved, units that only use it need no compiler.
 */
#ifndef KLP_LAYOUT_H
#define KLP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct build;
struct klp_err;
struct type_info;
struct unit;

enum layout_state {
	LAYOUT_UNKNOWN,		/* no unit so far has the type in its debug information */
	LAYOUT_KEPT,
	LAYOUT_CHANGED,		/* or it can't be told */
};

struct layout {
	char *tag;
	char *path;		/* of the header that defines it */
	bool is_union;
	struct strings words;	/* identifiers that changed in it; each has to be a member's or a type's name */
	enum layout_state state;
};

struct layouts {
	struct layout *list;
	size_t nr;
};

/* The tag isn't there yet. */
void layouts_add(struct layouts *l, const char *tag, size_t len, bool is_union, const char *path,
		 struct strings *words);
bool layouts_have(const struct layouts *l, const char *tag, size_t len);
void layouts_free(struct layouts *l);	/* NULL is fine */

/* Look at units that were just compiled: b->layouts, where they are unknown. */
int layouts_settle(const struct build *b, const struct unit *units, size_t nr, struct klp_err *err);
/* Nothing is unknown any more. */
bool layouts_settled(const struct layouts *l);
/* All of them keep theirs, and there are some. */
bool layouts_kept(const struct layouts *l);

/*
 * Two versions of one type, loaded strictly: is code that was compiled with the
 * old one right with the new one, too?  Every member of either is where one of
 * the same type is in the other.
 */
bool layout_equal(const struct type_info *old, const struct type_info *now);

#endif
