// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_bench_klp - the baseline of `make bench T=transition`: the kernel's own
 * livepatch, replacing the same function as our demo does, in the same guest.
 * Only its transition is timed, so the new body needs no fidelity.
 */
#include <linux/err.h>
#include <linux/livepatch.h>
#include <linux/module.h>

struct bpf_map;
union bpf_attr;

static struct bpf_map *new_sock_map_alloc(union bpf_attr *attr)
{
	return ERR_PTR(-EINVAL);
}

static struct klp_func funcs[] = {
	{ .old_name = "sock_map_alloc", .new_func = new_sock_map_alloc },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };

static int __init bench_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Baseline for transition times");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
