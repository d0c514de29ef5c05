// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_kprobe.c - a kprobe at the entry of the victim's qp_inner().  With post=1 it has a post_handler, for
 * which ftrace lets the kprobe change the address (IPMODIFY), as a live patch does; its init fails if that is refused.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include "qp_victim.h"

static bool post;
module_param(post, bool, 0400);
static unsigned int hits;
module_param(hits, uint, 0400);

static int before(struct kprobe *p, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static void after(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = { .symbol_name = "qp_inner", .pre_handler = before };

static int __init kprobe_init(void)
{
	if (post)
		probe.post_handler = after;
	return register_kprobe(&probe);
}

static void __exit kprobe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(kprobe_init);
module_exit(kprobe_exit);
MODULE_DESCRIPTION("Quietpatch selftest: a kprobe");
MODULE_LICENSE("GPL");
