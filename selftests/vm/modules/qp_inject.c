// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_inject.c - a kernel thread on CPU 1 that makes the CPU idle, as intel_powerclamp's and idle_inject's do: play_idle() gives
 * it an idle task's flag meanwhile.  With `asleep` it goes into the victim's qp_sleeper() instead.
 */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include "qp_victim.h"

#define STRETCH_NS	(100 * NSEC_PER_MSEC)

static bool asleep;
module_param(asleep, bool, 0600);
static struct task_struct *thread;

static int injecting_thread(void *unused)
{
	sched_set_fifo(current);
	while (!kthread_should_stop()) {
		if (READ_ONCE(asleep))
			qp_sleeper(1);
		else
			play_idle_precise(STRETCH_NS, U64_MAX);
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

static int __init inject_init(void)
{
	thread = kthread_create(injecting_thread, NULL, "qp_inject");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, 1);
	wake_up_process(thread);
	return 0;
}

static void __exit inject_exit(void)
{
	kthread_stop(thread);
}

module_init(inject_init);
module_exit(inject_exit);
MODULE_DESCRIPTION("Quietpatch selftest: injected idleness");
MODULE_LICENSE("GPL");
