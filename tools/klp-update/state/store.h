/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - what klp-update remembers: patches, and history.
 */
#ifndef KLP_UPDATE_STORE_H
#define KLP_UPDATE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct db;
struct klp_err;
struct manifest;

enum patch_state {
	PATCH_FETCHED,		/* verified and kept, to be applied; after a failure, from next_at on */
	PATCH_APPLYING,		/* the marker: klp-apply is at work, or the machine went down */
	PATCH_WATCHED,		/* applied, not yet counted as good */
	PATCH_GOOD,		/* applied; applied again after a boot */
	PATCH_FAILED,		/* klp-apply didn't trust it */
	PATCH_CRASHED,		/* the machine went down with it */
	PATCH_REVERTED,		/* taken out, by the watch or by hand */
	PATCH_SUPERSEDED,	/* a later release took its place */
	NR_PATCH_STATES
};

const char *patch_state_name(enum patch_state state);

struct patch_row {
	char digest[65];
	char name[64];
	char module[64];
	char kernel[65];
	char build_id[129];
	char boot_id[65];	/* of the boot that `state` belongs to */
	char *summary, *functions, *cves, *reason;	/* functions and cves: JSON lists */
	char *mitigates;	/* names of the mitigations whose fix it is, a JSON list */
	int64_t expires;	/* of a mitigation, seconds since 1970; else 0 */
	int64_t release, attempts, changed_at, applied_at;
	int64_t next_at;	/* FETCHED, after a failure; or when it has to go: not tried earlier in this boot */
	/*
	 * enum exit_code: of that failure; WATCHED, GOOD: EXIT_ROLLED_BACK when it has to go, since a fault was seen, or it was
	 * withdrawn; REVERTED: EXIT_HELD when an operator took it out.
	 */
	int exit;
	char keys[65];		/* FAILED: the keys that didn't do */
	int64_t strikes;	/* times that the machine went down with it, and nothing told why */
	char baseline[256];	/* JSON, watch.c: what the kernel was like before; "" is "not known" */
	enum patch_state state;
};

struct patch_rows {
	struct patch_row *rows;
	size_t nr;
};

/* All patches, in the order in which they were applied, then by name. */
int store_patches(struct db *db, struct patch_rows *out, struct klp_err *err);
void store_patches_free(struct patch_rows *rows);
/* Is @p the fix of mitigation @name? */
bool store_mitigates(const struct patch_row *p, const char *name);
const struct patch_row *store_find(const struct patch_rows *rows, const char *digest);

/* A verified bundle that is kept now; leaves a row that is there alone. */
int store_add(struct db *db, const struct manifest *m, const char *digest, struct klp_err *err);
/* Change a patch's state and write history, in one transaction. */
int store_set(struct db *db, const struct patch_row *p, enum patch_state state,
	      const char *boot_id, const char *event, const char *reason, struct klp_err *err);
/* It failed for a reason that may pass: it is tried again from @next_at on. */
int store_set_again(struct db *db, const struct patch_row *p, const char *boot_id, int64_t next_at,
		    int exit, const char *reason, struct klp_err *err);
/* @state for a reason that @exit stands for; @event as for store_set(). */
int store_set_exit(struct db *db, const struct patch_row *p, enum patch_state state, const char *boot_id,
		   const char *event, const char *reason, int exit, struct klp_err *err);
/* The machine went down with it, and nothing tells why: a strike, and back to FETCHED, or CRASHED. */
int store_strike(struct db *db, const struct patch_row *p, enum patch_state state, const char *boot_id,
		 const char *event, const char *reason, struct klp_err *err);
/* It is in force, and has to go: no other field of its row changes. */
int store_has_to_go(struct db *db, const char *digest, const char *reason, struct klp_err *err);
/* One more attempt to take @digest out has failed: the next one is due at @next_at. */
int store_pause(struct db *db, const char *digest, int64_t next_at, struct klp_err *err);
/* What the kernel is like, as the watch of @digest will compare it. */
int store_set_baseline(struct db *db, const char *digest, const char *json, struct klp_err *err);
/* The keys of this moment didn't do for it. */
int store_set_keys(struct db *db, const struct patch_row *p, const char *keys, struct klp_err *err);
/* Its attempts and strikes don't count any more. */
int store_forget(struct db *db, const char *digest, struct klp_err *err);
/* Make the row again what @p says: nothing was tried. */
int store_restore(struct db *db, const struct patch_row *p, struct klp_err *err);
/* An event that changes no patch.  The same one twice in a row is written once. */
int store_event(struct db *db, const char *boot_id, const char *event, const char *name,
		int64_t release, const char *digest, const char *detail, struct klp_err *err);
/* Newest first, at most @limit.  A new reference. */
int store_history(struct db *db, int64_t limit, json_t **out, struct klp_err *err);

/* What came after row @id, the oldest first, each with its "id".  A new reference. */
int store_history_after(struct db *db, int64_t id, json_t **out, struct klp_err *err);

#endif
