/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * horizon.h - until when this kernel is maintained with patches, as its source has signed.
 *
 * After that day a machine may have all that is offered and still lack what was found since: that isn't "protected".
 */
#ifndef KLP_UPDATE_HORIZON_H
#define KLP_UPDATE_HORIZON_H

#include <stdint.h>

struct klp_err;
struct update;

#define HORIZON_NEAR_S	(30 * INT64_C(86400))	/* so long before the end status warns */

/* What the source has told; a day that was told stays. */
int horizon_set(struct update *u, int64_t until, struct klp_err *err);
/* Seconds since the epoch; 0: it isn't known. */
int64_t horizon_of(const struct update *u);
/* "far", "near", "over" or "unknown" */
const char *horizon_word(int64_t until, int64_t now);
/* "2026-11-24", in UTC */
void horizon_day(int64_t t, char out[16]);

#endif
