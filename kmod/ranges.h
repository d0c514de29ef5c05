/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ranges.h - affected code of a transition: no frame of a task may lie in it
 * when the task switches [I2].  Immutable once published.
 */
#ifndef QP_RANGES_H
#define QP_RANGES_H

#include <linux/types.h>

struct qp_patch;
struct qp_range;

struct qp_span {
	unsigned long start;
	unsigned long end;	/* exclusive, but a return address may equal it */
	const char *name;	/* of the first, where several overlapped */
};

struct qp_ranges {
	unsigned long min, max;	/* over all spans */
	unsigned int nr;
	unsigned int room;
	struct qp_span spans[];	/* ascending, none overlaps another */
};

/* Affected code when `patch` goes to `target` (0 or 1); the objects that are there count. */
int qp_ranges_build(struct qp_patch *patch, int target, struct qp_ranges **out);
const struct qp_span *qp_ranges_find(const struct qp_ranges *ranges, unsigned long addr);

#endif
