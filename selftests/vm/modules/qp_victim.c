// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_victim.c - the module that the hand-made patches patch.
 *
 * The oracle: qp_outer() calls qp_inner() twice, with sleeps and busy loops
 * between, and reports whether both calls were answered by its own version.
 * Version 0 is in here, the patches bring others; a patch replaces both, so a
 * mixed answer is a consistency error [I2].
 *
 * /proc/qp_victim: write a command, read the counters.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <asm/orc_types.h>
#include <asm/unwind_hints.h>
#include "qp_victim.h"

#define NR_WORKERS	6

static atomic_long_t calls[QP_VICTIM_VERSIONS], mismatches, mixed;
static DECLARE_WAIT_QUEUE_HEAD(gate);
static bool open_gate;
static atomic_t pulse;
static struct task_struct *workers[NR_WORKERS];
static struct task_struct *sleeper, *hog;
static unsigned long nap;	/* seconds that the sleeper sleeps if nobody wakes it; 0: until the gate opens */

void qp_victim_dwell(void)
{
	u32 r = get_random_u32() & 15;
	int i;

	/* Stays until the next "pulse": a straggler, if that takes longer than a transition. */
	if (!strncmp(current->comm, "held", 4)) {
		i = atomic_read(&pulse);
		wait_event_interruptible(gate, atomic_read(&pulse) != i || READ_ONCE(open_gate));
		return;
	}
	if (r < 4) {
		/* No cpu_relax(): each would give the emulator's one thread to the other CPU, for 100 ms if that is busy. */
		for (i = 0; i < 20000; i++)
			barrier();
	} else if (r < 10) {
		usleep_range(20, 400);
	} else if (r == 10) {
		schedule_timeout_interruptible(2);
	}
}
EXPORT_SYMBOL_GPL(qp_victim_dwell);

/* One call of version v's outer function: both inner calls have to say v. */
void qp_victim_report(int v, int first, int second)
{
	atomic_long_inc(&calls[v]);
	if (first != v || second != v)
		atomic_long_inc(&mismatches);
	/* Two answers in one call: a task that switched half-way. */
	if (first != second)
		atomic_long_inc(&mixed);
}
EXPORT_SYMBOL_GPL(qp_victim_report);

QP_VICTIM_FUNC int qp_inner(int x)
{
	asm volatile("");
	return 0;
}
EXPORT_SYMBOL_GPL(qp_inner);

QP_VICTIM_FUNC int qp_outer(int x)
{
	int a, b;

	qp_victim_dwell();
	a = qp_inner(x);
	qp_victim_dwell();
	b = qp_inner(x);
	qp_victim_report(0, a, b);
	return a + b;
}

/* Not exported, and in no table: what a late relocation refers to. */
static noinline int qp_secret(void)
{
	asm volatile("");
	return 77;
}
static int (*volatile secret)(void) = qp_secret;

/* A function of its own, for patches that replace only this. */
QP_VICTIM_FUNC int qp_lone(int x)
{
	asm volatile("");
	return 100;
}

noinline void qp_victim_wait(void)
{
	if (nap && current == sleeper)
		schedule_timeout_interruptible(nap * HZ);
	else
		wait_event_interruptible(gate, READ_ONCE(open_gate));
}
EXPORT_SYMBOL_GPL(qp_victim_wait);

/* Waits below that many frames. */
static noinline int wait_deep(int frames)
{
	int ret = 0;

	if (frames)
		ret = wait_deep(frames - 1);
	else
		qp_victim_wait();
	asm volatile("" : "+r" (ret));
	return ret + 1;
}

/* Sleeps inside an affected function until the gate opens. */
QP_VICTIM_FUNC int qp_sleeper(int x)
{
	if (x > 1)
		x = wait_deep(x);
	else
		qp_victim_wait();
	asm volatile("");
	return x;
}
EXPORT_SYMBOL_GPL(qp_sleeper);

/*
 * Calls qp_victim_wait() from a place where the unwinder ends without an error,
 * as ORC on 6.1 does in __x86_indirect_thunk_array: what lies above isn't seen [I7].
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define END_OF_STACK	UNWIND_HINT(UNWIND_HINT_TYPE_END_OF_STACK, 0, 0, 0)
#define BACK_IN_SIGHT	UNWIND_HINT(UNWIND_HINT_TYPE_CALL, ORC_REG_SP, 16, 0)
#else
#define END_OF_STACK	UNWIND_HINT(ORC_REG_UNDEFINED, 0, UNWIND_HINT_TYPE_CALL, 1)
#define BACK_IN_SIGHT	UNWIND_HINT(ORC_REG_SP, 16, UNWIND_HINT_TYPE_CALL, 0)
#endif
asm(
"	.pushsection .text, \"ax\", @progbits\n"
"	.type qp_victim_blind, @function\n"
"	.globl qp_victim_blind\n"
"qp_victim_blind:\n"
	ASM_ENDBR
"	subq $8, %rsp\n"
	END_OF_STACK
"	call qp_victim_wait\n"
	BACK_IN_SIGHT
"	addq $8, %rsp\n"
	UNWIND_HINT_FUNC
	ASM_RET
"	.size qp_victim_blind, . - qp_victim_blind\n"
"	.popsection\n");
EXPORT_SYMBOL_GPL(qp_victim_blind);

QP_VICTIM_FUNC int qp_hidden(int x)
{
	qp_victim_blind();
	asm volatile("");
	return x;
}

/* Burns CPU inside an affected function. */
QP_VICTIM_FUNC int qp_spinner(unsigned long ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	int n = 0;

	while (time_before(jiffies, end) && !READ_ONCE(open_gate) && !fatal_signal_pending(current)) {
		n++;
		cpu_relax();
		cond_resched();
	}
	return n;
}

