// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - see watch.h.
 *
 * Nobody stays for it: each run, and as long as something is watched a timer's `klp-update watch` every few seconds,
 * takes one look. What counts is what this patch causes: a report in the kernel's log with a frame of its code, or of
 * what it replaces (klog.h); an answer of the operator's own command (health.h); waiting time (pressure.h).
 * The kernel's taint flags tell only that there was a fault, not whose: they count where the log can't be read.
 * A crash in the watch is found by recover() after the boot.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/stop.h"
#include "decide.h"
#include "err.h"
#include "exits.h"
#include "io.h"
#include "loader.h"
#include "log.h"
#include "machine/health.h"
#include "machine/klog.h"
#include "machine/pressure.h"
#include "run.h"
#include "settings/policy.h"
#include "state/store.h"
#include "state/update.h"
#include "watch.h"

#define MARK	"/run/quietpatch/watching"	/* quietpatch-watch.path waits for it; cron's line, too */
#define NOTES	"/run/quietpatch/watch.json"	/* from look to look: {"seen": RECORD, "unwell": SECONDS} */
#define UNWELL_S	5	/* one answer may be chance: health has to say no in a later look, too */

static int set(struct run *r, const struct patch_row *p, enum patch_state state,
	       const char *event, const char *reason, struct klp_err *err)
{
	int ret = store_set(r->u->db, p, state, r->u->machine.boot_id, event, reason, err);

	if (!ret)
		run_tell(r, event, p->name, p->release, reason);
	return ret;
}

/* It has to go, and can't yet: the looks that follow try again, after pauses that grow. */
static int not_out_yet(struct run *r, const struct patch_row *p, const char *fault, const char *error, struct klp_err *err)
{
	int64_t next = time(NULL) + pause_after(p->attempts + 1);
	char detail[900];
	int ret;

	snprintf(detail, sizeof(detail), "%.300s while it was watched, and it can't be taken out yet: %.500s", fault, error);
	ret = store_pause(r->u->db, p->digest, next, err);
	if (!ret)
		ret = store_event(r->u->db, r->u->machine.boot_id, "stuck", p->name, p->release, p->digest, detail, err);
	if (!ret)
		run_tell(r, "stuck", p->name, p->release, detail);
	return ret;
}

/* *@left counts it, too, as long as the kernel has it. */
static int take_out(struct run *r, const struct patch_row *p, const char *fault, int *left, struct klp_err *err)
{
	struct loader_reply reply;
	char reason[900];
	int ret = 0;

	run_exit(r, EXIT_ROLLED_BACK);
	/* On the disk first: killed from here on, the next run knows whose fault it is, and goes on. */
	if (p->exit != EXIT_ROLLED_BACK)
		ret = store_set_exit(r->u->db, p, PATCH_WATCHED, r->u->machine.boot_id, NULL, fault, EXIT_ROLLED_BACK, err);
	if (!ret)
		ret = loader_revert(&r->u->settings, p->name, &reply, err);
	if (ret)
		return ret;
	if (!reply.status || machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT) {
		snprintf(reason, sizeof(reason), "%.300s while it was watched", fault);
		ret = set(r, p, PATCH_REVERTED, "reverted", reason, err);
	} else {
		(*left)++;
		ret = not_out_yet(r, p, fault, reply.error, err);
	}
	loader_reply_clear(&reply);
	return ret;
}

static int take_out_when_due(struct run *r, const struct patch_row *p, int *left, struct klp_err *err)
{
	if (!must_pause(p, r->u->machine.boot_id, time(NULL)))
		return take_out(r, p, p->reason, left, err);
	run_exit(r, EXIT_ROLLED_BACK);
	(*left)++;
	return 0;
}

/* ---- what the machine is like ---- */

/* Seconds since the boot, without those that the machine slept: no fault shows then.  Nobody sets this clock. */
static int64_t uptime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* One look's findings, for all that is watched. */
struct look {
	struct klog log;
	uint64_t faults;	/* taint flags */
	double pressure[NR_PRESSURES];
	bool deaf;		/* the log can't be read, or a part of it was overwritten unseen */
	int64_t unwell;		/* since when health says no (uptime); 0: it says yes */
	char said[300];		/* by health */
};

