/* SPDX-License-Identifier: GPL-2.0-only */
/* fork.h - a child is known before it runs [I4]. */
#ifndef QP_FORK_H
#define QP_FORK_H

struct tracepoint;

int qp_fork_init(void);
/* By its name; NULL (and told) if this kernel has none. */
struct tracepoint *qp_tracepoint(const char *name);
/* The fork tracepoint, watched while any patch is registered. */
int qp_fork_watch(void);
void qp_fork_unwatch(void);

#endif
