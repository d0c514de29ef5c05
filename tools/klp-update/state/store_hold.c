// SPDX-License-Identifier: GPL-2.0-or-later
/* store_hold.c - see store_hold.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "db.h"
#include "err.h"
#include "jsonstr.h"
#include "store_hold.h"
#include "store_value.h"

int store_hold(struct db *db, const char *name, int64_t until, const char *reason,
	       struct klp_err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO hold (name, since, until, reason) VALUES (?, ?, ?, ?)",
		      "siis", name, (int64_t)time(NULL), until, reason);
}

int store_unhold(struct db *db, const char *name, struct klp_err *err)
{
	struct hold hold;
	int ret;

	ret = store_held(db, name, &hold, err);
	if (ret)
		return ret;
	return db_run(db, err, "DELETE FROM hold WHERE name = ?", "s", name);
}

struct held {
	struct hold hold;
	int found;
};

static int read_hold(struct sqlite3_stmt *st, void *arg)
{
	struct held *h = arg;

	h->found = 1;
	h->hold.since = db_int(st, 0);
	h->hold.until = db_int(st, 1);
	snprintf(h->hold.reason, sizeof(h->hold.reason), "%s", db_text(st, 2));
	return 0;
}

int store_held(struct db *db, const char *name, struct hold *out, struct klp_err *err)
{
	struct held h = { 0 };
	int ret;

	ret = db_query(db, err, read_hold, &h,
		       "SELECT since, until, reason FROM hold"
		       " WHERE name = ? AND (until = 0 OR until > ?)", "si", name,
		       (int64_t)time(NULL));
	if (ret)
		return ret;
	if (!h.found)
		return klp_err_set(err, -ENOENT, "%s%s not held", *name ? name : "updates",
				   *name ? " is" : " are");
	*out = h.hold;
	return 0;
}

static int list_hold(struct sqlite3_stmt *st, void *arg)
{
	json_t *obj = json_pack("{s:o, s:I, s:I, s:o}", "name", json_text(db_text(st, 0)),
				"since", (json_int_t)db_int(st, 1),
				"until", (json_int_t)db_int(st, 2), "reason", json_text(db_text(st, 3)));

	return json_array_append_new(arg, obj) ? -ENOMEM : 0;
}

/* A list of rows as JSON; a new reference. */
static int list(struct db *db, db_row_fn row, json_t **out, const char *sql, int64_t arg,
		struct klp_err *err)
{
	json_t *array = json_array();
	int ret = db_query(db, err, row, array, sql, "i", arg);

	if (ret) {
		json_decref(array);
		return ret;
	}
	*out = array;
	return 0;
}

int store_holds(struct db *db, json_t **out, struct klp_err *err)
{
	return list(db, list_hold, out,
		    "SELECT name, since, until, reason FROM hold WHERE until = 0 OR until > ?"
		    " ORDER BY name", time(NULL), err);
}

int store_wait(struct db *db, int64_t look, const char *name, int64_t release,
	       const char *summary, const char *cves, int64_t until, int exit, const char *reason,
	       struct klp_err *err)
{
	return db_run(db, err,
		      "INSERT INTO waiting (name, release, summary, cves, since, until, reason, look, exit)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
		      " since = CASE WHEN release = excluded.release THEN since ELSE excluded.since END,"
		      " release = excluded.release, summary = excluded.summary, cves = excluded.cves,"
		      " until = excluded.until, reason = excluded.reason, look = excluded.look,"
		      " exit = excluded.exit", "sissiisii", name, release, summary, cves, (int64_t)time(NULL), until, reason,
		      look, (int64_t)exit);
}

int store_wait_end(struct db *db, int64_t look, struct klp_err *err)
{
	return db_run(db, err, "DELETE FROM waiting WHERE look <> ?", "i", look);
}

static int list_waiting(struct sqlite3_stmt *st, void *arg)
{
	json_t *cves = json_loads(db_text(st, 3), 0, NULL);
	json_t *obj = json_pack("{s:o, s:I, s:o, s:o*, s:I, s:I, s:o, s:I}", "name", json_text(db_text(st, 0)),
				"release", (json_int_t)db_int(st, 1), "summary", json_text(db_text(st, 2)),
				"cves", cves, "since", (json_int_t)db_int(st, 4),
				"until", (json_int_t)db_int(st, 5), "reason", json_text(db_text(st, 6)),
				"exit", (json_int_t)db_int(st, 7));

	return json_array_append_new(arg, obj) ? -ENOMEM : 0;
}

int store_waiting(struct db *db, json_t **out, struct klp_err *err)
{
	return list(db, list_waiting, out,
		    "SELECT name, release, summary, cves, since, until, reason, exit FROM waiting"
		    " WHERE look >= ? ORDER BY name", 0, err);
}

int store_first_seen(struct db *db, const char *name, int64_t release, int64_t now, int64_t *out, struct klp_err *err)
{
	return db_number(db, err, now, out, "SELECT since FROM waiting WHERE name = ? AND release = ?", "si", name, release);
}

/* ---- approvals ---- */

int store_ask(struct db *db, int64_t look, struct klp_err *err)
{
	return store_set_number(db, "asked", look, err);
}

bool store_asks(struct db *db)
{
	int64_t waiting;

	/* A look that failed since has found out nothing, and took no row away. */
	return !db_number(db, NULL, 0, &waiting, "SELECT count(*) FROM waiting WHERE look = (SELECT value FROM number WHERE key = 'asked')", "") &&
	       waiting;
}

int store_approve(struct db *db, const char *name, int64_t release, struct klp_err *err)
{
	char key[96];

	snprintf(key, sizeof(key), "approved %.63s", name);
	return store_set_number(db, key, release, err);
}

int store_approved(struct db *db, const char *name, int64_t release, bool *out, struct klp_err *err)
{
	int64_t approved;
	char key[96];
	int ret;

	snprintf(key, sizeof(key), "approved %.63s", name);
	ret = store_number(db, key, &approved, err);
	*out = !ret && approved == release;
	return ret;
}
