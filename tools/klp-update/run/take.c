// SPDX-License-Identifier: GPL-2.0-or-later
/* take.c - see take.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "base/local_time.h"
#include "base/stop.h"
#include "bundle.h"
#include "circumstances.h"
#include "decide.h"
#include "err.h"
#include "exits.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "news.h"
#include "recall.h"
#include "run.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "source/trust.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/store_value.h"
#include "state/update.h"
#include "take.h"
#include "tlog/logcheck.h"

static int wait_for(struct run *r, const struct candidate *c, int64_t look, int64_t until, int exit,
		    const char *reason, struct klp_err *err)
{
	return store_wait(r->u->db, look, c->name, c->release, c->summary, c->cves, until, exit,
			  reason, err);
}

/* This one isn't taken, for want of trust or of an answer; the others may be fine. */
static int refuse(struct run *r, const struct candidate *c, int64_t look, int exit,
		  const char *why, struct klp_err *err)
{
	char reason[KLP_ERR_LEN];
	int ret;

	snprintf(reason, sizeof(reason), "%s", why);
	run_exit(r, exit);
	run_tell(r, "refused", c->name, c->release, reason);
	ret = store_event(r->u->db, r->u->machine.boot_id, "refused", c->name, c->release,
			  c->digest, reason, err);
	return ret ? ret : wait_for(r, c, look, 0, exit, reason, err);
}

static int keep_bundle(struct run *r, const struct candidate *c, const void *data, size_t len,
		       const struct verified_bundle *vb, struct klp_err *err)
{
	char path[4096];
	int ret;

	snprintf(path, sizeof(path), "%s/bundles", r->u->settings.state);
	ret = io_mkdirs(path, 0755, err);
	if (ret)
		return ret;
	kept_bundle(r->u, c->digest, path);
	ret = io_write_atomic(path, data, len, 0644, err);
	if (!ret)
		ret = store_add(r->u->db, verified_bundle_manifest(vb), c->digest, err);
	return ret;
}

/* Of our own machine, or of who stops us, so that the next candidate would fare no better. */
static bool is_ours(int code)
{
	return code == -ENOMEM || code == -EPERM || code == -EMFILE || code == -ENFILE || code == -EINTR;
}

/* A mitigation whose time is over refuses nothing: applied, it would only look like something. */
static bool is_over(const struct manifest *m, char *why, size_t size)
{
	char when[32];

	if (!m->expires || m->expires > (uint64_t)time(NULL))
		return false;
	local_time((int64_t)m->expires, when);
	snprintf(why, size, "a mitigation that expired on %s; its fix is missing", when);
	return true;
}

/* Is there a requirement of @m that isn't met by what is applied? Then it is in @lacks. */
static bool lacking(const struct run *r, const struct manifest *m, const struct patch_rows *known,
		    char *lacks, size_t size)
{
	char name[MANIFEST_NAME_LEN];
	uint64_t release;

	for (size_t i = 0; i < m->nr_requires; i++) {
		bool met = false;

		if (manifest_requirement(m->requires[i], name, &release))
			continue;	/* a manifest that was verified has none such */
		for (size_t k = 0; k < known->nr && !met; k++)
			met = !strcmp(known->rows[k].name, name) &&
			      known->rows[k].release >= (int64_t)release &&
			      machine_patch(&r->u->machine, known->rows[k].module) == IN_KERNEL_APPLIED;
		if (met)
			continue;
		snprintf(lacks, size, "requires %s release %llu or later, which isn't applied", name,
			 (unsigned long long)release);
		return true;
	}
	return false;
}

/* Not left to klp-apply: the same bundle may come again with its proof, and a failure to apply it would be remembered. */
static int check_logged(struct run *r, int ret, void *data, struct verified_bundle *vb, struct klp_err *err)
{
	if (!ret && (ret = logcheck_once(r->u->settings.log_policy, vb, err))) {
		verified_bundle_free(vb);
		free(data);
	}
	return ret;
}

