// SPDX-License-Identifier: GPL-2.0-only
/* inside.c - see inside.h. */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include "inside.h"

DEFINE_PER_CPU(unsigned int, qp_nr_inside);

static void fence_cpu(void *unused)
{
	smp_mb();
}

/*
 * [I11]: whoever was in a handler (or the fork tracepoint) has left it when this returns; who enters from now on sees
 * what the caller wrote before.  RCU alone doesn't do: idle CPUs call functions that ftrace can hook where RCU doesn't
 * watch.  The fence orders each CPU's count before its handler's reads, so that the handler itself needs no barrier.
 */
void qp_handlers_wait(void)
{
	int cpu;

	might_sleep();
	synchronize_rcu_expedited();
	cpus_read_lock();
	on_each_cpu(fence_cpu, NULL, 1);
	for_each_possible_cpu(cpu)
		while (READ_ONCE(*per_cpu_ptr(&qp_nr_inside, cpu)))
			usleep_range(10, 100);
	cpus_read_unlock();
	smp_mb();
}
