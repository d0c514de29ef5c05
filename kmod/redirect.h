/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * redirect.h - one site for each function that is redirected, with the stack
 * of its replacements, newest first.
 */
#ifndef QP_REDIRECT_H
#define QP_REDIRECT_H

#include <linux/ftrace.h>
#include <linux/list.h>

struct module;
struct qp_func;
struct qp_site_info;
struct qp_patch;
struct task_struct;

enum qp_site_mode {
	QP_SITE_OPS,		/* the handler decides */
	QP_SITE_DIRECT,		/* settled: the site calls its slot */
};

struct qp_site {
	struct ftrace_ops ops;		/* registered in ops mode */
	struct ftrace_ops direct;	/* registered once it was settled: its slot, or the passing one */
	bool direct_on;
	enum qp_site_mode mode;
	int slot;			/* -1: none */
	bool armed;			/* `ops` is */
	struct task_struct *arming;	/* who is just arming it; `direct` asks */
	bool stuck;			/* ftrace didn't let go of it: the core is kept in memory */
	bool gone;			/* not on the list any more: the module leaves */
	unsigned long not_before;	/* jiffies: when the worker may settle it, or free it if nothing is left on it */
	unsigned long addr;		/* of the function */
	struct list_head funcs;		/* RCU; struct qp_func::stack.  Empty: the original runs */
	struct list_head node;		/* all sites, or those that leave */
};

/* Can ftrace redirect the function at addr? */
int qp_redirect_check(unsigned long addr);
/* Put the function on top of its site's stack, arming the site if it is new. */
int qp_redirect_push(struct qp_func *func);
/* Take it off.  A site that has nothing left stays armed for a while: see settle.c. */
void qp_redirect_pop(struct qp_func *func);
/* The module goes: its sites move to `leaving`, to be released. */
void qp_redirect_leave(struct module *mod, struct list_head *leaving);
/* Disarm and free; sleeps until no task is in ftrace's trampolines.  Not under qp_mutex. */
void qp_redirect_release(struct list_head *leaving);
/* Off its functions and its list; sleeps. */
void qp_site_free(struct qp_site *site);
/* For tools: which of a function's users in ftrace's lists are ours.  How many sites there are; `room` of them are told. */
u32 qp_redirect_sites_list(struct qp_site_info *to, u32 room);
void qp_redirect_exit(void);	/* doesn't return before ftrace has let go of all */
/* Register and unregister the site's handler; the latter sleeps for RCU-tasks. */
int qp_redirect_arm(struct qp_site *site);
int qp_redirect_disarm(struct qp_site *site);
/* Until every handler that runs now has left, wherever it runs; sleeps. */
void qp_handlers_wait(void);
struct list_head *qp_redirect_sites(void);
struct qp_site *qp_redirect_find(unsigned long addr);
/* The replacement under `func`, or NULL for the original. */
struct qp_func *qp_redirect_below(struct qp_func *func);
struct qp_func *qp_redirect_top(unsigned long addr);
/* The first function of the patch that another patch's stands on, or NULL. */
struct qp_func *qp_redirect_covered(struct qp_patch *patch);

#endif
