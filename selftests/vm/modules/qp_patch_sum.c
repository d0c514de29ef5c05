// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_sum.c - hand-made cumulative patch: version 3 of the pair; everything else goes back. */
#include <linux/module.h>
#include "qp_victim.h"

static noinline int new_inner(int x)
{
	asm volatile("");
	return 3;
}

/* Calls qp_inner() by its address, so that the redirection decides; the oracle needs that. */
static noinline int new_outer(int x)
{
	int a, b;

	qp_victim_dwell();
	a = qp_inner(x);
	qp_victim_dwell();
	b = qp_inner(x);
	qp_victim_report(3, a, b);
	return a + b;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_inner", new_inner),
	QP_FN("qp_victim", "qp_outer", new_outer),
};

static struct qp_patch_desc desc = {
	.size = sizeof(desc),
	.abi = QP_ABI,
	.flags = QP_PATCH_REPLACE,
	.nr_funcs = ARRAY_SIZE(funcs),
	.funcs = (unsigned long)funcs,
};

static struct qp_state_desc state = { .id = 0x51 };
static unsigned int version;
module_param(version, uint, 0400);

/* Not cumulative, but release N of patch "pair"; narrow: of its functions, only the inner one. */
static unsigned int release;
module_param(release, uint, 0400);
static bool narrow;
module_param(narrow, bool, 0400);

static int __init patch_init(void)
{
	if (release) {
		desc.name = (unsigned long)"pair";
		desc.release = release;
		desc.flags = 0;
	}
	if (narrow)
		desc.nr_funcs = 1;
	state.version = version;
	desc.states = (unsigned long)&state;
	desc.nr_states = version != 0;
	return qp_patch_register(THIS_MODULE, &desc);
}

static void __exit patch_exit(void)
{
	qp_patch_unregister(THIS_MODULE);
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_DESCRIPTION("Quietpatch selftest: cumulative patch");
MODULE_LICENSE("GPL");
