/* SPDX-License-Identifier: GPL-2.0-only */
/* device.h - /dev/quietpatch. */
#ifndef QP_DEVICE_H
#define QP_DEVICE_H

int qp_device_init(void);
void qp_device_exit(void);

#endif
