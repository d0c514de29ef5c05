// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_patch_idle.c - hand-made patch of what idle tasks call each time they go idle, and of the victim's
 * sleeper, which can hold the switch back meanwhile; addr= is arch_cpu_idle_enter() by /proc/kallsyms.  name= is another one, then at addr=:
 * arch_cpu_idle() (runs where RCU doesn't watch), or cpu_startup_entry() (every idle task is in it, and nobody calls it).
 */
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include "qp_victim.h"

static unsigned long addr;
module_param(addr, ulong, 0400);
/* How often the idle task of each CPU ran the new code. */
static unsigned int entered[8];
module_param_array(entered, uint, NULL, 0400);

/* What the original does (a look at the TSC, an NMI watchdog told) can be done without for a while. */
static noinline void new_enter(void)
{
	if (is_idle_task(current))
		entered[raw_smp_processor_id() & 7]++;
}

static char name[32];
module_param_string(name, name, sizeof(name), 0400);
/* Calls with RCU not watching. */
static unsigned int unwatched;
module_param(unwatched, uint, 0400);

static noinline void new_idle(void)
{
	if (!rcu_is_watching())
		unwatched++;
	asm volatile("sti; hlt" : : : "memory");
}

static noinline int new_sleeper(int x)
{
	qp_victim_wait();
	asm volatile("");
	return x + 1;
}

static struct qp_func_desc funcs[] = {
	QP_FN(QP_VMLINUX, "arch_cpu_idle_enter", new_enter),
	QP_FN("qp_victim", "qp_sleeper", new_sleeper),
};

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
};

static int __init patch_init(void)
{
	if (*name) {
		funcs[0].name = (unsigned long)name;
		funcs[0].new_addr = (unsigned long)new_idle;
	}
	funcs[0].old_offset = addr - (unsigned long)_printk;
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("patch of what idle tasks run");
