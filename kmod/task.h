/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.h - what each task runs, for the length of a transition only.
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

int qp_tasks_init(void);
void qp_tasks_exit(void);

/* Table for one transition, with room for `more` tasks that are dead.  free: after the handlers of the transition are gone. */
int qp_tasks_alloc(unsigned int more);
void qp_tasks_free(void);
/* List every task that isn't yet; -EAGAIN while some task can't be listed [I5]. */
int qp_tasks_list(void);
/* Drop the dead; idle tasks of CPUs that are offline switch. */
void qp_tasks_sweep(void);
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
/* Before the phase opens: one that isn't where all others are. */
int qp_task_seed(struct task_struct *task, int version);
/*
 * Turn round: freeze, change what depends on the target, flip, thaw.  While the table is frozen,
 * nobody is listed and nobody switches; handlers only look up.
 */
void qp_tasks_freeze(void);
void qp_tasks_flip(void);
void qp_tasks_thaw(void);
bool qp_tasks_frozen(void);

/* From the ftrace handler, preemption off: which version does the current task run?  -1: the phase is over. */
int qp_task_version(struct pt_regs *regs);
/* The same for one that is listed: it switches if its stack is clean, else it is marked DIRTY. */
int qp_task_decide(struct qp_task *e, struct pt_regs *regs);
/* The short cut for a task that has: its version, or -1.  The phase is on. */
int qp_task_switched(void);
struct qp_task *qp_task_find(struct task_struct *task);
struct qp_task *qp_task_list(struct task_struct *task);	/* find, or insert with what it runs unlisted */
struct qp_task *qp_task_insert(struct task_struct *task, int state);
/* Where it is to go, and what it mustn't stand in then (RCU). */
int qp_task_target(const struct qp_task *e);
const struct qp_ranges *qp_task_ranges(const struct qp_task *e);
/* state == from (OLD) -> target; false when it has changed. */
bool qp_task_commit(struct qp_task *e, int from, int by);	/* by: enum qp_by of trace.h */
bool qp_task_dead(struct task_struct *task);
u64 qp_tasks_total(void);	/* how many are listed; 0 in strict mode, which lists nobody */

/* Iterate the listed tasks; stops on nonzero.  qp_mutex held. */
int qp_tasks_for_each(int (*fn)(struct qp_task *e, void *data), void *data);

#endif
