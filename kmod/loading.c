// SPDX-License-Identifier: GPL-2.0-only
/* loading.c - see loading.h. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "loading.h"
#include "patch.h"

struct loading {
	struct list_head list;
	struct module *mod;
};
static LIST_HEAD(loading);

bool qp_loading_has(const char *name)
{
	struct loading *l;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(l, &loading, list)
		if (!strcmp(l->mod->name, name))
			return true;
	return false;
}

int qp_loading_add(struct module *mod)
{
	struct loading *l = kmalloc(sizeof(*l), GFP_KERNEL);

	lockdep_assert_held(&qp_mutex);
	if (!l)
		return -ENOMEM;
	l->mod = mod;
	list_add(&l->list, &loading);
	return 0;
}

void qp_loading_del(struct module *mod)
{
	struct loading *l, *next;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry_safe(l, next, &loading, list)
		if (l->mod == mod) {
			list_del(&l->list);
			kfree(l);
		}
}

void qp_loading_exit(void)
{
	struct loading *l, *next;

	list_for_each_entry_safe(l, next, &loading, list)
		kfree(l);
}
