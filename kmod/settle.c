// SPDX-License-Identifier: GPL-2.0-only
/*
 * settle.c - after a transition, calls of a function go to the replacement by a
 * direct call instead of ftrace's handler: a few instructions instead of 80.
 *
 * At every moment at least one of the two is armed, and both lead to the same
 * function, so that no call sees the old code [I10].  A tracer or BPF program that
 * owns the site makes the direct call fail: the site stays with the handler and
 * is tried again later.  Before a transition touches a site it is unsettled:
 * the handler is armed again, and the direct call is turned into one that
 * leaves the decision to it.
 *
 * Whatever is taken away from ftrace waits for RCU-tasks with ftrace's lock held,
 * which a busy kernel thread can make last; so only the worker does it, a while
 * after the last transition, when a grace period was seen to pass quickly.
 * A site that nothing is left on stays armed until then: the handler lets the
 * original run, and the next transition finds it ready.
 */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "handler.h"
#include "patch.h"
#include "phase.h"
#include "settle.h"
#include "site.h"
#include "slot.h"
#include "trace.h"

#define SETTLE_MS	500	/* after a transition: another one may follow at once */
#define LINGER_MS	2000	/* a site without a patch */
#define RETRY_MS	10000	/* until a site that a tracer owns, or a busy machine, is tried again */
#define SLOW_MS		2000	/* a grace period of RCU-tasks that takes longer means: not now */

static DECLARE_BITMAP(slots_used, QP_SLOTS);	/* qp_mutex */
static DECLARE_WAIT_QUEUE_HEAD(settle_wait);
static bool settle_off;				/* by the administrator; qp_mutex */
static struct qp_site *in_hand;			/* by the worker; qp_mutex */
static atomic_t nr_holders;			/* who want it to have none */

static void tend_sites(struct work_struct *work);
static DECLARE_DELAYED_WORK(tend_work, tend_sites);

/* The last of them lets the worker go on, which may have looked and seen one. */
static void put_holder(void)
{
	if (atomic_dec_and_test(&nr_holders))
		qp_settle_kick();
}

int qp_settle_lock(void)
{
	int ret;

	atomic_inc(&nr_holders);
	for (;;) {
		ret = wait_event_killable(settle_wait, !READ_ONCE(in_hand));
		if (ret) {
			put_holder();
			return ret;
		}
		mutex_lock(&qp_mutex);
		if (!in_hand)
			return 0;
		mutex_unlock(&qp_mutex);
	}
}

void qp_settle_unlock(void)
{
	mutex_unlock(&qp_mutex);
	put_holder();
}

/* Somebody else wants to change the address at a site of ours: stock livepatch, kpatch.  Not while it is settled. */
QP_DIRECT_OPS_FUNC(direct_ops_func, op, cmd)
{
	struct qp_site *site = container_of(op, struct qp_site, direct);

	switch (cmd) {
	case FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER:
		return 0;
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER:
		/* Our own handler comes back, or somebody else's is coming at the same moment: told by who asks. */
		if (READ_ONCE(site->arming) == current)
			return 0;
		break;
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF:
		/* The direct call joins what is there: ours, if our handler is armed. */
		if (READ_ONCE(site->armed))
			return 0;
		break;
	}
	pr_info("%pS: another live patcher wants it; refused, it is patched already\n", (void *)site->addr);
	return -EBUSY;
}

static int direct_on(struct qp_site *site)
{
	unsigned long addr = qp_slot_addr(site->slot);
	int ret;

	if (site->direct_on)
		return qp_modify_direct(&site->direct, addr);
	memset(&site->direct, 0, sizeof(site->direct));
	site->direct.ops_func = direct_ops_func;
	ret = ftrace_set_filter_ip(&site->direct, site->addr, 0, 0);
	if (!ret)
		ret = qp_register_direct(&site->direct, addr);
	if (ret) {
		qp_handler_forget(&site->direct);
		return ret;
	}
	/* As for ops: kernel.ftrace_enabled can't be turned off under it. */
	site->direct.flags |= FTRACE_OPS_FL_PERMANENT;
	site->direct_on = true;
	return 0;
}

