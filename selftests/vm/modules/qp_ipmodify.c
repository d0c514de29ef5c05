// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_ipmodify.c - another live patcher, of the kind of kpatch: redirects the victim's qp_inner() by an
 * ftrace handler of its own that changes the address (IPMODIFY). Its init fails if ftrace refuses that.
 */
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/version.h>
#include "qp_victim.h"

static noinline int foreign_inner(int x)
{
	asm volatile("");
	return 8;
}

static void notrace handler(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)foreign_inner);
#else
	ftrace_instruction_pointer_set(fregs, (unsigned long)foreign_inner);
#endif
}

static struct ftrace_ops ops = {
	.func = handler,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

/* Milliseconds from its init to its handler: the core has been told of the module by then. */
static unsigned int late;
module_param(late, uint, 0400);

static int __init ipmodify_init(void)
{
	int ret = ftrace_set_filter_ip(&ops, (unsigned long)qp_inner, 0, 0);

	msleep(late);
	if (!ret)
		ret = register_ftrace_function(&ops);
	if (ret)
		ftrace_free_filter(&ops);
	return ret;
}

static void __exit ipmodify_exit(void)
{
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}

module_init(ipmodify_init);
module_exit(ipmodify_exit);
MODULE_DESCRIPTION("Quietpatch selftest: a foreign live patcher");
MODULE_LICENSE("GPL");
