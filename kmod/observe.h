/* SPDX-License-Identifier: GPL-2.0-only */
/* observe.h - the core's own look at tasks, and the commits that follow from it. */
#ifndef QP_OBSERVE_H
#define QP_OBSERVE_H

#include <linux/types.h>
#include "quietpatch.h"

/* One round; `claims`: what `verdicts` points to, the caller's copy, in and out.  qp_mutex held. */
int qp_observe_round(struct qp_observe *o, struct qp_task_verdict *claims);
/* Fill up to `room` blockers, zeroed before; how many there are. */
u32 qp_observe_blockers(struct qp_blocker *to, u32 room);
/* Trace events for some of those who still hold the transition back. qp_mutex held. */
void qp_observe_trace_stalls(void);

#endif
