/* SPDX-License-Identifier: GPL-2.0-or-later */
/* take.h - the decision on one candidate, with what the database knows. */
#ifndef KLP_UPDATE_TAKE_H
#define KLP_UPDATE_TAKE_H

struct candidate;
struct klp_err;
struct patch_rows;
struct update;
struct verdict;

int decide_candidate(struct update *u, const struct candidate *c, const struct patch_rows *known,
		     struct verdict *out, struct klp_err *err);

#endif
