/* SPDX-License-Identifier: GPL-2.0-only */
/* end.h - how a transition ends.  qp_mutex held. */
#ifndef QP_END_H
#define QP_END_H

#include <linux/types.h>

struct qp_patch;

/* End it if nobody is left to switch; true when it ended. */
bool qp_end_try(void);
/* End it without those who haven't switched [I12]: how many they are. */
int qp_end_leave(u32 *nr_left);
/* The last straggler of `patch` has switched; false: no memory, try again. */
bool qp_end_stragglers(struct qp_patch *patch);

#endif
