// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply.c - see apply.h.
 *
 * The row says "applying" on the disk before klp-apply starts.  Should the
 * machine go down now, recover() finds that row, and the patch isn't tried again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apply.h"
#include "base/local_time.h"
#include "err.h"
#include "exits.h"
#include "loader.h"
#include "run.h"
#include "source/keysprint.h"
#include "state/store.h"
#include "state/update.h"
#include "watch.h"

static int set_state(struct run *r, const struct patch_row *p, enum patch_state state,
		     const char *event, const char *reason, struct klp_err *err)
{
	int ret = store_set(r->u->db, p, state, r->u->machine.boot_id, event, reason, err);

	if (!ret && event)
		run_tell(r, event, p->name, p->release, reason);
	return ret;
}

int try_again(struct run *r, const struct patch_row *p, int64_t attempts, int exit,
	      const char *why, struct klp_err *err)
{
	int64_t next = time(NULL) + pause_after(attempts);
	char reason[900], when[32];
	int ret;

	local_time(next, when);
	snprintf(reason, sizeof(reason), "%s; attempt %lld, the next one after %s", why,
		 (long long)attempts, when);
	ret = store_set_again(r->u->db, p, r->u->machine.boot_id, next, exit, reason, err);
	if (!ret)
		run_tell(r, "failed", p->name, p->release, reason);
	return ret;
}

static int applied(struct run *r, const struct patch_row *p, const char *event,
		   const struct loader_reply *reply, struct klp_err *err)
{
	char detail[512];

	loader_reply_describe(reply, detail, sizeof(detail));
	run_exit(r, EXIT_DONE);
	return set_state(r, p, PATCH_WATCHED, event, detail, err);
}

/* For good, or until there are other keys. */
static int not_trusted(struct run *r, const struct patch_row *p, const struct loader_reply *reply,
		       struct klp_err *err)
{
	char keys[65];
	int ret = keys_print(&r->u->settings, keys, err);

	if (!ret)
		ret = store_set_keys(r->u->db, p, keys, err);
	return ret ? ret : set_state(r, p, PATCH_FAILED, "failed", reply->error, err);
}

/*
 * Only what klp-apply doesn't trust is bad for good.  A time-out, another transition, no core
 * module, no memory, a full disk: all that may pass, so it is tried again, for ever.
 */
static int not_applied(struct run *r, const struct patch_row *p, const struct loader_reply *reply,
		       struct klp_err *err)
{
	int exit = reply->status > 0 ? run_exit_known(reply->status) : EXIT_FAILED;
	char reason[700];

	/* Its 3, no core module or another kernel, isn't ours: the source has something. */
	if (exit == EXIT_NOT_FOUND || exit == EXIT_NOTHING || exit == EXIT_USAGE)
		exit = EXIT_FAILED;
	run_exit(r, exit);
	if (exit == EXIT_TRUST)
		return not_trusted(r, p, reply, err);
	snprintf(reason, sizeof(reason), "%s", reply->error);
	return try_again(r, p, p->attempts + 1, exit, reason, err);
}

/* The earlier release that is applied. */
static const struct patch_row *standing(const struct update *u, const struct patch_rows *rows,
					const struct patch_row *p)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct patch_row *old = &rows->rows[i];

		if (strcmp(old->digest, p->digest) && !strcmp(old->name, p->name) &&
		    (old->state == PATCH_GOOD || old->state == PATCH_WATCHED) &&
		    machine_patch(&u->machine, old->module) == IN_KERNEL_APPLIED)
			return old;
	}
	return NULL;
}

static int load(struct run *r, const struct patch_row *p, struct loader_reply *reply,
		struct klp_err *err)
{
	char path[4096];
	int ret;

