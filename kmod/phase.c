// SPDX-License-Identifier: GPL-2.0-only
/* phase.c - see phase.h. */
#include "phase.h"

struct qp_transition qp_trans;

atomic64_t qp_state_word = ATOMIC64_INIT(0);
int qp_target;
int qp_unlisted;

u64 qp_phase_old(void)
{
	if (qp_trans.phase == QP_IDLE)
		return 0;
	return qp_trans.flags & QP_START_STRICT ? qp_trans.strict_left : qp_word_old(atomic64_read(&qp_state_word));
}
