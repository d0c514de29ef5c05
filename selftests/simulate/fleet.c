// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet.c - see fleet.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fleet.h"
#include "run/decide.h"
#include "settings/settings.h"
#include "source/candidates.h"
#include "state/store.h"

#define DAY_S		86400
#define RUN_S		3	/* a run of klp-update */
#define NOBODY		UINT32_MAX
#define CHECK_EACH	4096	/* so many machines decide at each poll, needed or not */

struct machine {
	uint32_t next;		/* in the list of those that poll in the same second */
	int first_seen, ask_again;
	int on_from;		/* second of the day; -1: it is always on */
	uint8_t shown;		/* the number of the offer that it has decided about, from 1 on */
	bool has;
};

struct edge {
	int index_at;
	int shows;
	bool has_bundle;
};

struct fleet {
	const struct scenario *s;
	const struct timer *timer;
	struct settings settings;
	struct machine *machines;
	uint32_t *at;		/* who polls in each second */
	int end;
	struct edge edges[EDGES];
	uint64_t random;
	int64_t epoch;		/* of second 0 */
	struct outcome *out;
};

static void stop_with(const char *what)
{
	fprintf(stderr, "simulate: %s\n", what);
	exit(1);
}

/* splitmix64 */
static uint64_t shuffle(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int below(struct fleet *f, int n)
{
	return n > 0 ? (int)(shuffle(&f->random) % (uint64_t)n) : 0;
}

/* ---- when a machine asks ---- */

static int value(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	char unit[8] = "";
	int n;

	if (!p || sscanf(p + strlen(key), "%d%7[a-z]", &n, unit) < 1)
		stop_with("the timer unit has other settings than the simulation knows");
	if (!strcmp(unit, "min"))
		return n * 60;
	if (!strcmp(unit, "h"))
		return n * 3600;
	if (*unit && strcmp(unit, "s"))
		stop_with("the timer unit has a time that the simulation doesn't know");
	return n;
}

void timer_read(const char *path, struct timer *out)
{
	char text[4096] = "";
	FILE *f = fopen(path, "r");

	if (!f || !fread(text, 1, sizeof(text) - 1, f))
		stop_with("cannot read the timer unit");
	fclose(f);
	out->boot = value(text, "\nOnBootSec=");
	out->interval = value(text, "\nOnUnitInactiveSec=");
	out->spread = value(text, "\nRandomizedDelaySec=");
}

/* The cut is of every third machine of those that are always on. */
static bool loses_power(const struct fleet *f, uint32_t i)
{
	return f->s->dark_to && f->machines[i].on_from < 0 && i % 3 == 0;
}

/* It is on at @now.  If it goes off before @next: when it is on again, else 0. */
static int off_until(const struct fleet *f, uint32_t i, int now, int next)
{
	const struct machine *m = &f->machines[i];
	int off;

	if (loses_power(f, i) && now < f->s->dark_to && next >= f->s->dark_from)
		return f->s->dark_to;
	if (m->on_from < 0)
		return 0;
	off = m->on_from + PART_TIME_S - DAY_S;
	while (off < now)
		off += DAY_S;
	return next >= off ? off + DAY_S - PART_TIME_S : 0;
}

static void poll_at(struct fleet *f, uint32_t i, int now, int next)
{
	int on = off_until(f, i, now, next);

	if (on)
		next = on + f->timer->boot + below(f, f->timer->spread);
	if (next >= f->end)
		return;
	f->machines[i].next = f->at[next];
	f->at[next] = i;
}

static void poll_after(struct fleet *f, uint32_t i, int now)
{
	poll_at(f, i, now, now + RUN_S + f->timer->interval + below(f, f->timer->spread));
}

/* Each is somewhere between two polls; one that is off comes when it is switched on. */
static void begin(struct fleet *f)
{
	for (uint32_t i = 0; i < f->s->machines; i++) {
		struct machine *m = &f->machines[i];

		m->on_from = i % PART_TIME_EACH ? -1 : below(f, DAY_S);
		if (m->on_from > 0 && m->on_from <= DAY_S - PART_TIME_S)
			poll_at(f, i, m->on_from, m->on_from + f->timer->boot + below(f, f->timer->spread));
		else
			poll_at(f, i, 0, below(f, RUN_S + f->timer->interval + below(f, f->timer->spread)));
	}
}

/* ---- what it is told ---- */

static struct minute *minute_of(struct fleet *f, int t)
{
	return &f->out->minutes[t / 60];
}

static void count(struct fleet *f, int t, uint64_t body, bool at_origin)
{
	struct minute *m = minute_of(f, t);

	m->requests++;
	m->bytes += body + HEADERS;
	m->origin_requests += at_origin;
	m->origin_bytes += at_origin ? body + HEADERS : 0;
}

static bool down(const struct fleet *f, int t)
{
	return t >= f->s->down_from && t < f->s->down_to;
}

static int shown_by_server(const struct fleet *f, int t)
{
	int n = 0;

	while (n + 1 < f->s->nr_offers && t >= f->s->from[n + 1])
		n++;
	return n;
}

/* The number of the offer that machine @i sees, by way of its edge; -1: no answer. */
static int look(struct fleet *f, uint32_t i, int t)
{
	struct edge *e = &f->edges[i / 15 % EDGES];
	bool stale = t - e->index_at >= EDGE_TTL;

	if (down(f, t)) {
		/* Whoever waits for an answer was a request all the same. */
		count(f, t, 0, stale);
		return -1;
	}
	if (stale) {
		e->index_at = t;
		e->shows = shown_by_server(f, t);
	}
	count(f, t, f->s->offers[e->shows]->look_bytes, stale);
	return e->shows;
}

static void fetch_bundle(struct fleet *f, uint32_t i, int t, uint64_t length)
{
	struct edge *e = &f->edges[i / 15 % EDGES];

	count(f, t, length, !e->has_bundle);
	e->has_bundle = true;
}

/* ---- what it decides: klp-update's code ---- */

static void machine_id(const struct fleet *f, uint32_t i, char out[33])
{
	uint64_t state = f->s->seed ^ (uint64_t)i << 20, a = shuffle(&state), b = shuffle(&state);

	snprintf(out, 33, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
}

static void ask(struct fleet *f, uint32_t i, int t, const struct candidate *c, struct verdict *v)
{
	struct machine *m = &f->machines[i];
	char id[33];
	struct patch_row row = { .state = PATCH_GOOD, .release = c->release };
	struct patch_rows rows = { .rows = &row, .nr = m->has };
	struct circumstances now = { .build_id = BUILD_ID, .boot_id = "boot", .time = f->epoch + t,
				     .settings = &f->settings, .machine_id = id, .first_seen = f->epoch + m->first_seen };

	machine_id(f, i, id);
	snprintf(row.digest, sizeof(row.digest), "%s", c->digest);
	snprintf(row.name, sizeof(row.name), "%s", c->name);
	snprintf(row.build_id, sizeof(row.build_id), "%s", BUILD_ID);
	decide(c, &rows, &now, v);
	f->out->decisions++;
}

/*
 * A verdict holds until the time that it names, or until the offer is another one; so decide() isn't called at each of a
 * machine's polls. That this is so is checked: some machines do call it each time.
 */
static void decide_and_act(struct fleet *f, uint32_t i, int t, int nr)
{
	struct machine *m = &f->machines[i];
	const struct candidate *c = &f->s->offers[nr]->all->list[0];
	bool needed = m->shown != nr + 1 || t >= m->ask_again;
	struct verdict v;

	if (!needed && i % CHECK_EACH)
		return;
	if (!m->shown)
		m->first_seen = t;
	ask(f, i, t, c, &v);
	if (!needed && v.decision == DECIDE_APPLY)
		stop_with("a machine was told to wait, and may apply earlier than it was told");
	m->shown = (uint8_t)(nr + 1);
	m->ask_again = v.decision == DECIDE_WAIT && v.until ? (int)(v.until - f->epoch) : INT_MAX;
	if (v.decision != DECIDE_APPLY)
		return;
	fetch_bundle(f, i, t, c->length);
	m->has = true;
	minute_of(f, t)->applied++;
}

static void poll_one(struct fleet *f, uint32_t i, int t)
{
	int nr = look(f, i, t);

	if (nr >= 0)
		decide_and_act(f, i, t, nr);
	poll_after(f, i, t);
}

static void add_up(struct outcome *o)
{
	for (int i = 1; i < o->nr; i++)
		o->minutes[i].applied += o->minutes[i - 1].applied;
}

void fleet_run(const struct scenario *s, const struct timer *timer, struct outcome *out)
{
	struct fleet f = { .s = s, .timer = timer, .end = s->hours * 3600, .random = s->seed, .out = out,
			   .epoch = s->offers[0]->published_at };
	struct klp_err err;

	*out = (struct outcome){ .nr = s->hours * 60 };
	out->minutes = calloc((size_t)out->nr, sizeof(*out->minutes));
	f.machines = calloc(s->machines, sizeof(*f.machines));
	f.at = malloc((size_t)f.end * sizeof(*f.at));
	if (!out->minutes || !f.machines || !f.at || settings_init(&f.settings, "", &err))
		stop_with("no memory");
	memset(f.at, 0xff, (size_t)f.end * sizeof(*f.at));
	for (int e = 0; e < EDGES; e++)
		f.edges[e].index_at = -EDGE_TTL;
	begin(&f);
	for (int t = 0; t < f.end; t++) {
		for (uint32_t i = f.at[t], next; i != NOBODY; i = next) {
			next = f.machines[i].next;
			poll_one(&f, i, t);
		}
	}
	add_up(out);
	settings_free(&f.settings);
	free(f.machines);
	free(f.at);
}

void outcome_free(struct outcome *o)
{
	free(o->minutes);
}

double outcome_share(const struct outcome *o, const struct scenario *s, int at)
{
	return at < 60 ? 0 : (double)o->minutes[at / 60 - 1].applied / s->machines;
}

int outcome_reached(const struct outcome *o, const struct scenario *s, double share)
{
	for (int i = 0; i < o->nr; i++)
		if (o->minutes[i].applied >= share * s->machines)
			return (i + 1) * 60;
	return -1;
}
