/* SPDX-License-Identifier: GPL-2.0-or-later */
/* monotonic.h - how long something takes: the clock that nobody sets, also ktime_get_ns() of the kernel. */
#ifndef KLP_MONOTONIC_H
#define KLP_MONOTONIC_H

#include <stdint.h>
#include <time.h>

static inline int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static inline double monotonic_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

#endif
