// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recall.c - see recall.h.
 *
 * What was withdrawn is noted first, by name and release: from then on no run and no boot applies it, whatever
 * comes of taking it out now.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "exits.h"
#include "loader.h"
#include "recall.h"
#include "run.h"
#include "source/candidates.h"
#include "state/store.h"
#include "state/store_value.h"
#include "state/update.h"

static void word_of(const struct update *u, const char *name, int64_t release, char out[256])
{
	snprintf(out, 256, "withdrawn %.64s %.64s %lld", u->machine.build_id, name, (long long)release);
}

int recalled(const struct update *u, const char *name, int64_t release, char reason[512], struct klp_err *err)
{
	char word[256];

	word_of(u, name, release, word);
	reason[0] = '\0';
	return store_word(u->db, word, reason, 512, err);
}

static int put_out(struct run *r, const struct patch_row *p, const char *why, struct klp_err *err)
{
	int ret = store_set_exit(r->u->db, p, PATCH_REVERTED, r->u->machine.boot_id, "withdrawn", why, EXIT_ROLLED_BACK, err);

	if (ret)
		return ret;
	run_exit(r, EXIT_ROLLED_BACK);
	run_tell(r, "withdrawn", p->name, p->release, why);
	return 0;
}

int recall_patch(struct run *r, const struct patch_row *p, const char *reason, struct klp_err *err)
{
	bool ours = p->state == PATCH_GOOD || p->state == PATCH_WATCHED;
	struct loader_reply reply;
	char why[700];
	int ret;

	snprintf(why, sizeof(why), "withdrawn by the publisher: %s", reason);
	if (p->state == PATCH_REVERTED || p->state == PATCH_SUPERSEDED)
		return 0;
	if (!ours || machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT)
		return put_out(r, p, why, err);
	ret = loader_revert(&r->u->settings, p->name, &reply, err);
	if (ret)
		return ret;
	if (!reply.status || reply.status == EXIT_NOTHING) {
		ret = put_out(r, p, why, err);
	} else {
		/* The next run tries again; the next boot comes up without it. */
		run_exit(r, reply.status > 0 ? reply.status : EXIT_FAILED);
		snprintf(why, sizeof(why), "withdrawn by the publisher (%.200s), and can't be taken out yet: %.300s", reason, reply.error);
		run_tell(r, "withdrawn", p->name, p->release, why);
		ret = store_has_to_go(r->u->db, p->digest, why, err);
		if (!ret)
			ret = store_event(r->u->db, r->u->machine.boot_id, "withdrawn", p->name, p->release, p->digest, why, err);
	}
	loader_reply_clear(&reply);
	return ret;
}

/* Whoever else brings it, by hand or from a stick, is told by klp-apply.  What it can't note now it is asked again. */
static int tell_loader(struct run *r, const struct withdrawal *w, struct klp_err *err)
{
	struct loader_reply reply;
	char word[256], told[8];
	int ret;

	snprintf(word, sizeof(word), "told %.64s %.64s %lld", r->u->machine.build_id, w->name, (long long)w->release);
	ret = store_word(r->u->db, word, told, sizeof(told), err);
	if (ret || *told)
		return ret;
	if (loader_withdraw(&r->u->settings, w->name, w->release, &reply, NULL))
		return 0;
	if (!reply.status)
		ret = store_set_word(r->u->db, word, "1", err);
	loader_reply_clear(&reply);
	return ret;
}

static int obey_one(struct run *r, const struct withdrawal *w, const struct patch_rows *rows, struct klp_err *err)
{
	char word[256];
	int ret;

	word_of(r->u, w->name, w->release, word);
	ret = store_set_word(r->u->db, word, *w->reason ? w->reason : "no reason was given", err);
	if (!ret)
		ret = tell_loader(r, w, err);
	for (size_t i = 0; i < rows->nr && !ret; i++) {
		const struct patch_row *p = &rows->rows[i];

		if (!strcmp(p->name, w->name) && p->release == w->release && !strcmp(p->build_id, r->u->machine.build_id))
			ret = recall_patch(r, p, w->reason, err);
	}
	return ret;
}

int recall_obey(struct run *r, const struct candidates *all, struct klp_err *err)
{
	struct patch_rows rows;
	int ret;

	if (!all->nr_withdrawn)
		return 0;
	ret = store_patches(r->u->db, &rows, err);
	for (size_t i = 0; i < all->nr_withdrawn && !ret; i++)
		ret = obey_one(r, &all->withdrawn[i], &rows, err);
	store_patches_free(&rows);
	return ret;
}
