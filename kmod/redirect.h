/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * redirect.h - one site for each function that is redirected, with the stack
 * of its replacements, newest first.
 */
#ifndef QP_REDIRECT_H
#define QP_REDIRECT_H

#include <linux/ftrace.h>
#include <linux/list.h>

struct qp_func;
struct qp_patch;

struct qp_site {
	struct ftrace_ops ops;
	unsigned long addr;		/* of the function */
	struct list_head funcs;		/* RCU; struct qp_func::stack */
	struct list_head node;		/* all sites, or those that leave */
};

/* Can ftrace redirect the function at addr? */
int qp_redirect_check(unsigned long addr);
/* Put the function on top of its site's stack, arming the site if it is new. */
int qp_redirect_push(struct qp_func *func);
/* Take it off; a site that has nothing left moves to `leaving`.  True when the site stays. */
bool qp_redirect_pop(struct qp_func *func, struct list_head *leaving);
/* Disarm and free; sleeps until no task is in ftrace's trampolines.  Not under qp_mutex. */
void qp_redirect_release(struct list_head *leaving);
struct qp_site *qp_redirect_find(unsigned long addr);
/* The replacement under `func`, or NULL for the original. */
struct qp_func *qp_redirect_below(struct qp_func *func);
struct qp_func *qp_redirect_top(unsigned long addr);

#endif
