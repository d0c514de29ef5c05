// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_update.c - klp-update update, boot, watch and check.
 *
 * update: recover, look at what is watched, apply again what was good, take what is new.
 * boot: the same without looking at the source, for early in a boot.
 * watch: only the look.
 * check: what update would do, changing nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/stop.h"
#include "context.h"
#include "log.h"
#include "machine/health.h"
#include "run/decide.h"
#include "run/ending.h"
#include "run/engine.h"
#include "run/take.h"
#include "settings/disable.h"
#include "sign.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "state/store.h"
#include "state/tidy.h"
#include "state/update.h"
#include "tell/announce.h"
#include "tell/protection.h"
#include "tell/public.h"
#include "tuf/tuf.h"

/* At boot the timer may have been faster; what it hasn't applied again by then is boot's. */
#define BOOT_WAIT_S	300
/* A look that takes nothing out is over in no time, but for the operator's command. */
#define LOOK_WAIT_S	3
#define HEALTH_WAIT_S	45
#define CLOCK_SLACK_S	3600	/* summer time, a clock that was corrected */

/* ---- update and boot ---- */

static int open_source(const struct settings *s, bool keep, struct source *src, struct keyring **keyring,
		       struct klp_err *err)
{
	int ret;

	ret = trust_keyring(s, keyring, NULL, err);
	if (ret)
		return ret;
	if (!keyring_size(*keyring))
		ret = klp_err_set(err, -ENOKEY,
				  "no key is trusted: put the publisher's .pub file into %s", s->keys);
	if (!ret)
		ret = source_open(s, keep, src, err);
	if (ret)
		keyring_free(*keyring);
	return ret;
}

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
	update_time(t, seen);
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

	ret = open_source(&r->u->settings, true, &src, &keyring, err);
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

/* The operator's word against all of them: apply nothing, and tell it. */
static int ordered_nothing(struct run *r, bool *ordered, char why[160], struct klp_err *err)
{
	int ret = disabled(r->u->settings.root, ordered, why, 160, err);

	if (ret || !*ordered)
		return ret;
	run_exit(r, EXIT_HELD);
	run_tell(r, "disabled", "everything", 0, why);
	return 0;
}

enum job { JOB_UPDATE, JOB_BOOT, JOB_WATCH };

/* All but the look. */
static int take_and_apply(struct run *r, bool look, struct klp_err *err)
{
	bool ordered = false;
	char why[160];
	int ret;

	ret = ordered_nothing(r, &ordered, why, err);
	if (!ret && ordered)
		return store_event(r->u->db, r->u->machine.boot_id, "disabled", "everything", 0, "", why, err);
	if (ret)
		return ret;
	ret = apply_again(r, err);
	return ret || !look ? ret : take_new(r, err);
}

static int steps(struct run *r, enum job job, struct klp_err *err)
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

static int finish(struct run *r, enum job job, int ret, struct klp_err *err)
{
	char text[KLP_ERR_LEN];

	snprintf(text, sizeof(text), "%s", ret ? err->text : "");
	if (ret)
		run_exit(r, exit_of(ret));
	/* Of the last time that somebody asked the source; a look doesn't. */
	if (job != JOB_WATCH) {
		store_set_word(r->u->db, "last-error", text, NULL);
		store_set_number(r->u->db, "last-exit", ret ? exit_of(ret) : r->exit, NULL);
	}
	announce(r->u);
	if (ret)
		log_error("%s", text);
	else if (!r->u->json && r->exit == EXIT_NOTHING)
		puts(job == JOB_WATCH ? "nothing is being watched" : "nothing to do");
	if (r->u->json)
		update_print_json(json_pack("{s:O, s:i, s:s*}", "events", r->events, "exit", r->exit,
					    "error", ret ? text : NULL));
	json_decref(r->events);
	return r->exit;
}

