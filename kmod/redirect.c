// SPDX-License-Identifier: GPL-2.0-only
/*
 * redirect.c - send calls of a function to its replacement, by ftrace.
 *
 * One ftrace_ops a function; its handler takes the newest replacement off the
 * site's stack, or in a transition the one that the current task runs [I2].
 */
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include "arch.h"
#include "compat.h"
#include "idle.h"
#include "inside.h"
#include "left.h"
#include "patch.h"
#include "phase.h"
#include "redirect.h"
#include "settle.h"
#include "site.h"
#include "tasks.h"

#define EXIT_RETRY_MS	60000
#define ARM_WAIT_MS	5000

static LIST_HEAD(sites);	/* qp_mutex */

/* What a task runs that isn't listed: what all did at the start, until the table is sealed [I12]. */
static int notrace version_unlisted(void)
{
	return atomic64_read(&qp_state_word) & QP_WORD_SEALED ? READ_ONCE(qp_target) : READ_ONCE(qp_unlisted);
}

/*
 * The version that the current task runs of the patch in transition; -1: the phase is over.  Preemption is off, so no
 * grace period ends meanwhile.  regs: at the entry of the function, or NULL when the stack mustn't be walked.
 */
static int notrace version_in_transition(struct pt_regs *regs)
{
	struct qp_task *e;
	s64 w;

	/* Pairs with qp_tasks_thaw(): who doesn't find the table frozen finds it turned round. */
	if (qp_tasks_frozen()) {
		e = qp_task_find(current);
		return e ? atomic_read(&e->state) & QP_TASK_VERSION : version_unlisted();
	}
	/* [I4]: it is listed here, as about to enter the code that it runs; an idle one can be found from now on. */
	qp_idle_learn();
	e = qp_task_insert(current, qp_unlisted | QP_TASK_DIRTY);
	if (e)
		return qp_task_decide(e, regs);
	w = atomic64_read_acquire(&qp_state_word);
	if (!qp_word_active(w))
		return -1;
	if (!(w & QP_WORD_SEALED))
		return READ_ONCE(qp_unlisted);
	/* It was marked as unlisted, and the pass has listed it before the seal; or it came after the seal. */
	e = qp_task_find(current);
	return e ? qp_task_decide(e, NULL) : READ_ONCE(qp_target);
}

/* Which version of the function's patch does the current task run? */
static int notrace version_of(struct qp_func *func, struct pt_regs *regs)
{
	struct qp_patch *patch = func->patch;
	int v;

	if (qp_phase_active() && READ_ONCE(qp_trans.patch) == patch) {
		v = version_in_transition(regs);
		if (v >= 0) {
			atomic_long_inc(&func->hits[v]);
			return v;
		}
	}
	return qp_left_version(patch, regs);
}

/*
 * What most calls need: outside a transition of this patch, or for a task that has
 * switched, a look is enough.  Nothing here can be traced or recurse; -1: it takes more.
 */
static __always_inline int version_known(struct qp_func *func)
{
	struct qp_patch *patch = func->patch;
	int v;

	if (likely(!qp_phase_active() || READ_ONCE(qp_trans.patch) != patch))
		return qp_left_known(patch);
	v = qp_task_switched();
	if (v >= 0)
		atomic_long_inc(&func->hits[v]);
	return v;
}

/*
 * In a recursion (the unwinder calls a patched function), or where RCU doesn't watch (the
 * unwinder's tables of modules need it), the version is looked up without a walk; the answer is as good.
 */
static noinline int notrace version_decided(struct qp_func *func, unsigned long ip,
					    unsigned long parent_ip, struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip), v;

	v = version_of(func, bit >= 0 && rcu_is_watching() ? ftrace_get_regs(fregs) : NULL);
	if (bit >= 0)
		ftrace_test_recursion_unlock(bit);
	return v;
}

static void notrace redirect_handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct qp_site *site = container_of(ops, struct qp_site, ops);
	struct qp_func *func;
	int v;

	qp_handler_enter();
	func = list_first_or_null_rcu(&site->funcs, struct qp_func, stack);
	if (likely(func)) {
		v = version_known(func);
		if (unlikely(v < 0))
			v = version_decided(func, ip, parent_ip, fregs);
		/* Only the newest on a stack is in transition [I1] or has stragglers [I12]: at most one step down. */
		if (!v)
			func = list_next_or_null_rcu(&site->funcs, &func->stack, struct qp_func, stack);
	}
	if (func && func->new_addr)
		qp_set_ip(fregs, func->new_addr);
	qp_handler_leave();
}

