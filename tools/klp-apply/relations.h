/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relations.h - what a patch has to do with those in the kernel: it may require
 * others, and a later release takes the place of an earlier one.
 */
#ifndef KLP_RELATIONS_H
#define KLP_RELATIONS_H

struct apply;
struct manifest;
struct session;
struct verified_bundle;

/*
 * May it be loaded beside the patches that are applied? 0, or an exit status with
 * the reason: a patch that it requires isn't applied, or a later release of it is.
 */
int relations_check(struct apply *a, const struct manifest *m);

/* Of several to be loaded, put those first that others require. */
void relations_sort(struct verified_bundle **vb, int nr);

/*
 * @module is applied: let go of the earlier releases that it has taken the place of, if
 * there are any. What can't be unloaded is told; the patch itself is in force.
 */
void relations_retire(struct session *s, struct apply *a, const char *module);

#endif
