// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_stock.c - a patch of the victim, or of the kernel's function=NAME, by the kernel's own livepatch, to meet it on the
 * same function.
 */
#include <linux/livepatch.h>
#include <linux/module.h>

static char *function;
module_param(function, charp, 0);

static noinline int stock_inner(int x)
{
	asm volatile("");
	return 9;
}

static struct klp_func funcs[] = {
	{ .old_name = "qp_inner", .new_func = stock_inner },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "qp_victim", .funcs = funcs },
	{ }
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };

static int __init stock_init(void)
{
	if (function) {
		funcs[0].old_name = function;
		objs[0].name = NULL;
	}
	return klp_enable_patch(&patch);
}

static void __exit stock_exit(void)
{
}

module_init(stock_init);
module_exit(stock_exit);
MODULE_DESCRIPTION("Quietpatch selftest: stock livepatch");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
