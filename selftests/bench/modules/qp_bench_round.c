// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_bench_round - what calls of the kernel's round_pipe_size() cost, in guest instructions.
 *
 * As qp_bench_call, for a function of the kernel's own that a fix of klp-build's replaces; /proc/qp_bench_round.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <asm/msr.h>

#define WARM	1000
#define CALLS	100000

static unsigned int (*target)(unsigned long size);

static noinline __aligned(64) u64 count(int calls)
{
	u64 start = rdtsc();
	int i;

	for (i = 0; i < calls; i++)
		target(100000);
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
	seq_printf(m, "%llu\n", n);
	return 0;
}

/* Not exported: a probe that is registered for a moment tells where it is. */
static int __init bench_init(void)
{
	struct kprobe kp = { .symbol_name = "round_pipe_size" };
	int ret = register_kprobe(&kp);

	if (ret)
		return ret;
	target = (void *)kp.addr;
	unregister_kprobe(&kp);
	/* Behind an ENDBR, the probe's place isn't the entry. */
	target = (void *)((unsigned long)target & ~15ul);
	return proc_create_single("qp_bench_round", 0600, NULL, bench_show) ? 0 : -ENOMEM;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("qp_bench_round", NULL);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Quietpatch benchmark: cost of a tripwire that nobody trips");
MODULE_LICENSE("GPL");
