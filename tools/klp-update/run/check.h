/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - what a run would do, changing nothing. */
#ifndef KLP_UPDATE_CHECK_H
#define KLP_UPDATE_CHECK_H

struct klp_err;
struct run;

int run_check(struct run *r, struct klp_err *err);

#endif
