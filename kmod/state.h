/* SPDX-License-Identifier: GPL-2.0-only */
/* state.h - the core's side of states; authors see include/quietpatch_api.h. */
#ifndef QP_STATE_H
#define QP_STATE_H

struct qp_patch;

/* May the patch be applied on top of the states of those in force? Says why not. */
int qp_states_check(struct qp_patch *patch);

#endif
