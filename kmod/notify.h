/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - modules that come and go while patches for them are there. */
#ifndef QP_NOTIFY_H
#define QP_NOTIFY_H

#include <linux/types.h>

/* Past our notifier, but not findable yet. */
bool qp_object_loading(const char *name);

int qp_objects_init(void);
void qp_objects_exit(void);

#endif
