/* SPDX-License-Identifier: GPL-2.0-only */
/* takeover.h - those that a patch has taken the place of are let go of for good. */
#ifndef QP_TAKEOVER_H
#define QP_TAKEOVER_H

#include <linux/types.h>

struct qp_patch;

/* Let go for good of those that `patch` has taken over from; with qp_settle_lock() held. */
int qp_takeover_retire(struct qp_patch *patch, u32 *nr);

#endif
