/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.h - what one task runs, for the length of a transition only.
 *
 * A task's state is an absolute version (0: below the patch, 1: the patch), so
 * that turning a transition round changes nobody's state.  A task whose version
 * isn't the target's is OLD; one that isn't listed runs what all did at the start [I4].
 */
#ifndef QP_TASK_H
#define QP_TASK_H

#include <linux/atomic.h>
#include <linux/types.h>

struct pt_regs;
struct qp_left;
struct qp_ranges;
struct task_struct;

#define QP_TASK_VERSION	1	/* the version it runs */
#define QP_TASK_DIRTY	2	/* entered OLD code since it was last looked at [I3] */

struct qp_task {
	struct qp_task *next;		/* in its bucket */
	struct task_struct *task;
	atomic_t state;
	u32 index;
	struct qp_left *left;		/* whose straggler it is; NULL: an entry of the transition's table */
};

/* From the ftrace handler, preemption off: the version that the task runs.  It switches if its stack is clean, else it is marked DIRTY. */
int qp_task_decide(struct qp_task *e, struct pt_regs *regs);
/* Where it is to go, and what it mustn't stand in then (RCU). */
int qp_task_target(const struct qp_task *e);
const struct qp_ranges *qp_task_ranges(const struct qp_task *e);
/* state == from (OLD) -> target; false when it has changed. */
bool qp_task_commit(struct qp_task *e, int from, int by);	/* by: enum qp_by of trace.h */
bool qp_task_dead(struct task_struct *task);

#endif
