/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patches.h - the patches in the running kernel.
 *
 * The core module says what is so (/sys/kernel/quietpatch); a record that load
 * leaves in /run/quietpatch adds what only the bundle knew: release, CVEs,
 * when.  A patch without a record is still listed.
 */
#ifndef KLP_PATCHES_H
#define KLP_PATCHES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quietpatch.h"

struct klp_err;
struct manifest;
struct transition;

/* Reverted, while the core waits until no task can be in its code. */
#define PATCH_LEAVING 4

#define RECORD_DIR "/run/quietpatch"

struct patch {
	char module[QP_NAME_LEN];
	char name[QP_NAME_LEN];		/* of all its releases */
	uint64_t release;		/* 0: not known */
	uint32_t state;			/* enum qp_patch_state, or PATCH_LEAVING */
	bool replaced;			/* a cumulative patch or a later release has taken over */
	bool irrevertible;
	uint64_t order;			/* of application */
	char *mitigates;		/* "NAME 1\n...": whose fix it is; "" or NULL: none */
	json_t *pending;		/* modules that aren't loaded, in which it does nothing yet; NULL: none */
	bool nothing_here;		/* none of what it replaces is loaded */
	json_t *record;			/* or NULL */
};

/* In the order of application.  *out is for patches_free(). */
int patches_get(struct patch **out, size_t *nr, struct klp_err *err);
void patches_free(struct patch *p, size_t nr);

/* By patch or module name, '-' and '_' alike, those in force first; NULL if there is none. */
const struct patch *patches_find(const struct patch *p, size_t nr, const char *name);

/* "pending: waits for module isofs...", for people; "" if @modules is empty.  @nothing: none of the patch is in force. */
const char *pending_word(const json_t *modules, bool nothing, char buf[256]);

/* Is @p a fix that takes the place of mitigation @name? */
bool patch_mitigates(const struct patch *p, const char *name);

/* "loaded", "applying", ... */
const char *patch_state_word(uint32_t state);
/* The state that is spelled so, or -EINVAL. */
int patch_state_parse(const char *word, uint32_t *out);

/* Name, release, module, summary, kernel, CVEs and functions, for JSON replies. */
json_t *manifest_brief(const struct manifest *m);

/* @tr: NULL before its end is known. */
int record_write(const struct manifest *m, const char *digest, const struct transition *tr,
		 struct klp_err *err);
void record_remove(const char *module);

#endif
