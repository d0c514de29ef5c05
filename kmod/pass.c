// SPDX-License-Identifier: GPL-2.0-only
/* pass.c - see pass.h. */
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include "exit.h"
#include "fork.h"
#include "idle.h"
#include "pass.h"
#include "patch.h"
#include "phase.h"
#include "tasks.h"

int qp_pass_list(void)
{
	struct task_struct *p, *t;
	int ret;

	lockdep_assert_held(&qp_mutex);
	ret = qp_tasks_grow();
	/* A full barrier: from here on, whoever can't be listed sets the bit again.  Nobody ends the phase meanwhile. */
	if (!(atomic64_fetch_andnot(QP_WORD_UNLISTED, &qp_state_word) & QP_WORD_UNLISTED))
		return 0;
	rcu_read_lock();
	for_each_process_thread(p, t)
		if (!qp_task_dead(t))
			qp_task_insert(t, qp_unlisted);
	rcu_read_unlock();
	/* After the list of processes: who leaves that is in the set before. */
	if (qp_exits_list() || qp_idle_list())
		ret = -EAGAIN;
	if (ret)
		qp_tasks_mark_unlisted();
	return ret;
}

void qp_pass_sweep(void)
{
	lockdep_assert_held(&qp_mutex);
	qp_idle_sweep();
	qp_tasks_sweep();
}

int qp_pass_init(void)
{
	int ret = qp_fork_init();

	if (ret)
		return ret;
	ret = qp_exits_init();
	if (ret)
		return ret;
	ret = qp_idle_init();
	if (ret)
		qp_exits_exit();
	return ret;
}

void qp_pass_exit(void)
{
	qp_idle_exit();
	qp_exits_exit();
}
