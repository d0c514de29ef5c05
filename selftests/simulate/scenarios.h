/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios.h - what `make simulate` runs, and what has to come out. */
#ifndef SIMULATE_SCENARIOS_H
#define SIMULATE_SCENARIOS_H

#include "fleet.h"

#define HALT_S		(2 * 3600)	/* when a bad patch is halted */

enum which {
	RUN_DEFAULT,		/* klp-repo and klp-update as they come */
	RUN_SERVER_DOWN,	/* no answer from hour 6 to hour 18 */
	RUN_POWER_BACK,		/* a quarter of the machines boots at once, in hour 30 */
	RUN_EXPLOITED,		/* marked as exploited now */
	RUN_HALTED,		/* a bad patch, halted after two hours */
	RUN_AT_ONCE_HALTED,	/* the same, without a rollout */
	NR_RUNS
};

struct run_of {
	struct scenario s;
	struct outcome out;
};

/* Publish and run one; @klp_repo is the tool. */
void scenario_run(enum which which, uint32_t machines, const char *klp_repo, const struct timer *timer, struct run_of *r);
void scenario_free(struct run_of *r);

/* The busiest minute, and the mean, a second. */
struct server_load {
	double requests, peak_requests, bytes, peak_bytes;
};
void scenario_load(const struct outcome *o, bool behind_cdn, struct server_load *out);

/* draw.c: adoption and requests over time, NR_RUNS of them; -errno. */
int scenarios_draw(const char *path, const struct run_of *runs, uint32_t machines);

#endif
