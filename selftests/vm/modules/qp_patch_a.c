// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_a.c - hand-made patch: version 1 of the victim's pair, of its sleeper and its spinner. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include "qp_victim.h"

static noinline int new_inner(int x)
{
	asm volatile("");
	return 1;
}

/* Calls qp_inner() by its address, so that the redirection decides; the oracle needs that. */
static noinline int new_outer(int x)
{
	int a, b;

	qp_victim_dwell();
	a = qp_inner(x);
	qp_victim_dwell();
	b = qp_inner(x);
	qp_victim_report(1, a, b);
	return a + b;
}

static noinline int new_sleeper(int x)
{
	qp_victim_wait();
	asm volatile("");
	return x + 1;
}

static noinline int new_hidden(int x)
{
	qp_victim_blind();
	asm volatile("");
	return x + 1;
}

static noinline int new_spinner(unsigned long ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	int n = 0;

	while (time_before(jiffies, end) && !fatal_signal_pending(current)) {
		n++;
		cpu_relax();
		cond_resched();
	}
	return n;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_inner", new_inner),
	QP_FN("qp_victim", "qp_outer", new_outer),
	QP_FN("qp_victim", "qp_sleeper", new_sleeper),
	QP_FN("qp_victim", "qp_spinner", new_spinner),
	QP_FN("qp_victim", "qp_hidden", new_hidden),
};

static struct qp_patch_desc desc = {
	.size = sizeof(desc),
	.abi = QP_ABI,
	.nr_funcs = ARRAY_SIZE(funcs),
	.funcs = (unsigned long)funcs,
};

/* Describes too little: qp_inner() alone, so that callers switch half-way. The oracle has to see it. */
static bool narrow;
module_param(narrow, bool, 0400);

static int __init patch_init(void)
{
	if (narrow)
		desc.nr_funcs = 1;
	return qp_patch_register(THIS_MODULE, &desc);
}

static void __exit patch_exit(void)
{
	qp_patch_unregister(THIS_MODULE);
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_DESCRIPTION("Quietpatch selftest: first patch");
MODULE_LICENSE("GPL");
