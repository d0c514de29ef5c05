// SPDX-License-Identifier: GPL-2.0-only
/*
 * left.c - see left.h, and docs/consistency.md, [I12].
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "depend.h"
#include "idle.h"
#include "inside.h"
#include "left.h"
#include "observe.h"
#include "ranges.h"
#include "tasks.h"

/*
 * Stacks walked in one look of the worker, by all lists together: what stragglers cost the machine doesn't grow with their
 * number.  Each list has its share, so that one whose stragglers never rest leaves the others theirs.
 */
#define WALKS_A_LOOK	256

/* `seen` of one that has switched and is dead: its task_struct is about to be let go of, or was. */
#define SEEN_DEAD	(U64_MAX - 1)
#define SEEN_GONE	U64_MAX

#define left_of(patch) rcu_dereference_protected((patch)->left, lockdep_is_held(&qp_mutex))

int notrace qp_left_version(struct qp_patch *patch, struct pt_regs *regs)
{
	struct qp_left *left = rcu_dereference_raw(patch->left);
	struct qp_task *e;

	if (!left)
		return READ_ONCE(patch->live);
	e = qp_left_find(left, current);
	if (!e)
		return left->target;
	/* Pairs with qp_left_freeze(): who doesn't see it is waited for. */
	if (READ_ONCE(left->frozen))
		return atomic_read(&e->state) & QP_TASK_VERSION;
	return qp_task_decide(e, regs);
}

struct qp_left *qp_left_alloc(unsigned int room, int target)
{
	unsigned int bits = order_base_2(2 * room + 2);
	struct qp_left *left = kvzalloc(struct_size(left, slots, 1ul << bits), GFP_KERNEL);

	if (!left)
		return NULL;
	left->bits = bits;
	left->room = room;
	left->target = target;
	return left;
}

static int add_straggler(struct qp_task *from, void *data)
{
	struct qp_left *left = data;
	unsigned int i = hash_ptr(from->task, left->bits), mask = (1u << left->bits) - 1;
	struct qp_task *e;

	if ((atomic_read(&from->state) & QP_TASK_VERSION) == left->target)
		return 0;
	if (WARN_ON_ONCE(left->nr == left->room))
		return -ENOSPC;
	while (left->slots[i].t.task)
		i = (i + 1) & mask;
	e = &left->slots[i].t;
	e->task = get_task_struct(from->task);
	e->left = left;
	/* While the table was frozen, it may have entered OLD code without a mark [I3]. */
	atomic_set(&e->state, (left->target ? 0 : QP_TASK_VERSION) | QP_TASK_DIRTY);
	left->nr++;
	return 0;
}

void qp_left_fill(struct qp_left *left, struct qp_ranges *ranges)
{
	qp_tasks_for_each(add_straggler, left);
	atomic_set(&left->nr_old, left->nr);
	left->since_ns = ktime_get_ns();
	rcu_assign_pointer(left->ranges, ranges);
}

void qp_left_publish(struct qp_patch *patch, struct qp_left *left)
{
	lockdep_assert_held(&qp_mutex);
	rcu_assign_pointer(patch->left, left);
}

static void destroy_stragglers(struct qp_left *left)
{
	unsigned int i;

	for (i = 0; i < 1u << left->bits; i++)
		if (left->slots[i].t.task && left->slots[i].seen != SEEN_GONE)
			put_task_struct(left->slots[i].t.task);
	kvfree(rcu_dereference_protected(left->ranges, 1));
	kvfree(left);
}

void qp_left_drop(struct qp_patch *patch)
{
	struct qp_left *left = rcu_replace_pointer(patch->left, NULL, lockdep_is_held(&qp_mutex));

	qp_handlers_wait();
	destroy_stragglers(left);
}

void qp_left_thaw(struct qp_patch *patch)
{
	WRITE_ONCE(left_of(patch)->frozen, false);
	/* [I3]: as in qp_tasks_thaw(). */
	qp_handlers_wait();
}

int qp_left_freeze(struct qp_patch *patch)
{
	struct qp_left *left = left_of(patch);
	unsigned int i;
	int ret = 0;

	WRITE_ONCE(left->frozen, true);
	qp_handlers_wait();
	for (i = 0; i < 1u << left->bits && !ret; i++) {
		struct qp_task *e = &left->slots[i].t;

		if (e->task && (atomic_read(&e->state) & QP_TASK_VERSION) != left->target)
			ret = qp_task_seed(e->task, !left->target);
	}
	return ret;
}