static int direct_off(struct qp_site *site)
{
	int ret;

	if (!site->direct_on)
		return 0;
	ret = qp_unregister_direct(&site->direct, site->mode == QP_SITE_DIRECT ?
				   qp_slot_addr(site->slot) : (unsigned long)qp_slot_pass);
	if (ret)
		pr_err("cannot take the direct call off %pS: error %d\n", (void *)site->addr, ret);
	else
		site->direct_on = false;
	return ret;
}

/* Both are armed for a moment, then the handler goes. */
static int settle_site(struct qp_site *site)
{
	int ret = direct_on(site);

	if (ret)
		return ret;
	ret = qp_handler_disarm(site);
	if (!ret)
		WRITE_ONCE(site->mode, QP_SITE_DIRECT);
	return ret;
}

/* What ftrace doesn't let go of keeps calling into this module, which has to stay as long. */
static int take_off(struct qp_site *site)
{
	int ret = direct_off(site);

	if (!ret && site->armed)
		ret = qp_handler_disarm(site);
	if (ret && !site->stuck)
		__module_get(THIS_MODULE);
	else if (!ret && site->stuck)
		module_put(THIS_MODULE);
	site->stuck = ret;
	return ret;
}

static bool site_is_idle(const struct qp_site *site)
{
	return list_empty(&site->funcs);
}

static bool wants_to_settle(struct qp_site *site)
{
	const struct qp_func *top = list_first_entry_or_null(&site->funcs, struct qp_func, stack);

	return top && site->mode == QP_SITE_OPS && top->new_addr && top->patch->live &&
	       !top->patch->no_settle && !rcu_access_pointer(top->patch->left);
}

/* On demand, a site's direct call goes altogether: BPF programs want its place. */
static bool wants_to_let_go(const struct qp_site *site)
{
	return settle_off && site->direct_on && site->mode == QP_SITE_OPS;
}

static bool take_slot(struct qp_site *site)
{
	int slot = site->slot >= 0 ? site->slot : find_first_zero_bit(slots_used, QP_SLOTS);

	if (slot == QP_SLOTS)
		return false;
	__set_bit(slot, slots_used);
	site->slot = slot;
	qp_slot_targets[slot] = qp_slot_entry(list_first_entry(&site->funcs, struct qp_func, stack)->new_addr);
	return true;
}

/* The next site that has something to be done, or NULL; *next: when to look again, in jiffies. */
static struct qp_site *pick_site(unsigned long *next)
{
	unsigned long now = jiffies;
	struct qp_site *site;

	if (qp_trans.phase != QP_IDLE || atomic_read(&nr_holders))
		return NULL;
	list_for_each_entry(site, qp_sites(), node) {
		if (!site_is_idle(site) && !wants_to_let_go(site) && (settle_off || !wants_to_settle(site)))
			continue;
		if (time_before(now, site->not_before)) {
			*next = min(*next, site->not_before - now);
			continue;
		}
		if (site_is_idle(site) || wants_to_let_go(site) || take_slot(site))
			return site;
	}
	return NULL;
}

/* Has a grace period just been quick?  If not known, wait for one, with nothing in hand: it may take for ever. */
static bool quick_lately(bool *slow)
{
	static unsigned long seen_at;	/* by the worker alone */
	unsigned long start = jiffies;

	if (seen_at && time_before(start, seen_at + msecs_to_jiffies(SLOW_MS)))
		return true;
	mutex_unlock(&qp_mutex);
	synchronize_rcu_tasks();
	mutex_lock(&qp_mutex);
	*slow = time_after(jiffies, start + msecs_to_jiffies(SLOW_MS));
	seen_at = *slow ? 0 : jiffies;
	return false;
}

static void give_slot_back(struct qp_site *site)
{
	lockdep_assert_held(&qp_mutex);
	if (site->slot >= 0)
		__clear_bit(site->slot, slots_used);
	site->slot = -1;
}

static int handle_site(struct qp_site *site, bool gone, bool let_go)
{
	int ret = gone ? take_off(site) : let_go ? direct_off(site) : settle_site(site);

	trace_quietpatch_settle(site->addr, gone ? QP_MODE_OFF : let_go ? QP_MODE_OPS : QP_MODE_DIRECT, ret);
	return ret;
}

