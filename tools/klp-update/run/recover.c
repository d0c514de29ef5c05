// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recover.c - see recover.h.
 *
 * The boot id in each row tells "klp-update was killed" from "the machine went
 * down".  The kernel's own word (sysfs) tells what is applied now.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "base/stop.h"
#include "decide.h"
#include "ending.h"
#include "err.h"
#include "exits.h"
#include "recall.h"
#include "recover.h"
#include "run.h"
#include "source/keysprint.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/update.h"

static int set(struct run *r, const struct patch_row *p, enum patch_state state,
	       const char *event, const char *reason, struct klp_err *err)
{
	int ret = store_set(r->u->db, p, state, r->u->machine.boot_id, event, reason, err);

	if (!ret && event)
		run_tell(r, event, p->name, p->release, reason);
	return ret;
}

/* By the watch of an earlier run, which had to take it out. */
static bool fault_was_seen(const struct patch_row *p)
{
	return p->state == PATCH_WATCHED && p->exit == EXIT_ROLLED_BACK;
}

static int is_out(struct run *r, const struct patch_row *p, const char *reason, struct klp_err *err)
{
	run_exit(r, EXIT_ROLLED_BACK);
	return set(r, p, PATCH_REVERTED, "reverted", reason, err);
}

/*
 * The machine went down with it, in an earlier boot. A shutdown is none of its fault, and a kernel whose last words
 * name it isn't asked twice. All else is doubtful, a power cut or a hang: it gets a second try; twice is enough. The strike
 * is on the disk before that try, and goes when it has outlived a watch.
 */
static int went_down(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	const char *phase = p->state == PATCH_APPLYING ? "applied" : "watched";
	char why[400], reason[700];
	enum ending ending;
	int ret;

	/* Its fault was seen: then it doesn't matter how the boot ended before it was out. */
	if (fault_was_seen(p)) {
		snprintf(reason, sizeof(reason), "%.400s while it was watched; the machine went down before it was taken out", p->reason);
		return is_out(r, p, reason, err);
	}
	ending = ending_of(r->u, p, why, sizeof(why));
	if (ending == ENDED_CLEAN) {
		snprintf(reason, sizeof(reason), "the machine was shut down while the patch was being %s", phase);
		return set(r, p, PATCH_FETCHED, NULL, reason, err);
	}
	if (ending != ENDED_BY_PATCH && !p->strikes) {
		snprintf(reason, sizeof(reason), "the machine went down while the patch was being %s; %s: it gets a second try", phase,
			 ending == ENDED_CRASH ? why : "neither a shutdown nor a crash is on record, so the power may have failed");
		ret = store_strike(r->u->db, p, PATCH_FETCHED, r->u->machine.boot_id, "doubtful", reason, err);
		if (!ret)
			run_tell(r, "doubtful", p->name, p->release, reason);
		return ret;
	}
	run_exit(r, EXIT_ROLLED_BACK);
	snprintf(reason, sizeof(reason), "the machine went down%s while the patch was being %s%s%s",
		 p->strikes ? " a second time" : "", phase, *why ? "; " : "", why);
	return set(r, p, PATCH_CRASHED, "crashed", reason, err);
}

/* It has outlived its watch; only the kernel's own last words can say that it was to blame all the same. */
static int was_good(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	char why[400], reason[700];

	if (strcmp(p->build_id, r->u->machine.build_id) || ending_of(r->u, p, why, sizeof(why)) != ENDED_BY_PATCH)
		return 0;
	run_exit(r, EXIT_ROLLED_BACK);
	snprintf(reason, sizeof(reason), "the machine crashed after the patch had passed its watch; %s", why);
	return set(r, p, PATCH_CRASHED, "crashed", reason, err);
}

/* This boot, so only klp-update or klp-apply was killed. */
static int was_killed(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	if (machine_patch(&r->u->machine, p->module) == IN_KERNEL_APPLIED)
		return set(r, p, PATCH_WATCHED, "applied", "by a run that was killed afterwards", err);
	/* Nothing says that the patch is to blame; if it happens again, not at once. */
	if (p->attempts <= 1)
		return set(r, p, PATCH_FETCHED, "failed", "killed while applying; it will be tried again", err);
	run_exit(r, EXIT_FAILED);
	return try_again(r, p, p->attempts, EXIT_FAILED, "killed while applying", err);
}

