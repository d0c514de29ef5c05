// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - see check.h. */
#include <errno.h>
#include <stdio.h>

#include "check.h"
#include "circumstances.h"
#include "decide.h"
#include "err.h"
#include "exits.h"
#include "keyring.h"
#include "recover.h"
#include "run.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/update.h"

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

	ret = source_open_trusted(&r->u->settings, false, &src, &keyring, err);
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

int run_check(struct run *r, struct klp_err *err)
{
	bool ordered = false;
	char why[160];
	int ret = run_disabled(r, &ordered, why, err);

	if (!ret && !ordered)
		ret = check_kept(r, err);
	return ret || ordered ? ret : look(r, err);
}
