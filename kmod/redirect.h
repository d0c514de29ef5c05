/* SPDX-License-Identifier: GPL-2.0-only */
/* redirect.h - send calls of a function to its replacement, by ftrace. */
#ifndef QP_REDIRECT_H
#define QP_REDIRECT_H

#include <linux/types.h>

struct list_head;
struct module;
struct qp_func;
struct qp_patch;
struct qp_site;
struct qp_site_info;

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
struct list_head *qp_redirect_sites(void);
struct qp_site *qp_redirect_find(unsigned long addr);
/* The replacement under `func`, or NULL for the original. */
struct qp_func *qp_redirect_below(struct qp_func *func);
struct qp_func *qp_redirect_top(unsigned long addr);
/* The first function of the patch that another patch's stands on, or NULL. */
struct qp_func *qp_redirect_covered(struct qp_patch *patch);

#endif
