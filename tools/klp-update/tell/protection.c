// SPDX-License-Identifier: GPL-2.0-or-later
/* protection.c - see protection.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/local_time.h"
#include "exits.h"
#include "jsonstr.h"
#include "protection.h"
#include "state/horizon.h"
#include "state/update.h"

#define STALE_S	(3 * 86400)	/* since the last look; timers ask each hour */
#define CLOCK_SLACK_S	3600	/* a clock that was corrected */
#define NEXT_MAX	128

const char *protection_word(enum protection p)
{
	static const char *const words[] = {
		[PROTECTED] = "protected", [MITIGATED] = "mitigated", [NOT_PROTECTED] = "not protected",
		[PROTECTION_UNKNOWN] = "unknown",
	};

	return words[p];
}

static const char *next_step(const json_t *w, char buf[NEXT_MAX])
{
	char when[32];

	local_time(num(w, "until"), when);
	switch (num(w, "exit")) {
	case EXIT_HELD:
		snprintf(buf, NEXT_MAX, "%s%s", *when ? "next: after " : "until that changes (held here: klp-update unhold, approve, config)",
			 when);
		break;
	case EXIT_ROLLED_BACK:
	case EXIT_TRUST:
		snprintf(buf, NEXT_MAX, "next: a later release, or klp-update retry");
		break;
	default:
		snprintf(buf, NEXT_MAX, "next: %s%s", *when ? "a try after " : "the next run tries again", when);
	}
	return buf;
}

/* What is exploited comes first; a hold is the operator's wish, whatever else there is comes before it. */
static int weight(const json_t *w)
{
	return 2 * json_is_true(json_object_get(w, "exploited")) + (num(w, "exit") != EXIT_HELD);
}

/* What is offered and isn't in force: the one with the weightiest reason speaks for all. */
static bool by_waiting(const json_t *status, struct protection_verdict *v)
{
	const json_t *list = json_object_get(status, "waiting"), *w, *worst = NULL;
	char since[32], next[NEXT_MAX];
	size_t i;

	json_array_foreach(list, i, w) {
		if (!worst || weight(w) > weight(worst))
			worst = w;
	}
	if (!worst)
		return false;
	v->is = NOT_PROTECTED;
	v->exit = num(worst, "exit") ? (int)num(worst, "exit") : EXIT_FAILED;
	local_time(num(worst, "since"), since);
	snprintf(v->why, sizeof(v->why), "%s: %s%.200s; since %s; %s", str(worst, "name"),
		 json_is_true(json_object_get(worst, "exploited")) ? "exploited now; " : "", str(worst, "reason"), since, next_step(worst, next));
	if (json_array_size(list) > 1)
		snprintf(v->why + strlen(v->why), sizeof(v->why) - strlen(v->why), "; and %zu more",
			 json_array_size(list) - 1);
	return true;
}

bool protection_has_to_go(const json_t *patch)
{
	return num(patch, "exit") == EXIT_ROLLED_BACK && (!strcmp(str(patch, "state"), "watched") || !strcmp(str(patch, "state"), "good"));
}

/* In force, and it must not be. */
static bool by_fault(const json_t *status, struct protection_verdict *v)
{
	const json_t *p;
	char since[32];
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, p) {
		if (!json_is_true(json_object_get(p, "in_force")) || !protection_has_to_go(p))
			continue;
		v->is = NOT_PROTECTED;
		v->exit = EXIT_ROLLED_BACK;
		local_time(num(p, "changed_at"), since);
		snprintf(v->why, sizeof(v->why), "%s: %s: %.250s; since %s; next: a run tries again to take it out; klp-apply blockers, or a reboot",
			 str(p, "name"), str(p, "now"), str(p, "reason"), since);
		return true;
	}
	return false;
}

/* Good once, or being applied; the kernel hasn't got it now. */
static bool by_patches(const json_t *status, struct protection_verdict *v)
{
	const json_t *p;
	char since[32];
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, p) {
		/* Of one that was good the reason tells of that time. */
		bool was_good = !strcmp(str(p, "state"), "good") || !strcmp(str(p, "state"), "watched");
		const char *reason = was_good ? "" : str(p, "reason");

		if (!json_is_true(json_object_get(p, "wanted")) ||
		    json_is_true(json_object_get(p, "in_force")))
			continue;
		v->is = NOT_PROTECTED;
		v->exit = (int)num(p, "exit") ? (int)num(p, "exit") : EXIT_PENDING;
		if (!strcmp(str(p, "state"), "failed"))
			v->exit = EXIT_TRUST;
		if (!strcmp(str(p, "state"), "crashed") ||
		    (!strcmp(str(p, "state"), "reverted") && v->exit != EXIT_HELD))
			v->exit = EXIT_ROLLED_BACK;
		local_time(num(p, "changed_at"), since);
		snprintf(v->why, sizeof(v->why), "%s: %s%s%.250s; since %s; next: %s", str(p, "name"),
			 str(p, "now"), *reason ? ": " : "", reason, since,
			 strcmp(str(p, "state"), "fetched") && v->exit != EXIT_PENDING && v->exit != EXIT_FAILED ?
			 "a later release, or klp-update retry" : "the next run");
		return true;
	}
	return false;
}

