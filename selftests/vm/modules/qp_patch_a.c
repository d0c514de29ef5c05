// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_a.c - hand-made patch: version 1 of the victim's pair, of its sleeper and its spinner. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include "qp_victim.h"

QP_PAIR(1)

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
	QP_PATCH_DESC(funcs),
};

/* Describes too little: qp_inner() alone, so that callers switch half-way. The oracle has to see it. */
static bool narrow;
module_param(narrow, bool, 0400);

/* Of its functions, only the sleeper. */
static bool sleeper;
module_param(sleeper, bool, 0400);

static int __init patch_init(void)
{
	if (narrow || sleeper)
		desc.nr_funcs = 1;
	if (sleeper)
		desc.funcs = (unsigned long)&funcs[2];
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("first patch");
