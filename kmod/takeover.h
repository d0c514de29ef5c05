/* SPDX-License-Identifier: GPL-2.0-only */
/* takeover.h - a patch that takes the place of earlier ones, and their retirement. */
#ifndef QP_TAKEOVER_H
#define QP_TAKEOVER_H

#include <linux/types.h>

struct list_head;
struct qp_func;
struct qp_patch;

/* Before an apply: mark whom `patch` takes over from, make what puts back the rest of theirs. */
int qp_undos_make(struct qp_patch *patch);
/* After its revert: what took over gives back; the undos, off the stacks, move to `undos`. */
void qp_undos_drop(struct qp_patch *patch, struct list_head *undos);
void qp_undos_free(struct list_head *undos);
/* Let `undo` put back what is below `over`, or the original; its object may be away (old_addr 0). */
void qp_undo_aim(struct qp_func *undo, struct qp_func *over);

/* Let go for good of those that `patch` has taken over from; with qp_settle_lock() held. */
int qp_takeover_retire(struct qp_patch *patch, u32 *nr);

#endif
