// SPDX-License-Identifier: GPL-2.0-or-later
/* circumstances.c - see circumstances.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "circumstances.h"
#include "cve/cve_records.h"
#include "decide.h"
#include "exits.h"
#include "recall.h"
#include "source/candidates.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/update.h"

/*
 * Whatever is thought of it, somebody else has loaded it, or a later release of it: klp-update isn't one to take out what people put
 * in, and a fix is in force.  A later release that it knows itself is decide()'s: then the offer is an old one.
 */
static bool runs_anyway(const struct update *u, const struct candidate *c, const struct patch_rows *known, struct verdict *out)
{
	int64_t there = machine_release(&u->machine, c->name);

	if (!there || there < c->release)
		return false;
	for (size_t i = 0; i < known->nr; i++) {
		const struct patch_row *p = &known->rows[i];

		if (strcmp(p->name, c->name) || strcmp(p->build_id, u->machine.build_id) || p->release != there)
			continue;
		if (p->state == PATCH_WATCHED || p->state == PATCH_GOOD || strcmp(p->digest, c->digest))
			return false;
	}
	*out = (struct verdict){ .decision = DECIDE_HAVE, .exit = EXIT_NOTHING };
	if (there == c->release)
		snprintf(out->reason, sizeof(out->reason), "applied, by somebody else than klp-update");
	else
		snprintf(out->reason, sizeof(out->reason), "release %lld of it is applied, by somebody else than klp-update", (long long)there);
	return true;
}

int decide_candidate(struct update *u, const struct candidate *c, const struct patch_rows *known,
		     struct verdict *out, struct klp_err *err)
{
	struct circumstances now = { .build_id = u->machine.build_id, .settings = &u->settings,
				     .boot_id = u->machine.boot_id, .time = time(NULL), .machine_id = u->machine.id };
	json_t *records = NULL;
	struct hold all, own;
	char withdrawn[512];
	int ret;

	if (runs_anyway(u, c, known, out))
		return 0;
	ret = recalled(u, c->name, c->release, withdrawn, err);
	if (ret)
		return ret;
	if (*withdrawn) {
		*out = (struct verdict){ .decision = DECIDE_WAIT, .exit = EXIT_ROLLED_BACK };
		snprintf(out->reason, sizeof(out->reason), "withdrawn by the publisher: %.400s", withdrawn);
		return 0;
	}
	now.halted = u->halted;
	ret = store_held(u->db, "", &all, err);
	if (ret && ret != -ENOENT)
		return ret;
	now.held_all = ret ? NULL : &all;
	ret = store_held(u->db, c->name, &own, err);
	if (ret && ret != -ENOENT)
		return ret;
	now.held = ret ? NULL : &own;
	ret = store_first_seen(u->db, c->name, c->release, now.time, &now.first_seen, err);
	if (!ret)
		ret = store_approved(u->db, c->name, c->release, &now.approved, err);
	if (!ret && strcmp(u->settings.severity, "any"))
		ret = cve_records_load(u, &records, err);
	if (ret)
		return ret;
	now.severity = cve_worst(records, c->cves);
	json_decref(records);
	decide(c, known, &now, out);
	return 0;
}