struct qp_site *qp_redirect_find(unsigned long addr)
{
	struct qp_site *site;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(site, &sites, node)
		if (site->addr == addr)
			return site;
	return NULL;
}

struct qp_func *qp_redirect_top(unsigned long addr)
{
	struct qp_site *site = qp_redirect_find(addr);

	return site ? list_first_entry_or_null(&site->funcs, struct qp_func, stack) : NULL;
}

struct qp_func *qp_redirect_covered(struct qp_patch *patch)
{
	struct qp_func *func;

	qp_for_each_func(patch, func)
		if (func->site && qp_redirect_top(func->old_addr) != func)
			return func;
	return NULL;
}

struct qp_func *qp_redirect_below(struct qp_func *func)
{
	lockdep_assert_held(&qp_mutex);
	if (!func->site)
		return qp_redirect_top(func->old_addr);
	if (list_is_last(&func->stack, &func->site->funcs))
		return NULL;
	return list_next_entry(func, stack);
}

int qp_redirect_check(unsigned long addr)
{
	struct ftrace_ops *ops;
	int ret;

	ops = kzalloc(sizeof(*ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	ret = ftrace_set_filter_ip(ops, addr, 0, 0);
	ftrace_free_filter(ops);
	kfree(ops);
	return ret;
}

/*
 * While a BPF program is being attached to the function or taken off it, ftrace says -EAGAIN: the owner of a direct call can't be
 * asked then. That takes a grace period of RCU-tasks, so it is tried again for a while.
 */
static int register_handler(struct ftrace_ops *ops)
{
	unsigned long end = jiffies + msecs_to_jiffies(ARM_WAIT_MS);
	int ret = register_ftrace_function(ops);

	while (ret == -EAGAIN && time_before(jiffies, end)) {
		msleep(10);
		ret = register_ftrace_function(ops);
	}
	return ret;
}

int qp_redirect_arm(struct qp_site *site)
{
	int ret;

	memset(&site->ops, 0, sizeof(site->ops));
	site->ops.func = redirect_handler;
	site->ops.flags = FTRACE_OPS_FL_DYNAMIC | QP_FTRACE_REGS |
			  FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	ret = ftrace_set_filter_ip(&site->ops, site->addr, 0, 0);
	/* ftrace asks the owner of a direct call in the context of whoever registers. */
	WRITE_ONCE(site->arming, current);
	if (!ret)
		ret = register_handler(&site->ops);
	WRITE_ONCE(site->arming, NULL);
	WRITE_ONCE(site->armed, !ret);
	if (ret)
		ftrace_free_filter(&site->ops);
	return ret;
}

int qp_redirect_disarm(struct qp_site *site)
{
	int ret;

	ret = unregister_ftrace_function(&site->ops);
	if (ret) {
		pr_err("cannot disarm %pS: error %d\n", (void *)site->addr, ret);
		return ret;
	}
	ftrace_free_filter(&site->ops);
	WRITE_ONCE(site->armed, false);
	return 0;
}

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
	ret = qp_redirect_arm(site);
	if (ret) {
		kfree(site);
		return ret;
	}
	list_add(&site->node, &sites);
	*out = site;
	return 0;
}

struct list_head *qp_redirect_sites(void)
{
	lockdep_assert_held(&qp_mutex);
	return &sites;
}

u32 qp_redirect_sites_list(struct qp_site_info *to, u32 room)
{
	char name[KSYM_SYMBOL_LEN];
	struct qp_site *site;
	struct qp_func *func;
	u32 nr = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(site, &sites, node) {
		if (nr++ >= room)
			continue;
		sprint_symbol_no_offset(name, site->addr);
		strscpy(to->name, name, sizeof(to->name));
		to->addr = site->addr;
		to->nr_users = site->armed + site->direct_on;
		list_for_each_entry(func, &site->funcs, stack)
			to->nr_patches++;
		to++;
	}
	return nr;
}

int qp_redirect_push(struct qp_func *func)
{
	struct qp_site *site = qp_redirect_find(func->old_addr);
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

void qp_redirect_leave(struct module *mod, struct list_head *leaving)
{
	struct qp_site *site, *next;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry_safe(site, next, &sites, node)
		if (list_empty(&site->funcs) && (!mod || within_module(site->addr, mod))) {
			site->gone = true;
			list_move(&site->node, leaving);
		}
}

/* sysfs looks at `mode` without a lock.  Not kfree_rcu(), which keeps what is to go for seconds. */
void qp_site_free(struct qp_site *site)
{
	synchronize_rcu_expedited();
	kfree(site);
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
