// SPDX-License-Identifier: GPL-2.0-only
/*
 * exit.c - tasks that exit.  exit_notify() takes them off the list of processes, or their parent does; after
 * that they run on to the end of do_exit(), and may sleep there.  From 6.9 on RCU-tasks doesn't wait for
 * one that sleeps, so that only this set knows that somebody may still be in affected code [I5].
 *
 * A task is in it from the tracepoint sched_process_exit, which comes before exit_notify(), to
 * sched_process_free, which comes when it is dead and reaped.  So the set needs no references.
 */
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>
#include "compat.h"
#include "exit.h"
#include "fork.h"
#include "tasks.h"

struct exiting {
	struct hlist_node node;
	struct task_struct *task;
};

static DEFINE_HASHTABLE(set, 8);
static DEFINE_SPINLOCK(lock);		/* guards the set */
static atomic_t nr_lost;		/* who isn't in it, for want of memory */
static struct tracepoint *tp_exit, *tp_free;

static struct exiting *find_exiting(struct task_struct *task)
{
	struct exiting *e;

	hash_for_each_possible(set, e, node, (unsigned long)task)
		if (e->task == task)
			return e;
	return NULL;
}

/* 1: it is in the set now, 0: it was; -ENOMEM. */
static int add_exiting(struct task_struct *task)
{
	struct exiting *new = kmalloc(sizeof(*new), GFP_ATOMIC | __GFP_NOWARN), *old;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	old = find_exiting(task);
	if (new && !old) {
		new->task = task;
		hash_add(set, &new->node, (unsigned long)task);
	}
	spin_unlock_irqrestore(&lock, flags);
	if (old)
		kfree(new);
	return old ? 0 : new ? 1 : -ENOMEM;
}

QP_EXIT_PROBE(on_exit, task)
{
	if (add_exiting(task) >= 0)
		return;
	atomic_inc(&nr_lost);
	pr_warn_ratelimited("no memory to watch %d exit: no transition ends before it has\n", task->pid);
}

static void on_free(void *unused, struct task_struct *task)
{
	struct exiting *e;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	e = find_exiting(task);
	if (e)
		hash_del(&e->node);
	spin_unlock_irqrestore(&lock, flags);
	if (!e)
		atomic_dec_if_positive(&nr_lost);
	kfree(e);
}

void qp_exits_for_each(void (*fn)(struct task_struct *task, void *data), void *data)
{
	struct exiting *e;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < HASH_SIZE(set); i++) {
		spin_lock_irqsave(&lock, flags);
		hlist_for_each_entry(e, &set[i], node)
			if (!qp_task_dead(e->task))
				fn(e->task, data);
		spin_unlock_irqrestore(&lock, flags);
	}
}

bool qp_exits_lost(void)
{
	return atomic_read(&nr_lost);
}

/* Those who still are on the list of processes: nobody may ever reap them.  RCU keeps on_free() away. */
static void find_lost(void)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread(p, t)
		if (READ_ONCE(t->exit_state) && add_exiting(t) > 0)
			atomic_dec_if_positive(&nr_lost);
	rcu_read_unlock();
}

static void list_exiting(struct task_struct *task, void *unused)
{
	qp_task_list(task);
}

int qp_exits_list(void)
{
	if (qp_exits_lost())
		find_lost();
	qp_exits_for_each(list_exiting, NULL);
	return qp_exits_lost() ? -EAGAIN : 0;
}

/* Who exits already and still is on the list of processes. */
static int add_present(void)
{
	struct task_struct *p, *t;
	int ret = 0;

	rcu_read_lock();
	for_each_process_thread(p, t)
		if (ret >= 0 && (READ_ONCE(t->flags) & PF_EXITING))
			ret = add_exiting(t);
	rcu_read_unlock();
	return min(ret, 0);
}

int qp_exits_init(void)
{
	int ret;

	tp_exit = qp_tracepoint("sched_process_exit");
	tp_free = qp_tracepoint("sched_process_free");
	if (!tp_exit || !tp_free)
		return -EOPNOTSUPP;
	/* Who comes is seen to go. */
	ret = tracepoint_probe_register(tp_free, on_free, NULL);
	if (ret)
		return ret;
	ret = tracepoint_probe_register(tp_exit, on_exit, NULL);
	if (ret) {
		tracepoint_probe_unregister(tp_free, on_free, NULL);
		tracepoint_synchronize_unregister();
		return ret;
	}
	ret = add_present();
	if (ret)
		qp_exits_exit();
	return ret;
}

void qp_exits_exit(void)
{
	struct hlist_node *next;
	struct exiting *e;
	int i;

	tracepoint_probe_unregister(tp_exit, on_exit, NULL);
	tracepoint_probe_unregister(tp_free, on_free, NULL);
	tracepoint_synchronize_unregister();
	hash_for_each_safe(set, i, next, e, node)
		kfree(e);
}
