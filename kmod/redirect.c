// SPDX-License-Identifier: GPL-2.0-only
/*
 * redirect.c - send calls of a function to its replacement: put it on the stack of its site, take it off, and
 * let go of sites that nothing is left on.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "handler.h"
#include "inside.h"
#include "patch.h"
#include "redirect.h"
#include "settle.h"
#include "site.h"

#define EXIT_RETRY_MS	60000

static int make_site(unsigned long addr, struct qp_site **out)
{
	struct qp_site *site;
	int ret;

	site = kzalloc(sizeof(*site), GFP_KERNEL);
	if (!site)
		return -ENOMEM;
	INIT_LIST_HEAD(&site->funcs);
	site->addr = addr;
	site->slot = -1;
	site->not_before = jiffies;
	ret = qp_handler_arm(site);
	if (ret) {
		kfree(site);
		return ret;
	}
	list_add(&site->node, qp_sites());
	*out = site;
	return 0;
}

int qp_redirect_push(struct qp_func *func)
{
	struct qp_site *site = qp_site_find(func->old_addr);
	int ret;

	ret = site ? qp_unsettle(site) : make_site(func->old_addr, &site);
	if (ret) {
		pr_err("%s: cannot be redirected: error %d%s\n", func->name, ret,
		       ret == -EBUSY ? "; another live patcher owns it, or kernel.ftrace_enabled is 0" :
		       ret == -EAGAIN ? "; a BPF program is being attached to it or taken off it: try again" : "");
		return ret;
	}
	func->site = site;
	/* The patch isn't live yet, so that the handler steps over it until the phase opens. */
	list_add_rcu(&func->stack, &site->funcs);
	return 0;
}

int qp_redirect_push_patch(struct qp_patch *patch)
{
	struct qp_func *func;
	int ret;

	qp_for_each_func(patch, func) {
		ret = func->old_addr ? qp_redirect_push(func) : 0;
		if (ret)
			return ret;
	}
	list_for_each_entry(func, &patch->undos, undo) {
		ret = func->old_addr ? qp_redirect_push(func) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

void qp_redirect_pop(struct qp_func *func)
{
	struct qp_site *site = func->site;

	lockdep_assert_held(&qp_mutex);
	if (!site)
		return;
	list_del_rcu(&func->stack);
	func->site = NULL;
	if (list_empty(&site->funcs))
		qp_settle_linger(site);
}

void qp_redirect_pop_patch(struct qp_patch *patch)
{
	struct qp_func *func;

	list_for_each_entry(func, &patch->undos, undo)
		qp_redirect_pop(func);
	qp_for_each_func(patch, func)
		qp_redirect_pop(func);
	qp_handlers_wait();
}

void qp_redirect_leave(struct module *mod, struct list_head *leaving)
{
	struct qp_site *site, *next;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry_safe(site, next, qp_sites(), node)
		if (list_empty(&site->funcs) && (!mod || within_module(site->addr, mod))) {
			site->gone = true;
			list_move(&site->node, leaving);
		}
}

void qp_redirect_release(struct list_head *leaving)
{
	struct qp_site *site, *next;

	list_for_each_entry_safe(site, next, leaving, node) {
		list_del(&site->node);
		if (!qp_settle_release(site))
			qp_site_free(site);	/* else leaked, and the core pinned: ftrace still points to both */
	}
}

/*
 * Nobody uses the core any more: what lingers goes now.  It is too late to refuse, so
 * that a site which ftrace doesn't let go of (it has found a bug and shut itself off) keeps rmmod
 * waiting: the alternative is a call into memory that was freed.
 */
void qp_redirect_exit(void)
{
	struct qp_site *site, *next;
	LIST_HEAD(leaving);

	mutex_lock(&qp_mutex);
	qp_redirect_leave(NULL, &leaving);
	mutex_unlock(&qp_mutex);
	list_for_each_entry_safe(site, next, &leaving, node) {
		while (qp_settle_release(site))
			msleep_interruptible(EXIT_RETRY_MS);
		qp_site_free(site);
	}
}
