// SPDX-License-Identifier: GPL-2.0-only
/*
 * observe.c - the core judges tasks by itself, and only it commits.
 *
 * What sleeps is judged from here, with the proof that it didn't run
 * meanwhile; what runs, by an IPI on its CPU, where the eBPF monitor has to
 * agree.  See docs/consistency.md.
 */
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "idle.h"
#include "observe.h"
#include "pass.h"
#include "patch.h"
#include "phase.h"
#include "ranges.h"
#include "tasks.h"
#include "trace.h"
#include "unwind.h"

/* What the last IPI saw on each CPU, to name running blockers. */
struct seen {
	struct task_struct *task;
	u32 verdict;
	unsigned long frame;
};
static DEFINE_PER_CPU(struct seen, last_seen);

u64 qp_observe_switches(struct task_struct *t)
{
	return READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw);
}

/*
 * Judge a task that sleeps.  [I3]: DIRTY is cleared before the look, and the
 * commit succeeds only without it; one observer at a time, by qp_mutex.
 * `claimed`: the switch counts of the monitor's look, or NULL.
 */
static enum qp_verdict judge_sleeper(struct qp_task *e, const u64 *claimed)
{
	struct task_struct *t = e->task;
	struct qp_walk walk;
	enum qp_verdict v;
	int s = atomic_read(&e->state), target = qp_task_target(e);
	u64 ran;

	do {
		if ((s & QP_TASK_VERSION) == target)
			return QP_V_ALREADY;
	} while (!atomic_try_cmpxchg(&e->state, &s, s & ~QP_TASK_DIRTY));
	if (t == current)
		return QP_V_RUNNING;

	rcu_read_lock();	/* keeps t->stack: put_task_stack() isn't exported */
	/* Before: switch counts, then on_cpu. */
	ran = qp_observe_switches(t);
	smp_rmb();
	v = QP_V_RUNNING;
	/* Pairs with smp_store_release() in finish_task(): its frames are on its stack. */
	if (smp_load_acquire(&t->on_cpu))
		goto out;
	v = QP_V_STALE;
	if (claimed && ran != *claimed)
		goto out;
	if (READ_ONCE(t->__state) == TASK_DEAD) {
		v = QP_V_CLEAN;
	} else if (!READ_ONCE(t->stack)) {
		v = QP_V_MOVED;
	} else {
		qp_walk_task(t, qp_task_ranges(e), &walk);
		v = walk.verdict;
	}
	/* After: on_cpu, then switch counts. */
	smp_rmb();
	if (smp_load_acquire(&t->on_cpu))
		v = QP_V_RUNNING;
	else if (qp_observe_switches(t) != ran)
		v = QP_V_MOVED;
	/* It may run by now; if it entered OLD code, it is DIRTY. */
	if (v == QP_V_CLEAN) {
		if (qp_task_commit(e, !target, QP_BY_WALK))
			v = QP_V_COMMITTED;
		else
			v = (atomic_read(&e->state) & QP_TASK_VERSION) == target ? QP_V_ALREADY : QP_V_DIRTY;
	}
out:
	rcu_read_unlock();
	return v;
}

/* The task that is meant, with a reference.  All idle tasks have pid 0; each has its own boot time. */
static struct task_struct *claimed_task(const struct qp_task_verdict *claim)
{
	struct task_struct *t;
	int cpu;

	if (!claim->pid) {
		for_each_possible_cpu(cpu) {
			t = qp_idle_task(cpu);
			if (t && t->start_boottime == claim->start_boottime)
				return get_task_struct(t);
		}
		return NULL;
	}
	rcu_read_lock();
	t = pid_task(find_pid_ns(claim->pid, &init_pid_ns), PIDTYPE_PID);
	if (t)
		get_task_struct(t);
	rcu_read_unlock();
	return t;
}

static enum qp_verdict judge_claim(const struct qp_task_verdict *claim)
{
	struct task_struct *t;
	enum qp_verdict v = QP_V_GONE;
	struct qp_task *e;

