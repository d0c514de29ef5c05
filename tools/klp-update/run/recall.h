/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recall.h - what the publisher has withdrawn (klp-repo withdraw): taken out, and never taken again. */
#ifndef KLP_UPDATE_RECALL_H
#define KLP_UPDATE_RECALL_H

#include <stdint.h>

struct candidates;
struct klp_err;
struct patch_row;
struct run;
struct update;

/* After a look: note what is withdrawn, and take out what klp-update has applied of it. */
int recall_obey(struct run *r, const struct candidates *all, struct klp_err *err);
/* Take @p out, if it is in; its row says why. */
int recall_patch(struct run *r, const struct patch_row *p, const char *reason, struct klp_err *err);
/* @reason: why that release was withdrawn, as far as this machine knows; "": it wasn't. */
int recalled(const struct update *u, const char *name, int64_t release, char reason[512], struct klp_err *err);

#endif
