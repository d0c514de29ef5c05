/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * site.h - one site for each function that is redirected, with the stack of its replacements, newest first.
 * redirect.c makes them and takes them away, settle.c moves them from one mode to the other and back; handler.c is
 * what they call in ops mode.
 */
#ifndef QP_SITE_H
#define QP_SITE_H

#include <linux/ftrace.h>
#include <linux/list.h>
#include <linux/types.h>

struct qp_func;
struct qp_patch;
struct qp_site_info;
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

struct list_head *qp_sites(void);
struct qp_site *qp_site_find(unsigned long addr);
/* The newest replacement of the function at addr, or NULL. */
struct qp_func *qp_site_top(unsigned long addr);
/* The replacement under `func`, or NULL for the original. */
struct qp_func *qp_site_below(struct qp_func *func);
/* The first function of the patch that another patch's stands on, or NULL. */
struct qp_func *qp_site_covered(struct qp_patch *patch);
/* For tools: which of a function's users in ftrace's lists are ours.  How many sites there are; `room` of them are told. */
u32 qp_sites_list(struct qp_site_info *to, u32 room);
/* Off its functions and its list; sleeps. */
void qp_site_free(struct qp_site *site);

#endif
