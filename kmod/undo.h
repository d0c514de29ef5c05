/* SPDX-License-Identifier: GPL-2.0-only */
/* undo.h - what a patch that takes the place of earlier ones has on the stacks beside its own functions. */
#ifndef QP_UNDO_H
#define QP_UNDO_H

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

#endif
