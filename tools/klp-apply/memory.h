/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - what this machine has had, so that an older release from anywhere doesn't get in again.
 *
 * Root's own, beside klp-update's: whoever carries a bundle here, a timer or a person with a USB stick, is held
 * to it.  For each patch of a kernel build: the highest release whose loading was begun, which bundle that was, and
 * whether the machine went down before its end.  Beyond that, what was withdrawn.
 */
#ifndef KLP_APPLY_MEMORY_H
#define KLP_APPLY_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define MEMORY_DIR	"/var/lib/quietpatch/apply"

struct klp_err;
struct manifest;
struct memory;

/* What may be done nevertheless, by explicit choice. */
enum memory_allow {
	ALLOW_OLDER = 1,	/* an earlier release, or another bundle of the same one */
	ALLOW_CRASHED = 2,	/* the machine went down while it was being loaded */
	ALLOW_WITHDRAWN = 4,
};

/*
 * Open what is kept in @dir, which is made if it isn't there, and lock it.  What can't be understood is set aside
 * as memory.json.damaged, and *damaged says so.
 */
int memory_open(const char *dir, struct memory **out, bool *damaged, struct klp_err *err);
void memory_close(struct memory *mem);

/*
 * May it be loaded?  @id: verified_bundle_id(); @allow: enum memory_allow.  -ESTALE: a later release, or another
 * bundle of this one, was here; -EKEYREVOKED: withdrawn; -EHOSTDOWN: the machine went down with it.
 */
int memory_check(const struct memory *mem, const struct manifest *m, const char *id, const char *boot_id,
		 unsigned int allow, struct klp_err *err);
/* Its loading begins now; on the disk when it returns. */
int memory_begin(struct memory *mem, const struct manifest *m, const char *id, const char *boot_id, struct klp_err *err);
/* Whatever was begun has come to an end, and the machine stands. */
int memory_end(struct memory *mem, struct klp_err *err);
/* This release of @name isn't to be loaded again.  The first reason stays. */
int memory_withdraw(struct memory *mem, const char *build_id, const char *name, uint64_t release, const char *reason,
		    struct klp_err *err);

#endif
