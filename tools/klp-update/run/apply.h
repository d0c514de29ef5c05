/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.h - have klp-apply load one kept bundle. */
#ifndef KLP_UPDATE_APPLY_H
#define KLP_UPDATE_APPLY_H

#include <stdint.h>

struct klp_err;
struct patch_row;
struct run;

/* With the marker around it; @event: "applied", "reapplied". */
int apply_patch(struct run *r, const struct patch_row *p, const char *event, struct klp_err *err);
/* Attempt number @attempts failed, for a reason that may pass: note when the next one is due. */
int try_again(struct run *r, const struct patch_row *p, int64_t attempts, int exit,
	      const char *why, struct klp_err *err);

#endif
