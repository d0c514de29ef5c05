/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet.h - many machines, one repository, virtual time.
 *
 * What is simulated: when a machine is on, when its timer fires (by the shipped unit), what a web server and a CDN are
 * asked for. What isn't: each decision is klp-update's decide() with its default settings, over what candidates_look()
 * read out of a repository that klp-repo published. Times are seconds since the first publication.
 */
#ifndef SIMULATE_FLEET_H
#define SIMULATE_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "offer.h"

#define HEADERS		300	/* bytes of one answer that aren't its body, about */
#define EDGES		100	/* of the CDN */
#define EDGE_TTL	300	/* seconds that an edge keeps what changes */
#define PART_TIME_EACH	5	/* every fifth machine is on for ... */
#define PART_TIME_S	(10 * 3600)	/* ... of each day, at its own hours */
#define OFFERS_MAX	4

struct timer {
	int boot, interval, spread;	/* OnBootSec, OnUnitInactiveSec, RandomizedDelaySec */
};

/* Of the shipped unit; ends the program if it can't be read. */
void timer_read(const char *path, struct timer *out);

struct scenario {
	const char *name;
	uint32_t machines;
	int hours;
	uint64_t seed;
	/* What the repository shows from when on; the first one from 0. */
	struct offer *offers[OFFERS_MAX];
	int from[OFFERS_MAX];
	int nr_offers;
	int down_from, down_to;		/* the server doesn't answer */
	int dark_from, dark_to;		/* no power for every third machine */
};

/* Of one minute; a server without a CDN, and one behind it. */
struct minute {
	uint32_t applied;	/* machines that have it, at its end */
	uint32_t requests, origin_requests;
	uint64_t bytes, origin_bytes;
};

struct outcome {
	struct minute *minutes;
	int nr;
	uint64_t decisions;	/* calls of decide() */
};

void fleet_run(const struct scenario *s, const struct timer *timer, struct outcome *out);
void outcome_free(struct outcome *o);
/* Share of all machines that have it after so many seconds. */
double outcome_share(const struct outcome *o, const struct scenario *s, int at);
/* When that share was reached, seconds; -1: never. */
int outcome_reached(const struct outcome *o, const struct scenario *s, double share);

#endif
