/* SPDX-License-Identifier: GPL-2.0-only */
/* inside.h - who is inside a handler of ours, and how to wait until all have left it [I11]. */
#ifndef QP_INSIDE_H
#define QP_INSIDE_H

#include <linux/percpu.h>
#include <linux/preempt.h>

/* How many handlers run on this CPU: nested ones (interrupts, NMIs) count. */
DECLARE_PER_CPU(unsigned int, qp_nr_inside);

/* Around all that a handler reads without a lock: stacks of replacements, tasks, ranges. */
static __always_inline void qp_handler_enter(void)
{
	preempt_disable_notrace();
	this_cpu_inc(qp_nr_inside);	/* pairs with fence_cpu() */
	barrier();
}

static __always_inline void qp_handler_leave(void)
{
	barrier();
	this_cpu_dec(qp_nr_inside);
	preempt_enable_notrace();
}

/* Until every handler that runs now has left, wherever it runs; sleeps. */
void qp_handlers_wait(void);

#endif
