/* SPDX-License-Identifier: GPL-2.0-only */
/* transition.h - one patch going to one target: start, reverse, end [I1].  What all may read of it is in phase.h. */
#ifndef QP_TRANSITION_H
#define QP_TRANSITION_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct qp_patch;
struct qp_start;

/* Something was taken off the stacks: what has to be waited for and let go of. */
struct qp_departure {
	struct work_struct work;
	struct list_head undos;
	struct qp_patch *patch;
};
/* A worker waits out the last readers, frees the undos, and puts the module's reference of the apply. */
void qp_transition_depart(struct qp_patch *patch, struct qp_departure *d);

/* With qp_settle_lock() held. */
int qp_transition_start(struct qp_start *s);
int qp_transition_reverse(u64 *epoch);
/* End it without those who haven't switched [I12]: how many they are. */
int qp_transition_leave(u32 *nr_left);
/* End it if nobody is left to switch; true when it ended. */
bool qp_transition_try_end(void);
/* The last straggler of `patch` has switched; false: no memory, try again. */
bool qp_transition_end_left(struct qp_patch *patch);
/* The worker looks after the table and the stragglers in half a second. */
void qp_transition_serve(void);
/* An object has come or gone: new ranges, if a transition is open. */
int qp_transition_refresh(void);

int qp_transition_init(void);
void qp_transition_exit(void);

#endif
