/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affected.h - the code that a patch would affect, worked out without the core and before it is loaded. */
#ifndef KLP_AFFECTED_H
#define KLP_AFFECTED_H

#include <stdbool.h>
#include <stddef.h>

#include "quietpatch.h"

struct klp_err;
struct manifest;

struct affected {
	struct qp_range *ranges;	/* functions by start, then the text of earlier patches as one each */
	size_t nr;
	/* A function of the scheduler's own text (__sched), which BPF's stacks leave out, or "". */
	char hidden[QP_NAME_LEN];
};

/*
 * From /proc/kallsyms: more rather than less where a name is there several times.  Functions of modules that
 * aren't loaded affect nothing yet.  -EPERM: addresses are hidden from this process; -ENOMEM.
 */
int affected_find(const struct manifest *m, struct affected *out, struct klp_err *err);
void affected_free(struct affected *a);
/* The name of the range that @frame, a return address, is in; NULL: none. */
const char *affected_name(const struct affected *a, __u64 frame);

#endif