/* The first mitigation in force, whose time is over if @over, not over else. */
static const json_t *mitigation(const json_t *status, bool over)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, p)
		if (json_is_true(json_object_get(p, "in_force")) && num(p, "expires") &&
		    (num(p, "expires") <= time(NULL)) == over)
			return p;
	return NULL;
}

static bool by_expiry(const json_t *status, struct protection_verdict *v)
{
	const json_t *p = mitigation(status, true);
	char when[32];

	if (!p)
		return false;
	local_time(num(p, "expires"), when);
	v->is = NOT_PROTECTED;
	v->exit = EXIT_PENDING;
	snprintf(v->why, sizeof(v->why), "%s: a mitigation that expired on %s, and there is no fix; next: a later release of it, or its fix",
		 str(p, "name"), when);
	return true;
}

static void all_in_force(const json_t *status, const char *when, struct protection_verdict *v)
{
	const json_t *p = mitigation(status, false);
	char until[32];

	if (!p) {
		snprintf(v->why, sizeof(v->why), "all that the source offers is in force; last look %s", when);
		return;
	}
	local_time(num(p, "expires"), until);
	v->is = MITIGATED;
	snprintf(v->why, sizeof(v->why), "%s refuses until %s, and isn't fixed; all that the source offers is in force; last look %s",
		 str(p, "name"), until, when);
}

bool protection_lacks(const json_t *status, struct protection_verdict *out)
{
	return by_fault(status, out) || by_waiting(status, out) || by_patches(status, out) || by_expiry(status, out);
}

/* Over: @v becomes "unknown", with EXIT_REBOOT.  Only for a verdict that finds no fault otherwise. */
static void judge_horizon(int64_t until, int64_t now, struct protection_verdict *v)
{
	char when[16];

	if (!until || now < until || v->exit != EXIT_DONE)
		return;
	horizon_day(until, when);
	v->is = PROTECTION_UNKNOWN;
	v->exit = EXIT_REBOOT;
	snprintf(v->why, sizeof(v->why), "patches for this kernel were made until %s: what was found since isn't fixed in it; next: boot a later kernel",
		 when);
}

void protection_judge(const json_t *status, struct protection_verdict *out)
{
	struct protection_verdict v = { .is = PROTECTED, .exit = EXIT_DONE };
	const char *error = str(status, "last_error");
	char when[32];

	local_time(num(status, "last_look"), when);
	if (*str(status, "disabled")) {
		v.is = NOT_PROTECTED;
		v.exit = EXIT_HELD;
		snprintf(v.why, sizeof(v.why), "%.400s", str(status, "disabled"));
	} else if (!protection_lacks(status, &v)) {
		if (!*error && *when && time(NULL) - num(status, "last_look") > STALE_S) {
			v.is = PROTECTION_UNKNOWN;
			v.exit = EXIT_NOT_FOUND;
			snprintf(v.why, sizeof(v.why), "the source was last asked on %s; next: klp-update update, and is its timer enabled?", when);
		} else if (!*error && num(status, "last_look") - time(NULL) > CLOCK_SLACK_S) {
			v.is = PROTECTION_UNKNOWN;
			v.exit = EXIT_NOT_FOUND;
			snprintf(v.why, sizeof(v.why), "this machine's clock has been set back: by it the last look is to come, on %s; next: set it, "
				 "then klp-update update", when);
		} else if (*error || !*when) {
			v.is = PROTECTION_UNKNOWN;
			v.exit = *error && num(status, "last_exit") ? (int)num(status, "last_exit") : EXIT_NOT_FOUND;
			snprintf(v.why, sizeof(v.why), "%.400s", *error ? error :
				 "the source was never asked; next: klp-update update");
		} else {
			all_in_force(status, when, &v);
			judge_horizon(num(json_object_get(status, "horizon"), "ends"), time(NULL), &v);
		}
	}
	*out = v;
}
