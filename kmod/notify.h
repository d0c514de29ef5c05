/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - modules that come and go while patches for them are there. */
#ifndef QP_NOTIFY_H
#define QP_NOTIFY_H

int qp_notify_init(void);
void qp_notify_exit(void);

#endif
