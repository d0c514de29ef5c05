// SPDX-License-Identifier: GPL-2.0-only
/*
 * shadow.c - shadow variables: data beside objects whose struct can't grow.
 * A hash by (object, id); readers under RCU, writers under one spinlock.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "quietpatch_api.h"
#include "shadow.h"

struct shadow {
	struct hlist_node node;
	struct rcu_head rcu;
	void *obj;
	unsigned long id;
	u64 value[];	/* aligned for whatever the author puts there */
};

static DEFINE_HASHTABLE(table, 8);
static DEFINE_SPINLOCK(lock);	/* writers; constructors and destructors run under it */

static unsigned long shadow_key(void *obj, unsigned long id)
{
	return (unsigned long)obj ^ hash_long(id, BITS_PER_LONG);
}

static struct shadow *find_shadow(void *obj, unsigned long id)
{
	struct shadow *s;

	hash_for_each_possible_rcu(table, s, node, shadow_key(obj, id), lockdep_is_held(&lock))
		if (s->obj == obj && s->id == id)
			return s;
	return NULL;
}

void *qp_shadow_get(void *obj, unsigned long id)
{
	struct shadow *s;

	rcu_read_lock();
	s = find_shadow(obj, id);
	rcu_read_unlock();
	return s ? s->value : NULL;
}
EXPORT_SYMBOL_GPL(qp_shadow_get);

static void *get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp,
			  qp_shadow_ctor_t ctor, void *data, bool existing)
{
	struct shadow *new, *s;
	unsigned long flags;
	void *value;

	value = qp_shadow_get(obj, id);
	if (value)
		return existing ? value : NULL;
	new = kzalloc(struct_size(new, value, DIV_ROUND_UP(size, sizeof(u64))), gfp);
	if (!new)
		return NULL;
	new->obj = obj;
	new->id = id;

	spin_lock_irqsave(&lock, flags);
	s = find_shadow(obj, id);
	if (s) {
		value = existing ? s->value : NULL;
	} else if (!ctor || !ctor(obj, new->value, data)) {
		hash_add_rcu(table, &new->node, shadow_key(obj, id));
		value = new->value;
		new = NULL;
	}
	spin_unlock_irqrestore(&lock, flags);
	kfree(new);
	return value;
}

void *qp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp,
		      qp_shadow_ctor_t ctor, void *data)
{
	return get_or_alloc(obj, id, size, gfp, ctor, data, false);
}
EXPORT_SYMBOL_GPL(qp_shadow_alloc);

void *qp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp,
			     qp_shadow_ctor_t ctor, void *data)
{
	return get_or_alloc(obj, id, size, gfp, ctor, data, true);
}
EXPORT_SYMBOL_GPL(qp_shadow_get_or_alloc);

static void drop_shadow(struct shadow *s, qp_shadow_dtor_t dtor)
{
	hash_del_rcu(&s->node);
	if (dtor)
		dtor(s->obj, s->value);
	kfree_rcu(s, rcu);
}

void qp_shadow_free(void *obj, unsigned long id, qp_shadow_dtor_t dtor)
{
	unsigned long flags;
	struct shadow *s;

	spin_lock_irqsave(&lock, flags);
	s = find_shadow(obj, id);
	if (s)
		drop_shadow(s, dtor);
	spin_unlock_irqrestore(&lock, flags);
}
EXPORT_SYMBOL_GPL(qp_shadow_free);

void qp_shadow_free_all(unsigned long id, qp_shadow_dtor_t dtor)
{
	struct hlist_node *next;
	unsigned long flags;
	struct shadow *s;
	int i;

	spin_lock_irqsave(&lock, flags);
	hash_for_each_safe(table, i, next, s, node)
		if (s->id == id)
			drop_shadow(s, dtor);
	spin_unlock_irqrestore(&lock, flags);
}
EXPORT_SYMBOL_GPL(qp_shadow_free_all);

/* Patches are gone; what they left behind goes without its destructor. */
void qp_shadow_exit(void)
{
	struct hlist_node *next;
	struct shadow *s;
	int i, left = 0;

	hash_for_each_safe(table, i, next, s, node) {
		hash_del_rcu(&s->node);
		kfree_rcu(s, rcu);
		left++;
	}
	if (left)
		pr_info("%d shadow variables were left behind by reverted patches\n", left);
}
