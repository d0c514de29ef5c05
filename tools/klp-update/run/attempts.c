// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * attempts.c - see attempts.h.
 *
 * The kernel's log has each attempt (or those that its rate limit lets through) with who it was; a run remembers the
 * sums, and new ones become events of the history, which go to the journal as all do (journal.c).
 */
#include <stdio.h>

#include "attempts.h"
#include "err.h"
#include "run.h"
#include "state/store.h"
#include "state/store_value.h"
#include "state/update.h"

static int remember_one(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	int64_t now = machine_attempts(&r->u->machine, p->module), before;
	char key[256], detail[128];
	int ret;

	if (now < 0)
		return 0;
	/* A boot, and a module that is loaded again, count anew. */
	snprintf(key, sizeof(key), "tripped %.64s %.63s", r->u->machine.boot_id, p->module);
	ret = store_number(r->u->db, key, &before, err);
	if (ret || now == before)
		return ret;
	/* The module was loaded again. */
	if (now < before)
		before = 0;
	if (now > before) {
		snprintf(detail, sizeof(detail), "%lld attempt%s at what it forbids, %lld of them new", (long long)now,
			 now == 1 ? "" : "s", (long long)(now - before));
		ret = store_event(r->u->db, r->u->machine.boot_id, "attempted", p->name, p->release, p->digest, detail, err);
		run_tell(r, "attempted", p->name, p->release, detail);
	}
	return ret ? ret : store_set_number(r->u->db, key, now, err);
}

int attempts_remember(struct run *r, struct klp_err *err)
{
	struct patch_rows rows;
	int ret = store_patches(r->u->db, &rows, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++)
		if (machine_patch(&r->u->machine, rows.rows[i].module) == IN_KERNEL_APPLIED)
			ret = remember_one(r, &rows.rows[i], err);
	store_patches_free(&rows);
	return ret;
}
