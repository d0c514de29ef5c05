/* SPDX-License-Identifier: GPL-2.0-only */
/* call.h - call a function by address that may have lost its ENDBR; see call_x86_64.c. */
#ifndef QP_CALL_H
#define QP_CALL_H

void *qp_call3(unsigned long fn, const void *a, const void *b, unsigned long c);

#endif
