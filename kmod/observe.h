/* SPDX-License-Identifier: GPL-2.0-only */
/* observe.h - the core's own look at tasks, and the commits that follow from it. */
#ifndef QP_OBSERVE_H
#define QP_OBSERVE_H

#include <linux/types.h>
#include "quietpatch.h"

struct qp_ranges;
struct qp_task;
struct task_struct;

/* One look at all tasks; `claims`: what `verdicts` points to, the caller's copy, in and out.  The phase is open, qp_mutex held. */
int qp_observe_round(struct qp_observe *o, struct qp_task_verdict *claims);
/* Fill up to `room` blockers, zeroed before; how many there are. */
u32 qp_observe_blockers(struct qp_blocker *to, u32 room);
/* Trace events for some of those who still hold the transition back. qp_mutex held. */
void qp_observe_trace_stalls(void);

/* How often a task was switched away from: unchanged, and off its CPU, it hasn't run. */
u64 qp_observe_switches(struct task_struct *t);
/* The core alone judges one task, wherever it is; it switches if it is clean.  qp_mutex held. */
enum qp_verdict qp_observe_task(struct qp_task *e);
/* The core's present reason, without touching the task's state.  `ranges` by RCU. */
void qp_observe_explain(struct task_struct *t, const struct qp_ranges *ranges, struct qp_blocker *b);

#endif
