// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_bench_walk - what it costs to walk the stacks of all tasks once with the kernel's own unwinder, and nothing
 * else: the least that whoever looks at all tasks has to do. Each read of /proc/qp_bench_walk walks:
 *
 *	tasks N frames N us N
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <asm/unwind.h>

static int walk_show(struct seq_file *m, void *v)
{
	unsigned long tasks = 0, frames = 0;
	struct task_struct *p, *t;
	struct unwind_state state;
	u64 start;

	rcu_read_lock();
	start = ktime_get_ns();
	for_each_process_thread(p, t) {
		tasks++;
		/* Tasks that sleep for long, as those of the benchmark do; of one that ends, the stack may go. */
		if (READ_ONCE(t->on_cpu) || READ_ONCE(t->exit_state) || !READ_ONCE(t->stack))
			continue;
		for (unwind_start(&state, t, NULL, NULL); !unwind_done(&state); unwind_next_frame(&state))
			frames++;
	}
	seq_printf(m, "tasks %lu frames %lu us %llu\n", tasks, frames, (ktime_get_ns() - start) / 1000);
	rcu_read_unlock();
	return 0;
}

static int __init walk_init(void)
{
	return proc_create_single("qp_bench_walk", 0400, NULL, walk_show) ? 0 : -ENOMEM;
}

static void __exit walk_exit(void)
{
	remove_proc_entry("qp_bench_walk", NULL);
}

module_init(walk_init);
module_exit(walk_exit);
MODULE_DESCRIPTION("Quietpatch benchmark: a bare walk of all stacks");
MODULE_LICENSE("GPL");
