/* SPDX-License-Identifier: GPL-2.0-only */
/* handler.h - what ftrace calls at a site that isn't settled. */
#ifndef QP_HANDLER_H
#define QP_HANDLER_H

struct ftrace_ops;
struct qp_site;

/* Can ftrace redirect the function at addr? */
int qp_handler_check(unsigned long addr);
/* Register and unregister the site's handler; the latter sleeps for RCU-tasks. */
int qp_handler_arm(struct qp_site *site);
int qp_handler_disarm(struct qp_site *site);
/* Those that ftrace has refused: what they have may be freed, then they. */
void qp_handler_forget(struct ftrace_ops *ops);

#endif
