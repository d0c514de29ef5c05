/* SPDX-License-Identifier: GPL-2.0-only */
/* loading.h - modules past our notifier that the module tree in sysfs doesn't show yet.  qp_mutex held. */
#ifndef QP_LOADING_H
#define QP_LOADING_H

#include <linux/types.h>

struct module;

int qp_loading_add(struct module *mod);
void qp_loading_del(struct module *mod);	/* if it is there */
bool qp_loading_has(const char *name);
void qp_loading_exit(void);			/* no mutex: nobody adds any more */

#endif
