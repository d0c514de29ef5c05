// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - from "applied" to "good", or out again.
 *
 * The kernel flags its own faults: an oops, a warning or a soft lockup sets a
 * taint bit.  A bit that is new since before the patch takes the patch out.  A
 * crash in the watch is found by recover() after the boot.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "err.h"
#include "loader.h"
#include "store.h"
#include "update.h"

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

void watch_install_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

static int set(struct run *r, const struct patch_row *p, enum patch_state state,
	       const char *event, const char *reason, struct klp_err *err)
{
	int ret = store_set(r->u->db, p, state, r->u->machine.boot_id, event, reason, err);

	if (!ret)
		run_tell(r, event, p->name, p->release, reason);
	return ret;
}

static int take_out(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	struct loader_reply reply;
	char reason[700];
	int ret;

	run_exit(r, EXIT_ROLLED_BACK);
	ret = loader_revert(&r->u->settings, p->name, &reply, err);
	if (ret)
		return ret;
	snprintf(reason, sizeof(reason), "the kernel reported a fault while it was watched%s%s",
		 reply.status ? ", and it can't be taken out: " : "", reply.error);
	loader_reply_clear(&reply);
	return set(r, p, PATCH_REVERTED, "reverted", reason, err);
}

/* Seconds of the watch that are left for @p; ends at once when we are stopped. */
static bool wait_out(struct run *r, const struct patch_row *p, uint64_t faults_before)
{
	while (!stopped && time(NULL) - p->applied_at < r->u->settings.watch) {
		if (machine_faults(&r->u->machine) & ~faults_before)
			break;
		sleep(1);
	}
	return machine_faults(&r->u->machine) & ~faults_before;
}

static int watch_one(struct run *r, const struct patch_row *p, uint64_t faults_before,
		     struct klp_err *err)
{
	char reason[96];

	if (wait_out(r, p, faults_before))
		return take_out(r, p, err);
	if (machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT)
		return set(r, p, PATCH_REVERTED, "reverted", "by somebody else than klp-update", err);
	snprintf(reason, sizeof(reason), "no fault in %lld s%s",
		 (long long)(time(NULL) - p->applied_at),
		 stopped ? "; the watch was cut short, klp-update was told to stop" : "");
	return set(r, p, PATCH_GOOD, "good", reason, err);
}

int watch(struct run *r, struct klp_err *err)
{
	struct patch_rows rows;
	int64_t faults_before;
	int ret;

	ret = store_number(r->u->db, "faults", &faults_before, err);
	if (!ret)
		ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++) {
		if (rows.rows[i].state == PATCH_WATCHED)
			ret = watch_one(r, &rows.rows[i], (uint64_t)faults_before, err);
	}
	store_patches_free(&rows);
	return ret;
}
