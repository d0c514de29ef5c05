// SPDX-License-Identifier: GPL-2.0-only
/*
 * tasks.c - the table of tasks of one transition.
 *
 * Entries are inserted from anywhere (the ftrace handler, an IPI, a fork, even
 * an NMI), so insertion takes no lock and no memory from the allocator: chained
 * hashing with pushes at the head, nodes from a pool filled in process context.
 * Only the holder of qp_mutex unlinks.  When the pool is empty, the state word says that
 * somebody is unlisted, until a full pass has listed everybody [I5].
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include "inside.h"
#include "patch.h"
#include "phase.h"
#include "tasks.h"
#include "trace.h"

#define CHUNK_NODES	512		/* nodes allocated at a time */
#define MAX_CHUNKS	8192		/* 4 million tasks: PID_MAX_LIMIT */
#define SPARE_NODES	1024		/* kept free for tasks to come */
#define SWEEP_AT	256		/* dead nodes worth a grace period */
#define STATE_LIMBO	-1		/* unlinked, waits for its grace period */

static struct {
	struct qp_task **buckets;
	unsigned int bits;
	struct qp_task **chunks;
	unsigned int nr_chunks;
	atomic64_t free;	/* tag << 32 | index + 1 of the first free node; the tag defeats ABA */
	atomic_t nr_free;
	atomic_t nr_listed;
	bool frozen;		/* nobody may change it but who turns round */
} tab;

static struct qp_task *node_at(u32 index)
{
	return &tab.chunks[index / CHUNK_NODES][index % CHUNK_NODES];
}

static void node_free(struct qp_task *e)
{
	s64 old, new;

	do {
		old = atomic64_read(&tab.free);
		/* `next` of a free node holds the index of the next free one. */
		WRITE_ONCE(e->next, (struct qp_task *)(unsigned long)(u32)old);
		new = (s64)(((u64)old >> 32) + 1) << 32 | (e->index + 1);
	} while (atomic64_cmpxchg(&tab.free, old, new) != old);
	atomic_inc(&tab.nr_free);
}

static struct qp_task *node_alloc(void)
{
	struct qp_task *e;
	s64 old, new;

	do {
		old = atomic64_read(&tab.free);
		if (!(u32)old)
			return NULL;
		e = node_at((u32)old - 1);
		/* May be stale if e was taken meanwhile: then the tag has changed. */
		new = (s64)(((u64)old >> 32) + 1) << 32 | (u32)(unsigned long)READ_ONCE(e->next);
	} while (atomic64_cmpxchg(&tab.free, old, new) != old);
	atomic_dec(&tab.nr_free);
	return e;
}

/* Process context: keep `want` nodes free. */
static int pool_fill(unsigned int want)
{
	struct qp_task *chunk;
	unsigned int i;

	while (atomic_read(&tab.nr_free) < want) {
		if (tab.nr_chunks == MAX_CHUNKS)
			return -ENOMEM;
		chunk = kvcalloc(CHUNK_NODES, sizeof(*chunk), GFP_KERNEL);
		if (!chunk)
			return -ENOMEM;
		for (i = 0; i < CHUNK_NODES; i++)
			chunk[i].index = tab.nr_chunks * CHUNK_NODES + i;
		/* Published by the free list's cmpxchg, a full barrier. */
		tab.chunks[tab.nr_chunks++] = chunk;
		for (i = 0; i < CHUNK_NODES; i++)
			node_free(&chunk[i]);
	}
	return 0;
}

static unsigned int count_tasks(void)
{
	struct task_struct *p, *t;
	unsigned int nr = 0;

	rcu_read_lock();
	for_each_process_thread(p, t)
		nr++;
	rcu_read_unlock();
	return nr;
}

/* Free nodes for `nr` tasks without those that are listed, for the idle ones, and for some that come meanwhile. */
static int fill_for(unsigned int nr)
{
	unsigned int listed = atomic_read(&tab.nr_listed);

	return pool_fill((nr > listed ? nr - listed : 0) + num_possible_cpus() + SPARE_NODES);
}

int qp_tasks_grow(void)
{
	lockdep_assert_held(&qp_mutex);
	return fill_for(count_tasks());
}

/* One more OLD task, if the phase is on and not sealed. */
static bool old_inc(void)
{
	s64 w = atomic64_read(&qp_state_word);

	do {
		if (!qp_word_active(w) || (w & QP_WORD_SEALED))
			return false;
	} while (!atomic64_try_cmpxchg(&qp_state_word, &w, w + 1));
	return true;
}

static void old_dec(void)
{
	atomic64_dec(&qp_state_word);
}

