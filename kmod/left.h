/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * left.h - stragglers: tasks that a transition has ended without [I12].
 *
 * A patch that has some keeps a list of them, made once, that only becomes shorter: who isn't on
 * it runs what the patch's `live` says.  They switch in the handler, at their exit, or when
 * the worker finds them clean; what they may run stays where it is until the last has.
 */
#ifndef QP_LEFT_H
#define QP_LEFT_H

#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "patch.h"
#include "task.h"

struct qp_ranges;
struct qp_straggler;

struct qp_slot_left {
	struct qp_task t;		/* t.task NULL: empty */
	u64 seen;			/* 1 + its switch counts at the last look; 0: none yet; at last SEEN_DEAD */
};

/* Open addressing, at most half full: for who isn't on it, a look-up is one or two words. */
struct qp_left {
	int target;			/* where it has ended */
	atomic_t nr_old;		/* still to switch */
	bool frozen;			/* nobody switches: the transition is about to be opened again */
	unsigned int bits, room;
	unsigned int nr, cursor;
	unsigned int nr_dead;		/* whose task_struct is to be let go of */
	u64 since_ns;
	struct qp_ranges __rcu *ranges;
	struct qp_slot_left slots[];
};

static __always_inline struct qp_task *qp_left_find(struct qp_left *left, struct task_struct *task)
{
	unsigned int i = hash_ptr(task, left->bits), mask = (1u << left->bits) - 1;

	for (; left->slots[i].t.task; i = (i + 1) & mask)
		if (left->slots[i].t.task == task)
			return &left->slots[i].t;
	return NULL;
}

/* The handler's short cut, preemption off: the version that the current task runs, or -1 for one on the list. */
static __always_inline int qp_left_known(struct qp_patch *patch)
{
	struct qp_left *left = rcu_dereference_raw(patch->left);	/* [I11] keeps it, where RCU doesn't watch */
	struct qp_task *e;

	if (likely(!left))
		return READ_ONCE(patch->live);
	e = qp_left_find(left, current);
	return !e || (atomic_read(&e->state) & QP_TASK_VERSION) == left->target ? left->target : -1;
}

/* The same, and it switches if its stack is clean. */
int qp_left_version(struct qp_patch *patch, struct pt_regs *regs);

struct qp_left *qp_left_alloc(unsigned int room, int target);
/* Who is OLD in the frozen table of the transition, with its ranges. */
void qp_left_fill(struct qp_left *left, struct qp_ranges *ranges);
/* Make it the patch's; what it says equals what the table says. */
void qp_left_publish(struct qp_patch *patch, struct qp_left *left);
/* Take it away; the handlers that looked at it have left. */
void qp_left_drop(struct qp_patch *patch);
/* Nobody switches any more, and the table of the coming transition gets those on the list. */
int qp_left_freeze(struct qp_patch *patch);
void qp_left_thaw(struct qp_patch *patch);
/* May `patch` start, with the stragglers that other patches have?  Says why not. */
int qp_left_check(struct qp_patch *patch);
/* An object has come or gone. */
int qp_left_refresh(void);
/* The worker's look at some of them; `ended` is told which patch has none any more, and returns whether that is done. */
bool qp_left_tend(bool (*ended)(struct qp_patch *patch));
unsigned int qp_left_count(void);
u32 qp_left_list(struct qp_straggler *to, u32 room);
/* As text, for sysfs. */
int qp_left_show(struct qp_patch *patch, char *buf);

#endif
