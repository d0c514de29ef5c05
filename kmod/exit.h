/* SPDX-License-Identifier: GPL-2.0-only */
/* exit.h - tasks that exit, who may have left the list of processes [I5]. */
#ifndef QP_EXIT_H
#define QP_EXIT_H

#include <linux/types.h>

struct task_struct;

int qp_exits_init(void);
void qp_exits_exit(void);
/* List them; -EAGAIN while there may be one that isn't known. */
int qp_exits_list(void);
/* There may be some that memory was short for. */
bool qp_exits_lost(void);
/* Who isn't dead, under a spinlock. */
void qp_exits_for_each(void (*fn)(struct task_struct *task, void *data), void *data);

#endif
