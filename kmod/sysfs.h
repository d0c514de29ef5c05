/* SPDX-License-Identifier: GPL-2.0-only */
/* sysfs.h - state under /sys/kernel/quietpatch. */
#ifndef QP_SYSFS_H
#define QP_SYSFS_H

struct qp_patch;

int qp_sysfs_init(void);
void qp_sysfs_exit(void);
int qp_sysfs_add(struct qp_patch *patch);
void qp_sysfs_del(struct qp_patch *patch);

#endif
