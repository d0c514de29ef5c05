// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - from "applied" to "good", or out again.
 *
 * The kernel flags its own faults: an oops, a warning or a soft lockup sets a
 * taint bit.  A bit that is new since before the patch takes the patch out.  On a
 * kernel that had such a fault before, no bit is new; its log tells, and whose
 * code the fault lies in (klog.h).  A crash in the watch is found by recover()
 * after the boot.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "err.h"
#include "klog.h"
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

static int take_out(struct run *r, const struct patch_row *p, const char *fault, struct klp_err *err)
{
	struct loader_reply reply;
	char reason[900];
	int ret;

	run_exit(r, EXIT_ROLLED_BACK);
	/* On the disk first: killed from here on, the next run knows whose fault it is, and goes on. */
	ret = store_set_exit(r->u->db, p, PATCH_WATCHED, r->u->machine.boot_id, NULL, fault, EXIT_ROLLED_BACK, err);
	if (!ret)
		ret = loader_revert(&r->u->settings, p->name, &reply, err);
	if (ret)
		return ret;
	snprintf(reason, sizeof(reason), "%.300s while it was watched%s%s", fault,
		 reply.status ? ", and it can't be taken out: " : "", reply.error);
	loader_reply_clear(&reply);
	return set(r, p, PATCH_REVERTED, "reverted", reason, err);
}

/* What was there before the patch. */
struct before {
	uint64_t faults;
	uint64_t log;	/* sequence number of the kernel log's next record */
};

/* Has there been a fault since?  Then @why says which.  *@deaf: the log can't be read, only the flags tell. */
static bool fault(struct run *r, const struct patch_row *p, const struct before *before, char *why,
		  size_t size, bool *deaf)
{
	json_t *functions;
	struct klog log;
	bool blames;

	*deaf = klog_read(r->u->machine.root, &log, NULL);
	if (!*deaf) {
		functions = json_loads(p->functions, 0, NULL);
		blames = klog_blames(log.text, log.len, before->log, p->module, functions, why, size);
		json_decref(functions);
		klog_free(&log);
		if (blames)
			return true;
	}
	if (!(machine_faults(&r->u->machine) & ~before->faults))
		return false;
	snprintf(why, size, "the kernel reported a fault");
	return true;
}

/* Seconds of the watch that are left for @p; ends at once when we are stopped. */
static bool wait_out(struct run *r, const struct patch_row *p, const struct before *before, char *why,
		     size_t size, bool *deaf)
{
	bool bad;

	while (!(bad = fault(r, p, before, why, size, deaf))) {
		int64_t age = time(NULL) - p->applied_at;

		if (stopped || age >= r->u->settings.watch)
			break;
		/* The log is read each time. */
		sleep(age < 30 || r->u->settings.watch - age < 10 ? 1 : 10);
	}
	return bad;
}

int watch_begin(struct run *r, struct klp_err *err)
{
	struct klog log;
	int64_t next = 0;
	int ret;

	/* A log that can't be read is told of when the watch ends. */
	if (!klog_read(r->u->machine.root, &log, NULL)) {
		next = (int64_t)log.next;
		klog_free(&log);
	}
	ret = store_set_number(r->u->db, "log", next, err);
	return ret ? ret : store_set_number(r->u->db, "faults", (int64_t)machine_faults(&r->u->machine), err);
}

static int watch_one(struct run *r, const struct patch_row *p, const struct before *before,
		     struct klp_err *err)
{
	char reason[200], why[400];
	bool deaf;

	if (p->exit == EXIT_ROLLED_BACK)
		return take_out(r, p, p->reason, err);
	if (wait_out(r, p, before, why, sizeof(why), &deaf))
		return take_out(r, p, why, err);
	if (machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT)
		return taken_out_by_hand(r, p, err);
	snprintf(reason, sizeof(reason), "no fault in %lld s%s%s",
		 (long long)(time(NULL) - p->applied_at),
		 deaf ? "; only the taint flags were watched, the kernel's log can't be read" : "",
		 stopped ? "; the watch was cut short, klp-update was told to stop" : "");
	return set(r, p, PATCH_GOOD, "good", reason, err);
}

int watch(struct run *r, struct klp_err *err)
{
	struct patch_rows rows;
	int64_t faults, log;
	struct before before;
	int ret;

	ret = store_number(r->u->db, "faults", &faults, err);
	if (!ret)
		ret = store_number(r->u->db, "log", &log, err);
	if (!ret)
		ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	before = (struct before){ .faults = (uint64_t)faults, .log = (uint64_t)log };
	for (size_t i = 0; i < rows.nr && !ret; i++) {
		if (rows.rows[i].state == PATCH_WATCHED)
			ret = watch_one(r, &rows.rows[i], &before, err);
	}
	store_patches_free(&rows);
	return ret;
}