static int run(struct update *u, enum job job)
{
	unsigned int wait_s = job == JOB_BOOT ? BOOT_WAIT_S : health_wanted(&u->settings) ? HEALTH_WAIT_S : LOOK_WAIT_S;
	struct klp_err err = { 0 };
	struct run r;
	int ret;

	stop_listen();
	/* Whoever reads what is told may leave; the run goes on. */
	signal(SIGPIPE, SIG_IGN);
	ret = context_machine(u, &err);
	if (!ret)
		ret = context_lock(u, wait_s, &err);
	if (!ret)
		ret = context_db(u, true, &err);
	if (!ret)
		ret = run_init(&r, u, &err);
	if (ret)
		return update_fail(u, &err);
	return finish(&r, job, steps(&r, job, &err), &err);
}

int cmd_update(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_UPDATE);
}

int cmd_boot(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_BOOT);
}

int cmd_watch(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_WATCH);
}

/* ---- check ---- */

static int check_one(struct run *r, const struct candidate *c, const struct patch_rows *known,
		     struct klp_err *err)
{
	static const char *const words[] = {
		[DECIDE_APPLY] = "available", [DECIDE_HAVE] = "applied",
		[DECIDE_WAIT] = "waiting", [DECIDE_REFUSE] = "refused",
	};
	const struct patch_row *p = store_find(known, c->digest);
	struct verdict v;
	int ret;

	/* check_kept() has told of it. */
	if (p && applies_again(p, &r->u->machine))
		return 0;
	ret = decide_candidate(r->u, c, known, &v, err);
	if (ret)
		return ret;
	run_exit(r, v.exit);
	run_tell(r, words[v.decision], c->name, c->release,
		 v.decision == DECIDE_APPLY ? c->summary : v.reason);
	return 0;
}

/* What was good before the reboot, and whatever the source says of it now. */
static int check_kept(struct run *r, struct klp_err *err)
{
	struct patch_rows known;
	struct hold hold;
	int ret;

	ret = store_patches(r->u->db, &known, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < known.nr && !ret; i++) {
		const struct patch_row *p = &known.rows[i];

		if (!applies_again(p, &r->u->machine))
			continue;
		ret = store_held(r->u->db, p->name, &hold, err);
		run_exit(r, ret ? EXIT_DONE : EXIT_HELD);
		run_tell(r, ret ? "available" : "held", p->name, p->release, ret ? "to be applied again" : hold.reason);
		ret = ret == -ENOENT ? 0 : ret;
	}
	store_patches_free(&known);
	return ret;
}

static int check_all(struct run *r, const struct candidates *all, struct klp_err *err)
{
	struct patch_rows known;
	int ret;

	ret = store_patches(r->u->db, &known, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < all->nr_rejected; i++) {
		run_exit(r, rejection_exit(&all->rejected[i]));
		run_tell(r, "refused", all->rejected[i].path, 0, all->rejected[i].text);
	}
	for (size_t i = 0; i < all->nr && !ret; i++)
		ret = check_one(r, &all->list[i], &known, err);
	store_patches_free(&known);
	return ret;
}

static int look(struct run *r, struct klp_err *err)
{
	struct keyring *keyring;
	struct candidates all;
	struct source src;
	int ret;

	ret = open_source(&r->u->settings, false, &src, &keyring, err);
	if (ret)
		return ret;
	ret = candidates_look(&src, keyring, r->u->machine.build_id, &all, err);
	if (!ret) {
		if (all.halt.since)
			snprintf(r->u->halted, sizeof(r->u->halted), "%s", *all.halt.reason ? all.halt.reason : "no reason was given");
		ret = check_all(r, &all, err);
		candidates_free(&all);
	}
	source_close(&src);
	keyring_free(keyring);
	return ret;
}

int cmd_check(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	bool ordered = false;
	char why[160];
	struct run r;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (!ret)
		ret = run_init(&r, u, &err);
	if (ret)
		return update_fail(u, &err);
	ret = ordered_nothing(&r, &ordered, why, &err);
	if (!ret && !ordered)
		ret = check_kept(&r, &err);
	if (!ret && !ordered)
		ret = look(&r, &err);
	if (ret) {
		json_decref(r.events);
		return update_fail(u, &err);
	}
	if (u->json)
		update_print_json(json_pack("{s:O, s:i}", "events", r.events, "exit", r.exit));
	else if (!json_array_size(r.events))
		puts("nothing for this kernel");
	json_decref(r.events);
	return r.exit;
}
