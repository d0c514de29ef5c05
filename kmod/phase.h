/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * phase.h - the transition that is on, as all others see it: whose it is, where it goes, and whether it is open.
 *
 * It lies below all that looks at tasks.  transition.c and end.c open, turn round and close it; who looks at it in
 * the meantime doesn't have to know them.
 */
#ifndef QP_PHASE_H
#define QP_PHASE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include "quietpatch.h"

struct qp_patch;
struct qp_ranges;

struct qp_transition {
	enum qp_phase phase;
	struct qp_patch *patch;
	int target;			/* version: 0 or 1 */
	u32 flags;			/* QP_START_* */
	u32 leave_ms;			/* then it ends without the rest; 0: never */
	bool reversed;
	u64 epoch;
	u64 started_ns, finished_ns;
	u64 nr_tasks;			/* of the last transition, when idle */
	u64 strict_left;		/* strict mode: tasks not clean in the last dry walk */
	struct qp_pause pause;		/* strict mode: what it has cost, and may */
	struct qp_ranges __rcu *ranges;
};

/* Control under qp_mutex; handlers read patch and ranges. */
extern struct qp_transition qp_trans;

/* {phase, number of OLD tasks} in one word, so that the end is one cmpxchg [I5].  Closed in strict mode. */
extern atomic64_t qp_state_word;
extern int qp_target;
extern int qp_unlisted;		/* what a task runs that isn't listed [I4]; the same for the whole transition */
#define QP_WORD_ACTIVE		(1ull << 32)
#define QP_WORD_UNLISTED	(1ull << 33)	/* somebody OLD may be unlisted [I5] */
#define QP_WORD_SEALED		(1ull << 34)	/* nobody who is unlisted is OLD: the transition is about to end without the rest [I12] */
#define qp_word_active(w)	((u64)(w) >= QP_WORD_ACTIVE)
#define qp_word_old(w)		((u32)(w) + !!((u64)(w) & QP_WORD_UNLISTED))

/* Pairs with the smp_wmb() in qp_tasks_begin(): who sees the phase sees the target and the table. */
static __always_inline bool qp_phase_active(void)
{
	return qp_word_active(atomic64_read_acquire(&qp_state_word));
}

/* How many tasks hold the transition back; 0 when there is none. */
u64 qp_phase_old(void);

#endif
