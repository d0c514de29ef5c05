// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * passes.c - see passes.h.
 *
 * update: recover, look at what is watched, apply again what was good, take what is new.
 * boot: the same without looking at the source, for early in a boot.
 * watch: only the look.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "attempts.h"
#include "base/local_time.h"
#include "ending.h"
#include "err.h"
#include "exits.h"
#include "keyring.h"
#include "passes.h"
#include "recover.h"
#include "run.h"
#include "source/fetch.h"
#include "source/trust.h"
#include "state/store.h"
#include "state/store_value.h"
#include "state/tidy.h"
#include "state/update.h"
#include "take.h"
#include "tell/protection.h"
#include "tell/status.h"
#include "tuf/tuf.h"
#include "watch.h"

#define CLOCK_SLACK_S	3600	/* summer time, a clock that was corrected */

/* "12 min", "3 h", "5 d" */
static void age_text(int64_t s, char out[32])
{
	if (s < 7200)
		snprintf(out, 32, "%lld min", (long long)s / 60);
	else if (s < 2 * 86400)
		snprintf(out, 32, "%lld h", (long long)s / 3600);
	else
		snprintf(out, 32, "%lld d", (long long)s / 86400);
}

/* What isn't in force isn't "nothing to do", whatever the source and the rows say. */
static int count_what_lacks(struct run *r, bool pending_only, struct klp_err *err)
{
	struct protection_verdict v;
	json_t *status;
	int ret = status_json(r->u, &status, err);

	if (ret)
		return ret;
	if (protection_lacks(status, &v) && (!pending_only || v.exit == EXIT_PENDING)) {
		if (r->exit == EXIT_NOTHING)
			run_tell(r, "waiting", "protection", 0, v.why);
		run_exit(r, v.exit);
	}
	json_decref(status);
	return 0;
}

/*
 * A source that doesn't answer, @ret, is no error as long as the last good look isn't older than the operator minds: a laptop is
 * somewhere else, a line is down.  One that answers, and lacks what it had, is one at once.
 */
static int offline(struct run *r, int ret, struct klp_err *err)
{
	char text[KLP_ERR_LEN + 64], age[32];
	struct klp_err later = { 0 };
	int64_t last;

	/* Its own trouble is told, and doesn't take the place of the source's. */
	if (ret == -ENETUNREACH && take_kept(r, &later))
		run_tell(r, "waiting", "source", 0, later.text);
	if (ret != -ENETUNREACH || store_number(r->u->db, "last-look", &last, NULL) || !last ||
	    time(NULL) - last >= r->u->settings.offline)
		return ret;
	age_text(time(NULL) - last, age);
	snprintf(text, sizeof(text), "%s; the last good look was %s ago", err->text, age);
	run_tell(r, "offline", "source", 0, text);
	return count_what_lacks(r, false, err);
}

/* Expiry is judged by the latest time that was ever seen, so a clock that was set back opens nothing; but it is wrong. */
static int check_clock(struct run *r, struct klp_err *err)
{
	char folder[4096], seen[32], text[200];
	int64_t t;

	trust_folder(&r->u->settings, folder);
	t = tuf_trusted_time(folder);
	if (time(NULL) + CLOCK_SLACK_S >= t)
		return 0;
	local_time(t, seen);
	snprintf(text, sizeof(text), "this machine's clock has been set back: a look that found everything in order was at %s; until then "
		 "metadata is judged by that time", seen);
	run_exit(r, EXIT_FAILED);
	run_tell(r, "clock", "source", 0, text);
	return store_event(r->u->db, r->u->machine.boot_id, "clock", "source", 0, "", text, err);
}

static int take_new(struct run *r, struct klp_err *err)
{
	struct keyring *keyring;
	struct source src;
	int ret;

	ret = source_open_trusted(&r->u->settings, true, &src, &keyring, err);
	if (ret)
		return offline(r, ret, err);
	ret = check_clock(r, err);
	if (!ret) {
		ret = take_all(r, &src, keyring, err);
		if (ret)
			ret = offline(r, ret, err);
		/*
		 * By the kernel's word: a row that says "good" doesn't know of a transition that somebody has begun by hand.  What was
		 * taken back, and isn't offered any more, is told by status alone.
		 */
		else if (r->exit == EXIT_NOTHING)
			ret = count_what_lacks(r, true, err);
	}
	source_close(&src);
	keyring_free(keyring);
	return ret;
}

/* All but the look. */
static int take_and_apply(struct run *r, bool look, struct klp_err *err)
{
	bool ordered = false;
	char why[160];
	int ret;

	ret = run_disabled(r, &ordered, why, err);
	if (!ret && ordered)
		return store_event(r->u->db, r->u->machine.boot_id, "disabled", "everything", 0, "", why, err);
	if (ret)
		return ret;
	ret = apply_again(r, err);
	return ret || !look ? ret : take_new(r, err);
}

int run_passes(struct run *r, enum job job, struct klp_err *err)
{
	struct klp_err later = { 0 };
	int ret, left = 0;

	ret = recover(r, err);
	ending_prepare(r->u);
	if (ret)
		return ret;
	if (job != JOB_WATCH) {
		tidy(r->u);
		/* A later release may be about to take the place of what is watched. */
		ret = watch_once(r, &left, err);
		if (!ret)
			ret = take_and_apply(r, job == JOB_UPDATE, err);
	}
	if (attempts_remember(r, &later) && !ret) {
		*err = later;
		ret = later.code;
	}
	/* Whatever went wrong with the source: what was applied gets its look. */
	if (watch(r, &left, &later)) {
		if (!ret)
			*err = later;
		return ret ? ret : later.code;
	}
	watch_end(r, left);
	/* Whatever was found of one: as long as another is watched, somebody has to look again. */
	if (left && job == JOB_WATCH)
		r->exit = EXIT_PENDING;
	return ret;
}
