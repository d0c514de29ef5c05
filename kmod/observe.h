/* SPDX-License-Identifier: GPL-2.0-only */
/* observe.h - the core's own look at tasks, and the commits that follow from it. */
#ifndef QP_OBSERVE_H
#define QP_OBSERVE_H

#include <linux/types.h>
#include "quietpatch.h"

/* One round; `verdicts` is a user pointer.  qp_mutex held. */
int qp_observe_round(struct qp_observe *o);
/* Fill up to `room` blockers at the user pointer; the number there are in *nr. */
int qp_observe_blockers(struct qp_blocker __user *to, u32 room, u32 *nr);
/* Trace events for some of those who still hold the transition back. qp_mutex held. */
void qp_observe_trace_stalls(void);

#endif
