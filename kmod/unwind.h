/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unwind.h - is a stack clean: complete, and without a frame in affected code?
 *
 * Each call needs RCU (or disabled preemption) held: it keeps the ranges, and
 * the other task's stack, in place.
 */
#ifndef QP_UNWIND_H
#define QP_UNWIND_H

#include "quietpatch.h"

struct pt_regs;
struct task_struct;
struct qp_ranges;

struct qp_walk {
	enum qp_verdict verdict;	/* CLEAN, AFFECTED or INCOMPLETE */
	unsigned long frame;		/* offending address, or where the stack ends */
	unsigned int nr_frames;
};

/* The caller's own stack, or a task's that isn't running (nothing is promised if it is). */
void qp_walk_task(struct task_struct *task, const struct qp_ranges *ranges, struct qp_walk *walk);
/* The current stack above the function that was entered with these registers. */
void qp_walk_above(struct pt_regs *regs, const struct qp_ranges *ranges, struct qp_walk *walk);

#endif