	if (claim->verdict != QP_V_CLEAN)
		return claim->verdict;
	t = claimed_task(claim);
	if (!t)
		return v;
	/* A pid may have been used again since the monitor looked. */
	if (t->start_boottime == claim->start_boottime) {
		e = qp_task_list(t);
		if (e)
			v = judge_sleeper(e, &claim->switches);
	}
	put_task_struct(t);
	return v;
}

static int judge_claims(struct qp_observe *o, struct qp_task_verdict *claims)
{
	u32 i;

	for (i = 0; i < o->nr_verdicts; i++) {
		if (claims[i].verdict >= QP_V_MAX || claims[i].result)
			return -EINVAL;
		claims[i].result = judge_claim(&claims[i]);
		o->counts[claims[i].result]++;
		cond_resched();
	}
	return 0;
}

static int judge_listed(struct qp_task *e, void *data)
{
	u32 *counts = data;

	counts[judge_sleeper(e, NULL)]++;
	return 0;
}

/* The monitor goes by the list of processes.  Of who has left that and isn't dead yet, the core alone judges [I5]. */
static int judge_unhashed(struct qp_task *e, void *data)
{
	if ((atomic_read(&e->state) & QP_TASK_VERSION) != qp_target && !pid_alive(e->task))
		judge_listed(e, data);
	return 0;
}

struct ipi {
	u64 epoch;
	bool need_monitor;
	atomic_t counts[QP_V_MAX];
};

/* The task can't move while we are here, so DIRTY doesn't matter; only a nested commit does. */
static void commit_here(struct qp_task *e)
{
	int s;

	do {
		s = atomic_read(&e->state);
	} while ((s & QP_TASK_VERSION) != qp_task_target(e) && !qp_task_commit(e, s, QP_BY_IPI));
}

/* On each CPU, in an IPI (or with interrupts off, on our own): judge what runs here. */
static void judge_current(void *data)
{
	struct ipi *ipi = data;
	struct seen *seen = this_cpu_ptr(&last_seen);
	struct qp_tp_verdict claim = {
		.epoch = ipi->epoch, .pid = current->pid, .verdict = QP_V_MAX,
	};
	struct qp_walk walk;
	struct qp_task *e;

	qp_idle_learn();
	e = qp_task_list(current);
	if (!e)
		return;
	if ((atomic_read(&e->state) & QP_TASK_VERSION) == qp_target) {
		atomic_inc(&ipi->counts[QP_V_ALREADY]);
		return;
	}
	/* Its own frames up to here aren't affected code; what was interrupted is seen across the IRQ stack. */
	qp_walk_task(current, rcu_dereference_sched(qp_trans.ranges), &walk);
	qp_trace_observe(&claim);
	if (ipi->need_monitor && walk.verdict == QP_V_CLEAN && claim.verdict != QP_V_CLEAN) {
		walk.verdict = QP_V_DISAGREE;
		walk.frame = claim.frame;
	}
	if (walk.verdict == QP_V_CLEAN) {
		commit_here(e);
		walk.verdict = QP_V_COMMITTED;
	} else if (qp_is_idle(current)) {
		qp_idle_relieve();
	}
	seen->task = current;
	seen->verdict = walk.verdict;
	seen->frame = walk.frame;
	atomic_inc(&ipi->counts[walk.verdict]);
}

/* A straggler that may run here: without the monitor, which is gone by then. */
static void judge_here(void *data)
{
	struct qp_task *e = data;
	struct qp_walk walk;

	if (current != e->task)
		return;
	qp_walk_task(current, qp_task_ranges(e), &walk);
	if (walk.verdict == QP_V_CLEAN)
		commit_here(e);
}

enum qp_verdict qp_observe_task(struct qp_task *e)
{
	enum qp_verdict v = judge_sleeper(e, NULL);

	lockdep_assert_held(&qp_mutex);
	if (v == QP_V_RUNNING)
		smp_call_function_single(task_cpu(e->task), judge_here, e, 1);
	return v;
}

