// SPDX-License-Identifier: GPL-2.0-or-later
/* horizon.c - see horizon.h. */
#include <stdio.h>
#include <time.h>

#include "horizon.h"
#include "store_value.h"
#include "update.h"

/* Of one kernel build: the next one has a day of its own. */
static void key_of(const struct update *u, char key[160])
{
	snprintf(key, 160, "maintained-until %.140s", u->machine.build_id);
}

void horizon_day(int64_t t, char out[16])
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

const char *horizon_word(int64_t until, int64_t now)
{
	if (!until)
		return "unknown";
	return now >= until ? "over" : now >= until - HORIZON_NEAR_S ? "near" : "far";
}
