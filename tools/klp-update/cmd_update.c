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
#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "candidates.h"
#include "context.h"
#include "decide.h"
#include "disable.h"
#include "ending.h"
#include "engine.h"
#include "fetch.h"
#include "health.h"
#include "log.h"
#include "sign.h"
#include "store.h"
#include "take.h"
#include "update.h"

/* At boot the timer may have been faster; what it hasn't applied again by then is boot's. */
#define BOOT_WAIT_S	300
/* A look that takes nothing out is over in no time, but for the operator's command. */
#define LOOK_WAIT_S	3
#define HEALTH_WAIT_S	45

/* ---- update and boot ---- */

static int open_source(const struct settings *s, struct source *src, struct keyring **keyring,
		       struct klp_err *err)
{
	int ret;

	ret = keyring_load(s->keys, keyring, err);
	if (ret)
		return ret;
	if (!keyring_size(*keyring))
		ret = klp_err_set(err, -ENOKEY,
				  "no key is trusted: put the publisher's .pub file into %s", s->keys);
	if (!ret)
		ret = source_open(s, src, err);
	if (ret)
		keyring_free(*keyring);
	return ret;
}

static int take_new(struct run *r, struct klp_err *err)
{
	struct keyring *keyring;
	struct source src;
	int ret;

	ret = open_source(&r->u->settings, &src, &keyring, err);
	if (ret)
		return ret;
	ret = take_all(r, &src, keyring, err);
	source_close(&src);
	keyring_free(keyring);
	return ret;
}

/* The operator's word against all of them: apply nothing, and tell it. */
static int nothing_by_order(struct run *r, bool *ordered, struct klp_err *err)
{
	char why[160];
	int ret = disabled(r->u->settings.root, ordered, why, sizeof(why), err);

	if (ret || !*ordered)
		return ret;
	run_exit(r, EXIT_HELD);
	run_tell(r, "disabled", "everything", 0, why);
	return store_event(r->u->db, r->u->machine.boot_id, "disabled", "everything", 0, "", why, err);
}

enum job { JOB_UPDATE, JOB_BOOT, JOB_WATCH };

/* All but the look. */
static int take_and_apply(struct run *r, bool look, struct klp_err *err)
{
	bool ordered = false;
	int ret;

	ret = nothing_by_order(r, &ordered, err);
	if (ret || ordered)
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
	if (left && job == JOB_WATCH)
		run_exit(r, EXIT_PENDING);
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

	watch_install_signals();
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
	struct verdict v;
	int ret;

	ret = decide_candidate(r->u, c, known, &v, err);
	if (ret)
		return ret;
	run_exit(r, v.exit);
	run_tell(r, words[v.decision], c->name, c->release,
		 v.decision == DECIDE_APPLY ? c->summary : v.reason);
	return 0;
}

static int check_all(struct run *r, const struct candidates *all, struct klp_err *err)
{
	struct patch_rows known;
	int ret;

	ret = store_patches(r->u->db, &known, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < all->nr_rejected; i++) {
		run_exit(r, exit_of(all->rejected[i].code));
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
	char key[160];
	int64_t seen;
	int ret;

	ret = open_source(&r->u->settings, &src, &keyring, err);
	if (ret)
		return ret;
	snprintf(key, sizeof(key), "index %s", r->u->machine.build_id);
	ret = store_number(r->u->db, key, &seen, err);
	if (!ret)
		ret = candidates_look(&src, keyring, r->u->machine.build_id, seen, &all, err);
	if (!ret) {
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
	struct run r;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (!ret)
		ret = run_init(&r, u, &err);
	if (ret)
		return update_fail(u, &err);
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
