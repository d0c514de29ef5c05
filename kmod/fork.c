// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork.c - a child is listed before it runs: by a tracepoint, watched while any
 * patch is registered [I4].
 */
#include <linux/sched.h>
#include <linux/tracepoint.h>
#include "fork.h"
#include "phase.h"
#include "tasks.h"
#include "trace.h"

static struct tracepoint *tp_newtask;

/*
 * A child hasn't run yet: its stack is ret_from_fork alone, so it starts as NEW
 * [I4].  If a pass has listed it as OLD in the meantime, it switches here.
 */
static void on_newtask(void *unused, struct task_struct *task, unsigned long clone_flags)
{
	struct qp_task *e;
	int s;

	preempt_disable_notrace();
	/* Frozen: it stays unlisted, and no version is wrong for an empty stack. */
	if (qp_phase_active() && !qp_tasks_frozen()) {
		e = qp_task_insert(task, qp_target);
		if (e) {
			s = atomic_read(&e->state);
			if ((s & QP_TASK_VERSION) != qp_target)
				qp_task_commit(e, s, QP_BY_FORK);
		}
	}
	preempt_enable_notrace();
}

struct search {
	const char *name;
	struct tracepoint *found;
};

static void compare_tracepoint(struct tracepoint *tp, void *data)
{
	struct search *s = data;

	if (!strcmp(tp->name, s->name))
		s->found = tp;
}

struct tracepoint *qp_tracepoint(const char *name)
{
	struct search s = { .name = name };

	for_each_kernel_tracepoint(compare_tracepoint, &s);
	if (!s.found)
		pr_err("this kernel has no tracepoint %s\n", name);
	return s.found;
}

int qp_fork_watch(void)
{
	return tracepoint_probe_register(tp_newtask, on_newtask, NULL);
}

void qp_fork_unwatch(void)
{
	tracepoint_probe_unregister(tp_newtask, on_newtask, NULL);
	tracepoint_synchronize_unregister();
}

int qp_fork_init(void)
{
	tp_newtask = qp_tracepoint("task_newtask");
	return tp_newtask ? 0 : -EOPNOTSUPP;
}
