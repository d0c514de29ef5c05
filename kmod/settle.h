/* SPDX-License-Identifier: GPL-2.0-only */
/* settle.h - move settled functions from ftrace's handler to a direct call, and back. */
#ifndef QP_SETTLE_H
#define QP_SETTLE_H

#include <linux/types.h>

struct qp_patch;
struct qp_site;

void qp_settle_kick(void);		/* let the worker look for sites to settle */
int qp_settle_wait(void);		/* until it has none in hand; not under qp_mutex */
bool qp_settle_busy(void);
int qp_unsettle(struct qp_site *site);
int qp_unsettle_patch(struct qp_patch *patch);
void qp_settle_release(struct qp_site *site);
int qp_settle_set(bool on);
bool qp_settle_get(void);
void qp_settle_exit(void);

#endif