	ret = watch_begin(r, p, err);
	if (!ret)
		ret = set_state(r, p, PATCH_APPLYING, NULL, "", err);
	if (ret)
		return ret;
	kept_bundle(r->u, p->digest, path);
	ret = loader_load(&r->u->settings, path, reply, err);
	/* klp-apply didn't run, so nothing was tried. */
	if (ret) {
		store_restore(r->u->db, p, NULL);
		return ret;
	}
	/* One that was killed, or hung, may have done its work before: the kernel knows. */
	if (reply->status < 0 && machine_has(&r->u->machine, p->module, p->release))
		reply->status = EXIT_DONE;
	/* Whatever it says: "applied" is what the kernel has. */
	if ((reply->status == EXIT_DONE || reply->status == EXIT_NOTHING) &&
	    machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT) {
		reply->status = EXIT_FAILED;
		snprintf(reply->error, sizeof(reply->error), "klp-apply ended as if it were applied, and the kernel hasn't got it");
	}
	return 0;
}

/* Take the earlier release out, put the new one in, and the old back if that fails. */
static int replace(struct run *r, const struct patch_row *p, const struct patch_row *old,
		   const char *event, struct klp_err *err)
{
	struct loader_reply reply;
	int ret;

	/* Killed between the two, the next run puts one of them in, and knows that nobody's hand took it out. */
	ret = set_state(r, old, PATCH_FETCHED, NULL, "a later release was taking its place", err);
	if (!ret)
		ret = loader_revert(&r->u->settings, old->name, &reply, err);
	if (ret)
		return ret;
	if (reply.status && reply.status != EXIT_NOTHING) {
		ret = store_restore(r->u->db, old, err);
		if (!ret)
			ret = not_applied(r, p, &reply, err);
		loader_reply_clear(&reply);
		return ret;
	}
	loader_reply_clear(&reply);
	ret = load(r, p, &reply, err);
	if (ret)
		return ret;
	if (!reply.status) {
		ret = applied(r, p, event, &reply, err);
		if (!ret)
			ret = set_state(r, old, PATCH_SUPERSEDED, NULL, "by a later release", err);
		loader_reply_clear(&reply);
		return ret;
	}
	ret = not_applied(r, p, &reply, err);
	loader_reply_clear(&reply);
	return ret ? ret : apply_patch(r, old, "restored", err);
}

static int supersede_others(struct run *r, const struct patch_rows *rows,
			    const struct patch_row *p, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < rows->nr && !ret; i++) {
		const struct patch_row *old = &rows->rows[i];

		bool later = !strcmp(old->name, p->name) && old->release < p->release;
		bool fix = store_mitigates(p, old->name);

		if ((!later && !fix) || strcmp(old->build_id, p->build_id) || old->state == PATCH_SUPERSEDED)
			continue;
		ret = set_state(r, old, PATCH_SUPERSEDED, NULL, fix ? "its fix has taken its place" :
				"by a later release", err);
	}
	return ret;
}

static int fresh(struct run *r, const struct patch_row *p, const struct patch_rows *rows,
		 const char *event, struct klp_err *err)
{
	struct loader_reply reply;
	int ret;

	ret = load(r, p, &reply, err);
	if (ret)
		return ret;
	if (!reply.status || reply.status == EXIT_NOTHING) {
		ret = applied(r, p, event, &reply, err);
		if (!ret)
			ret = supersede_others(r, rows, p, err);
	} else {
		ret = not_applied(r, p, &reply, err);
	}
	loader_reply_clear(&reply);
	return ret;
}

int apply_patch(struct run *r, const struct patch_row *p, const char *event, struct klp_err *err)
{
	const struct patch_row *old;
	struct patch_rows rows;
	int ret;

	ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	old = standing(r->u, &rows, p);
	/*
	 * Two modules: klp-apply has the later one take over, and at no moment is neither in
	 * force. One name: the old one has to go first. "restored" puts it back: nothing stands then.
	 */
	ret = old && old->release < p->release && !strcmp(old->module, p->module) ?
	      replace(r, p, old, event, err) : fresh(r, p, &rows, event, err);
	store_patches_free(&rows);
	return ret;
}
