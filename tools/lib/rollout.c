// SPDX-License-Identifier: GPL-2.0-or-later
/* rollout.c - see rollout.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "rollout.h"

#define HOUR_S	3600

int rollout_check(const struct rollout *r)
{
	if (!r->nr || r->nr > ROLLOUT_STEPS_MAX || r->start < 0)
		return -EINVAL;
	for (size_t i = 0; i < r->nr; i++) {
		if (r->steps[i].hours < 0 || r->steps[i].hours > ROLLOUT_HOURS_MAX || r->steps[i].percent < 0 ||
		    r->steps[i].percent > 100)
			return -EINVAL;
		if (i && (r->steps[i].hours <= r->steps[i - 1].hours || r->steps[i].percent < r->steps[i - 1].percent))
			return -EINVAL;
	}
	/* One that never ends would keep a fix from some machines for ever. */
	return r->steps[r->nr - 1].percent == 100 ? 0 : -EINVAL;
}

int rollout_parse(const char *text, struct rollout *out, struct klp_err *err)
{
	struct rollout r = { 0 };
	const char *p = strcmp(text, "now") ? text : "0h:100";
	bool more = true;
	int used;

	while (more && r.nr < ROLLOUT_STEPS_MAX &&
	       sscanf(p, "%4dh:%3d%n", &r.steps[r.nr].hours, &r.steps[r.nr].percent, &used) == 2) {
		r.nr++;
		p += used;
		more = *p == ',';
		p += more;
	}
	if (more || *p || rollout_check(&r))
		return klp_err_set(err, -EINVAL, "a rollout is \"now\", or HOURSh:PERCENT with commas between, as 0h:1,24h:50,72h:100: both grow, it ends with 100; not \"%s\"",
				   text);
	r.start = out->start;
	*out = r;
	return 0;
}

double rollout_percent(const struct rollout *r, int64_t now)
{
	double hours = (double)(now - r->start) / HOUR_S;

	if (!r->nr)
		return 100;
	if (hours < r->steps[0].hours)
		return 0;
	for (size_t i = 1; i < r->nr; i++) {
		double from = r->steps[i - 1].hours, to = r->steps[i].hours;

		if (hours < to)
			return r->steps[i - 1].percent +
			       (r->steps[i].percent - r->steps[i - 1].percent) * (hours - from) / (to - from);
	}
	return r->steps[r->nr - 1].percent;
}

int64_t rollout_reaches(const struct rollout *r, double percent)
{
	for (size_t i = 0; i < r->nr; i++) {
		double from, to, share;

		if (r->steps[i].percent < percent)
			continue;
		if (!i || r->steps[i].percent == r->steps[i - 1].percent)
			return r->start + r->steps[i].hours * (int64_t)HOUR_S;
		from = r->steps[i - 1].hours;
		to = r->steps[i].hours;
		share = (percent - r->steps[i - 1].percent) / (r->steps[i].percent - r->steps[i - 1].percent);
		return r->start + (int64_t)((from + (to - from) * share) * HOUR_S) + 1;
	}
	return r->start;
}
