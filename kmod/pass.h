/* SPDX-License-Identifier: GPL-2.0-only */
/* pass.h - a pass over all tasks, wherever the kernel knows them from: processes, idle tasks, those that exit [I5]. */
#ifndef QP_PASS_H
#define QP_PASS_H

/* List every task that isn't yet; -EAGAIN while some task can't be listed. */
int qp_pass_list(void);
/* Drop the dead; idle tasks of CPUs that are offline switch. */
void qp_pass_sweep(void);

int qp_pass_init(void);
void qp_pass_exit(void);

#endif