void qp_tasks_mark_unlisted(void)
{
	s64 w = atomic64_read(&qp_state_word);

	/* On the way back, whoever isn't listed is where it should be. */
	if (READ_ONCE(qp_unlisted) == READ_ONCE(qp_target))
		return;
	do {
		if (!qp_word_active(w) || (w & (QP_WORD_UNLISTED | QP_WORD_SEALED)))
			return;
	} while (!atomic64_try_cmpxchg(&qp_state_word, &w, w | QP_WORD_UNLISTED));
}

static __always_inline struct qp_task **bucket_of(struct task_struct *task)
{
	return &tab.buckets[hash_ptr(task, tab.bits)];
}

static __always_inline struct qp_task *scan_bucket(struct qp_task *e, struct task_struct *task)
{
	for (; e; e = READ_ONCE(e->next))
		if (e->task == task)
			return e;
	return NULL;
}

struct qp_task *qp_task_find(struct task_struct *task)
{
	return scan_bucket(smp_load_acquire(bucket_of(task)), task);
}

/* The handler's short cut, preemption off and the phase on: the target if the current task has switched, else -1. */
int notrace qp_task_switched(void)
{
	struct task_struct *self = current;
	struct qp_task *e = scan_bucket(smp_load_acquire(bucket_of(self)), self);
	int target = READ_ONCE(qp_target);

	return e && (atomic_read(&e->state) & QP_TASK_VERSION) == target ? target : -1;
}

/*
 * Find or insert.  `state` is the new entry's; an OLD one is counted first and
 * published after, else a commit in between would underflow the count.  NULL if
 * the phase is over or the pool is empty (then the state word says that somebody is unlisted).
 */
struct qp_task *qp_task_insert(struct task_struct *task, int state)
{
	struct qp_task **head = bucket_of(task);
	struct qp_task *first = smp_load_acquire(head), *e, *new;
	bool old = (state & QP_TASK_VERSION) != qp_target;

	e = scan_bucket(first, task);
	if (e)
		return e;
	if (!qp_phase_active())
		return NULL;
	new = node_alloc();
	if (!new) {
		qp_tasks_mark_unlisted();
		return NULL;
	}
	if (old && !old_inc()) {
		node_free(new);
		return NULL;
	}
	get_task_struct(task);
	new->task = task;
	atomic_set(&new->state, state);
	for (;;) {
		WRITE_ONCE(new->next, first);
		/* Full barrier: pairs with the acquire in qp_task_find(). */
		e = cmpxchg(head, first, new);
		if (e == first)
			break;
		first = e;
		e = scan_bucket(first, task);
		if (e) {
			new->task = NULL;
			put_task_struct(task);
			if (old)
				old_dec();
			node_free(new);
			return e;
		}
	}
	atomic_inc(&tab.nr_listed);
	return new;
}

struct qp_task *qp_task_list(struct task_struct *task)
{
	return qp_task_insert(task, qp_unlisted);
}

static void unlink_node(struct qp_task **head, struct qp_task *e)
{
	struct qp_task *p;

	if (cmpxchg(head, e, e->next) == e)
		return;
	/* Something was pushed before it, or it wasn't the first: only pushes race with us. */
	for (p = READ_ONCE(*head); p->next != e; p = p->next)
		;
	WRITE_ONCE(p->next, e->next);
}

void qp_tasks_sweep(void)
{
	unsigned int i, j, nr_dead = 0;
	struct qp_task *e, *next;

	lockdep_assert_held(&qp_mutex);
	for (i = 0; i < 1u << tab.bits; i++)
		for (e = smp_load_acquire(&tab.buckets[i]); e; e = e->next) {
			int s = atomic_read(&e->state);

			if (!qp_task_dead(e->task))
				continue;
			nr_dead++;
			if ((s & QP_TASK_VERSION) != qp_target)
				qp_task_commit(e, s, QP_BY_DEATH);
		}
	if (nr_dead < SWEEP_AT)
		return;

	/* Unlink, wait for whoever may be looking, give back. */
	for (i = 0; i < 1u << tab.bits; i++)
		for (e = smp_load_acquire(&tab.buckets[i]); e; e = next) {
			next = e->next;
			if (!qp_task_dead(e->task) ||
			    (atomic_read(&e->state) & QP_TASK_VERSION) != qp_target)
				continue;
			unlink_node(&tab.buckets[i], e);
			atomic_set(&e->state, STATE_LIMBO);
		}
	qp_handlers_wait();
	for (i = 0; i < tab.nr_chunks; i++)
		for (j = 0; j < CHUNK_NODES; j++) {
			e = &tab.chunks[i][j];
			if (atomic_read(&e->state) != STATE_LIMBO)
				continue;
			put_task_struct(e->task);
			e->task = NULL;
			atomic_set(&e->state, 0);
			atomic_dec(&tab.nr_listed);
			node_free(e);
		}
}