static void put_back(struct qp_site *site, bool was_idle, int ret)
{
	/* Whoever took it off the list meanwhile frees it. */
	bool ours = was_idle && !ret && !site->gone;

	lockdep_assert_held(&qp_mutex);
	if (ret)
		site->not_before = jiffies + msecs_to_jiffies(RETRY_MS);
	if (ours) {
		list_del(&site->node);
		give_slot_back(site);
	}
	/* Pairs with the acquire in qp_settle_release(): from here on, a site that is gone may be freed there. */
	smp_store_release(&in_hand, NULL);
	wake_up_all(&settle_wait);
	if (ours)
		qp_site_free(site);
}

static void tend_sites(struct work_struct *work)
{
	unsigned long next = ULONG_MAX;
	struct qp_site *site;
	bool slow = false;

	mutex_lock(&qp_mutex);
	while (!slow && (site = pick_site(&next))) {
		bool gone = site_is_idle(site), let_go = wants_to_let_go(site);
		int ret;

		if (!quick_lately(&slow))
			continue;	/* things may have changed */
		in_hand = site;
		mutex_unlock(&qp_mutex);
		ret = handle_site(site, gone, let_go);
		mutex_lock(&qp_mutex);
		if (ret)
			next = min(next, msecs_to_jiffies(RETRY_MS));
		put_back(site, gone, ret);
	}
	mutex_unlock(&qp_mutex);
	if (slow)
		next = msecs_to_jiffies(RETRY_MS);
	if (next != ULONG_MAX)
		queue_delayed_work(qp_unbound_wq, &tend_work, next + 1);
}

void qp_settle_kick(void)
{
	mod_delayed_work(qp_unbound_wq, &tend_work, msecs_to_jiffies(SETTLE_MS));
}

void qp_settle_linger(struct qp_site *site)
{
	lockdep_assert_held(&qp_mutex);
	site->not_before = jiffies + msecs_to_jiffies(LINGER_MS);
}

int qp_unsettle(struct qp_site *site)
{
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (site == in_hand)
		return -EBUSY;	/* not with qp_settle_lock() */
	if (site->mode == QP_SITE_OPS)
		return site->armed ? 0 : qp_handler_arm(site);
	ret = site->armed ? 0 : qp_handler_arm(site);
	if (ret)
		return ret;
	/* The handler is armed: from here on the slot may step aside. */
	ret = qp_modify_direct(&site->direct, (unsigned long)qp_slot_pass);
	if (ret)
		return ret;
	WRITE_ONCE(site->mode, QP_SITE_OPS);
	trace_quietpatch_settle(site->addr, QP_MODE_OPS, 0);
	return 0;
}

int qp_unsettle_patch(struct qp_patch *patch)
{
	struct qp_func *func;
	int ret;

	qp_for_each_func(patch, func) {
		ret = func->site ? qp_unsettle(func->site) : 0;
		if (ret)
			return ret;
	}
	list_for_each_entry(func, &patch->undos, undo) {
		ret = func->site ? qp_unsettle(func->site) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

/* The site is off the list. */
int qp_settle_release(struct qp_site *site)
{
	int ret;

	/* The worker may have it in hand. */
	wait_event(settle_wait, smp_load_acquire(&in_hand) != site);
	ret = take_off(site);
	if (ret)
		return ret;	/* a direct call may still go by its slot */
	mutex_lock(&qp_mutex);
	give_slot_back(site);
	mutex_unlock(&qp_mutex);
	return 0;
}

/* The administrator's switch: off unsettles everything (for a tracer), on settles again. */
int qp_settle_set(bool on)
{
	struct qp_site *site;
	int ret = qp_settle_lock();

	if (ret)
		return ret;
	settle_off = !on;
	list_for_each_entry(site, qp_sites(), node) {
		site->not_before = jiffies;
		ret = on ? 0 : qp_unsettle(site);
		if (ret)
			break;
	}
	qp_settle_unlock();
	return ret;
}

bool qp_settle_get(void)
{
	return !READ_ONCE(settle_off);
}

void qp_settle_exit(void)
{
	cancel_delayed_work_sync(&tend_work);
}
