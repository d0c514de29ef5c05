/* SPDX-License-Identifier: GPL-2.0-only */
/* settle.h - move settled functions from ftrace's handler to a direct call, and back. */
#ifndef QP_SETTLE_H
#define QP_SETTLE_H

#include <linux/types.h>

struct qp_patch;
struct qp_site;

/*
 * qp_mutex with no site in the worker's hands, so that all of them may be
 * changed. 0, or -ERESTARTSYS when killed.
 */
int qp_settle_lock(void);
void qp_settle_unlock(void);

void qp_settle_kick(void);		/* let the worker look at the sites in a moment */
void qp_settle_linger(struct qp_site *site);	/* nothing is left on it */
int qp_unsettle(struct qp_site *site);
int qp_unsettle_patch(struct qp_patch *patch);
/* Take all that is armed off; waits for RCU-tasks. Not under qp_mutex. */
int qp_settle_release(struct qp_site *site);
int qp_settle_set(bool on);
bool qp_settle_get(void);
void qp_settle_exit(void);

#endif