static json_t *read_notes(const struct run *r)
{
	char path[PATH_MAX];
	json_t *notes;

	snprintf(path, sizeof(path), "%s" NOTES, r->u->machine.root);
	notes = json_load_file(path, 0, NULL);
	return notes ? notes : json_object();
}

static void write_notes(const struct run *r, const struct look *l)
{
	json_t *notes = json_pack("{s:I, s:I}", "seen", (json_int_t)l->log.next, "unwell", (json_int_t)l->unwell);
	char *text = json_dumps(notes, JSON_COMPACT), path[PATH_MAX];
	struct klp_err err = { 0 };

	snprintf(path, sizeof(path), "%s" NOTES, r->u->machine.root);
	if (text && io_write_atomic(path, text, strlen(text), 0600, &err))
		log_warn("what this look saw isn't kept for the next: %s", err.text);
	free(text);
	json_decref(notes);
}

static void look_around(struct run *r, struct look *l)
{
	json_t *notes = read_notes(r), *seen = json_object_get(notes, "seen");

	memset(l, 0, sizeof(*l));
	l->faults = machine_faults(&r->u->machine);
	l->deaf = klog_read(r->u->machine.root, &l->log, NULL) ||
		  (seen && (json_int_t)l->log.first > json_integer_value(seen));
	pressure_read(r->u->machine.root, l->pressure);
	if (!health_ask(&r->u->settings, l->said, sizeof(l->said))) {
		l->unwell = json_integer_value(json_object_get(notes, "unwell"));
		l->unwell = l->unwell ? l->unwell : uptime();
	}
	json_decref(notes);
	write_notes(r, l);
}

static json_t *baseline_json(const struct look *l)
{
	return json_pack("{s:I, s:I, s:I, s:b, s:[f, f, f]}", "at", (json_int_t)uptime(), "log", (json_int_t)l->log.next,
			 "faults", (json_int_t)l->faults, "unwell", l->unwell != 0, "pressure", l->pressure[0],
			 l->pressure[1], l->pressure[2]);
}

static int set_baseline(struct run *r, const char *digest, const struct look *l, struct klp_err *err)
{
	json_t *base = baseline_json(l);
	char *text = base ? json_dumps(base, JSON_COMPACT | JSON_REAL_PRECISION(4)) : NULL;
	int ret = text ? store_set_baseline(r->u->db, digest, text, err) : klp_err_sys(err, -ENOMEM, "cannot watch");

	free(text);
	json_decref(base);
	return ret;
}

int watch_begin(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	char path[PATH_MAX], folder[PATH_MAX];
	struct look l;
	int ret;

	snprintf(folder, sizeof(folder), "%s/run/quietpatch", r->u->machine.root);
	snprintf(path, sizeof(path), "%s" MARK, r->u->machine.root);
	ret = io_mkdirs(folder, 0755, err);
	/* An earlier patch's watch may be under way; written anew it would look like another one. */
	if (!ret && access(path, F_OK))
		ret = io_write_atomic(path, "", 0, 0644, err);
	if (ret)
		return ret;
	look_around(r, &l);
	ret = set_baseline(r, p->digest, &l, err);
	klog_free(&l.log);
	return ret;
}

void watch_end(const struct run *r, int left)
{
	char path[PATH_MAX];

	if (left)
		return;
	snprintf(path, sizeof(path), "%s" NOTES, r->u->machine.root);
	unlink(path);
	snprintf(path, sizeof(path), "%s" MARK, r->u->machine.root);
	unlink(path);
}

/* ---- a look ---- */

static bool by_pressure(const struct run *r, const struct look *l, const json_t *base, char *why, size_t size)
{
	const json_t *before = json_object_get(base, "pressure");
	long most = pressure_most(r->u->settings.pressure);

	for (int i = 0; most && i < NR_PRESSURES; i++) {
		double was = json_number_value(json_array_get(before, (size_t)i));

		if (l->pressure[i] < 0 || was < 0 || l->pressure[i] - was < most)
			continue;
		snprintf(why, size, "pressure: tasks waited for %s in %.0f%% of the last minute, before it in %.0f%%",
			 pressure_name(i), l->pressure[i], was);
		return true;
	}
	return false;
}

