/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_hold.h - what is held, what waits, and what waits for the operator's word. */
#ifndef KLP_UPDATE_STORE_HOLD_H
#define KLP_UPDATE_STORE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct db;
struct klp_err;

struct hold {
	int64_t since, until;	/* until 0: no end */
	char reason[256];
};
/* @name "" holds everything. */
int store_hold(struct db *db, const char *name, int64_t until, const char *reason,
	       struct klp_err *err);
/* -ENOENT: it wasn't held. */
int store_unhold(struct db *db, const char *name, struct klp_err *err);
/* The hold on exactly @name that is in force now; -ENOENT: none. */
int store_held(struct db *db, const char *name, struct hold *out, struct klp_err *err);
/* All holds in force, a new reference to a list. */
int store_holds(struct db *db, json_t **out, struct klp_err *err);

/*
 * What waits, as the look numbered @look found it; `since` is kept from earlier
 * ones.  store_wait_end() drops what this look didn't name.
 */
int store_wait(struct db *db, int64_t look, const char *name, int64_t release,
	       const char *summary, const char *cves, int64_t until, int exit, const char *reason,
	       struct klp_err *err);
int store_wait_end(struct db *db, int64_t look, struct klp_err *err);
int store_waiting(struct db *db, json_t **out, struct klp_err *err);
/* Since when @name's @release waits; @now if it doesn't. */
int store_first_seen(struct db *db, const char *name, int64_t release, int64_t now, int64_t *out, struct klp_err *err);

/* Does a release of the look numbered @look wait for that word? */
int store_ask(struct db *db, int64_t look, struct klp_err *err);
bool store_asks(struct db *db);

/* The operator's word for that release (and no later one) of @name. */
int store_approve(struct db *db, const char *name, int64_t release, struct klp_err *err);
int store_approved(struct db *db, const char *name, int64_t release, bool *out, struct klp_err *err);

#endif
