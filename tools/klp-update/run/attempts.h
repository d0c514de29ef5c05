/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attempts.h - who tries what patches forbid: into the history and the journal. */
#ifndef KLP_UPDATE_ATTEMPTS_H
#define KLP_UPDATE_ATTEMPTS_H

struct klp_err;
struct run;

/* What was counted since the last run. */
int attempts_remember(struct run *r, struct klp_err *err);

#endif