static void observe_cpus(struct qp_observe *o)
{
	struct ipi ipi = {
		.epoch = qp_trans.epoch,
		.need_monitor = !(qp_trans.flags & QP_START_CORE_ONLY),
	};
	unsigned int i;

	on_each_cpu(judge_current, &ipi, 1);
	for (i = 0; i < QP_V_MAX; i++)
		o->counts[i] += atomic_read(&ipi.counts[i]);
}

int qp_observe_round(struct qp_observe *o, struct qp_task_verdict *claims)
{
	int ret;

	lockdep_assert_held(&qp_mutex);
	/* [I5]: a pass over all tasks stands between an unlisted one and the end. */
	qp_pass_list();
	ret = judge_claims(o, claims);
	if (!ret && (o->flags & QP_OBSERVE_WALK))
		qp_tasks_for_each(judge_listed, o->counts);
	if (!ret && (o->flags & QP_OBSERVE_IPI))
		observe_cpus(o);
	if (!ret && (o->flags & QP_OBSERVE_SWEEP)) {
		qp_pass_sweep();
		qp_tasks_for_each(judge_unhashed, o->counts);
	}
	return ret;
}

struct listing {
	struct qp_blocker *to;
	u32 room, nr;
};

void qp_observe_explain(struct task_struct *t, const struct qp_ranges *ranges, struct qp_blocker *b)
{
	struct qp_walk walk = { .verdict = QP_V_RUNNING };
	char name[KSYM_SYMBOL_LEN];
	int cpu = task_cpu(t);

	if (READ_ONCE(t->on_cpu)) {
		struct seen *seen = per_cpu_ptr(&last_seen, cpu);

		if (READ_ONCE(seen->task) == t) {
			walk.verdict = seen->verdict;
			walk.frame = seen->frame;
		}
		if (walk.verdict == QP_V_COMMITTED || walk.verdict == QP_V_CLEAN)
			walk.verdict = QP_V_RUNNING;
	} else if (READ_ONCE(t->stack)) {
		qp_walk_task(t, ranges, &walk);
	}
	if (walk.frame) {
		sprint_symbol_no_offset(name, walk.frame);
		strscpy(b->function, name, sizeof(b->function));
	}
	b->verdict = walk.verdict;
	b->frame = walk.frame;
	b->pid = t->pid;
	b->tgid = t->tgid;
	b->state = READ_ONCE(t->__state);
	memcpy(b->comm, t->comm, sizeof(b->comm));
	b->comm[sizeof(b->comm) - 1] = '\0';
}

static void explain_blocker(struct qp_task *e, struct qp_blocker *b)
{
	rcu_read_lock();
	qp_observe_explain(e->task, qp_task_ranges(e), b);
	rcu_read_unlock();
}

static int list_blocker(struct qp_task *e, void *data)
{
	struct listing *l = data;

	if ((atomic_read(&e->state) & QP_TASK_VERSION) == qp_target)
		return 0;
	if (l->nr < l->room)
		explain_blocker(e, &l->to[l->nr]);
	l->nr++;
	return 0;
}

u32 qp_observe_blockers(struct qp_blocker *to, u32 room)
{
	struct listing l = { .to = to, .room = room };

	lockdep_assert_held(&qp_mutex);
	if (qp_trans.phase != QP_IDLE && !(qp_trans.flags & QP_START_STRICT))
		qp_tasks_for_each(list_blocker, &l);
	return l.nr;
}

#define STALLS_TOLD	16	/* trace events a time */

static int trace_stall(struct qp_task *e, void *data)
{
	struct qp_blocker b = {};
	unsigned int *nr = data;

	if ((atomic_read(&e->state) & QP_TASK_VERSION) == qp_target)
		return 0;
	explain_blocker(e, &b);
	trace_quietpatch_stall(&b, qp_trans.epoch);
	return ++*nr == STALLS_TOLD;
}

void qp_observe_trace_stalls(void)
{
	unsigned int nr = 0;

	lockdep_assert_held(&qp_mutex);
	if (trace_quietpatch_stall_enabled())
		qp_tasks_for_each(trace_stall, &nr);
}
