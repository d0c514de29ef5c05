// SPDX-License-Identifier: GPL-2.0-or-later
/* scenarios.c - see scenarios.h. */
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"

#define HOUR	3600

/* Nobody gets it for 90 days, and before that somebody will have published another release. */
#define HALT	"2160h:100"

static const struct plan {
	const char *name;
	int hours;
	const char *rollout;		/* NULL: klp-repo's default */
	int halt_at;
	bool exploited;
	int down_from, down_to, dark_from, dark_to;
} plans[NR_RUNS] = {
	[RUN_DEFAULT] = { .name = "default policy", .hours = 80 },
	[RUN_SERVER_DOWN] = { .name = "the server is down from hour 6 to 18", .hours = 80, .down_from = 6 * HOUR, .down_to = 18 * HOUR },
	[RUN_POWER_BACK] = { .name = "a quarter has no power from hour 29 to 30", .hours = 80, .dark_from = 29 * HOUR, .dark_to = 30 * HOUR },
	[RUN_EXPLOITED] = { .name = "marked as exploited now", .hours = 26, .exploited = true },
	[RUN_HALTED] = { .name = "bad patch, halted after 2 h", .hours = 6, .halt_at = HALT_S },
	[RUN_AT_ONCE_HALTED] = { .name = "bad patch without a rollout, halted after 2 h", .hours = 6, .rollout = "now", .halt_at = HALT_S },
};

static void show(struct run_of *r, struct repository *repo, int from)
{
	struct offer *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	repository_offer(repo, o);
	r->s.offers[r->s.nr_offers] = o;
	r->s.from[r->s.nr_offers++] = from;
}

void scenario_run(enum which which, uint32_t machines, const char *klp_repo, const struct timer *timer, struct run_of *r)
{
	const struct plan *p = &plans[which];
	struct repository repo;

	*r = (struct run_of){ .s = { .name = p->name, .machines = machines, .hours = p->hours, .seed = 20261128,
				     .down_from = p->down_from, .down_to = p->down_to,
				     .dark_from = p->dark_from, .dark_to = p->dark_to } };
	repository_open(&repo, klp_repo);
	repository_publish(&repo, p->rollout ? "--rollout" : NULL, p->rollout);
	if (p->exploited)
		repository_publish(&repo, "--exploited", "yes");
	show(r, &repo, 0);
	if (p->halt_at) {
		repository_publish(&repo, "--rollout", HALT);
		show(r, &repo, p->halt_at);
	}
	repository_close(&repo);
	fleet_run(&r->s, timer, &r->out);
}

void scenario_free(struct run_of *r)
{
	for (int i = 0; i < r->s.nr_offers; i++) {
		offer_free(r->s.offers[i]);
		free(r->s.offers[i]);
	}
	outcome_free(&r->out);
}

void scenario_load(const struct outcome *o, bool behind_cdn, struct server_load *out)
{
	*out = (struct server_load){ 0 };
	for (int i = 0; i < o->nr; i++) {
		const struct minute *m = &o->minutes[i];
		double requests = (behind_cdn ? m->origin_requests : m->requests) / 60.0;
		double bytes = (double)(behind_cdn ? m->origin_bytes : m->bytes) / 60.0;

		out->requests += requests / o->nr;
		out->bytes += bytes / o->nr;
		if (requests > out->peak_requests)
			out->peak_requests = requests;
		if (bytes > out->peak_bytes)
			out->peak_bytes = bytes;
	}
}
