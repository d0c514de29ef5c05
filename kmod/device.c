// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c - /dev/quietpatch: the loader and the monitor drive transitions
 * through it.
 *
 * One open file drives: the one that started or turned round the current
 * transition, until it is closed (a killed loader's is, too); then the next
 * one that observes takes over.  Anyone may look.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "device.h"
#include "kick.h"
#include "left.h"
#include "observe.h"
#include "patch.h"
#include "phase.h"
#include "ranges.h"
#include "settle.h"
#include "site.h"
#include "symbols.h"
#include "takeover.h"
#include "tasks.h"
#include "transition.h"

static struct file *driver;	/* who drives; qp_mutex */
static struct file *binder;	/* whose patch may be linked; bind_lock */
static DEFINE_MUTEX(bind_lock);	/* and guards qp_symbols_check(), qp_symbols_clear() */

static int take_wheel(struct file *f)
{
	lockdep_assert_held(&qp_mutex);
	if (driver && driver != f && qp_trans.phase != QP_IDLE)
		return -EBUSY;
	driver = f;
	return 0;
}

static long do_info(struct file *f, void __user *arg)
{
	struct qp_info i;

	if (copy_from_user(&i, arg, sizeof(i)))
		return -EFAULT;
	if (i.size != sizeof(i))
		return -EINVAL;
	memset(&i, 0, sizeof(i));
	mutex_lock(&qp_mutex);
	i.size = sizeof(i);
	i.abi = QP_ABI;
	i.phase = qp_trans.phase;
	i.nr_patches = qp_patch_count();
	i.epoch = qp_trans.epoch;
	i.nr_old = qp_phase_old();
	i.nr_tasks = qp_trans.nr_tasks;
	i.started_ns = qp_trans.started_ns;
	i.finished_ns = qp_trans.finished_ns;
	i.nr_stragglers = qp_left_count();
	if (qp_trans.phase != QP_IDLE) {
		if (!(qp_trans.flags & QP_START_STRICT))
			i.nr_tasks = qp_tasks_total();
		strscpy(i.patch, qp_trans.patch->mod->name, sizeof(i.patch));
		i.target = qp_trans.target ? QP_PATCH_APPLIED : QP_PATCH_LOADED;
		i.flags = qp_trans.flags;
	}
	mutex_unlock(&qp_mutex);
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : 0;
}

/* A user's array of n entries, or an ERR_PTR; NULL for none. */
static void *copy_in(u64 user, u32 n, size_t size, u32 max)
{
	void *copy;

	if (!n)
		return NULL;
	if (n > max)
		return ERR_PTR(-E2BIG);
	copy = kvmalloc_array(n, size, GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, u64_to_user_ptr(user), n * size)) {
		kvfree(copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

/* The symbols, and behind them the strings. */
static char *copy_table(const struct qp_bind *b)
{
	size_t table = b->nr_symbols * sizeof(struct qp_sym_desc);
	char *copy = kvmalloc(table + b->strings_len, GFP_KERNEL);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (!copy_from_user(copy, u64_to_user_ptr(b->symbols), table) &&
	    !copy_from_user(copy + table, u64_to_user_ptr(b->strings), b->strings_len))
		return copy;
	kvfree(copy);
	return ERR_PTR(-EFAULT);
}

/* One load at a time: another file has to clear (or close) first. */
static long do_bind(struct file *f, void __user *arg)
{
	struct qp_bind b;
	char *table = NULL;
	long ret = 0;

	if (copy_from_user(&b, arg, sizeof(b)))
		return -EFAULT;
	if (b.size != sizeof(b) || b.bad)
		return -EINVAL;
	if (b.nr_symbols > QP_SYMBOLS_MAX || b.strings_len > QP_STRINGS_MAX)
		return -E2BIG;
	if (b.nr_symbols)
		table = copy_table(&b);
	if (IS_ERR(table))
		return PTR_ERR(table);
	mutex_lock(&bind_lock);
	if (binder && binder != f) {
		ret = -EBUSY;
	} else {
		/* What doesn't hold leaves nothing of the one before either. */
		qp_symbols_clear();
		binder = NULL;
		if (b.nr_symbols)
			ret = qp_symbols_check((const struct qp_sym_desc *)table, b.nr_symbols,
					       b.strings_len, &b.bad);
		if (b.nr_symbols && !ret)
			binder = f;
	}
	mutex_unlock(&bind_lock);
	kvfree(table);
	if ((ret == -ENOENT || ret == -EINVAL) && copy_to_user(arg, &b, sizeof(b)))
		ret = -EFAULT;
	return ret;
}

static long do_start(struct file *f, void __user *arg)
{
	struct qp_start s;
	long ret;

	if (copy_from_user(&s, arg, sizeof(s)))
		return -EFAULT;
	if (s.size != sizeof(s) || s.epoch || ((s.flags & QP_START_STRICT) && s.leave_ms) ||
	    (s.flags & ~(QP_START_CORE_ONLY | QP_START_STRICT | QP_START_NO_SETTLE)) ||
	    (s.target != QP_PATCH_APPLIED && s.target != QP_PATCH_LOADED) ||
	    strnlen(s.patch, sizeof(s.patch)) == sizeof(s.patch))
		return -EINVAL;
	ret = qp_settle_lock();
	if (ret)
		return ret;
	ret = take_wheel(f);
	if (!ret)
		ret = qp_transition_start(&s);
	qp_settle_unlock();
	if (!ret && copy_to_user(arg, &s, sizeof(s)))
		ret = -EFAULT;
	return ret;
}

static long do_observe(struct file *f, void __user *arg)
{
	struct qp_task_verdict *claims;
	struct qp_observe o;
	long ret = 0;

	if (copy_from_user(&o, arg, sizeof(o)))
		return -EFAULT;
	if (o.size != sizeof(o) || o.phase || o.nr_old || memchr_inv(o.counts, 0, sizeof(o.counts)) ||
	    (o.flags & ~(QP_OBSERVE_IPI | QP_OBSERVE_SWEEP | QP_OBSERVE_WALK)))
		return -EINVAL;
	claims = copy_in(o.verdicts, o.nr_verdicts, sizeof(*claims), QP_VERDICTS_MAX);
	if (IS_ERR(claims))
		return PTR_ERR(claims);
	mutex_lock(&qp_mutex);
	if (o.epoch != qp_trans.epoch)
		ret = -ESTALE;
	else if (qp_trans.phase == QP_IDLE)
		o.phase = QP_IDLE;
	else
		ret = take_wheel(f) ?: qp_transition_observe(&o, claims);
	mutex_unlock(&qp_mutex);
	if (!ret && claims && copy_to_user(u64_to_user_ptr(o.verdicts), claims, o.nr_verdicts * sizeof(*claims)))
		ret = -EFAULT;
	kvfree(claims);
	if (!ret && copy_to_user(arg, &o, sizeof(o)))
		ret = -EFAULT;
	return ret;
}

static long do_reverse(struct file *f, void __user *arg)
{
	struct qp_reverse r;
	long ret;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.size != sizeof(r) || r.reserved)
		return -EINVAL;
	mutex_lock(&qp_mutex);
	ret = take_wheel(f);
	if (!ret)
		ret = r.epoch == qp_trans.epoch ? qp_transition_reverse(&r.epoch) : -ESTALE;
	mutex_unlock(&qp_mutex);
	if (!ret && copy_to_user(arg, &r, sizeof(r)))
		ret = -EFAULT;
	return ret;
}

static long do_pause(struct file *f, void __user *arg)
{
	struct qp_pause p;
	long ret = 0;

	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	if (p.size != sizeof(p) || p.dry_ns || p.pause_ns || p.nr_stops || p.nr_late)
		return -EINVAL;
	mutex_lock(&qp_mutex);
	if (p.epoch != qp_trans.epoch)
		ret = -ESTALE;
	else if (!(qp_trans.flags & QP_START_STRICT))
		ret = -EOPNOTSUPP;
	else if (p.limit_us && qp_trans.phase == QP_IDLE)
		ret = -ESTALE;
	else if (p.limit_us)
		ret = take_wheel(f);
	if (!ret && p.limit_us)
		qp_trans.pause.limit_us = p.limit_us;
	p = qp_trans.pause;
	mutex_unlock(&qp_mutex);
	if (!ret && copy_to_user(arg, &p, sizeof(p)))
		ret = -EFAULT;
	return ret;
}

static u32 list_ranges(struct qp_range *to, u32 room)
{
	const struct qp_ranges *r;
	u32 i;

	r = rcu_dereference_protected(qp_trans.ranges, lockdep_is_held(&qp_mutex));
	for (i = 0; r && i < r->nr && i < room; i++) {
		to[i].start = r->spans[i].start;
		to[i].end = r->spans[i].end;
		strscpy(to[i].name, r->spans[i].name, sizeof(to[i].name));
	}
	return r ? r->nr : 0;
}

static long do_leave(struct file *f, void __user *arg)
{
	struct qp_leave l;
	long ret;

	if (copy_from_user(&l, arg, sizeof(l)))
		return -EFAULT;
	if (l.size != sizeof(l) || l.nr_left)
		return -EINVAL;
	mutex_lock(&qp_mutex);
	ret = l.epoch != qp_trans.epoch ? -ESTALE : take_wheel(f);
	if (!ret)
		ret = qp_transition_leave(&l.nr_left);
	mutex_unlock(&qp_mutex);
	if (!ret && copy_to_user(arg, &l, sizeof(l)))
		ret = -EFAULT;
	return ret;
}

/* What `l` asks for; -ESTALE: there is no such transition. */
static long fill_list(unsigned int cmd, struct qp_list *l, void *list)
{
	u32 room = l->nr;

	lockdep_assert_held(&qp_mutex);
	if (cmd == QP_IOC_SITES)
		l->nr = qp_sites_list(list, room);
	else if (cmd == QP_IOC_STRAGGLERS)
		l->nr = qp_left_list(list, room);
	else if (l->epoch != qp_trans.epoch || qp_trans.phase == QP_IDLE)
		return -ESTALE;
	else if (cmd == QP_IOC_BLOCKERS)
		l->nr = qp_observe_blockers(list, room);
	else
		l->nr = list_ranges(list, room);
	return 0;
}

static long do_list(unsigned int cmd, void __user *arg)
{
	size_t size = cmd == QP_IOC_BLOCKERS ? sizeof(struct qp_blocker) :
		      cmd == QP_IOC_RANGES ? sizeof(struct qp_range) :
		      cmd == QP_IOC_SITES ? sizeof(struct qp_site_info) : sizeof(struct qp_straggler);
	struct qp_list l;
	long ret = 0;
	void *list;
	u32 room;

	if (copy_from_user(&l, arg, sizeof(l)))
		return -EFAULT;
	if (l.size != sizeof(l) || ((cmd == QP_IOC_SITES || cmd == QP_IOC_STRAGGLERS) && l.epoch))
		return -EINVAL;
	if (l.nr > QP_LIST_MAX)
		return -E2BIG;
	room = l.nr;
	list = kvcalloc(room, size, GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	mutex_lock(&qp_mutex);
	ret = fill_list(cmd, &l, list);
	mutex_unlock(&qp_mutex);
	if (!ret && copy_to_user(u64_to_user_ptr(l.entries), list, min(room, l.nr) * size))
		ret = -EFAULT;
	kvfree(list);
	if (!ret && copy_to_user(arg, &l, sizeof(l)))
		ret = -EFAULT;
	return ret;
}

static long do_kick(struct file *f, void __user *arg)
{
	struct qp_kick_task *tasks;
	struct qp_kick k;
	long ret;

	if (copy_from_user(&k, arg, sizeof(k)))
		return -EFAULT;
	if (k.size != sizeof(k))
		return -EINVAL;
	tasks = copy_in(k.tasks, k.nr_tasks, sizeof(*tasks), QP_KICK_MAX);
	if (IS_ERR(tasks))
		return PTR_ERR(tasks);
	mutex_lock(&qp_mutex);
	if (k.epoch != qp_trans.epoch || qp_trans.phase == QP_IDLE)
		ret = -ESTALE;
	else
		ret = take_wheel(f) ?: qp_kick_tasks(tasks, k.nr_tasks);
	mutex_unlock(&qp_mutex);
	if (!ret && tasks && copy_to_user(u64_to_user_ptr(k.tasks), tasks, k.nr_tasks * sizeof(*tasks)))
		ret = -EFAULT;
	kvfree(tasks);
	return ret;
}

static long do_retire(void __user *arg)
{
	struct qp_patch *patch;
	struct qp_retire r;
	long ret;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.size != sizeof(r) || r.nr_retired || strnlen(r.patch, sizeof(r.patch)) == sizeof(r.patch))
		return -EINVAL;
	ret = qp_settle_lock();
	if (ret)
		return ret;
	patch = qp_patch_find(r.patch);
	ret = patch ? qp_takeover_retire(patch, &r.nr_retired) : -ENOENT;
	qp_settle_unlock();
	if (!ret && copy_to_user(arg, &r, sizeof(r)))
		ret = -EFAULT;
	return ret;
}

static long device_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;

	/* Asked at each call: a descriptor may have been passed on. */
	if (!capable(CAP_SYS_MODULE))
		return -EPERM;
	switch (cmd) {
	case QP_IOC_INFO:
		return do_info(f, p);
	case QP_IOC_BIND:
		return do_bind(f, p);
	case QP_IOC_START:
		return do_start(f, p);
	case QP_IOC_OBSERVE:
		return do_observe(f, p);
	case QP_IOC_REVERSE:
		return do_reverse(f, p);
	case QP_IOC_RANGES:
	case QP_IOC_BLOCKERS:
	case QP_IOC_SITES:
	case QP_IOC_STRAGGLERS:
		return do_list(cmd, p);
	case QP_IOC_LEAVE:
		return do_leave(f, p);
	case QP_IOC_KICK:
		return do_kick(f, p);
	case QP_IOC_PAUSE:
		return do_pause(f, p);
	case QP_IOC_RETIRE:
		return do_retire(p);
	}
	return -ENOTTY;
}

static int device_release(struct inode *inode, struct file *f)
{
	mutex_lock(&qp_mutex);
	if (driver == f)
		driver = NULL;
	mutex_unlock(&qp_mutex);
	mutex_lock(&bind_lock);
	if (binder == f) {
		binder = NULL;
		qp_symbols_clear();
	}
	mutex_unlock(&bind_lock);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = device_release,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "quietpatch",
	.mode = 0600,
	.fops = &fops,
};

int qp_device_init(void)
{
	return misc_register(&device);
}

void qp_device_exit(void)
{
	misc_deregister(&device);
}
