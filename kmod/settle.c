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
 * leaves the decision to it.  (Taking it away would mean waiting for RCU-tasks.)
 */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "patch.h"
#include "redirect.h"
#include "settle.h"
#include "slot.h"
#include "transition.h"

#define RETRY_MS	10000	/* until a site that a tracer owns is tried again */

static DECLARE_BITMAP(slots_used, QP_SLOTS);	/* qp_mutex */
static DECLARE_WAIT_QUEUE_HEAD(settle_wait);
static bool settle_off;				/* by the administrator; qp_mutex */
static struct qp_site *settling;		/* what the worker has in hand; qp_mutex */

static void settle_all(struct work_struct *work);
static DECLARE_DELAYED_WORK(settle_work, settle_all);

static int direct_on(struct qp_site *site)
{
	unsigned long addr = qp_slot_addr(site->slot);
	int ret;

	if (site->direct_on)
		return qp_modify_direct(&site->direct, addr);
	memset(&site->direct, 0, sizeof(site->direct));
	site->direct.ops_func = qp_direct_ops_func;
	ret = ftrace_set_filter_ip(&site->direct, site->addr, 0, 0);
	if (!ret)
		ret = qp_register_direct(&site->direct, addr);
	if (ret) {
		ftrace_free_filter(&site->direct);
		return ret;
	}
	/* As for ops: kernel.ftrace_enabled can't be turned off under it. */
	site->direct.flags |= FTRACE_OPS_FL_PERMANENT;
	site->direct_on = true;
	return 0;
}

/* Both are armed for a moment, then the handler goes; this waits for RCU-tasks. */
static int settle(struct qp_site *site)
{
	int ret = direct_on(site);

	if (ret)
		return ret;
	ret = qp_redirect_disarm(site);
	if (!ret)
		WRITE_ONCE(site->mode, QP_SITE_DIRECT);
	return ret;
}

static bool wants(struct qp_site *site)
{
	struct qp_func *top = list_first_entry(&site->funcs, struct qp_func, stack);

	return site->mode == QP_SITE_OPS && top->new_addr && top->patch->live &&
	       !top->patch->no_settle && time_after_eq(jiffies, site->retry_at);
}

static struct qp_site *pick(bool *later)
{
	struct qp_site *site;
	int slot;

	if (settle_off || qp_trans.phase != QP_IDLE)
		return NULL;
	list_for_each_entry(site, qp_redirect_sites(), node) {
		if (site->mode == QP_SITE_OPS && time_before(jiffies, site->retry_at))
			*later = true;
		if (!wants(site))
			continue;
		slot = site->slot >= 0 ? site->slot : find_first_zero_bit(slots_used, QP_SLOTS);
		if (slot == QP_SLOTS)
			return NULL;
		__set_bit(slot, slots_used);
		site->slot = slot;
		qp_slot_targets[slot] = list_first_entry(&site->funcs, struct qp_func, stack)->new_addr;
		return site;
	}
	return NULL;
}

static void settle_all(struct work_struct *work)
{
	bool later = false;

	mutex_lock(&qp_mutex);
	while ((settling = pick(&later))) {
		struct qp_site *site = settling;
		int ret;

		mutex_unlock(&qp_mutex);
		ret = settle(site);
		mutex_lock(&qp_mutex);
		if (ret) {
			site->retry_at = jiffies + msecs_to_jiffies(RETRY_MS);
			later = true;
		}
		settling = NULL;
		wake_up_all(&settle_wait);
	}
	mutex_unlock(&qp_mutex);
	if (later)
		schedule_delayed_work(&settle_work, msecs_to_jiffies(RETRY_MS));
}

void qp_settle_kick(void)
{
	mod_delayed_work(system_wq, &settle_work, 0);
}

bool qp_settle_busy(void)
{
	lockdep_assert_held(&qp_mutex);
	return settling;
}

int qp_settle_wait(void)
{
	return wait_event_killable(settle_wait, !READ_ONCE(settling));
}

int qp_unsettle(struct qp_site *site)
{
	int ret;

	lockdep_assert_held(&qp_mutex);
	if (site == settling)
		return -EAGAIN;
	if (site->mode == QP_SITE_OPS)
		return 0;
	ret = qp_redirect_arm(site);
	if (ret)
		return ret;
	/* The handler is armed: from here on the slot may step aside. */
	ret = qp_modify_direct(&site->direct, (unsigned long)qp_slot_pass);
	if (ret)
		return ret;
	WRITE_ONCE(site->mode, QP_SITE_OPS);
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
	return 0;
}

/* The site leaves: nothing of it may stay armed.  Not under qp_mutex. */
void qp_settle_release(struct qp_site *site)
{
	/* The worker may have had it in hand when it was taken off the list. */
	wait_event(settle_wait, READ_ONCE(settling) != site);
	if (site->direct_on) {
		qp_unregister_direct(&site->direct, site->mode == QP_SITE_DIRECT ?
				     qp_slot_addr(site->slot) : (unsigned long)qp_slot_pass);
		site->direct_on = false;
	}
	if (site->slot < 0)
		return;
	mutex_lock(&qp_mutex);
	__clear_bit(site->slot, slots_used);
	mutex_unlock(&qp_mutex);
}

/* The administrator's switch: off unsettles everything (for a tracer), on settles again. */
int qp_settle_set(bool on)
{
	struct qp_site *site;
	int ret;

	for (;;) {
		ret = qp_settle_wait();
		if (ret)
			return ret;
		mutex_lock(&qp_mutex);
		if (!settling)
			break;
		mutex_unlock(&qp_mutex);
	}
	settle_off = !on;
	if (!on)
		list_for_each_entry(site, qp_redirect_sites(), node) {
			ret = qp_unsettle(site);
			if (ret)
				break;
		}
	mutex_unlock(&qp_mutex);
	if (on)
		qp_settle_kick();
	return ret;
}

bool qp_settle_get(void)
{
	return !READ_ONCE(settle_off);
}

void qp_settle_exit(void)
{
	cancel_delayed_work_sync(&settle_work);
}
