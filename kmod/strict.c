// SPDX-License-Identifier: GPL-2.0-only
/*
 * strict.c - everybody switches at one moment, with the machine stopped: for
 * those who want the older model, or can't run the monitor.
 *
 * The machine is stopped only after a dry walk found every sleeping task clean,
 * so a hopeless attempt costs nobody a pause; nor does one whose dry walk takes
 * longer than the pause may.  With the machine stopped the walk looks at the
 * clock, too, and gives up in time.
 */
#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/stop_machine.h>
#include "exit.h"
#include "idle.h"
#include "patch.h"
#include "phase.h"
#include "ranges.h"
#include "strict.h"
#include "task.h"
#include "unwind.h"

struct tally {
	u32 *counts;
	u64 unclean;
	u64 began;		/* ns */
	u64 took;
	bool stopped;		/* the machine is */
	bool late;		/* took longer than the pause may */
};

/* Safe in NMIs and with the machine stopped. */
static bool is_late(struct tally *tally)
{
	u64 limit = (u64)qp_trans.pause.limit_us * NSEC_PER_USEC;

	tally->took = ktime_get_mono_fast_ns() - tally->began;
	tally->late = limit && tally->took > limit;
	return tally->late;
}

static void look_at_task(struct task_struct *t, struct tally *tally)
{
	struct qp_walk walk = { .verdict = QP_V_RUNNING };

	if (qp_task_dead(t))
		return;
	/*
	 * With the machine stopped, what is on another CPU is its stopper thread,
	 * whose frames are the same as those of ours, which is walked.
	 */
	if (t != current && READ_ONCE(t->on_cpu)) {
		tally->counts[QP_V_RUNNING]++;
		return;
	}
	if (!READ_ONCE(t->stack))
		return;
	qp_walk_task(t, rcu_dereference(qp_trans.ranges), &walk);
	tally->counts[walk.verdict]++;
	if (walk.verdict != QP_V_CLEAN)
		tally->unclean++;
}

/* Who has left the list of processes and isn't dead. */
static void look_unhashed(struct task_struct *t, void *tally)
{
	if (!pid_alive(t))
		look_at_task(t, tally);
}

/*
 * Every task, idle ones included.  One that was never seen is off its CPU when
 * the machine is stopped, so it holds only what changes the code it sleeps in [I5].
 */
static void look_at_all_tasks(struct tally *tally)
{
	struct task_struct *p, *t, *idle;
	int cpu;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		/* What the dry walk found out by its end, this one mustn't. */
		if (tally->stopped && is_late(tally))
			goto out;
		look_at_task(t, tally);
	}
	qp_exits_for_each(look_unhashed, tally);
	if (qp_exits_lost())
		tally->unclean++;
	for_each_online_cpu(cpu) {
		idle = qp_idle_task(cpu);
		if (idle)
			look_at_task(idle, tally);
		else if (qp_idle_may_hold(qp_trans.patch))
			tally->unclean++;
	}
out:
	rcu_read_unlock();
	is_late(tally);
}

static int switch_all(void *data)
{
	struct tally *tally = data;

	look_at_all_tasks(tally);
	/* [I2]: nobody is in affected code, and no handler is half-way. */
	if (!tally->unclean && !tally->late)
		WRITE_ONCE(qp_trans.patch->live, qp_trans.target);
	tally->took = ktime_get_mono_fast_ns() - tally->began;
	return tally->unclean || tally->late ? -EAGAIN : 0;
}

static void learn_idle(void *unused)
{
	qp_idle_learn();
}

int qp_strict_try(u32 *counts)
{
	u32 scratch[QP_V_MAX] = {};
	struct tally dry = { .counts = counts }, wet = { .counts = scratch, .stopped = true };
	struct qp_pause *pause = &qp_trans.pause;
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (READ_ONCE(qp_trans.patch->live) == qp_trans.target)
		return 0;
	on_each_cpu(learn_idle, NULL, 1);
	cpus_read_lock();
	dry.began = ktime_get_mono_fast_ns();
	look_at_all_tasks(&dry);
	cpus_read_unlock();
	qp_trans.strict_left = dry.unclean ?: dry.late;
	if (!pause->dry_ns || dry.took < pause->dry_ns)
		pause->dry_ns = dry.took;
	pause->nr_late += dry.late;
	if (dry.unclean || dry.late)
		return 0;
	/* From before the first CPU stops: an upper bound. */
	wet.began = ktime_get_mono_fast_ns();
	ret = stop_machine(switch_all, &wet, NULL);
	qp_trans.strict_left = wet.unclean ?: wet.late;
	pause->nr_stops++;
	pause->nr_late += wet.late;
	pause->pause_ns = max(pause->pause_ns, wet.took);
	return ret == -EAGAIN ? 0 : ret;
}
