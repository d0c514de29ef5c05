/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repo_list.h - cmd_list.c: a walk through a repository. */
#ifndef KLP_REPO_LIST_H
#define KLP_REPO_LIST_H

#include <stdbool.h>

struct klp_err;
struct reader;
struct repo_options;

/* Print what it offers, or, with @files, see that all of that is there and verifies.  An exit code. */
int repo_read(const struct repo_options *opt, bool files);
/* That for one kernel.  1: there is nothing for it. */
int repo_read_kernel(const struct repo_options *opt, struct reader *r, const char *build_id, bool files, struct klp_err *err);

#endif
