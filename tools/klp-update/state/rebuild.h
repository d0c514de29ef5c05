/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebuild.h - a damaged database is set aside, and built anew. */
#ifndef KLP_UPDATE_REBUILD_H
#define KLP_UPDATE_REBUILD_H

struct klp_err;
struct update;

/*
 * Of a damaged database, told in @err, what can be read, in its place; the damaged one is set aside.  With the lock held.
 */
int state_rebuild(struct update *u, struct klp_err *err);

#endif
