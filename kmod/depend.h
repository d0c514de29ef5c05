/* SPDX-License-Identifier: GPL-2.0-only */
/* depend.h - which patches need which, and which takes the place of which. */
#ifndef QP_DEPEND_H
#define QP_DEPEND_H

#include <linux/types.h>

struct qp_patch;

/* Would `patch`, applied, take the place of `below`, which is in force? */
bool qp_takes_over(const struct qp_patch *patch, const struct qp_patch *below);
/* May it be applied or reverted beside the patches in force? Says why not, and for whose sake. */
int qp_depend_apply(struct qp_patch *patch);
int qp_depend_revert(struct qp_patch *patch);
/* Does one require the other, or do they name a state in common? */
bool qp_depend_related(const struct qp_patch *a, const struct qp_patch *b);

#endif
