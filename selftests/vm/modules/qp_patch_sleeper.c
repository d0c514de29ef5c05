// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_sleeper.c - hand-made patch of the victim's sleeper alone, which waits as the original does. */
#include "qp_pair.h"

static noinline int new_sleeper(int x)
{
	qp_victim_wait();
	asm volatile("");
	return x + 5;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_sleeper", new_sleeper),
};

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
};

static int __init patch_init(void)
{
	return pair_register(&desc);
}

QP_PATCH_MODULE("patch of the sleeper");
