/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - from "applied" to "good", or out again. */
#ifndef KLP_UPDATE_WATCH_H
#define KLP_UPDATE_WATCH_H

struct klp_err;
struct patch_row;
struct run;

/*
 * One look at what was applied in this boot: good, taken out, or *@left patches still to be watched.
 * With --wait: until none is left, or a signal comes.
 */
int watch(struct run *r, int *left, struct klp_err *err);
/* That one look, --wait or not. */
int watch_once(struct run *r, int *left, struct klp_err *err);
/* Before @p is applied: note what the kernel is like, and have others (quietpatch-watch.path) look from now on. */
int watch_begin(struct run *r, const struct patch_row *p, struct klp_err *err);
/* @left patches are still watched: none, and nobody needs to look any more. */
void watch_end(const struct run *r, int left);

#endif
