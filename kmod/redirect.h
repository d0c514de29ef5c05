/* SPDX-License-Identifier: GPL-2.0-only */
/* redirect.h - send calls of a function to its replacement. */
#ifndef QP_REDIRECT_H
#define QP_REDIRECT_H

struct list_head;
struct module;
struct qp_func;
struct qp_patch;

/* Put the function on top of its site's stack, arming the site if it is new. */
int qp_redirect_push(struct qp_func *func);
/* Take it off.  A site that has nothing left stays armed for a while: see settle.c. */
void qp_redirect_pop(struct qp_func *func);
/* All of a patch's whose objects are there, its undos last; after an error, some of them are on. */
int qp_redirect_push_patch(struct qp_patch *patch);
/* All that it has there.  Handlers that may still look at it have left then: it may be put on again. */
void qp_redirect_pop_patch(struct qp_patch *patch);
/* The module goes: its sites move to `leaving`, to be released. */
void qp_redirect_leave(struct module *mod, struct list_head *leaving);
/* Disarm and free; sleeps until no task is in ftrace's trampolines.  Not under qp_mutex. */
void qp_redirect_release(struct list_head *leaving);
void qp_redirect_exit(void);	/* doesn't return before ftrace has let go of all */

#endif