/* The functions that a patch has on stacks: its own, and those that it puts back. */
static bool touches_function(struct qp_patch *patch, const struct qp_func *other)
{
	struct qp_func *func;

	qp_for_each_func(patch, func)
		if (qp_func_same(func, other))
			return true;
	list_for_each_entry(func, &patch->undos, undo)
		if (qp_func_same(func->undone, other))
			return true;
	return false;
}

static const char *shared_function(struct qp_patch *a, struct qp_patch *b)
{
	struct qp_func *func;

	qp_for_each_func(b, func)
		if (touches_function(a, func))
			return func->name;
	list_for_each_entry(func, &b->undos, undo)
		if (touches_function(a, func->undone))
			return func->name;
	return NULL;
}

/*
 * What `patch` would have on stacks, those included that it takes over from.  What `other` has taken over from may come
 * back, when its last straggler leaves: nobody can take over from it in the meantime.
 */
static const char *would_share(struct qp_patch *patch, struct qp_patch *other)
{
	const char *name = shared_function(patch, other);
	struct qp_patch *below;

	list_for_each_entry(below, &qp_patches, list) {
		bool back = below->replaced_by == other;

		if (!name && below != patch && (back || qp_patch_in_force(below)) && qp_takes_over(patch, below))
			name = back || below == other ? below->mod->name : shared_function(below, other);
	}
	return name;
}

int qp_left_check(struct qp_patch *patch)
{
	struct qp_patch *other;
	const char *what;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(other, &qp_patches, list) {
		if (other == patch || !left_of(other))
			continue;
		what = would_share(patch, other);
		if (!what && !qp_depend_related(patch, other))
			continue;
		pr_err("%s: patch %s still has %d straggler(s), and has to do with it (%s): wait for them or end them, see /sys/kernel/quietpatch/patches/%s/stragglers\n",
		       patch->mod->name, other->mod->name, atomic_read(&left_of(other)->nr_old),
		       what ?: "one requires the other, or they share a state", other->mod->name);
		return -EBUSY;
	}
	return 0;
}

static bool is_old(const struct qp_left *left, const struct qp_task *e)
{
	return e->task && (atomic_read(&e->state) & QP_TASK_VERSION) != left->target;
}

int qp_left_refresh(void)
{
	struct qp_ranges *new, *old;
	struct qp_patch *patch;
	struct qp_left *left;
	unsigned int i;
	int ret;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list) {
		left = left_of(patch);
		if (!left)
			continue;
		ret = qp_ranges_build(patch, left->target, &new);
		if (ret)
			return ret;
		old = rcu_replace_pointer(left->ranges, new, lockdep_is_held(&qp_mutex));
		qp_handlers_wait();
		kvfree(old);
		for (i = 0; i < 1u << left->bits; i++)
			if (is_old(left, &left->slots[i].t))
				left->slots[i].seen = 0;
	}
	return 0;
}

/* Walked only if it has run since the last time; false: no more walks in this look. */
static bool look_at(struct qp_left *left, struct qp_slot_left *slot, unsigned int *walks)
{
	struct qp_task *e = &slot->t;
	enum qp_verdict v;
	u64 ran;

	if (!e->task)
		return true;
	if (!is_old(left, e)) {
		if (slot->seen < SEEN_DEAD && qp_task_dead(e->task)) {
			slot->seen = SEEN_DEAD;
			left->nr_dead++;
		}
		return true;
	}
	if (qp_is_idle(e->task)) {
		qp_idle_left(e);
		return true;
	}
	ran = qp_observe_switches(e->task);
	if (!READ_ONCE(e->task->on_cpu) && slot->seen == ran + 1)
		return true;
	if (!*walks)
		return false;
	--*walks;
	v = qp_observe_task(e);
	slot->seen = v == QP_V_AFFECTED || v == QP_V_INCOMPLETE ? ran + 1 : 0;
	return true;
}

/*
 * The dead don't wait for the last straggler: their user's limits don't count them any more.  Who asks for a task that
 * gets the same place in memory finds one that has switched, and goes where all go.
 */
