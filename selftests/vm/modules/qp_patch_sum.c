// SPDX-License-Identifier: GPL-2.0-only
/* qp_patch_sum.c - hand-made cumulative patch: version 3 of the pair; everything else goes back. */
#include "qp_pair.h"

QP_PAIR(3)

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_inner", new_inner),
	QP_FN("qp_victim", "qp_outer", new_outer),
};

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
	.flags = QP_PATCH_REPLACE,
};

/* Of its functions, only the inner one. */
static bool narrow;
module_param(narrow, bool, 0400);

static int __init patch_init(void)
{
	if (narrow)
		desc.nr_funcs = 1;
	return pair_register(&desc);
}

QP_PATCH_MODULE("cumulative patch");
