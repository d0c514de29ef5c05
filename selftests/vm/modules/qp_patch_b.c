// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_b.c - hand-made patch: version 2 of the pair, and of a lone function; stands on qp_patch_a. */
#include "qp_pair.h"

QP_PAIR(2)

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
	QP_PATCH_DESC(funcs),
};

static int __init patch_init(void)
{
	return pair_register(&desc);
}

QP_PATCH_MODULE("second patch");
