/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series_tree.h - the source as the accepted commits leave it: the target's tree,
 * and over it the files that they changed, on the disk.
 *
 * Files that a commit changes together, or that it needs from an earlier one, are
 * one group: what one of them compiles to depends on no file of another group.
 */
#ifndef KLP_SERIES_TREE_H
#define KLP_SERIES_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct klp_err;
struct sp_commit;
struct target;

struct tree_file {
	char *path;
	bool gone;
	size_t group;
};

struct tree {
	const struct target *target;
	char *dir;
	struct tree_file *files;	/* that differ from the target's */
	size_t nr, nr_groups;
};

/* Texts that a commit would leave, over a tree. */
struct edit {
	char *path, *text;	/* NULL: the file is gone */
};
struct edits {
	struct edit *list;
	size_t nr;
};

/* Empty, in the folder @dir, whose old content goes. */
int tree_init(struct tree *t, const struct target *target, const char *dir, struct klp_err *err);
void tree_free(struct tree *t);
/* The group that @path is in; SIZE_MAX: none yet. */
size_t tree_group(const struct tree *t, const char *path);
/* *out NULL: there is no such file.  @e may be NULL. */
int tree_text(const struct tree *t, const struct edits *e, const char *path, char **out, struct klp_err *err);
/*
 * Add what @c makes of the files.  Files that no x86-64 build reads are left alone.  -ENOENT, -ENOTUNIQ: as
 * sp_apply(); -ENOTSUP: it has a part without lines.  @e is as it was after a failure.
 */
int edits_apply(struct edits *e, const struct tree *t, const struct sp_commit *c, struct klp_err *err);
/* Has the tree all that @c does? */
bool tree_has(const struct tree *t, const struct sp_commit *c);
/* Does the tree lack one of the hunks of @c?  It goes on, and isn't there. */
bool tree_lacks(const struct tree *t, const struct sp_commit *c);
/* Takes @text over; NULL: the file goes. */
void edits_set(struct edits *e, const char *path, char *text);
void edits_free(struct edits *e);
/* Take the edits over; their files, and those of the groups in @also, become one group: its number in *group. */
int tree_commit(struct tree *t, const struct edits *e, const size_t *also, size_t nr_also, size_t *group,
		struct klp_err *err);
/* The diff from the target's tree to this one with @e: of the files of groups with on[group], and of @e. */
int tree_diff(const struct tree *t, const struct edits *e, const bool *on, char **out, struct klp_err *err);

#endif
