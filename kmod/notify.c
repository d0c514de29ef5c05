// SPDX-License-Identifier: GPL-2.0-only
/*
 * notify.c - modules that come and go while patches for them are there.
 *
 * A module that comes is patched before its first instruction runs, or isn't
 * let in.  A module that goes takes its sites with it.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include "callback.h"
#include "loading.h"
#include "notify.h"
#include "object.h"
#include "patch.h"
#include "redirect.h"
#include "settle.h"
#include "transition.h"
#include "undo.h"

static bool patch_in_use(struct qp_patch *patch)
{
	return patch->state != QP_PATCH_LOADED;
}

/* What the cumulative patch that took over has put on top of this object's functions. */
static struct qp_func *undo_of(struct qp_func *func)
{
	struct qp_patch *over = func->patch->replaced_by;
	struct qp_func *undo;

	if (over)
		list_for_each_entry(undo, &over->undos, undo)
			if (undo->undone == func)
				return undo;
	return NULL;
}

static void drop_object(struct qp_object *obj)
{
	struct qp_func *func, *undo;

	qp_for_each_func(obj->patch, func) {
		if (func->obj != obj)
			continue;
		undo = undo_of(func);
		if (undo) {
			qp_redirect_pop(undo);
			undo->old_addr = 0;
		}
		qp_redirect_pop(func);
	}
	qp_object_forget(obj);
}

static int arm_object(struct qp_object *obj)
{
	struct qp_func *func, *undo;
	int ret = 0;

	qp_for_each_func(obj->patch, func) {
		if (func->obj != obj)
			continue;
		ret = qp_redirect_push(func);
		undo = ret ? NULL : undo_of(func);
		if (undo) {
			qp_undo_aim(undo, func);
			ret = qp_redirect_push(undo);
		}
		if (ret)
			break;
	}
	return ret;
}

static int take_object(struct qp_object *obj, struct module *mod)
{
	int ret;

	ret = qp_object_resolve(obj, mod);
	if (ret)
		return ret;
	ret = qp_callbacks_apply(obj->patch, obj);
	if (ret)
		return ret;
	ret = arm_object(obj);
	/* With stragglers, the second half waits for the last of them [I12]. */
	if (!ret && obj->patch->state == QP_PATCH_APPLIED && !rcu_access_pointer(obj->patch->left))
		qp_callbacks_applied(obj->patch, obj);
	return ret;
}

static struct qp_object *object_of(struct qp_patch *patch, struct module *mod)
{
	struct qp_object *obj;

	qp_for_each_object(patch, obj)
		if (!obj->vmlinux && !strcmp(obj->name, mod->name))
			return obj;
	return NULL;
}

static void module_leaves(struct module *mod, struct list_head *leaving)
{
	struct qp_patch *patch;
	struct qp_object *obj;

	list_for_each_entry_reverse(patch, &qp_patches, list) {
		obj = object_of(patch, mod);
		if (!obj || !obj->present)
			continue;
		qp_callbacks_leave(patch, obj);
		drop_object(obj);
		qp_callbacks_reverted(patch, obj);
	}
	/* Without memory, the old ones remain: they name too much. */
	qp_transition_refresh();
	/* What lingers there from earlier patches, too: ftrace forgets the module's functions after us. */
	qp_redirect_leave(mod, leaving);
}

static int module_comes(struct module *mod, struct list_head *leaving)
{
	struct qp_patch *patch;
	struct qp_object *obj;
	bool taken = false;
	int ret;

	ret = qp_loading_add(mod);
	if (ret)
		return ret;
	list_for_each_entry(patch, &qp_patches, list) {
		obj = object_of(patch, mod);
		if (!obj || !patch_in_use(patch))
			continue;
		taken = true;
		ret = take_object(obj, mod);
		if (ret) {
			pr_err("module %s isn't let in: patch %s for it can't be applied (error %d)\n",
			       mod->name, patch->mod->name, ret);
			obj->present = true;	/* so that module_leaves() takes back what was done */
			goto err;
		}
	}
	if (!taken)
		return 0;
	/*
	 * Once for all patches, when it is clear what leads where; an undo of the patch in transition
	 * may belong to another one's object.  Nobody is in a module's code before this notifier has returned.
	 */
	ret = qp_transition_refresh();
	if (ret)
		goto err;
	qp_settle_kick();
	return 0;
err:
	module_leaves(mod, leaving);
	qp_loading_del(mod);
	return ret;
}

static int module_notify(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;
	LIST_HEAD(leaving);
	int ret = 0;

	mutex_lock(&qp_mutex);
	if (state == MODULE_STATE_COMING) {
		ret = module_comes(mod, &leaving);
	} else {
		qp_loading_del(mod);
		if (state == MODULE_STATE_GOING)
			module_leaves(mod, &leaving);
	}
	mutex_unlock(&qp_mutex);
	qp_redirect_release(&leaving);
	return notifier_from_errno(ret);
}

static struct notifier_block notifier = { .notifier_call = module_notify };

int qp_notify_init(void)
{
	return register_module_notifier(&notifier);
}

void qp_notify_exit(void)
{
	unregister_module_notifier(&notifier);
	qp_loading_exit();
}
