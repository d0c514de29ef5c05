// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_retry.c - klp-update retry: forget that a patch failed, was taken out, or has to pause.
 *
 * The next run, by hand or by the timer, takes it as if it were new.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "log.h"
#include "run/recall.h"
#include "state/store.h"
#include "tell/announce.h"

/* Is there something to forget? */
static bool is_kept_out(const struct patch_row *p)
{
	return p->state == PATCH_FAILED || p->state == PATCH_CRASHED || p->state == PATCH_REVERTED ||
	       (p->state == PATCH_FETCHED && (p->attempts || p->exit));
}

static int give_back(struct update *u, const struct patch_row *p, struct klp_err *err)
{
	char detail[64];
	int ret;

	snprintf(detail, sizeof(detail), "was %s", patch_state_name(p->state));
	ret = store_set(u->db, p, PATCH_FETCHED, u->machine.boot_id, "retry", detail, err);
	if (!ret)
		ret = store_forget(u->db, p->digest, err);
	if (!ret && !u->json)
		printf("%s %lld: will be tried again by the next run (klp-update update)\n", p->name,
		       (long long)p->release);
	return ret;
}

static int give_back_all(struct update *u, const char *name, bool *known, int *nr, struct klp_err *err)
{
	struct patch_rows rows;
	char withdrawn[512];
	int ret;

	ret = store_patches(u->db, &rows, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++) {
		const struct patch_row *p = &rows.rows[i];

		if (strcmp(p->build_id, u->machine.build_id) || (name && strcmp(name, p->name)))
			continue;
		*known = true;
		if (!is_kept_out(p))
			continue;
		ret = recalled(u, p->name, p->release, withdrawn, err);
		if (!ret && *withdrawn) {
			if (!u->json)
				printf("%s %lld: its publisher has withdrawn it, and it isn't tried again: %s\n", p->name,
				       (long long)p->release, withdrawn);
			continue;
		}
		if (!ret)
			ret = give_back(u, p, err);
		++*nr;
	}
	store_patches_free(&rows);
	return ret;
}

int cmd_retry(struct update *u, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	struct klp_err err = { 0 };
	bool known = !name;
	int nr = 0, ret;

	if (!name == !u->all)
		return update_usage(u, "retry wants the NAME of a patch, or --all; `klp-update status` lists them");
	ret = context_machine(u, &err);
	if (!ret)
		ret = context_lock(u, RETRY_WAIT_S, &err);
	if (!ret)
		ret = context_db(u, true, &err);
	if (!ret)
		ret = give_back_all(u, name, &known, &nr, &err);
	if (ret)
		return update_fail(u, &err);
	announce(u);
	if (u->json)
		update_print_json(json_pack("{s:i}", "retried", nr));
	if (!known) {
		log_error("no patch %s has been tried on this kernel; `klp-update status` lists them", name);
		return EXIT_NOT_FOUND;
	}
	if (!nr && !u->json)
		puts("nothing to retry");
	return nr ? EXIT_DONE : EXIT_NOTHING;
}
