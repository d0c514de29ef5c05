// SPDX-License-Identifier: GPL-2.0-only
/* depart.c - see depart.h. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "depart.h"
#include "patch.h"
#include "undo.h"

static struct workqueue_struct *departures;

static void let_go_of_patch(struct work_struct *work)
{
	struct qp_departure *d = container_of(work, struct qp_departure, work);
	struct module *mod = d->patch->mod;

	/*
	 * [I8] has shown that nobody who is known is on the way to the patch; this is for
	 * those who had left the list of processes when the core was loaded [I5].
	 */
	synchronize_rcu_tasks();
	mutex_lock(&qp_mutex);
	d->patch->nr_leaving--;
	mutex_unlock(&qp_mutex);
	qp_undos_free(&d->undos);
	/* [I6]: what may have left its address behind stays for good. */
	if (!(d->patch->desc->flags & QP_PATCH_IRREVERTIBLE))
		module_put(mod);
	kfree(d);
}

void qp_depart(struct qp_patch *patch, struct qp_departure *d)
{
	lockdep_assert_held(&qp_mutex);
	INIT_WORK(&d->work, let_go_of_patch);
	d->patch = patch;
	patch->nr_leaving++;
	queue_work(departures, &d->work);
}

int qp_depart_init(void)
{
	departures = alloc_workqueue("quietpatch", WQ_UNBOUND, 0);
	return departures ? 0 : -ENOMEM;
}

void qp_depart_exit(void)
{
	destroy_workqueue(departures);
}
