// SPDX-License-Identifier: GPL-2.0-or-later
/* horizon.c - see horizon.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "horizon.h"
#include "run/engine.h"
#include "store.h"
#include "tell/protection.h"
#include "update.h"

/* Of one kernel build: the next one has a day of its own. */
static void key_of(const struct update *u, char key[160])
{
	snprintf(key, 160, "maintained-until %.140s", u->machine.build_id);
}

static void day(int64_t t, char out[16])
{
	time_t when = (time_t)t;
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

int64_t horizon_of(const struct update *u)
{
	int64_t until = 0;
	char key[160];

	key_of(u, key);
	return store_number(u->db, key, &until, NULL) ? 0 : until;
}

int horizon_set(struct update *u, int64_t until, struct klp_err *err)
{
	char key[160];

	key_of(u, key);
	return store_set_number(u->db, key, until, err);
}

static int tell(struct run *r, const char *text, struct klp_err *err)
{
	run_tell(r, "horizon", "this kernel", 0, text);
	return store_event(r->u->db, r->u->machine.boot_id, "horizon", "this kernel", 0, "", text, err);
}

int horizon_remember(struct run *r, int64_t until, struct klp_err *err)
{
	int64_t had = horizon_of(r->u);
	char text[200], now[16], before[16];
	int ret;

	if (until == had)
		return 0;
	day(until, now);
	day(had, before);
	if (!until) {
		snprintf(text, sizeof(text), "the source doesn't tell any more until when it has patches; it was %s, which stays", before);
		return tell(r, text, err);
	}
	snprintf(text, sizeof(text), "patches are made for it until %s%s%s", now, had ? ", not until " : "", had ? before : "");
	ret = tell(r, text, err);
	return ret ? ret : horizon_set(r->u, until, err);
}

const char *horizon_word(int64_t until, int64_t now)
{
	if (!until)
		return "unknown";
	return now >= until ? "over" : now >= until - HORIZON_NEAR_S ? "near" : "far";
}

void horizon_judge(int64_t until, int64_t now, struct protection_verdict *v)
{
	char when[16];

	if (!until || now < until || v->exit != EXIT_DONE)
		return;
	day(until, when);
	v->is = PROTECTION_UNKNOWN;
	v->exit = EXIT_REBOOT;
	snprintf(v->why, sizeof(v->why), "patches for this kernel were made until %s: what was found since isn't fixed in it; next: boot a later kernel",
		 when);
}
