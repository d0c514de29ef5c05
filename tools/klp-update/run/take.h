/* SPDX-License-Identifier: GPL-2.0-or-later */
/* take.h - look at the source, decide, keep what is taken, have it applied. */
#ifndef KLP_UPDATE_TAKE_H
#define KLP_UPDATE_TAKE_H

struct keyring;
struct klp_err;
struct run;
struct source;

int take_all(struct run *r, struct source *src, const struct keyring *keyring, struct klp_err *err);

/* The source doesn't answer: what is kept, was never in force, and is due for another try, as long as the metadata that speaks for it is good. */
int take_kept(struct run *r, struct klp_err *err);

#endif
