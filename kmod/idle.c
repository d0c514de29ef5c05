// SPDX-License-Identifier: GPL-2.0-only
/*
 * idle.c - idle tasks: they aren't on the list of processes, so they are learnt
 * when they are seen on their CPU.
 */
#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include "arch.h"
#include "idle.h"
#include "patch.h"
#include "phase.h"
#include "ranges.h"
#include "tasks.h"
#include "trace.h"
#include "unwind.h"

static struct task_struct **idle_tasks;		/* by CPU */
static DEFINE_PER_CPU(struct work_struct, relieve_work);

void qp_idle_learn(void)
{
	if (qp_is_idle(current))
		WRITE_ONCE(idle_tasks[smp_processor_id()], current);
}

static void learn_idle(void *unused)
{
	qp_idle_learn();
}

struct task_struct *qp_idle_task(int cpu)
{
	return READ_ONCE(idle_tasks[cpu]);
}

bool qp_idle_may_hold(const struct qp_patch *patch)
{
	const struct qp_func *func;

	qp_for_each_func(patch, func)
		if (qp_arch_idle_sleeps_in(func->name))
			return true;
	list_for_each_entry(func, &patch->undos, undo)
		if (qp_arch_idle_sleeps_in(func->name))
			return true;
	return false;
}

/*
 * Idle tasks aren't on the list of processes, and one can't be found before it
 * has run: on a CPU that hasn't been idle since the core was loaded.  The IPI
 * has shown that it is off its CPU, so its stack is known.  Unless the patch
 * changes that very code, it may stay unlisted: should it run and come to a
 * patched function, the handler lists it as any other task [I4] [I5].
 */
int qp_idle_list(void)
{
	struct task_struct *idle;
	int cpu, ret = 0;

	cpus_read_lock();
	on_each_cpu(learn_idle, NULL, 1);
	for_each_online_cpu(cpu) {
		idle = qp_idle_task(cpu);
		if (idle)
			qp_task_list(idle);
		else if (qp_idle_may_hold(qp_trans.patch))
			ret = -EAGAIN;
	}
	cpus_read_unlock();
	return ret;
}

static void commit_idle(struct qp_task *e, int by)
{
	int s;

	do {
		s = atomic_read(&e->state);
	} while ((s & QP_TASK_VERSION) != qp_task_target(e) && !qp_task_commit(e, s, by));
}

/*
 * A CPU that goes in mid-transition leaves its idle task in play_dead(), with on_cpu set for good
 * and no IPI to judge it.  When the CPU comes back, that task begins anew at the top of its stack, so that
 * none of what is on it now ever runs on: it is clean, whatever its frames say.  cpus_read_lock()
 * keeps it where it is.  Where the task goes on from play_dead() instead (Xen PV), it is so
 * only if the patch doesn't change what it stands in.
 */
void qp_idle_sweep(void)
{
	struct task_struct *idle;
	struct qp_task *e;
	int cpu;

	lockdep_assert_held(&qp_mutex);
	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		idle = cpu_online(cpu) ? NULL : qp_idle_task(cpu);
		e = idle ? qp_task_find(idle) : NULL;
		if (!e || (!qp_idle_restarts() && qp_idle_may_hold(qp_trans.patch)))
			continue;
		commit_idle(e, QP_BY_OFFLINE);
	}
	cpus_read_unlock();
}

/* The idle task of this CPU is off it: its stack can be walked, and can't change until we let the CPU go. */
static void relieve_idle(struct work_struct *unused)
{
	struct task_struct *idle;
	struct qp_walk walk;
	struct qp_task *e;

	preempt_disable();
	idle = qp_idle_task(smp_processor_id());
	if (!idle || !qp_phase_active() || qp_tasks_frozen())
		goto out;
	e = qp_task_list(idle);
	if (!e)
		goto out;
	qp_walk_task(idle, rcu_dereference_sched(qp_trans.ranges), &walk);
	if (walk.verdict != QP_V_CLEAN)
		goto out;
	commit_idle(e, QP_BY_RELIEF);
out:
	preempt_enable();
}

/*
 * An idle task waits for interrupts in arch_cpu_idle(), below do_idle().  If that is affected code, each IPI finds it there,
 * and it leaves only when its CPU has something else to do: on a quiet machine, never.  So it gets that.
 * Where its CPU has gone when the work runs, the work looks after the CPU that it is on.
 */
void qp_idle_relieve(void)
{
	int cpu = smp_processor_id();

	schedule_work_on(cpu, per_cpu_ptr(&relieve_work, cpu));
}

/* As relieve_idle(), for a straggler. */
static int relieve_left(void *data)
{
	struct qp_task *e = data;
	struct qp_walk walk;

	preempt_disable();
	qp_walk_task(e->task, qp_task_ranges(e), &walk);
	if (walk.verdict == QP_V_CLEAN)
		commit_idle(e, QP_BY_RELIEF);
	preempt_enable();
	return 0;
}

/* As qp_idle_sweep() and qp_idle_relieve(), for a straggler. */
void qp_idle_left(struct qp_task *e)
{
	int cpu = task_cpu(e->task);

	lockdep_assert_held(&qp_mutex);
	cpus_read_lock();
	if (cpu_online(cpu))
		smp_call_on_cpu(cpu, relieve_left, e, false);	/* in a work item: the idle task is off its CPU */
	else if (qp_idle_restarts())
		commit_idle(e, QP_BY_OFFLINE);
	cpus_read_unlock();
}

int qp_idle_init(void)
{
	int cpu;

	idle_tasks = kcalloc(nr_cpu_ids, sizeof(*idle_tasks), GFP_KERNEL);
	if (!idle_tasks)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		INIT_WORK(per_cpu_ptr(&relieve_work, cpu), relieve_idle);
	idle_tasks[0] = &init_task;
	on_each_cpu(learn_idle, NULL, 1);
	return 0;
}

void qp_idle_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		cancel_work_sync(per_cpu_ptr(&relieve_work, cpu));
	kfree(idle_tasks);
}