/* Applied in this boot, says the row; the kernel doesn't have it. */
static int was_taken_out(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	int64_t later = machine_release(&r->u->machine, p->name);
	char reason[80];

	if (machine_patch(&r->u->machine, p->module) != IN_KERNEL_NOT)
		return 0;
	if (fault_was_seen(p))
		return is_out(r, p, p->reason, err);
	if (later <= p->release)
		return taken_out_by_hand(r, p, err);
	snprintf(reason, sizeof(reason), "by release %lld, which somebody else has loaded", (long long)later);
	return set(r, p, PATCH_SUPERSEDED, NULL, reason, err);
}

/* A refusal isn't a fault: with other keys, of the machine or of its kernel, the answer may be another. */
static int was_refused(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	char keys[65];
	int ret = keys_print(&r->u->settings, keys, err);

	if (ret || !strcmp(keys, p->keys) || strcmp(p->build_id, r->u->machine.build_id))
		return ret;
	return set(r, p, PATCH_FETCHED, "retry", "the keys have changed since it was refused", err);
}

static int recover_one(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	bool this_boot = !strcmp(p->boot_id, r->u->machine.boot_id);

	switch (p->state) {
	case PATCH_APPLYING:
		return this_boot ? was_killed(r, p, err) : went_down(r, p, err);
	case PATCH_WATCHED:
		return this_boot ? was_taken_out(r, p, err) : went_down(r, p, err);
	case PATCH_GOOD:
		return this_boot ? was_taken_out(r, p, err) : was_good(r, p, err);
	case PATCH_FAILED:
		return was_refused(r, p, err);
	default:
		return 0;
	}
}

int recover(struct run *r, struct klp_err *err)
{
	struct patch_rows rows;
	int ret;

	ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++)
		ret = recover_one(r, &rows.rows[i], err);
	store_patches_free(&rows);
	return ret;
}

static int again(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	char path[4096], withdrawn[512];
	struct hold hold;
	int ret;

	ret = recalled(r->u, p->name, p->release, withdrawn, err);
	if (ret || *withdrawn)
		return ret ? ret : recall_patch(r, p, withdrawn, err);
	/* A hold on everything is for what is new; one by name means this patch. */
	ret = store_held(r->u->db, p->name, &hold, err);
	if (!ret) {
		run_exit(r, EXIT_HELD);
		run_tell(r, "held", p->name, p->release, hold.reason);
		return 0;
	}
	if (ret != -ENOENT)
		return ret;
	kept_bundle(r->u, p->digest, path);
	if (access(path, R_OK)) {
		run_exit(r, EXIT_FAILED);
		/* No pause: the source may have it. */
		return set(r, p, PATCH_FETCHED, "failed",
			   "its kept bundle is gone, and has to be fetched again", err);
	}
	return apply_patch(r, p, "reapplied", err);
}

bool applies_again(const struct patch_row *p, const struct machine *m)
{
	if (strcmp(p->build_id, m->build_id))
		return false;
	if (p->state == PATCH_GOOD)
		return strcmp(p->boot_id, m->boot_id);
	return p->state == PATCH_FETCHED && p->applied_at && !must_pause(p, m->boot_id, time(NULL));
}

/* A run that was killed had put a later release in already, and hadn't said yet that this one's time is over. */
static bool has_successor(const struct patch_rows *rows, const struct patch_row *p)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct patch_row *later = &rows->rows[i];

		if (!strcmp(later->name, p->name) && !strcmp(later->build_id, p->build_id) && later->release > p->release &&
		    (later->state == PATCH_WATCHED || later->state == PATCH_GOOD))
			return true;
	}
	return false;
}

int apply_again(struct run *r, struct klp_err *err)
{
	const struct machine *m = &r->u->machine;
	struct patch_rows rows;
	int ret;

	ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++) {
		const struct patch_row *p = &rows.rows[i];

		if (!applies_again(p, m))
			continue;
		ret = stop_check(err);
		if (!ret)
			ret = has_successor(&rows, p) ? set(r, p, PATCH_SUPERSEDED, NULL, "by a later release", err) : again(r, p, err);
	}
	store_patches_free(&rows);
	return ret;
}
