/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passes.h - the passes of a run, in their order. */
#ifndef KLP_UPDATE_PASSES_H
#define KLP_UPDATE_PASSES_H

struct klp_err;
struct run;

enum job { JOB_UPDATE, JOB_BOOT, JOB_WATCH };

/* With the lock held and the database open for writing. */
int run_passes(struct run *r, enum job job, struct klp_err *err);

#endif
