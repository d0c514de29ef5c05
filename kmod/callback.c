// SPDX-License-Identifier: GPL-2.0-only
/*
 * callback.c - a patch author's functions around apply and revert, for each
 * object that is there.  post_revert undoes pre_apply: it runs for the objects
 * whose pre_apply ran, also when the apply is given up.
 */
#include <linux/module.h>
#include "object.h"
#include "patch.h"

static const struct qp_callback_desc *callbacks_of(struct qp_object *obj, unsigned int *n)
{
	*n = obj->patch->desc->nr_callbacks;
	return qp_ptr(obj->patch->desc->callbacks);
}

enum which { PRE_APPLY, POST_APPLY, PRE_REVERT, POST_REVERT };

static int run(struct qp_object *obj, enum which which)
{
	unsigned int i, n;
	const struct qp_callback_desc *c = callbacks_of(obj, &n);
	int (*pre)(void);
	void (*post)(void);
	int ret;

	for (i = 0; i < n; i++) {
		if (strcmp(qp_ptr(c[i].object), obj->name))
			continue;
		pre = qp_ptr(which == PRE_APPLY ? c[i].pre_apply : which == PRE_REVERT ? c[i].pre_revert : 0);
		post = qp_ptr(which == POST_APPLY ? c[i].post_apply : which == POST_REVERT ? c[i].post_revert : 0);
		if (post)
			post();
		if (!pre)
			continue;
		ret = pre();
		if (ret) {
			pr_err("%s: its %s callback for %s refuses: error %d\n", obj->patch->mod->name,
			       which == PRE_APPLY ? "pre-apply" : "pre-revert", obj->name, ret);
			return ret < 0 ? ret : -EINVAL;
		}
	}
	return 0;
}

int qp_object_pre_apply(struct qp_object *obj)
{
	int ret = run(obj, PRE_APPLY);

	obj->called = !ret;
	return ret;
}

void qp_object_post_apply(struct qp_object *obj)
{
	run(obj, POST_APPLY);
}

int qp_object_pre_revert(struct qp_object *obj)
{
	return run(obj, PRE_REVERT);
}

void qp_object_post_revert(struct qp_object *obj)
{
	if (obj->called)
		run(obj, POST_REVERT);
	obj->called = false;
}

int qp_objects_pre_apply(struct qp_patch *patch)
{
	struct qp_object *obj;
	int ret;

	qp_for_each_object(patch, obj) {
		ret = obj->present ? qp_object_pre_apply(obj) : 0;
		if (ret) {
			qp_objects_post_revert(patch);
			return ret;
		}
	}
	return 0;
}

void qp_objects_post_apply(struct qp_patch *patch)
{
	struct qp_object *obj;

	qp_for_each_object(patch, obj)
		if (obj->present)
			qp_object_post_apply(obj);
}

int qp_objects_pre_revert(struct qp_patch *patch)
{
	struct qp_object *obj;
	int ret;

	qp_for_each_object(patch, obj) {
		ret = obj->present ? qp_object_pre_revert(obj) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

void qp_objects_post_revert(struct qp_patch *patch)
{
	struct qp_object *obj;

	qp_for_each_object(patch, obj)
		qp_object_post_revert(obj);
}
