// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * simulate.c - make simulate: what a rollout does to a million machines and to the web server.
 *
 *	simulate KLP-REPO TIMER [MACHINES [SVG]]
 *
 * Prints a table in Markdown, and the goals; exit status 1 when one is missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"

static void hours(int seconds, char out[24])
{
	if (seconds < 0)
		snprintf(out, 24, "not");
	else
		snprintf(out, 24, "%.1f h", seconds / 3600.0);
}

static void row(const struct run_of *r)
{
	struct server_load bare, cdn;
	char half[24], most[24];

	scenario_load(&r->out, false, &bare);
	scenario_load(&r->out, true, &cdn);
	hours(outcome_reached(&r->out, &r->s, 0.50), half);
	hours(outcome_reached(&r->out, &r->s, 0.99), most);
	printf("| %s | %s | %s | %.3f%% | %.0f, %.0f | %.0f, %.0f | %.1f, %.1f | %.1f, %.1f |\n", r->s.name, half, most,
	       100 * outcome_share(&r->out, &r->s, r->s.hours * 3600), bare.requests, bare.peak_requests, bare.bytes / 1e3,
	       bare.peak_bytes / 1e3, cdn.requests, cdn.peak_requests, cdn.bytes / 1e3, cdn.peak_bytes / 1e3);
}

static int goal(const char *what, double got, double limit, const char *unit)
{
	bool met = got >= 0 && got <= limit;

	printf("%s: %s: %.3g %s (goal %.3g)\n", met ? "met" : "MISSED", what, got, unit, limit);
	return !met;
}

int main(int argc, char **argv)
{
	uint32_t machines = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1000000;
	struct run_of runs[NR_RUNS];
	struct timer timer;
	int bad = 0;

	if (argc < 3 || argc > 5 || !machines) {
		fprintf(stderr, "usage: simulate KLP-REPO TIMER [MACHINES [SVG]]\n");
		return 64;
	}
	timer_read(argv[2], &timer);
	printf("%u machines; a check %d s after the last one and 0 to %d s more, %d s after a boot\n\n"
	       "| | 50%% after | 99%% after | at the end | requests/s: mean, peak | kB/s | behind a CDN: requests/s | kB/s |\n"
	       "|---|---|---|---|---|---|---|---|\n", machines, timer.interval, timer.spread, timer.boot);
	for (enum which w = 0; w < NR_RUNS; w++) {
		scenario_run(w, machines, argv[1], &timer, &runs[w]);
		row(&runs[w]);
		fflush(stdout);
	}
	printf("\n");
	bad |= goal("50% have it", outcome_reached(&runs[RUN_DEFAULT].out, &runs[RUN_DEFAULT].s, 0.50) / 3600.0, 24, "h");
	bad |= goal("99% have it", outcome_reached(&runs[RUN_DEFAULT].out, &runs[RUN_DEFAULT].s, 0.99) / 3600.0, 72, "h");
	bad |= goal("a bad patch, halted after 2 h, reaches",
		    100 * outcome_share(&runs[RUN_HALTED].out, &runs[RUN_HALTED].s, runs[RUN_HALTED].s.hours * 3600), 1, "%");
	if (argc > 4 && scenarios_draw(argv[4], runs, machines)) {
		fprintf(stderr, "simulate: cannot write %s\n", argv[4]);
		bad = 1;
	}
	for (enum which w = 0; w < NR_RUNS; w++)
		scenario_free(&runs[w]);
	return bad;
}
