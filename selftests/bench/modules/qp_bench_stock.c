// SPDX-License-Identifier: GPL-2.0-only
/* qp_bench_stock - the kernel's own livepatch of qp_bench_call: the baseline of `make bench T=hotpath`. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include "qp_bench_body.h"

static QP_BENCH_FUNC int new_target(int x)
{
	return qp_bench_body(x);
}

static QP_BENCH_FUNC int new_sleeper(int x)
{
	qp_bench_wait();
	return qp_bench_body(x);
}

static struct klp_func funcs[] = {
	{ .old_name = "qp_bench_target", .new_func = new_target },
	{ .old_name = "qp_bench_sleeper", .new_func = new_sleeper },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "qp_bench_call", .funcs = funcs },
	{ }
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };

static int __init stock_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit stock_exit(void)
{
}

module_init(stock_init);
module_exit(stock_exit);
MODULE_DESCRIPTION("Quietpatch benchmark: stock livepatch of qp_bench_call");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
