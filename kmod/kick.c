// SPDX-License-Identifier: GPL-2.0-only
/*
 * kick.c - make tasks that sleep in affected code leave it, on demand: as for a
 * signal that nobody sent.  Who may be disturbed is the caller's choice, since
 * some system calls tell their program.
 */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include "kick.h"
#include "patch.h"
#include "phase.h"
#include "tasks.h"

/* wake_up_state() isn't exported; this is what it does. */
static bool wake_interruptible(struct task_struct *t)
{
	wait_queue_entry_t entry = { .private = t };

	return default_wake_function(&entry, TASK_INTERRUPTIBLE, 0, NULL);
}

static bool kick_one(const struct qp_kick_task *k, struct task_struct *t)
{
	struct qp_task *e = qp_task_find(t);

	if (e && (atomic_read(&e->state) & QP_TASK_VERSION) == qp_target)
		return false;
	if (READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw) != k->switches)
		return false;
	/* Kernel threads have no way out to user mode; they look again at what they wait for. */
	if (t->flags & PF_KTHREAD)
		return wake_interruptible(t);
	set_tsk_thread_flag(t, TIF_NOTIFY_SIGNAL);
	if (!wake_interruptible(t))
		kick_process(t);
	return true;
}

int qp_kick_tasks(struct qp_kick_task *tasks, u32 nr)
{
	struct task_struct *t;
	u32 i;

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.flags & QP_START_STRICT)
		return -EOPNOTSUPP;
	for (i = 0; i < nr; i++) {
		if (tasks[i].result)
			return -EINVAL;
		rcu_read_lock();
		t = pid_task(find_pid_ns(tasks[i].pid, &init_pid_ns), PIDTYPE_PID);
		tasks[i].result = t && kick_one(&tasks[i], t);
		rcu_read_unlock();
		cond_resched();
	}
	return 0;
}
