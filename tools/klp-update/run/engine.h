/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h - one run: recover, apply again, take what is new, watch.
 */
#ifndef KLP_UPDATE_ENGINE_H
#define KLP_UPDATE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct candidates;
struct keyring;
struct klp_err;
struct machine;
struct patch_row;
struct source;
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

/* Somebody else than klp-update took it out of the kernel: that is a hold, and its history says so. */
int taken_out_by_hand(struct run *r, const struct patch_row *p, struct klp_err *err);

/* Seconds between attempt number @attempts and the next: a minute, then twice as long each time, a day at most. */
int64_t pause_after(int64_t attempts);

/* Path of a kept bundle. */
void kept_bundle(const struct update *u, const char *digest, char out[4096]);

/*
 * recover.c: attribute what an earlier run, or the machine, left unfinished; apply
 * again what was good before this boot.
 */
int recover(struct run *r, struct klp_err *err);
int apply_again(struct run *r, struct klp_err *err);
/* Is it one of those: good in an earlier boot; or it was, and failed since, or an operator gave it back?  It needs no source. */
bool applies_again(const struct patch_row *p, const struct machine *m);

/* take.c: look at the source, decide, keep and apply. */
int take_all(struct run *r, struct source *src, const struct keyring *keyring,
	     struct klp_err *err);

/* The source doesn't answer: what is kept, was never in force, and is due for another try, as long as the metadata that speaks for it is good. */
int take_kept(struct run *r, struct klp_err *err);

/* apply.c: have klp-apply load a kept bundle, with the marker around it. */
int apply_patch(struct run *r, const struct patch_row *p, const char *event, struct klp_err *err);
/* Attempt number @attempts failed, for a reason that may pass: note when the next one is due. */
int try_again(struct run *r, const struct patch_row *p, int64_t attempts, int exit,
	      const char *why, struct klp_err *err);

/* attempts.c: how often patches were tried at, into the history and the journal. */
int attempts_remember(struct run *r, struct klp_err *err);
/* -1: the patch doesn't count, or we may not look. */
int64_t attempts_of(const struct machine *m, const char *module);

/*
 * watch.c: one look at what was applied in this boot: good, taken out, or *@left patches still to be watched.
 * With --wait: until none is left, or a signal comes.
 */
int watch(struct run *r, int *left, struct klp_err *err);
/* That one look, --wait or not. */
int watch_once(struct run *r, int *left, struct klp_err *err);
/* Before @p is applied: note what the kernel is like, and have others (quietpatch-watch.path) look from now on. */
int watch_begin(struct run *r, const struct patch_row *p, struct klp_err *err);
/* @left patches are still watched: none, and nobody needs to look any more. */
void watch_end(const struct run *r, int left);

#endif
