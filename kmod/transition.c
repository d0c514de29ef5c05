// SPDX-License-Identifier: GPL-2.0-only
/*
 * transition.c - a patch goes up or down, task by task.
 *
 * Start: check, verify, arm, open the phase, list the tasks.  Observe (observe.c):
 * tasks switch when they are clean.  End: end.c.  A worker (depart.c) then waits
 * out what may still be in ftrace's trampolines and lets go of the module [I6]; the
 * next transition doesn't have to wait for that.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "callback.h"
#include "compat.h"
#include "depend.h"
#include "end.h"
#include "inside.h"
#include "left.h"
#include "object.h"
#include "observe.h"
#include "pass.h"
#include "patch.h"
#include "phase.h"
#include "ranges.h"
#include "redirect.h"
#include "settle.h"
#include "site.h"
#include "state.h"
#include "strict.h"
#include "tasks.h"
#include "trace.h"
#include "transition.h"
#include "undo.h"

#define SERVICE_MS	500	/* how often the table is looked after when nobody drives */

static void service_transition(struct work_struct *work);
static DECLARE_DELAYED_WORK(service_work, service_transition);

static void serve_soon(void)
{
	mod_delayed_work(qp_unbound_wq, &service_work, msecs_to_jiffies(SERVICE_MS));
}

/* Take back what an apply has armed before its phase opened. */
static void give_up_apply(struct qp_patch *patch)
{
	LIST_HEAD(undos);

	qp_redirect_pop_patch(patch);
	qp_undos_drop(patch, &undos);
	qp_undos_free(&undos);
}

static void set_ranges(struct qp_ranges *new)
{
	struct qp_ranges *old = rcu_dereference_protected(qp_trans.ranges, lockdep_is_held(&qp_mutex));

	rcu_assign_pointer(qp_trans.ranges, new);
	if (!old)
		return;
	qp_handlers_wait();
	kvfree(old);
}

int qp_transition_refresh(void)
{
	struct qp_ranges *r;
	int ret = qp_left_refresh();

	if (ret || qp_trans.phase == QP_IDLE)
		return ret;
	ret = qp_ranges_build(qp_trans.patch, qp_trans.target, &r);
	if (!ret)
		set_ranges(r);
	return ret;
}

/* Whether `patch` may go to `target` now; says why not. */
static int check_start(struct qp_patch *patch, u32 target)
{
	struct qp_func *func;
	int ret;

	if (qp_trans.phase != QP_IDLE)
		return -EBUSY;		/* [I1] */
	if (target == QP_PATCH_APPLIED ? patch->state == QP_PATCH_APPLIED : !qp_patch_applied(patch))
		return -EALREADY;
	ret = qp_left_check(patch);
	if (ret)
		return ret;
	if (target == QP_PATCH_APPLIED)
		return qp_depend_apply(patch);
	if (patch->desc->flags & QP_PATCH_IRREVERTIBLE) {
		pr_err("%s: it cannot be reverted: the address of one of its functions may be in use\n",
		       patch->mod->name);
		return -EOPNOTSUPP;
	}
	if (patch->replaced_by) {
		pr_err("%s: patch %s has taken over from it: revert that first\n",
		       patch->mod->name, patch->replaced_by->mod->name);
		return -EDEADLK;
	}
	func = qp_site_covered(patch);
	if (func) {
		pr_err("%s: patch %s stands on its %s: revert that first\n", patch->mod->name,
		       qp_site_top(func->old_addr)->patch->mod->name, func->name);
		return -EDEADLK;
	}
	return qp_depend_revert(patch);
}

