// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_b.c - hand-made patch: version 2 of the pair, and of a lone function; stands on qp_patch_a. */
#include <linux/module.h>
#include "qp_victim.h"

static noinline int new_inner(int x)
{
	asm volatile("");
	return 2;
}

/* Calls qp_inner() by its address, so that the redirection decides; the oracle needs that. */
static noinline int new_outer(int x)
{
	int a, b;

	qp_victim_dwell();
	a = qp_inner(x);
	qp_victim_dwell();
	b = qp_inner(x);
	qp_victim_report(2, a, b);
	return a + b;
}

static noinline int new_lone(int x)
{
	asm volatile("");
	return 200;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_inner", new_inner),
	QP_FN("qp_victim", "qp_outer", new_outer),
	QP_FN("qp_victim", "qp_lone", new_lone),
};

static struct qp_patch_desc desc = {
	.size = sizeof(desc),
	.abi = QP_ABI,
	.nr_funcs = ARRAY_SIZE(funcs),
	.funcs = (unsigned long)funcs,
};

static struct qp_state_desc state = { .id = 0x51 };
static unsigned int version;
module_param(version, uint, 0400);

/* As release N of patch "pair". */
static unsigned int release;
module_param(release, uint, 0400);

static int __init patch_init(void)
{
	if (release) {
		desc.name = (unsigned long)"pair";
		desc.release = release;
	}
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
MODULE_DESCRIPTION("Quietpatch selftest: second patch");
MODULE_LICENSE("GPL");
