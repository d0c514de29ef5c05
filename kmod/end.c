// SPDX-License-Identifier: GPL-2.0-only
/*
 * end.c - how a transition ends: when nobody is left and nobody is unlisted [I5], or
 * without its stragglers [I12]; and then once more, when the last of these has switched.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "callback.h"
#include "depart.h"
#include "end.h"
#include "inside.h"
#include "left.h"
#include "pass.h"
#include "patch.h"
#include "phase.h"
#include "redirect.h"
#include "settle.h"
#include "tasks.h"
#include "trace.h"
#include "undo.h"

static void finish_revert(struct qp_patch *patch, struct qp_departure *d)
{
	INIT_LIST_HEAD(&d->undos);
	qp_redirect_pop_patch(patch);
	qp_undos_drop(patch, &d->undos);
	patch->state = QP_PATCH_LOADED;
	qp_callbacks_reverted(patch, NULL);
	qp_depart(patch, d);
}

/* Strict mode has no tasks to wait for: its own code decides, or it was turned back. */
static bool close_phase(struct qp_patch *patch)
{
	int target = qp_trans.target;

	if (qp_trans.flags & QP_START_STRICT)
		return READ_ONCE(patch->live) == target;
	/* [I5]: readers of `live` look at the phase first; it is still open. */
	WRITE_ONCE(patch->live, target);
	smp_wmb();
	if (qp_tasks_end())
		return true;
	WRITE_ONCE(patch->live, !target);
	return false;
}

/* The phase is closed, and what handlers look at now says the same. */
static void wind_up(struct qp_patch *patch)
{
	qp_trans.nr_tasks = qp_tasks_total();
	qp_trans.finished_ns = ktime_get_ns();
	trace_quietpatch_done(patch->mod->name, qp_trans.target, qp_trans.epoch, qp_trans.nr_tasks,
			      qp_trans.finished_ns - qp_trans.started_ns);
	qp_trans.phase = QP_IDLE;
	/* Handlers that saw the open phase have left the table and the ranges. */
	qp_handlers_wait();
	if (!(qp_trans.flags & QP_START_STRICT))
		qp_tasks_free();
	WRITE_ONCE(qp_trans.patch, NULL);
}

/* Nobody is where the patch has come from. */
static void all_switched(struct qp_patch *patch, struct qp_departure *d)
{
	if (d) {
		finish_revert(patch, d);
	} else {
		patch->state = QP_PATCH_APPLIED;
		qp_callbacks_applied(patch, NULL);
	}
	qp_settle_kick();
}

/* What a revert needs at its end. */
static bool prepare_end(int target, struct qp_departure **d)
{
	*d = target ? NULL : kmalloc(sizeof(**d), GFP_KERNEL);
	return target || *d;
}

bool qp_end_try(void)
{
	struct qp_patch *patch = qp_trans.patch;
	struct qp_departure *d;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.phase == QP_IDLE || !prepare_end(qp_trans.target, &d))
		return false;	/* the next round tries again */
	if (!close_phase(patch)) {
		kfree(d);
		return false;
	}
	wind_up(patch);
	kvfree(rcu_replace_pointer(qp_trans.ranges, NULL, lockdep_is_held(&qp_mutex)));
	all_switched(patch, d);
	return true;
}

#define LEAVE_SLACK	64	/* who may come to be listed as OLD while it is counted */

int qp_end_leave(u32 *nr_left)
{
	struct qp_patch *patch = qp_trans.patch;
	struct qp_left *left;
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.phase == QP_IDLE)
		return -ESTALE;
	if (qp_trans.flags & QP_START_STRICT)
		return -EOPNOTSUPP;
	*nr_left = 0;
	ret = qp_pass_list();
	if (qp_end_try())
		return 0;
	if (ret)
		return ret;
	left = qp_left_alloc(qp_phase_old() + LEAVE_SLACK, qp_trans.target);
	if (!left)
		return -ENOMEM;
	ret = qp_tasks_seal(left->room);
	if (ret) {
		kvfree(left);
		return ret;
	}
	/* From here on it can't fail. */
	qp_tasks_freeze();
	qp_left_fill(left, rcu_dereference_protected(qp_trans.ranges, lockdep_is_held(&qp_mutex)));
	*nr_left = left->nr;
	WRITE_ONCE(patch->live, qp_trans.target);
	patch->state = qp_trans.target ? QP_PATCH_APPLIED : QP_PATCH_LEAVING;
	qp_left_publish(patch, left);
	qp_tasks_close();
	wind_up(patch);
	rcu_assign_pointer(qp_trans.ranges, NULL);	/* they are the list's now */
	pr_info("%s: %s; %u straggler(s) keep what they run until they leave it\n", patch->mod->name,
		qp_trans.target ? "applied" : "reverted", left->nr);
	/* Other patches' sites have waited for the end, too. */
	qp_settle_kick();
	return 0;
}

bool qp_end_stragglers(struct qp_patch *patch)
{
	struct qp_departure *d;

	if (!prepare_end(patch->live, &d))
		return false;
	qp_left_drop(patch);
	pr_info("%s: the last straggler has left\n", patch->mod->name);
	all_switched(patch, d);
	return true;
}