static void let_go_of_dead(struct qp_left *left)
{
	unsigned int i;

	if (!left->nr_dead)
		return;
	/* qp_left_show() may have found one OLD just before. */
	synchronize_rcu_expedited();
	for (i = 0; i < 1u << left->bits; i++) {
		if (left->slots[i].seen != SEEN_DEAD)
			continue;
		left->slots[i].seen = SEEN_GONE;
		put_task_struct(left->slots[i].t.task);
	}
	left->nr_dead = 0;
}

static void look_at_some(struct qp_left *left, unsigned int walks)
{
	unsigned int i, mask = (1u << left->bits) - 1;

	for (i = 0; i <= mask; i++) {
		if (!look_at(left, &left->slots[left->cursor], &walks))
			break;
		left->cursor = (left->cursor + 1) & mask;
	}
	let_go_of_dead(left);
}

bool qp_left_tend(bool (*ended)(struct qp_patch *patch))
{
	struct qp_patch *patch, *next;
	unsigned int nr_lists = 0;
	struct qp_left *left;
	bool any = false;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		nr_lists += !!left_of(patch);
	list_for_each_entry_safe(patch, next, &qp_patches, list) {
		left = left_of(patch);
		if (!left)
			continue;
		look_at_some(left, DIV_ROUND_UP(WALKS_A_LOOK, nr_lists));
		if (atomic_read(&left->nr_old) || !ended(patch))
			any = true;
	}
	return any;
}

unsigned int qp_left_count(void)
{
	struct qp_patch *patch;
	unsigned int n = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		if (left_of(patch))
			n += atomic_read(&left_of(patch)->nr_old);
	return n;
}

/* RCU held. */
static void describe_straggler(struct qp_patch *patch, struct qp_left *left, const struct qp_task *e, struct qp_straggler *s)
{
	const struct qp_ranges *ranges = qp_task_ranges(e);
	struct qp_blocker b = {};

	qp_observe_explain(e->task, ranges, &b);
	*s = (struct qp_straggler){
		.pid = b.pid, .tgid = b.tgid, .verdict = b.verdict, .state = b.state, .frame = b.frame,
		.uid = from_kuid(&init_user_ns, __task_cred(e->task)->uid),
		.target = left->target ? QP_PATCH_APPLIED : QP_PATCH_LOADED,
		.flags = e->task->flags & PF_KTHREAD ? QP_STRAGGLER_KTHREAD : 0,
		.start_boottime = e->task->start_boottime,
		.age_ns = ktime_get_ns() - left->since_ns,
	};
	memcpy(s->comm, b.comm, sizeof(s->comm));
	memcpy(s->function, b.function, sizeof(s->function));
	strscpy(s->patch, patch->mod->name, sizeof(s->patch));
}

u32 qp_left_list(struct qp_straggler *to, u32 room)
{
	struct qp_patch *patch;
	struct qp_left *left;
	unsigned int i;
	u32 nr = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list) {
		left = left_of(patch);
		for (i = 0; left && i < 1u << left->bits; i++) {
			if (!is_old(left, &left->slots[i].t))
				continue;
			rcu_read_lock();
			if (nr < room)
				describe_straggler(patch, left, &left->slots[i].t, &to[nr]);
			rcu_read_unlock();
			nr++;
		}
	}
	return nr;
}

#define LINE_MAX_LEN	(QP_NAME_LEN + QP_COMM_LEN + 64)

/* What a process calls itself is shown without what would move a terminal's cursor. */
static void make_printable(char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			*s = '?';
}

int qp_left_show(struct qp_patch *patch, char *buf)
{
	struct qp_straggler s;
	struct qp_left *left;
	unsigned int i;
	int len = 0;

	rcu_read_lock();
	left = rcu_dereference(patch->left);
	for (i = 0; left && i < 1u << left->bits; i++) {
		if (!is_old(left, &left->slots[i].t))
			continue;
		if (len > PAGE_SIZE - LINE_MAX_LEN) {
			len += sysfs_emit_at(buf, len, "...\n");
			break;
		}
		describe_straggler(patch, left, &left->slots[i].t, &s);
		make_printable(s.comm);
		len += sysfs_emit_at(buf, len, "%u %u %llu %s %s\n", s.pid, s.uid,
				     (unsigned long long)s.age_ns / NSEC_PER_SEC, s.function[0] ? s.function : "-", s.comm);
	}
	rcu_read_unlock();
	return len;
}