/* Has there been a fault of this patch since it was applied?  Then @why says which. */
static bool fault(const struct run *r, const struct patch_row *p, const struct look *l, const json_t *base,
		  char *why, size_t size)
{
	uint64_t from = (uint64_t)json_integer_value(json_object_get(base, "log"));
	json_t *functions = json_loads(p->functions, 0, NULL);
	bool blames = klog_blames(l->log.text, l->log.len, from, p->module, functions, why, size);

	json_decref(functions);
	if (blames)
		return true;
	if (l->deaf && l->faults & ~(uint64_t)json_integer_value(json_object_get(base, "faults"))) {
		snprintf(why, size, "the kernel reported a fault; whose can't be told, its log can't be read");
		return true;
	}
	if (l->unwell && uptime() - l->unwell >= UNWELL_S && !json_is_true(json_object_get(base, "unwell"))) {
		snprintf(why, size, "health says no: %s", l->said);
		return true;
	}
	return by_pressure(r, l, base, why, size);
}

/* Faults of others are told, and aren't held against it. */
static int tell_others(struct run *r, const struct patch_row *p, const struct look *l, const json_t *base,
		       struct klp_err *err)
{
	uint64_t from = (uint64_t)json_integer_value(json_object_get(base, "log"));
	char report[200], detail[300];

	if (l->deaf || !klog_reports(l->log.text, l->log.len, from, report, sizeof(report)))
		return 0;
	snprintf(detail, sizeof(detail), "the kernel reported \"%s\", not in this patch's code", report);
	return store_event(r->u->db, r->u->machine.boot_id, "noticed", p->name, p->release, p->digest, detail, err);
}

static int is_good(struct run *r, const struct patch_row *p, const struct look *l, const json_t *base, int64_t age,
		   struct klp_err *err)
{
	char reason[400];

	snprintf(reason, sizeof(reason), "no fault in %lld s%s%s", (long long)age,
		 l->deaf ? "; only the taint flags were watched, the kernel's log can't be read" : "",
		 json_is_true(json_object_get(base, "unwell")) && health_wanted(&r->u->settings) ?
		 "; health wasn't counted: it said no before the patch, too" : "");
	return set(r, p, PATCH_GOOD, "good", reason, err);
}

static int look_at(struct run *r, const struct patch_row *p, const struct look *l, int *left, struct klp_err *err)
{
	json_t *base = json_loads(p->baseline, 0, NULL);
	char why[500];
	int64_t age;
	int ret;

	if (p->exit == EXIT_ROLLED_BACK) {
		ret = take_out_when_due(r, p, left, err);
	} else if (machine_patch(&r->u->machine, p->module) == IN_KERNEL_NOT) {
		ret = taken_out_by_hand(r, p, err);
	} else if (!base || json_integer_value(json_object_get(base, "at")) > uptime()) {
		/* An earlier version's, which had none or counted sleep as well, or its row was rebuilt: from now on. */
		ret = set_baseline(r, p->digest, l, err);
		(*left)++;
	} else if (fault(r, p, l, base, why, sizeof(why))) {
		ret = take_out(r, p, why, left, err);
	} else {
		age = uptime() - json_integer_value(json_object_get(base, "at"));
		ret = tell_others(r, p, l, base, err);
		if (!ret && age >= r->u->settings.watch)
			ret = is_good(r, p, l, base, age, err);
		else
			(*left)++;
	}
	json_decref(base);
	return ret;
}

int watch_once(struct run *r, int *left, struct klp_err *err)
{
	struct patch_rows rows;
	struct look l;
	bool looked = false;
	int ret;

	*left = 0;
	ret = store_patches(r->u->db, &rows, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++) {
		if (rows.rows[i].state != PATCH_WATCHED)
			continue;
		if (!looked)
			look_around(r, &l);
		looked = true;
		ret = look_at(r, &rows.rows[i], &l, left, err);
	}
	if (looked)
		klog_free(&l.log);
	store_patches_free(&rows);
	return ret;
}

int watch(struct run *r, int *left, struct klp_err *err)
{
	int ret;

	while (!(ret = watch_once(r, left, err)) && *left && r->u->wait && !stop_wait(-1, 1000))
		;
	return ret;
}
