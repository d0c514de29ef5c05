/* SPDX-License-Identifier: GPL-2.0-only */
/* shadow.h - the core's side of shadow variables; authors see include/quietpatch_api.h. */
#ifndef QP_SHADOW_H
#define QP_SHADOW_H

void qp_shadow_exit(void);

#endif
