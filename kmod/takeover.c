// SPDX-License-Identifier: GPL-2.0-only
/*
 * takeover.c - a cumulative patch, or a later release of one, takes the place of what
 * was there: what the earlier ones replaced and it doesn't is put back by "undos",
 * functions of its own on top of the stacks.  Its revert goes back to the earlier
 * ones, unless they were retired.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "callback.h"
#include "depend.h"
#include "inside.h"
#include "patch.h"
#include "phase.h"
#include "redirect.h"
#include "settle.h"
#include "site.h"
#include "takeover.h"
#include "transition.h"

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

/* All that has led to `patch`, directly or by patches that are taken over themselves. */
static bool led_to(const struct qp_patch *old, const struct qp_patch *patch)
{
	const struct qp_patch *p;

	for (p = old->replaced_by; p; p = p->replaced_by)
		if (p == patch)
			return true;
	return false;
}

static void retire_patch(struct qp_patch *old, struct qp_departure *d)
{
	struct qp_func *func;

	list_for_each_entry(func, &old->undos, undo)
		qp_redirect_pop(func);
	qp_for_each_func(old, func)
		qp_redirect_pop(func);
	INIT_LIST_HEAD(&d->undos);
	list_splice_init(&old->undos, &d->undos);
	/* Its callbacks' work is the later patch's now. */
	qp_callbacks_forget(old);
	WRITE_ONCE(old->live, 0);
	old->state = QP_PATCH_LOADED;
	qp_transition_depart(old, d);
}

static void drop_list(struct list_head *ready)
{
	struct qp_departure *d, *next;

	list_for_each_entry_safe(d, next, ready, undos)
		kfree(d);
}

/*
 * What runs doesn't change: the stacks lose what lies under the functions of
 * `patch`, and then those of its functions that only lead to what is there without them.
 */
int qp_takeover_retire(struct qp_patch *patch, u32 *nr)
{
	struct qp_departure *d, *mine, *next;
	struct qp_patch *old;
	struct qp_func *func;
	LIST_HEAD(ready);
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.phase != QP_IDLE)
		return -EBUSY;
	if (patch->state != QP_PATCH_APPLIED || patch->replaced_by)
		return -EINVAL;
	/* What its stragglers run lies below. */
	if (rcu_access_pointer(patch->left))
		return -EBUSY;
	ret = qp_unsettle_patch(patch);
	if (ret)
		return ret;
	/* All memory first; each departure waits on its own list head. */
	list_for_each_entry(old, &qp_patches, list) {
		if (!led_to(old, patch))
			continue;
		d = kmalloc(sizeof(*d), GFP_KERNEL);
		if (!d) {
			drop_list(&ready);
			return -ENOMEM;
		}
		list_add_tail(&d->undos, &ready);
	}
	mine = list_first_entry_or_null(&ready, struct qp_departure, undos);
	*nr = 0;
	if (!mine)
		return 0;
	d = mine;
	list_for_each_entry(old, &qp_patches, list) {
		if (!led_to(old, patch))
			continue;
		next = list_next_entry(d, undos);
		retire_patch(old, d);
		d = next;
		++*nr;
	}
	list_for_each_entry(old, &qp_patches, list)
		if (old->state == QP_PATCH_LOADED)
			old->replaced_by = NULL;
	list_for_each_entry(func, &patch->undos, undo)
		qp_redirect_pop(func);
	list_splice_init(&patch->undos, &mine->undos);
	/* Handlers that may still look at what was taken off have left: it may be put on again. */
	qp_handlers_wait();
	return 0;
}
