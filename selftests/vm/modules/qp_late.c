// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_late.c - a task that calls the victim's qp_sleeper() after it has left the list of processes: a kernel thread that ends, whose
 * release_thread() is redirected, as what a patched function in the last part of do_exit() would do.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/version.h>
#include "qp_victim.h"

static struct task_struct *late;

/* On a kernel with fault injection: the first memory that its exit asks for is not there. */
static bool lose;
module_param(lose, bool, 0400);

static noinline void late_release(struct task_struct *dead)
{
	WARN_ON(pid_alive(current));
	qp_sleeper(1);
	asm volatile("");
}

static void notrace handler(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	/* Not when somebody else reaps it. */
	if (READ_ONCE(late) != current)
		return;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)late_release);
#else
	ftrace_instruction_pointer_set(fregs, (unsigned long)late_release);
#endif
}

static struct ftrace_ops ops = {
	.func = handler,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int ending_thread(void *unused)
{
#ifdef CONFIG_FAULT_INJECTION
	if (lose)
		current->fail_nth = 1;
#endif
	return 0;
}

static int __init late_init(void)
{
	int ret = ftrace_set_filter(&ops, "release_thread", strlen("release_thread"), 1);

	if (!ret)
		ret = register_ftrace_function(&ops);
	if (ret)
		goto err;
	late = kthread_create(ending_thread, NULL, "qp_late");
	if (IS_ERR(late)) {
		ret = PTR_ERR(late);
		unregister_ftrace_function(&ops);
		goto err;
	}
	get_task_struct(late);
	wake_up_process(late);
	return 0;
err:
	ftrace_free_filter(&ops);
	return ret;
}

static void __exit late_exit(void)
{
	while (READ_ONCE(late->__state) != TASK_DEAD)
		schedule_timeout_uninterruptible(1);
	put_task_struct(late);
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}

module_init(late_init);
module_exit(late_exit);
MODULE_DESCRIPTION("Quietpatch selftest: a task past its unhashing");
MODULE_LICENSE("GPL");
