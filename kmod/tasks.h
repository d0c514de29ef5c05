/* SPDX-License-Identifier: GPL-2.0-only */
/* tasks.h - the table of tasks of one transition. */
#ifndef QP_TASKS_H
#define QP_TASKS_H

#include "task.h"

/* Table for one transition, with room for `more` tasks that are dead.  free: after the handlers of the transition are gone. */
int qp_tasks_alloc(unsigned int more);
void qp_tasks_free(void);
/* Room for every task that isn't listed yet; sleeps. */
int qp_tasks_grow(void);
/* Open the phase: from here on, handlers look at tasks. */
void qp_tasks_begin(int target);
/* {TRANSITION, 0} -> {IDLE, 0}; false when somebody is left. */
bool qp_tasks_end(void);
/*
 * End with somebody left [I12]: seal, freeze, copy who is OLD, close.  Sealed, the OLD ones only become fewer; -EAGAIN
 * while somebody OLD may be unlisted, or there are more than `room`.  Nothing can go wrong after it.
 */
int qp_tasks_seal(unsigned int room);
void qp_tasks_close(void);
/*
 * Turn round: freeze, change what depends on the target, flip, thaw.  While the table is frozen,
 * nobody is listed and nobody switches; handlers only look up.
 */
void qp_tasks_freeze(void);
void qp_tasks_flip(void);
void qp_tasks_thaw(void);
bool qp_tasks_frozen(void);

/* Before the phase opens: one that isn't where all others are. */
int qp_task_seed(struct task_struct *task, int version);
struct qp_task *qp_task_find(struct task_struct *task);
struct qp_task *qp_task_list(struct task_struct *task);	/* find, or insert with what it runs unlisted */
struct qp_task *qp_task_insert(struct task_struct *task, int state);
/* The handler's short cut, the phase on: the version of the current task if it has switched, or -1. */
int qp_task_switched(void);
/* Somebody OLD may be unlisted from now on: a pass over all tasks has to come before the end [I5]. */
void qp_tasks_mark_unlisted(void);
/* The dead switch, and are dropped. */
void qp_tasks_sweep(void);
u64 qp_tasks_total(void);	/* how many are listed; 0 in strict mode, which lists nobody */

/* Iterate the listed tasks; stops on nonzero.  qp_mutex held. */
int qp_tasks_for_each(int (*fn)(struct qp_task *e, void *data), void *data);

#endif
