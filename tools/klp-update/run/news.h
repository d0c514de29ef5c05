/* SPDX-License-Identifier: GPL-2.0-or-later */
/* news.h - what a look at the source brings besides patches. */
#ifndef KLP_UPDATE_NEWS_H
#define KLP_UPDATE_NEWS_H

#include <stdint.h>

struct candidates;
struct klp_err;
struct run;
struct source;

/*
 * Remember and tell it: which releases are exploited now, until when patches are made for this kernel, which files were refused, and
 * what is known of CVEs.  @look: its number.
 */
int news_take(struct run *r, struct source *src, const struct candidates *all, int64_t look, struct klp_err *err);

#endif
