// SPDX-License-Identifier: GPL-2.0-or-later
/* run.c - see run.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "decide.h"
#include "err.h"
#include "exits.h"
#include "jsonstr.h"
#include "run.h"
#include "settings/disable.h"
#include "state/store.h"
#include "state/update.h"

/* From what must be seen first to what is news only when nothing else happened. */
static const int by_weight[] = {
	EXIT_TRUST, EXIT_ROLLED_BACK, EXIT_FAILED, EXIT_PENDING, EXIT_NETWORK, EXIT_NOT_FOUND,
	EXIT_DONE, EXIT_HELD, EXIT_NOTHING,
};

#define PAUSE_FIRST_S	(int64_t)60
#define NR_WEIGHTS	(sizeof(by_weight) / sizeof(*by_weight))

static size_t weight(int exit)
{
	size_t i;

	for (i = 0; i < NR_WEIGHTS && by_weight[i] != exit; i++)
		;
	return i;
}

int run_init(struct run *r, struct update *u, struct klp_err *err)
{
	r->u = u;
	r->exit = EXIT_NOTHING;
	r->events = json_array();
	return r->events ? 0 : klp_err_sys(err, -ENOMEM, "cannot start");
}

int run_exit_known(int exit)
{
	return weight(exit) == NR_WEIGHTS ? EXIT_FAILED : exit;
}

void run_exit(struct run *r, int exit)
{
	exit = run_exit_known(exit);
	if (weight(exit) < weight(r->exit))
		r->exit = exit;
}

void run_tell(struct run *r, const char *event, const char *name, int64_t release,
	      const char *detail)
{
	json_array_append_new(r->events, json_pack("{s:s, s:o, s:I, s:o}", "event", event,
						   "name", json_text(name), "release", (json_int_t)release,
						   "detail", json_text(detail)));
	if (r->u->json)
		return;
	printf("%-10s %s", event, name);
	if (release)
		printf(" %lld", (long long)release);
	printf("%s%s\n", *detail ? ": " : "", detail);
	fflush(stdout);
}

int run_disabled(struct run *r, bool *is, char why[160], struct klp_err *err)
{
	int ret = disabled(r->u->settings.root, is, why, 160, err);

	if (ret || !*is)
		return ret;
	run_exit(r, EXIT_HELD);
	run_tell(r, "disabled", "everything", 0, why);
	return 0;
}

void kept_bundle(const struct update *u, const char *digest, char out[4096])
{
	snprintf(out, 4096, "%s/bundles/%s.klp", u->settings.state, digest);
}

int taken_out_by_hand(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	const char *reason = "taken out by hand";
	int ret = store_set_exit(r->u->db, p, PATCH_REVERTED, r->u->machine.boot_id, "reverted", reason,
				 EXIT_HELD, err);

	if (!ret)
		run_tell(r, "reverted", p->name, p->release, reason);
	return ret;
}

int64_t pause_after(int64_t attempts)
{
	return attempts > 11 ? PAUSE_MAX_S : PAUSE_FIRST_S << (attempts < 1 ? 0 : attempts - 1);
}
