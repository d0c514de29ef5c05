/* SPDX-License-Identifier: GPL-2.0-only */
/* strict.h - all at once, with the machine stopped, after a clean dry walk. */
#ifndef QP_STRICT_H
#define QP_STRICT_H

#include <linux/types.h>

/* One attempt; `counts`, by enum qp_verdict, get what the dry walk saw.  Whether it went is in qp_trans.patch->live. */
int qp_strict_try(u32 *counts);

#endif
