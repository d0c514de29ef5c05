/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api.h - what a fix may use beyond plain C. */
#ifndef KLP_API_H
#define KLP_API_H

#include <stdbool.h>

struct build;
struct klp_err;

/* quietpatch_api.h and what it includes, for patched sources: into workdir/include. */
int api_write(const struct build *b, struct klp_err *err);
/* Does the core, or the patch's glue, export it to patches? */
bool api_has(const char *name);

#endif
