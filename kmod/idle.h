/* SPDX-License-Identifier: GPL-2.0-only */
/* idle.h - idle tasks, which aren't on the list of processes [I4] [I5]. */
#ifndef QP_IDLE_H
#define QP_IDLE_H

#include <linux/sched.h>

struct qp_patch;
struct qp_task;

/* A CPU's own idle task.  PF_IDLE doesn't tell: a kernel thread that plays idle (intel_powerclamp) has it meanwhile, too, and may end. */
static inline bool qp_is_idle(const struct task_struct *task)
{
	return !task->pid;
}

int qp_idle_init(void);
void qp_idle_exit(void);
/* The idle task of a CPU if it was seen, or NULL. */
struct task_struct *qp_idle_task(int cpu);
void qp_idle_learn(void);	/* preemption off */
/* List those that may hold the transition; -EAGAIN while one that isn't known may. */
int qp_idle_list(void);
/* The current one can't switch where it stands: has its CPU do something else, and judges it then.  From an IPI. */
void qp_idle_relieve(void);
/* Those of CPUs that are offline switch. */
void qp_idle_sweep(void);
void qp_idle_left(struct qp_task *straggler);
/* Could an idle task that is off its CPU be in code that this patch affects? */
bool qp_idle_may_hold(const struct qp_patch *patch);

#endif
