// SPDX-License-Identifier: GPL-2.0-only
/* site.c - the list of sites, and what stands on what there; see site.h. */
#include <linux/kallsyms.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "patch.h"
#include "site.h"

static LIST_HEAD(sites);	/* qp_mutex */

struct list_head *qp_sites(void)
{
	lockdep_assert_held(&qp_mutex);
	return &sites;
}

struct qp_site *qp_site_find(unsigned long addr)
{
	struct qp_site *site;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(site, &sites, node)
		if (site->addr == addr)
			return site;
	return NULL;
}

struct qp_func *qp_site_top(unsigned long addr)
{
	struct qp_site *site = qp_site_find(addr);

	return site ? list_first_entry_or_null(&site->funcs, struct qp_func, stack) : NULL;
}

struct qp_func *qp_site_covered(struct qp_patch *patch)
{
	struct qp_func *func;

	qp_for_each_func(patch, func)
		if (func->site && qp_site_top(func->old_addr) != func)
			return func;
	return NULL;
}

struct qp_func *qp_site_below(struct qp_func *func)
{
	lockdep_assert_held(&qp_mutex);
	if (!func->site)
		return qp_site_top(func->old_addr);
	if (list_is_last(&func->stack, &func->site->funcs))
		return NULL;
	return list_next_entry(func, stack);
}

u32 qp_sites_list(struct qp_site_info *to, u32 room)
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

/* sysfs looks at `mode` without a lock.  Not kfree_rcu(), which keeps what is to go for seconds. */
void qp_site_free(struct qp_site *site)
{
	synchronize_rcu_expedited();
	kfree(site);
}
