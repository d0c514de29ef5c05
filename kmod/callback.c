// SPDX-License-Identifier: GPL-2.0-only
/*
 * callback.c - a patch author's functions around apply and revert, for each
 * object that is there, in the order in which the patch has them.
 *
 * post_revert undoes pre_apply, and post_apply undoes pre_revert.  Each
 * callback's stage says what has run, so that whatever happens in between (a refusal,
 * a transition that is turned round, a module that comes or goes) each half runs once.
 */
#include <linux/module.h>
#include "callback.h"
#include "patch.h"

static void *callback_function(const struct qp_callback *c, enum qp_stage stage, bool up)
{
	if (up)
		return qp_ptr(stage == QP_STAGE_PRE ? c->desc->pre_apply : c->desc->post_apply);
	return qp_ptr(stage == QP_STAGE_PRE ? c->desc->pre_revert : c->desc->post_revert);
}

/* Those that may refuse lead to PRE, from either side. */
static int run_refusable(struct qp_callback *c, bool up)
{
	int (*fn)(void) = callback_function(c, QP_STAGE_PRE, up);
	int ret = fn ? fn() : 0;

	if (!ret)
		return 0;
	pr_err("%s: its %s callback for %s refuses: error %d\n", c->obj->patch->mod->name,
	       up ? "pre-apply" : "pre-revert", c->obj->name, ret);
	return ret < 0 ? ret : -EINVAL;
}

/* From PRE to the end on one side. */
static void run_final(struct qp_callback *c, bool up)
{
	enum qp_stage stage = up ? QP_STAGE_APPLIED : QP_STAGE_NONE;
	void (*fn)(void) = callback_function(c, stage, up);

	if (fn)
		fn();
	c->stage = stage;
}

static bool callback_concerns(const struct qp_callback *c, const struct qp_object *obj)
{
	return obj ? c->obj == obj : c->obj->present;
}

static int run_refusables(struct qp_patch *patch, struct qp_object *obj, bool up)
{
	enum qp_stage from = up ? QP_STAGE_NONE : QP_STAGE_APPLIED;
	struct qp_callback *c, *u;
	int ret;

	lockdep_assert_held(&qp_mutex);
	qp_for_each_callback(patch, c)
		c->fresh = false;
	qp_for_each_callback(patch, c) {
		if (!callback_concerns(c, obj) || c->stage != from)
			continue;
		ret = run_refusable(c, up);
		if (ret)
			goto undo;
		c->stage = QP_STAGE_PRE;
		c->fresh = true;
	}
	return 0;
undo:
	qp_for_each_callback(patch, u)
		if (u->fresh)
			run_final(u, !up);
	return ret;
}

static void run_finals(struct qp_patch *patch, struct qp_object *obj, bool up)
{
	struct qp_callback *c;

	lockdep_assert_held(&qp_mutex);
	qp_for_each_callback(patch, c)
		if (c->stage == QP_STAGE_PRE && (!obj || c->obj == obj))
			run_final(c, up);
}

int qp_callbacks_apply(struct qp_patch *patch, struct qp_object *obj)
{
	return run_refusables(patch, obj, true);
}

int qp_callbacks_revert(struct qp_patch *patch, struct qp_object *obj)
{
	return run_refusables(patch, obj, false);
}

void qp_callbacks_applied(struct qp_patch *patch, struct qp_object *obj)
{
	run_finals(patch, obj, true);
}

void qp_callbacks_reverted(struct qp_patch *patch, struct qp_object *obj)
{
	run_finals(patch, obj, false);
}

void qp_callbacks_leave(struct qp_patch *patch, struct qp_object *obj)
{
	struct qp_callback *c;

	lockdep_assert_held(&qp_mutex);
	qp_for_each_callback(patch, c) {
		if (c->obj != obj || c->stage != QP_STAGE_APPLIED)
			continue;
		run_refusable(c, false);
		c->stage = QP_STAGE_PRE;
	}
}

void qp_callbacks_forget(struct qp_patch *patch)
{
	struct qp_callback *c;

	qp_for_each_callback(patch, c)
		c->stage = QP_STAGE_NONE;
}
