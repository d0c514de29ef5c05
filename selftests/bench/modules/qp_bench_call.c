// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_bench_call - what a call of a function costs, in guest instructions.
 *
 * /proc/qp_bench: reading it makes CALLS calls of qp_bench_target() with
 * interrupts off and tells by how much the time stamp counter went on.  Under
 * QEMU's `-icount shift=0` the counter goes on by one an instruction; with
 * one CPU nobody else's are counted.  Writing "sleep" sleeps in
 * qp_bench_sleeper() until "open" is written: it holds a transition open.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/msr.h>
#include "qp_bench_body.h"

#define WARM	1000
#define CALLS	100000

static DECLARE_WAIT_QUEUE_HEAD(gate);
static bool gate_open;

QP_BENCH_FUNC int qp_bench_target(int x)
{
	return qp_bench_body(x);
}

void qp_bench_wait(void)
{
	wait_event_interruptible(gate, READ_ONCE(gate_open));
}
EXPORT_SYMBOL_GPL(qp_bench_wait);

QP_BENCH_FUNC int qp_bench_sleeper(int x)
{
	qp_bench_wait();
	return qp_bench_body(x);
}

/* Aligned, and the one loop for all: what it costs itself is in each figure. */
static noinline __aligned(64) u64 count(int calls)
{
	u64 start = rdtsc();
	int i, sum = 0;

	for (i = 0; i < calls; i++)
		sum = qp_bench_target(sum);
	return rdtsc() - start;
}

static int bench_show(struct seq_file *m, void *v)
{
	unsigned long flags;
	u64 n;

	local_irq_save(flags);
	count(WARM);
	n = count(CALLS);
	local_irq_restore(flags);
	seq_printf(m, "calls %d instructions %llu\n", CALLS, n);
	return 0;
}

static int bench_open(struct inode *inode, struct file *f)
{
	return single_open(f, bench_show, NULL);
}

static ssize_t bench_write(struct file *f, const char __user *buf, size_t len, loff_t *pos)
{
	char cmd[8] = "";

	if (copy_from_user(cmd, buf, min(len, sizeof(cmd) - 1)))
		return -EFAULT;
	if (!strncmp(cmd, "sleep", 5)) {
		WRITE_ONCE(gate_open, false);
		qp_bench_sleeper(1);
	} else if (!strncmp(cmd, "open", 4)) {
		WRITE_ONCE(gate_open, true);
		wake_up_all(&gate);
	} else {
		return -EINVAL;
	}
	return len;
}

static const struct proc_ops bench_ops = {
	.proc_open = bench_open,
	.proc_read = seq_read,
	.proc_write = bench_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init bench_init(void)
{
	return proc_create("qp_bench", 0600, NULL, &bench_ops) ? 0 : -ENOMEM;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("qp_bench", NULL);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Quietpatch benchmark: cost of a call");
MODULE_LICENSE("GPL");
