// SPDX-License-Identifier: GPL-2.0-only
/*
 * undo.c - a cumulative patch, or a later release of one, takes the place of what
 * was there: what the earlier ones replaced and it doesn't is put back by "undos",
 * functions of its own on top of the stacks.
 */
#include <linux/slab.h>
#include "depend.h"
#include "patch.h"
#include "site.h"
#include "undo.h"

void qp_undo_aim(struct qp_func *undo, struct qp_func *over)
{
	struct qp_func *below = NULL;

	undo->old_addr = over->old_addr;
	undo->old_size = over->old_size;
	undo->cold_addr = over->cold_addr;
	/* A cumulative patch takes over from whatever is below, too. */
	if (over->site && !(undo->patch->desc->flags & QP_PATCH_REPLACE))
		below = qp_site_below(over);
	undo->new_addr = below ? below->new_addr : 0;
}

static struct qp_func *add_undo(struct qp_patch *patch, struct qp_func *over)
{
	struct qp_func *undo;

	/* Two patches that replaced the same function are put back by one. */
	list_for_each_entry(undo, &patch->undos, undo)
		if (qp_func_same(undo->undone, over)) {
			undo->undone = over;
			return undo;
		}
	undo = kzalloc(sizeof(*undo), GFP_KERNEL);
	if (!undo)
		return NULL;
	undo->patch = patch;
	undo->obj = over->obj;
	undo->name = over->name;
	undo->undone = over;
	qp_undo_aim(undo, over);
	list_add_tail(&undo->undo, &patch->undos);
	return undo;
}

static bool has_func(struct qp_patch *patch, struct qp_func *other)
{
	struct qp_func *func;

	qp_for_each_func(patch, func)
		if (qp_func_same(func, other))
			return true;
	return false;
}

/*
 * A patch that takes over puts back what the earlier ones replaced and it doesn't:
 * a cumulative one the original, a later release what its earlier one stood on.
 */
int qp_undos_make(struct qp_patch *patch)
{
	struct qp_patch *below;
	struct qp_func *func;

	list_for_each_entry(below, &qp_patches, list) {
		if (below == patch || !qp_patch_in_force(below) || !qp_takes_over(patch, below))
			continue;
		below->replaced_by = patch;
		qp_for_each_func(below, func)
			if (!has_func(patch, func) && !add_undo(patch, func))
				return -ENOMEM;
	}
	return 0;
}

/* What took over gives back. */
void qp_undos_drop(struct qp_patch *patch, struct list_head *undos)
{
	struct qp_patch *below;

	list_for_each_entry(below, &qp_patches, list)
		if (below->replaced_by == patch)
			below->replaced_by = NULL;
	list_splice_init(&patch->undos, undos);
}

void qp_undos_free(struct list_head *undos)
{
	struct qp_func *undo, *next;

	list_for_each_entry_safe(undo, next, undos, undo)
		kfree(undo);
}
