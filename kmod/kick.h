/* SPDX-License-Identifier: GPL-2.0-only */
/* kick.h - make sleeping tasks leave affected code, on demand. */
#ifndef QP_KICK_H
#define QP_KICK_H

#include <linux/types.h>

struct qp_kick_task;

/* In a transition, qp_mutex held. */
int qp_kick_tasks(struct qp_kick_task *tasks, u32 nr);

#endif
