// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * attempts.c - who tries what patches forbid, as far as the patches count it.
 *
 * The kernel's log has each attempt (or those that its rate limit lets through) with who it was; a run remembers the
 * sums, and new ones become events of the history, which go to the journal as all do (journal.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "err.h"
#include "io.h"
#include "state/store.h"
#include "state/update.h"

int64_t attempts_of(const struct machine *m, const char *module)
{
	char path[256];
	int64_t n = -1;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "%.120s/sys/module/%.63s/parameters/tripped", m->root, module);
	if (!io_read_file(path, 64, &text, &len, NULL)) {
		n = strtoll(text, NULL, 10);
		free(text);
	}
	return n;
}

static int remember_one(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	int64_t now = attempts_of(&r->u->machine, p->module), before;
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
