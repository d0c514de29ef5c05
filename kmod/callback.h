/* SPDX-License-Identifier: GPL-2.0-only */
/* callback.h - a patch author's functions around apply and revert. */
#ifndef QP_CALLBACK_H
#define QP_CALLBACK_H

struct qp_object;
struct qp_patch;

/*
 * `obj`: only this object's; NULL: those of all objects that are there.  The first two may be
 * refused by a callback; then those that had run by that call are undone again.
 */
int qp_callbacks_apply(struct qp_patch *patch, struct qp_object *obj);
int qp_callbacks_revert(struct qp_patch *patch, struct qp_object *obj);
void qp_callbacks_applied(struct qp_patch *patch, struct qp_object *obj);
void qp_callbacks_reverted(struct qp_patch *patch, struct qp_object *obj);
/* The object's module goes, whatever its pre_revert says. */
void qp_callbacks_leave(struct qp_patch *patch, struct qp_object *obj);
/* Their work is another patch's now. */
void qp_callbacks_forget(struct qp_patch *patch);

#endif
