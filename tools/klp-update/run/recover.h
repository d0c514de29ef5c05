/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recover.h - what an earlier run left behind, and what a reboot took away. */
#ifndef KLP_UPDATE_RECOVER_H
#define KLP_UPDATE_RECOVER_H

#include <stdbool.h>

struct klp_err;
struct machine;
struct patch_row;
struct run;

/* Attribute what an earlier run, or the machine, left unfinished. */
int recover(struct run *r, struct klp_err *err);
/* Apply again what was good before this boot. */
int apply_again(struct run *r, struct klp_err *err);
/* Is it one of those: good in an earlier boot; or it was, and failed since, or an operator gave it back?  It needs no source. */
bool applies_again(const struct patch_row *p, const struct machine *m);

#endif
