/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disable.h - nothing is applied by itself while the operator says so. */
#ifndef KLP_UPDATE_DISABLE_H
#define KLP_UPDATE_DISABLE_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

#define DISABLE_FILE	"/etc/quietpatch/disable"
#define DISABLE_WORD	"klp.disable"

/*
 * Is it disabled on the machine below @root?  Then @why says by what, and how that is undone.
 * An error if that can't be told: whoever wrote klp.disable on the command line has a reason.
 */
int disabled(const char *root, bool *is, char *why, size_t size, struct klp_err *err);

#endif
