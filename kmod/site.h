/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * site.h - one site for each function that is redirected, with the stack of its replacements, newest first.
 * redirect.c makes them and takes them away, settle.c moves them from one mode to the other and back.
 */
#ifndef QP_SITE_H
#define QP_SITE_H

#include <linux/ftrace.h>
#include <linux/list.h>
#include <linux/types.h>

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

#endif