static void begin_transition(struct qp_patch *patch, int target, u32 flags)
{
	struct qp_func *func;

	if (target) {
		/* As by the kernel's own livepatch: who reads a report is told that code was replaced, and by which module. */
		add_taint(TAINT_LIVEPATCH, LOCKDEP_STILL_OK);
		set_bit(TAINT_LIVEPATCH, &patch->mod->taints);
	}
	patch->state = target ? QP_PATCH_APPLYING : QP_PATCH_REVERTING;
	patch->no_settle = flags & QP_START_NO_SETTLE;
	qp_trans.target = target;
	qp_trans.flags = flags;
	qp_trans.reversed = false;
	qp_trans.epoch++;
	qp_trans.started_ns = ktime_get_ns();
	qp_trans.finished_ns = 0;
	qp_trans.strict_left = 1;
	qp_trans.pause = (struct qp_pause){ .size = sizeof(qp_trans.pause), .epoch = qp_trans.epoch };
	qp_trans.phase = QP_TRANSITION;
	WRITE_ONCE(qp_trans.patch, patch);
	qp_for_each_func(patch, func) {
		atomic_long_set(&func->hits[0], 0);
		atomic_long_set(&func->hits[1], 0);
	}
	if (flags & QP_START_STRICT)
		goto out;	/* the phase stays closed: everybody switches at once */
	qp_tasks_begin(target);
	/* Handlers that saw the closed phase have left: who runs OLD code is seen on its stack. */
	qp_handlers_wait();
	qp_pass_list();
	serve_soon();
out:
	trace_quietpatch_start(patch->mod->name, target, qp_trans.epoch, qp_tasks_total());
}

static int prepare_apply(struct qp_patch *patch)
{
	int ret;

	ret = qp_states_check(patch);
	if (!ret)
		ret = qp_objects_resolve(patch);
	if (ret)
		return ret;
	ret = qp_undos_make(patch);
	if (!ret)
		ret = qp_callbacks_apply(patch, NULL);
	if (ret)
		goto err_undos;
	/* The order of qp_patches is the order of the stacks. */
	list_move_tail(&patch->list, &qp_patches);
	qp_patches_number();
	ret = qp_redirect_push_patch(patch);
	if (!ret)
		return 0;
	give_up_apply(patch);
	qp_callbacks_reverted(patch, NULL);
	return ret;
err_undos:
	give_up_apply(patch);
	return ret;
}

static int prepare_revert(struct qp_patch *patch)
{
	int ret = qp_unsettle_patch(patch);

	return ret ? ret : qp_callbacks_revert(patch, NULL);
}

static int start_transition(struct qp_patch *patch, int target, u32 flags)
{
	struct qp_ranges *ranges;
	int ret;

	if (!try_module_get(patch->mod))
		return -ENOENT;
	ret = flags & QP_START_STRICT ? 0 : qp_tasks_alloc(0);
	if (ret)
		goto err_module;
	ret = target ? prepare_apply(patch) : prepare_revert(patch);
	if (ret)
		goto err_table;
	ret = qp_ranges_build(patch, target, &ranges);
	if (ret)
		goto err_prepared;
	set_ranges(ranges);
	begin_transition(patch, target, flags);
	/* The reference of the apply is kept until the revert has ended; this one was for the call. */
	if (!target)
		module_put(patch->mod);
	return 0;

err_prepared:
	if (target) {
		give_up_apply(patch);
		qp_callbacks_reverted(patch, NULL);
	} else {
		qp_callbacks_applied(patch, NULL);
	}
err_table:
	if (!(flags & QP_START_STRICT))
		qp_tasks_free();
err_module:
	module_put(patch->mod);
	return ret;
}

/*
 * The way back of a transition that has ended with stragglers is the same transition turned round: they are where it
 * goes, everybody else is listed as OLD, and what the patch has on the stacks is there [I12].
 */
static int reopen_transition(struct qp_patch *patch, int target, u32 flags)
{
	struct qp_ranges *ranges;
	int ret;

	if (flags & QP_START_STRICT) {
		pr_err("%s: it has stragglers, which strict mode cannot leave where they are\n", patch->mod->name);
		return -EBUSY;
	}
	ret = qp_tasks_alloc(qp_left_count());
	if (ret)
		return ret;
	ret = qp_ranges_build(patch, target, &ranges);
	if (ret)
		goto err;
	ret = qp_left_freeze(patch);
	if (ret) {
		qp_left_thaw(patch);
		kvfree(ranges);
		goto err;
	}
	set_ranges(ranges);
	begin_transition(patch, target, flags);
	/* Handlers look at the table now. */
	qp_left_drop(patch);
	return 0;
err:
	qp_tasks_free();
	return ret;
}

