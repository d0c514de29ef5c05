/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * horizon.h - until when this kernel is maintained with patches, as its source has signed.
 *
 * After that day a machine may have all that is offered and still lack what was found since: that isn't "protected".
 */
#ifndef KLP_UPDATE_HORIZON_H
#define KLP_UPDATE_HORIZON_H

#include <stdint.h>

#include <jansson.h>

struct klp_err;
struct protection_verdict;
struct run;
struct update;

#define HORIZON_NEAR_S	(30 * INT64_C(86400))	/* so long before the end status warns */

/* What the source tells now (0: nothing); a change is told and goes into the history, a day that was told stays. */
int horizon_remember(struct run *r, int64_t until, struct klp_err *err);
int horizon_set(struct update *u, int64_t until, struct klp_err *err);
/* Seconds since the epoch; 0: it isn't known. */
int64_t horizon_of(const struct update *u);
/* "far", "near", "over" or "unknown" */
const char *horizon_word(int64_t until, int64_t now);
/* Over: @v becomes "unknown", with EXIT_REBOOT.  Only for a verdict that finds no fault otherwise. */
void horizon_judge(int64_t until, int64_t now, struct protection_verdict *v);

#endif
