// SPDX-License-Identifier: GPL-2.0-only
/*
 * takeover.c - the revert of a patch that has taken the place of earlier ones goes back to these, unless they
 * were retired.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "callback.h"
#include "depart.h"
#include "inside.h"
#include "patch.h"
#include "phase.h"
#include "redirect.h"
#include "settle.h"
#include "takeover.h"

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
	qp_depart(old, d);
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