int qp_transition_start(struct qp_start *s)
{
	bool up = s->target == QP_PATCH_APPLIED;
	struct qp_patch *patch;
	int ret;

	lockdep_assert_held(&qp_mutex);
	patch = qp_patch_find(s->patch);
	if (!patch)
		return -ENOENT;
	ret = check_start(patch, s->target);
	if (ret)
		return ret;
	qp_trans.leave_ms = s->leave_ms;
	ret = rcu_access_pointer(patch->left) ? reopen_transition(patch, up, s->flags) : start_transition(patch, up, s->flags);
	if (!ret)
		s->epoch = qp_trans.epoch;
	else
		qp_settle_kick();	/* what was unsettled for it */
	return ret;
}

int qp_transition_observe(struct qp_observe *o, struct qp_task_verdict *claims)
{
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.flags & QP_START_STRICT)
		ret = qp_strict_try(o->counts);
	else if ((o->flags & QP_OBSERVE_WALK) && !(qp_trans.flags & QP_START_CORE_ONLY))
		return -EPERM;
	else
		ret = qp_observe_round(o, claims);
	qp_end_try();
	o->phase = qp_trans.phase;
	o->nr_old = qp_phase_old();
	return ret;
}

/*
 * Turn round.  What each task runs stays as it is; OLD and NEW change places,
 * and so does affected code, while nobody is listed and nobody switches [I2].
 */
int qp_transition_reverse(u64 *epoch)
{
	struct qp_patch *patch = qp_trans.patch;
	struct qp_ranges *new, *old;
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.phase == QP_IDLE)
		return -ESTALE;
	if (!(qp_trans.flags & QP_START_STRICT)) {
		ret = qp_ranges_build(patch, !qp_trans.target, &new);
		if (ret)
			return ret;
		qp_tasks_freeze();
		old = rcu_replace_pointer(qp_trans.ranges, new, lockdep_is_held(&qp_mutex));
		qp_tasks_flip();
		qp_tasks_thaw();
		kvfree(old);
	}
	qp_trans.target = !qp_trans.target;
	qp_trans.reversed = !qp_trans.reversed;
	patch->state = qp_trans.target ? QP_PATCH_APPLYING : QP_PATCH_REVERTING;
	*epoch = ++qp_trans.epoch;
	trace_quietpatch_start(patch->mod->name, qp_trans.target, *epoch, qp_tasks_total());
	qp_end_try();
	return 0;
}

int qp_transition_leave(u32 *nr_left)
{
	int ret = qp_end_leave(nr_left);

	if (!ret)
		serve_soon();
	return ret;
}

static bool leave_due(void)
{
	return qp_trans.leave_ms &&
	       ktime_get_ns() - qp_trans.started_ns > (u64)qp_trans.leave_ms * NSEC_PER_MSEC;
}

/*
 * When nobody drives (the loader was killed), keep the table bounded under
 * forks: list who couldn't be, drop the dead; tell who holds it back.  It ends the transition
 * only without the rest, when the time for that has come; and it looks after stragglers.
 */
static void service_transition(struct work_struct *work)
{
	bool again = false;
	u32 nr;

	mutex_lock(&qp_mutex);
	if (qp_trans.phase != QP_IDLE && !(qp_trans.flags & QP_START_STRICT)) {
		qp_pass_list();
		qp_pass_sweep();
		qp_observe_trace_stalls();
		if (leave_due())
			qp_end_leave(&nr);
		again = qp_trans.phase != QP_IDLE;
	}
	if (qp_left_tend(qp_end_stragglers) || again)
		serve_soon();
	mutex_unlock(&qp_mutex);
}

void qp_transition_exit(void)
{
	qp_settle_exit();
	qp_redirect_exit();
	cancel_delayed_work_sync(&service_work);
}
