// SPDX-License-Identifier: GPL-2.0-only
/* qp_bench_patch - our patch of qp_bench_call, to be measured. */
#include <linux/module.h>
#include "quietpatch.h"
#include "qp_bench_body.h"

int qp_patch_register(struct module *mod, const struct qp_patch_desc *desc);
void qp_patch_unregister(struct module *mod);

static QP_BENCH_FUNC int new_target(int x)
{
	return qp_bench_body(x);
}

static QP_BENCH_FUNC int new_sleeper(int x)
{
	qp_bench_wait();
	return qp_bench_body(x);
}

#define FUNC(fn, new) {						\
	.new_addr = (unsigned long)(new),			\
	.name = (unsigned long)(fn),				\
	.object = (unsigned long)"qp_bench_call",		\
	.old_size = 1,						\
	.new_size = 1,						\
}

static struct qp_func_desc funcs[] = {
	FUNC("qp_bench_target", new_target),
	FUNC("qp_bench_sleeper", new_sleeper),
};

static struct qp_patch_desc desc = {
	.size = sizeof(desc),
	.abi = QP_ABI,
	.nr_funcs = ARRAY_SIZE(funcs),
	.funcs = (unsigned long)funcs,
};

static int __init patch_init(void)
{
	return qp_patch_register(THIS_MODULE, &desc);
}

static void __exit patch_exit(void)
{
	qp_patch_unregister(THIS_MODULE);
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_DESCRIPTION("Quietpatch benchmark: patch of qp_bench_call");
MODULE_LICENSE("GPL");
