/* SPDX-License-Identifier: GPL-2.0-only */
/* depart.h - a patch was taken off the stacks: what has to be waited for before its module may go [I6]. */
#ifndef QP_DEPART_H
#define QP_DEPART_H

#include <linux/list.h>
#include <linux/workqueue.h>

struct qp_patch;

struct qp_departure {
	struct work_struct work;
	struct list_head undos;		/* to be freed with it */
	struct qp_patch *patch;
};

/* A worker waits out the last readers, frees the undos, and puts the module's reference of the apply. */
void qp_depart(struct qp_patch *patch, struct qp_departure *d);

int qp_depart_init(void);
void qp_depart_exit(void);	/* waits for all of them */

#endif
