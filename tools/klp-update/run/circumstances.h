/* SPDX-License-Identifier: GPL-2.0-or-later */
/* circumstances.h - the decision on one candidate, with what the database, the kernel and the publisher say. */
#ifndef KLP_UPDATE_CIRCUMSTANCES_H
#define KLP_UPDATE_CIRCUMSTANCES_H

struct candidate;
struct klp_err;
struct patch_rows;
struct update;
struct verdict;

int decide_candidate(struct update *u, const struct candidate *c, const struct patch_rows *known,
		     struct verdict *out, struct klp_err *err);

#endif
