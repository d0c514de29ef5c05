/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - the account of one run: what happened, for its exit code and its report.
 */
#ifndef KLP_UPDATE_RUN_H
#define KLP_UPDATE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct klp_err;
struct patch_row;
struct update;

/* What a run did, for its exit code and its report. */
struct run {
	struct update *u;
	int exit;		/* worst so far; EXIT_NOTHING to start with */
	json_t *events;		/* list of {event, name, release, detail} */
};

int run_init(struct run *r, struct update *u, struct klp_err *err);
/* @exit, or EXIT_FAILED for a status that no run ends with: klp-apply was killed by a shell, or is another program. */
int run_exit_known(int exit);
/* Count @exit in: trust before faults before success before nothing. */
void run_exit(struct run *r, int exit);
/* Tell a person now, and a machine at the end. */
void run_tell(struct run *r, const char *event, const char *name, int64_t release,
	      const char *detail);

/* The operator's word against all of them: apply nothing.  Then it is told, @why says by what. */
int run_disabled(struct run *r, bool *is, char why[160], struct klp_err *err);

/* Somebody else than klp-update took it out of the kernel: that is a hold, and its history says so. */
int taken_out_by_hand(struct run *r, const struct patch_row *p, struct klp_err *err);

/* Seconds between attempt number @attempts and the next: a minute, then twice as long each time, a day at most. */
int64_t pause_after(int64_t attempts);

/* Path of a kept bundle. */
void kept_bundle(const struct update *u, const char *digest, char out[4096]);

#endif
