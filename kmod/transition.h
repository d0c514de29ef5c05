/* SPDX-License-Identifier: GPL-2.0-only */
/* transition.h - one patch going to one target: start, observe, reverse, leave [I1].  What all may read of it is in phase.h. */
#ifndef QP_TRANSITION_H
#define QP_TRANSITION_H

#include <linux/types.h>

struct qp_observe;
struct qp_start;
struct qp_task_verdict;

/* With qp_settle_lock() held. */
int qp_transition_start(struct qp_start *s);
int qp_transition_reverse(u64 *epoch);
/* One round: look at all tasks, and end it if nobody is left; `claims` as for qp_observe_round(). */
int qp_transition_observe(struct qp_observe *o, struct qp_task_verdict *claims);
/* End it without those who haven't switched [I12]: how many they are.  A worker looks after them from then on. */
int qp_transition_leave(u32 *nr_left);
/* An object has come or gone: new ranges, if a transition is open. */
int qp_transition_refresh(void);

void qp_transition_exit(void);

#endif
