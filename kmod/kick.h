/* SPDX-License-Identifier: GPL-2.0-only */
/* kick.h - make sleeping tasks leave affected code, on demand. */
#ifndef QP_KICK_H
#define QP_KICK_H

struct qp_kick;

/* In a transition, qp_mutex held. */
int qp_kick_tasks(const struct qp_kick *kick);

#endif
