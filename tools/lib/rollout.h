/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout.h - how many machines may take a release, by the time since its start: signed in the index of a repository.
 *
 * Steps of (hours, percent), a straight line between each two; before the first one nobody, and the last one is all.
 * Each machine compares that with its own place (policy.h, phase_of()); nobody counts machines.
 */
#ifndef KLP_ROLLOUT_H
#define KLP_ROLLOUT_H

#include <stddef.h>
#include <stdint.h>

#define ROLLOUT_STEPS_MAX	16
#define ROLLOUT_HOURS_MAX	(90 * 24)
/*
 * Of a release that is published without one.  Slow at first, so that whoever sees it fail can halt it while it has reached
 * less than one of a hundred; over after two days, so that a machine that is on for some hours of each day has it after
 * three.  `make simulate` shows both.
 */
#define ROLLOUT_DEFAULT		"0h:0,4h:1,20h:60,48h:100"

struct klp_err;

struct rollout {
	int64_t start;		/* seconds since the epoch */
	struct {
		int hours;
		int percent;
	} steps[ROLLOUT_STEPS_MAX];
	size_t nr;		/* 0: no rollout, all at once */
};

/* "0h:1,24h:50,72h:100", or "now": all at once; `start` is left alone.  -EINVAL tells what is wrong. */
int rollout_parse(const char *text, struct rollout *out, struct klp_err *err);
/* 0, or -EINVAL: hours and percents grow, the last percent is 100. */
int rollout_check(const struct rollout *r);
/* Percent of all machines at @now, 0 <= x <= 100. */
double rollout_percent(const struct rollout *r, int64_t now);
/* When it reaches @percent: seconds since the epoch. */
int64_t rollout_reaches(const struct rollout *r, double percent);

#endif