static int worker(void *unused)
{
	while (!kthread_should_stop()) {
		qp_outer(1);
		cond_resched();
	}
	return 0;
}

/* Never goes to sleep by itself, so that RCU-tasks waits for it. */
static int hogging_thread(void *unused)
{
	while (!kthread_should_stop()) {
		cpu_relax();
		cond_resched();
	}
	return 0;
}

static int sleeping_thread(void *unused)
{
	while (!kthread_should_stop()) {
		qp_sleeper(1);
		/* Out of it for long enough to be seen there, since a nap doesn't end by itself. */
		schedule_timeout_interruptible(nap ? HZ : HZ / 100);
	}
	return 0;
}

static int start_workers(void)
{
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		struct task_struct *t = workers[i] ? NULL : kthread_create(worker, NULL, "qp_worker%d", i);

		if (IS_ERR(t))
			return PTR_ERR(t);
		if (!t)
			continue;
		workers[i] = t;
		get_task_struct(t);
		wake_up_process(t);
	}
	return 0;
}

static void stop(struct task_struct **t)
{
	if (!*t)
		return;
	kthread_stop(*t);
	put_task_struct(*t);
	*t = NULL;
}

static void stop_all(void)
{
	int i;

	WRITE_ONCE(open_gate, true);
	wake_up_all(&gate);
	for (i = 0; i < NR_WORKERS; i++)
		stop(&workers[i]);
	stop(&sleeper);
	stop(&hog);
	WRITE_ONCE(open_gate, false);
}

static int start_kthread(struct task_struct **to, int (*fn)(void *), const char *name)
{
	struct task_struct *t = kthread_create(fn, NULL, "%s", name);

	if (IS_ERR(t))
		return PTR_ERR(t);
	*to = get_task_struct(t);
	wake_up_process(t);
	return 0;
}

static int command(const char *cmd, unsigned long arg)
{
	if (!strcmp(cmd, "outer"))
		qp_outer(1);
	else if (!strcmp(cmd, "sleep"))
		qp_sleeper(1);
	else if (!strcmp(cmd, "deep") && arg < 250)
		qp_sleeper(arg);	/* of 16 KB, 4 are for interrupts */
	else if (!strcmp(cmd, "shallow") && arg < 250)
		wait_deep(arg);
	else if (!strcmp(cmd, "hidden"))
		qp_hidden(1);
	else if (!strcmp(cmd, "spin"))
		qp_spinner(arg);
	else if (!strcmp(cmd, "wait"))
		qp_victim_wait();
	else if (!strcmp(cmd, "workers"))
		return start_workers();
	else if (!strcmp(cmd, "stop"))
		stop_all();
	else if (!strcmp(cmd, "pulse")) {
		atomic_inc(&pulse);
		wake_up_all(&gate);
	} else if (!strcmp(cmd, "open")) {
		WRITE_ONCE(open_gate, true);
		wake_up_all(&gate);
	} else if (!strcmp(cmd, "close"))
		WRITE_ONCE(open_gate, false);
	else if (!strcmp(cmd, "kthread") && !sleeper) {
		nap = arg;
		return start_kthread(&sleeper, sleeping_thread, "qp_sleeper");
	} else if (!strcmp(cmd, "hog") && !hog)
		return start_kthread(&hog, hogging_thread, "qp_hog");
	else
		return -EINVAL;
	return 0;
}

static ssize_t victim_write(struct file *f, const char __user *buf, size_t len, loff_t *pos)
{
	char cmd[32] = "", *arg;
	unsigned long n = 0;
	int ret;

	if (copy_from_user(cmd, buf, min(len, sizeof(cmd) - 1)))
		return -EFAULT;
	strim(cmd);
	arg = strchr(cmd, ' ');
	if (arg) {
		*arg++ = '\0';
		ret = kstrtoul(arg, 0, &n);
		if (ret)
			return ret;
	}
	ret = command(cmd, n);
	return ret ? ret : len;
}

static int victim_show(struct seq_file *m, void *v)
{
	int i;

	for (i = 0; i < QP_VICTIM_VERSIONS; i++)
		seq_printf(m, "calls%d %ld\n", i, atomic_long_read(&calls[i]));
	seq_printf(m, "mismatches %ld\n", atomic_long_read(&mismatches));
	seq_printf(m, "mixed %ld\n", atomic_long_read(&mixed));
	seq_printf(m, "version %d\n", qp_inner(1));
	seq_printf(m, "lone %d\n", qp_lone(1));
	return 0;
}

static int victim_open(struct inode *inode, struct file *f)
{
	return single_open(f, victim_show, NULL);
}

static const struct proc_ops victim_ops = {
	.proc_open = victim_open,
	.proc_read = seq_read,
	.proc_write = victim_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static bool fail;
module_param(fail, bool, 0400);

static int __init victim_init(void)
{
	if (fail || secret() != 77)
		return -EINVAL;
	return proc_create("qp_victim", 0600, NULL, &victim_ops) ? 0 : -ENOMEM;
}

static void __exit victim_exit(void)
{
	stop_all();
	remove_proc_entry("qp_victim", NULL);
}

module_init(victim_init);
module_exit(victim_exit);
MODULE_DESCRIPTION("Quietpatch selftest: victim");
MODULE_LICENSE("GPL");