int qp_tasks_for_each(int (*fn)(struct qp_task *e, void *data), void *data)
{
	struct qp_task *e;
	unsigned int i;
	int ret;

	lockdep_assert_held(&qp_mutex);
	for (i = 0; i < 1u << tab.bits; i++) {
		for (e = smp_load_acquire(&tab.buckets[i]); e; e = READ_ONCE(e->next)) {
			ret = fn(e, data);
			if (ret)
				return ret;
		}
		if (!(i & 255))
			cond_resched();
	}
	return 0;
}

int qp_tasks_alloc(unsigned int more)
{
	unsigned int nr = count_tasks() + more;

	tab.bits = clamp(order_base_2(nr + 1), 8, 16);
	tab.nr_chunks = 0;
	atomic64_set(&tab.free, 0);
	atomic_set(&tab.nr_free, 0);
	atomic_set(&tab.nr_listed, 0);
	tab.buckets = kvcalloc(1u << tab.bits, sizeof(*tab.buckets), GFP_KERNEL);
	tab.chunks = kvcalloc(MAX_CHUNKS, sizeof(*tab.chunks), GFP_KERNEL);
	if (tab.buckets && tab.chunks && !fill_for(nr))
		return 0;
	qp_tasks_free();
	return -ENOMEM;
}

void qp_tasks_free(void)
{
	struct task_struct *task;
	unsigned int i, j;

	for (i = 0; i < tab.nr_chunks; i++) {
		for (j = 0; j < CHUNK_NODES; j++) {
			task = tab.chunks[i][j].task;
			if (task)
				put_task_struct(task);
		}
		kvfree(tab.chunks[i]);
	}
	kvfree(tab.chunks);
	kvfree(tab.buckets);
	tab.chunks = NULL;
	tab.buckets = NULL;
	tab.nr_chunks = 0;
}

void qp_tasks_begin(int target)
{
	qp_target = target;
	qp_unlisted = !target;
	/* A reader that sees the phase sees the target, the ranges and the table. */
	smp_wmb();
	/* Nobody is listed yet [I5]. */
	atomic64_set(&qp_state_word, QP_WORD_ACTIVE | QP_WORD_UNLISTED);
}

int qp_task_seed(struct task_struct *task, int version)
{
	struct qp_task **head = bucket_of(task), *e = node_alloc();

	lockdep_assert_held(&qp_mutex);
	if (!e)
		return -ENOMEM;
	e->task = get_task_struct(task);
	atomic_set(&e->state, version);
	e->next = *head;
	smp_store_release(head, e);
	atomic_inc(&tab.nr_listed);
	return 0;
}

int qp_tasks_seal(unsigned int room)
{
	s64 w = atomic64_read(&qp_state_word);

	lockdep_assert_held(&qp_mutex);
	do {
		if ((w & QP_WORD_UNLISTED) || qp_word_old(w) > room)
			return -EAGAIN;
	} while (!atomic64_try_cmpxchg(&qp_state_word, &w, w | QP_WORD_SEALED));
	return 0;
}

/* Frozen and sealed.  What a handler finds that still sees the phase says the same as what it finds without. */
void qp_tasks_close(void)
{
	WRITE_ONCE(qp_unlisted, qp_target);
	smp_wmb();
	atomic64_set(&qp_state_word, 0);
	qp_handlers_wait();
	WRITE_ONCE(tab.frozen, false);
}

bool qp_tasks_end(void)
{
	return atomic64_cmpxchg(&qp_state_word, QP_WORD_ACTIVE, 0) == QP_WORD_ACTIVE;
}

bool notrace qp_tasks_frozen(void)
{
	return smp_load_acquire(&tab.frozen);
}

void qp_tasks_freeze(void)
{
	lockdep_assert_held(&qp_mutex);
	WRITE_ONCE(tab.frozen, true);
	/* Those that list or switch somebody have left, in NMIs too. */
	qp_handlers_wait();
}

static int count_flipped(struct qp_task *e, void *data)
{
	if ((atomic_read(&e->state) & QP_TASK_VERSION) == qp_target)
		++*(u32 *)data;
	return 0;
}

void qp_tasks_flip(void)
{
	bool unlisted = qp_unlisted == qp_target;	/* they are OLD after the flip */
	u32 nr = 0;

	qp_tasks_for_each(count_flipped, &nr);
	WRITE_ONCE(qp_target, !qp_target);
	atomic64_set(&qp_state_word, QP_WORD_ACTIVE | (unlisted ? QP_WORD_UNLISTED : 0) | nr);
}

void qp_tasks_thaw(void)
{
	smp_store_release(&tab.frozen, false);
	/* [I3]: who let a task into OLD code without DIRTY has left before anybody judges that task. */
	qp_handlers_wait();
}

u64 qp_tasks_total(void)
{
	return qp_trans.flags & QP_START_STRICT ? 0 : atomic_read(&tab.nr_listed);
}
