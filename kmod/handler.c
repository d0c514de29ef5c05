// SPDX-License-Identifier: GPL-2.0-only
/*
 * handler.c - what ftrace calls at the entry of a function that is redirected.
 *
 * One ftrace_ops a function; its handler takes the newest replacement on the
 * site's stack, or in a transition the one that the current task runs [I2].
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "arch.h"
#include "compat.h"
#include "handler.h"
#include "idle.h"
#include "inside.h"
#include "left.h"
#include "patch.h"
#include "phase.h"
#include "site.h"
#include "tasks.h"

#define ARM_WAIT_MS	5000

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

int qp_handler_check(unsigned long addr)
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

/*
 * ftrace has refused `ops`.  It may have had them on its list for a moment, and doesn't wait for those who went through
 * the list then (with preemption off, as our handlers).
 */
void qp_handler_forget(struct ftrace_ops *ops)
{
	qp_handlers_wait();
	ftrace_free_filter(ops);
}

int qp_handler_arm(struct qp_site *site)
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
		qp_handler_forget(&site->ops);
	return ret;
}

int qp_handler_disarm(struct qp_site *site)
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