/* What failed once, for a reason that may pass, is here already; unless keys or the logs that are asked for have changed since. */
static int get_bundle(struct run *r, struct source *src, const struct candidate *c, const struct keyring *keyring, void **data,
		      size_t *len, struct verified_bundle **vb, struct klp_err *err)
{
	const char *build_id = r->u->machine.build_id;
	char path[4096];
	int ret;

	kept_bundle(r->u, c->digest, path);
	ret = candidate_kept(path, c, keyring, build_id, data, len, vb, err);
	ret = check_logged(r, ret, ret ? NULL : *data, ret ? NULL : *vb, err);
	if (!ret || is_ours(ret))
		return ret;
	ret = candidate_fetch(src, c, keyring, build_id, data, len, vb, err);
	return check_logged(r, ret, ret ? NULL : *data, ret ? NULL : *vb, err);
}

/* 1: kept; 0: refused, and the run goes on; 2: it lacks a patch that it requires, named in @lacks, or is over. */
static int fetch_and_keep(struct run *r, struct source *src, const struct candidate *c,
			  const struct keyring *keyring, int64_t look, char *lacks, size_t size,
			  struct klp_err *err)
{
	struct verified_bundle *vb;
	struct patch_rows known;
	bool lack = false;
	size_t len;
	void *data;
	int ret;

	ret = get_bundle(r, src, c, keyring, &data, &len, &vb, err);
	if (ret && !is_ours(ret))
		return refuse(r, c, look, ret == -ENOENT ? EXIT_NETWORK : exit_of(ret),
			      err->text, err);
	if (ret)
		return ret;
	ret = store_patches(r->u->db, &known, err);
	if (!ret) {
		lack = is_over(verified_bundle_manifest(vb), lacks, size) ||
		       lacking(r, verified_bundle_manifest(vb), &known, lacks, size);
		store_patches_free(&known);
	}
	if (!ret && !lack)
		ret = keep_bundle(r, c, data, len, vb, err);
	verified_bundle_free(vb);
	free(data);
	return ret ? ret : lack ? 2 : 1;
}

static int apply_kept(struct run *r, const char *digest, struct klp_err *err)
{
	const struct patch_row *p;
	struct patch_rows rows;
	int ret;

	ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	p = store_find(&rows, digest);
	ret = p ? apply_patch(r, p, "applied", err) :
		  klp_err_set(err, -EIO, "a bundle that was just kept isn't in the database");
	store_patches_free(&rows);
	return ret;
}

/* 1: it lacks a patch that it requires; one that may come later in this run, unless @last. */
static int take_one(struct run *r, struct source *src, const struct candidate *c,
		    const struct keyring *keyring, int64_t look, bool last, struct klp_err *err)
{
	struct patch_rows known;
	struct verdict v;
	int ret;

	ret = stop_check(err);
	if (!ret)
		ret = store_patches(r->u->db, &known, err);
	if (!ret) {
		ret = decide_candidate(r->u, c, &known, &v, err);
		store_patches_free(&known);
	}
	if (ret)
		return ret;
	if (v.decision == DECIDE_REFUSE)
		return refuse(r, c, look, v.exit, v.reason, err);
	if (v.decision == DECIDE_APPLY) {
		ret = fetch_and_keep(r, src, c, keyring, look, v.reason, sizeof(v.reason), err);
		if (ret == 1)
			return apply_kept(r, c->digest, err);
		if (ret != 2)
			return ret;
		if (!last)
			return 1;
		v.decision = DECIDE_WAIT;
		v.exit = EXIT_PENDING;
	}
	run_exit(r, v.exit);
	if (v.decision == DECIDE_WAIT) {
		run_tell(r, "waiting", c->name, c->release, v.reason);
		ret = v.asks ? store_ask(r->u->db, look, err) : 0;
		return ret ? ret : wait_for(r, c, look, v.until, v.exit, v.reason, err);
	}
	return 0;
}

/* In rounds, as long as one ends with fewer left: whom a patch requires may come after it. */
static int take_list(struct run *r, struct source *src, const struct candidates *all,
		     const struct keyring *keyring, int64_t look, struct klp_err *err)
{
	size_t left = all->nr, before;
	bool *done = calloc(all->nr + 1, sizeof(*done));
	int ret = done ? 0 : klp_err_sys(err, -ENOMEM, "cannot take updates");

	if (ret)
		return ret;
	do {
		before = left;
		for (size_t i = 0; i < all->nr && ret >= 0; i++) {
			if (done[i])
				continue;
			ret = take_one(r, src, &all->list[i], keyring, look, false, err);
			done[i] = !ret;
			left -= !ret;
		}
	} while (left && left < before && ret >= 0);
	for (size_t i = 0; i < all->nr && ret >= 0; i++)
		if (!done[i])
			ret = take_one(r, src, &all->list[i], keyring, look, true, err);
	free(done);
	return ret < 0 ? ret : 0;
}

