// SPDX-License-Identifier: GPL-2.0-only
/* task.c - see task.h. */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "left.h"
#include "phase.h"
#include "task.h"
#include "trace.h"
#include "unwind.h"

int notrace qp_task_target(const struct qp_task *e)
{
	return e->left ? e->left->target : READ_ONCE(qp_target);
}

const struct qp_ranges * notrace qp_task_ranges(const struct qp_task *e)
{
	return rcu_dereference_check(*(e->left ? &e->left->ranges : &qp_trans.ranges),
				     rcu_read_lock_sched_held());
}

/* [I2] [I3]: the only way from OLD to NEW. */
bool qp_task_commit(struct qp_task *e, int from, int by)
{
	int target = qp_task_target(e);

	if (atomic_cmpxchg(&e->state, from, target) != from)
		return false;
	trace_quietpatch_switch(e->task, target, by);
	if (e->left)
		atomic_dec(&e->left->nr_old);
	else
		atomic64_dec(&qp_state_word);
	return true;
}

int notrace qp_task_decide(struct qp_task *e, struct pt_regs *regs)
{
	int s = atomic_read(&e->state), target = qp_task_target(e);
	struct qp_walk walk;

	while ((s & QP_TASK_VERSION) != target) {
		if (regs) {
			/* Handler assist: a task that is nowhere in affected code switches on its own. */
			qp_walk_above(regs, qp_task_ranges(e), &walk);
			regs = NULL;
			while (walk.verdict == QP_V_CLEAN) {
				if (qp_task_commit(e, s, QP_BY_HANDLER))
					return target;
				s = atomic_read(&e->state);
				if ((s & QP_TASK_VERSION) == target)
					return target;
			}
		}
		/* [I3]: marked before it gets in; the cmpxchg is a full barrier. */
		if ((s & QP_TASK_DIRTY) ||
		    atomic_try_cmpxchg(&e->state, &s, s | QP_TASK_DIRTY))
			return s & QP_TASK_VERSION;
	}
	return target;
}

/* Never runs again: it was switched away from after it had become TASK_DEAD. */
bool qp_task_dead(struct task_struct *task)
{
	if (READ_ONCE(task->__state) != TASK_DEAD)
		return false;
	/* Pairs with smp_store_release() in finish_task(). */
	return !smp_load_acquire(&task->on_cpu);
}