/* By the keys of the root that the look has come to, if it is another one. */
static int take_by_root(struct run *r, struct source *src, const struct candidates *all, int64_t look, struct klp_err *err)
{
	struct keyring *keyring;
	int ret = trust_keyring(&r->u->settings, &keyring, NULL, err);

	if (ret)
		return ret;
	ret = take_list(r, src, all, keyring, look, err);
	keyring_free(keyring);
	return ret;
}

/* ---- while the source doesn't answer ---- */

/* Kept, and it never came as far as into the kernel. */
static bool awaits(const struct update *u, const struct patch_row *p)
{
	char path[4096];

	kept_bundle(u, p->digest, path);
	return p->state == PATCH_FETCHED && !p->applied_at && !strcmp(p->build_id, u->machine.build_id) &&
	       !must_pause(p, u->machine.boot_id, time(NULL)) && !access(path, R_OK);
}

/* Whether it still may go in is decided as it would be by a look: by the last word of the source, while that is good. */
static int take_awaiting(struct run *r, const struct patch_rows *known, struct klp_err *err)
{
	struct candidates all, some;
	struct source src;
	int64_t look;
	int ret;

	source_open_kept(&r->u->settings, &src);
	ret = candidates_look(&src, NULL, r->u->machine.build_id, &all, err);
	source_close(&src);
	if (ret)
		return klp_err_wrap(err, "what is kept isn't tried again without the source");
	if (all.halt.since)
		snprintf(r->u->halted, sizeof(r->u->halted), "%s", *all.halt.reason ? all.halt.reason : "no reason was given");
	some = (struct candidates){ .list = calloc(all.nr + 1, sizeof(*some.list)) };
	for (size_t i = 0; some.list && i < all.nr; i++) {
		const struct patch_row *p = store_find(known, all.list[i].digest);

		if (p && awaits(r->u, p))
			some.list[some.nr++] = all.list[i];
	}
	ret = some.list ? store_number(r->u->db, "look", &look, err) : klp_err_sys(err, -ENOMEM, "cannot take updates");
	if (!ret)
		ret = take_by_root(r, &src, &some, look, err);
	free(some.list);
	candidates_free(&all);
	return ret;
}

int take_kept(struct run *r, struct klp_err *err)
{
	struct patch_rows known;
	bool any = false;
	int ret = store_patches(r->u->db, &known, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < known.nr; i++)
		any |= awaits(r->u, &known.rows[i]);
	if (any)
		ret = take_awaiting(r, &known, err);
	store_patches_free(&known);
	return ret;
}

static int look_and_take(struct run *r, struct source *src, const struct keyring *keyring,
			 int64_t look, struct klp_err *err)
{
	struct candidates all;
	int ret;

	ret = candidates_look(src, keyring, r->u->machine.build_id, &all, err);
	if (ret)
		return ret;
	ret = store_set_number(r->u->db, "last-look", time(NULL), err);
	if (all.halt.since)
		snprintf(r->u->halted, sizeof(r->u->halted), "%s", *all.halt.reason ? all.halt.reason : "no reason was given");
	if (!ret)
		ret = recall_obey(r, &all, err);
	if (!ret)
		ret = news_take(r, src, &all, look, err);
	if (!ret)
		ret = take_by_root(r, src, &all, look, err);
	candidates_free(&all);
	return ret;
}

int take_all(struct run *r, struct source *src, const struct keyring *keyring,
	     struct klp_err *err)
{
	int64_t look;
	int ret;

	ret = store_number(r->u->db, "look", &look, err);
	if (!ret)
		ret = store_set_number(r->u->db, "look", ++look, err);
	if (!ret)
		ret = look_and_take(r, src, keyring, look, err);
	if (!ret)
		ret = store_wait_end(r->u->db, look, err);
	return ret;
}
