// SPDX-License-Identifier: GPL-2.0-or-later
/* db.c - see db.h. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "db.h"
#include "err.h"
#include "io.h"

#define SCHEMA_VERSION	2
#define BUSY_MS		5000

struct db {
	sqlite3 *sql;
	char path[PATH_MAX];
};

static const char schema[] =
	"BEGIN IMMEDIATE;"
	/* One row a bundle that was verified.  `state` is enum patch_state's word. */
	"CREATE TABLE IF NOT EXISTS patch ("
	" digest TEXT PRIMARY KEY, name TEXT NOT NULL, release INTEGER NOT NULL,"
	" module TEXT NOT NULL, summary TEXT NOT NULL, kernel TEXT NOT NULL,"
	" build_id TEXT NOT NULL, functions TEXT NOT NULL, cves TEXT NOT NULL,"
	" state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',"
	" attempts INTEGER NOT NULL DEFAULT 0, boot_id TEXT NOT NULL DEFAULT '',"
	" changed_at INTEGER NOT NULL, applied_at INTEGER NOT NULL DEFAULT 0,"
	/* After a failure that may pass: not tried before; what a run exits with meanwhile. */
	" next_at INTEGER NOT NULL DEFAULT 0, exit INTEGER NOT NULL DEFAULT 0);"
	/* What happened, never changed afterwards. */
	"CREATE TABLE IF NOT EXISTS history ("
	" id INTEGER PRIMARY KEY, at INTEGER NOT NULL, boot_id TEXT NOT NULL,"
	" event TEXT NOT NULL, name TEXT NOT NULL, release INTEGER NOT NULL,"
	" digest TEXT NOT NULL, detail TEXT NOT NULL);"
	/* name '' holds everything; until 0 has no end. */
	"CREATE TABLE IF NOT EXISTS hold ("
	" name TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL,"
	" reason TEXT NOT NULL);"
	/* What the last look found and didn't apply. */
	"CREATE TABLE IF NOT EXISTS waiting ("
	" name TEXT PRIMARY KEY, release INTEGER NOT NULL, summary TEXT NOT NULL,"
	" cves TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,"
	" reason TEXT NOT NULL, look INTEGER NOT NULL, exit INTEGER NOT NULL DEFAULT 0);"
	/* Highest index version seen, by kernel build-id; the last look's result. */
	"CREATE TABLE IF NOT EXISTS number (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS word (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
	"PRAGMA user_version = 2;"
	"COMMIT;";

/* Version 1 gave up after three attempts; what it gave up is tried again. */
static const char from_1[] =
	"BEGIN IMMEDIATE;"
	"ALTER TABLE patch ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE patch ADD COLUMN exit INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE waiting ADD COLUMN exit INTEGER NOT NULL DEFAULT 0;"
	"UPDATE patch SET state = 'fetched', attempts = 0 WHERE state = 'failed';"
	"PRAGMA user_version = 2;"
	"COMMIT;";

static int fail(struct db *db, struct klp_err *err, const char *doing)
{
	return klp_err_set(err, -EIO, "%s: cannot %s: %s", db->path, doing, sqlite3_errmsg(db->sql));
}

static int script(struct db *db, const char *sql, const char *doing, struct klp_err *err)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, err, doing);
	return 0;
}

/* A newer klp-update's database isn't touched. */
static int prepare(struct db *db, bool write, struct klp_err *err)
{
	int64_t version;
	int ret;

	sqlite3_busy_timeout(db->sql, BUSY_MS);
	ret = db_number(db, err, 0, &version, "PRAGMA user_version", "");
	if (ret)
		return ret;
	if (version > SCHEMA_VERSION)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "%s was written by a newer klp-update (schema %lld, this one knows %d): update Quietpatch",
				   db->path, (long long)version, SCHEMA_VERSION);
	if (!write && version == 1)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "%s is an earlier klp-update's; the next run brings it up to date",
				   db->path);
	if (!write)
		return 0;
	if (version == 1) {
		ret = script(db, from_1, "bring it up to date", err);
		if (ret)
			return ret;
	}
	ret = script(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;",
		     "set it up", err);
	return ret ? ret : script(db, schema, "create its tables", err);
}

static int open_at(struct db *db, const char *state, bool write, struct klp_err *err)
{
	int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	int ret = 0;

	snprintf(db->path, sizeof(db->path), "%s/state.db", state);
	if (write)
		ret = io_mkdirs(state, 0755, err);
	if (ret)
		return ret;
	if (!write && access(db->path, F_OK)) {
		if (sqlite3_open(":memory:", &db->sql) != SQLITE_OK)
			return fail(db, err, "open it");
		return script(db, schema, "create its tables", err);
	}
	if (sqlite3_open_v2(db->path, &db->sql, flags, NULL) != SQLITE_OK)
		return fail(db, err, "open it");
	return prepare(db, write, err);
}

int db_open(const char *state, bool write, struct db **out, struct klp_err *err)
{
	struct db *db = calloc(1, sizeof(*db));
	int ret;

	if (!db)
		return klp_err_sys(err, -ENOMEM, "cannot open the state database");
	ret = open_at(db, state, write, err);
	if (ret) {
		db_close(db);
		return ret;
	}
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_close(db->sql);
	free(db);
}

static int bind_all(sqlite3_stmt *st, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types && rc == SQLITE_OK; types++, i++) {
		if (*types == 's')
			rc = sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
	}
	return rc;
}

static int query(struct db *db, struct klp_err *err, db_row_fn row, void *arg, const char *sql,
		 const char *types, va_list ap)
{
	sqlite3_stmt *st = NULL;
	int rc, ret = 0;

	rc = sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = bind_all(st, types, ap);
	if (rc == SQLITE_OK) {
		while (!ret && (rc = sqlite3_step(st)) == SQLITE_ROW)
			ret = row ? row(st, arg) : 0;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		ret = fail(db, err, rc == SQLITE_READONLY ? "write to it; are you root?" : "use it");
	sqlite3_finalize(st);
	return ret;
}

int db_run(struct db *db, struct klp_err *err, const char *sql, const char *types, ...)
{
	va_list ap;
	int ret;

	va_start(ap, types);
	ret = query(db, err, NULL, NULL, sql, types, ap);
	va_end(ap);
	return ret;
}

int db_query(struct db *db, struct klp_err *err, db_row_fn row, void *arg, const char *sql,
	     const char *types, ...)
{
	va_list ap;
	int ret;

	va_start(ap, types);
	ret = query(db, err, row, arg, sql, types, ap);
	va_end(ap);
	return ret;
}

const char *db_text(sqlite3_stmt *row, int i)
{
	const char *s = (const char *)sqlite3_column_text(row, i);

	return s ? s : "";
}

int64_t db_int(sqlite3_stmt *row, int i)
{
	return sqlite3_column_int64(row, i);
}

static int take_number(sqlite3_stmt *row, void *arg)
{
	*(int64_t *)arg = db_int(row, 0);
	return 0;
}

int db_number(struct db *db, struct klp_err *err, int64_t otherwise, int64_t *out,
	      const char *sql, const char *types, ...)
{
	int64_t n = otherwise;
	va_list ap;
	int ret;

	va_start(ap, types);
	ret = query(db, err, take_number, &n, sql, types, ap);
	va_end(ap);
	if (!ret)
		*out = n;
	return ret;
}

static int take_verdict(sqlite3_stmt *row, void *arg)
{
	if (!strcmp(db_text(row, 0), "ok"))
		return 0;
	return klp_err_set(arg, -EUCLEAN, "the state database is damaged: %s; move it away, history is lost, patches are not",
			   db_text(row, 0));
}

int db_integrity(struct db *db, struct klp_err *err)
{
	return db_query(db, err, take_verdict, err, "PRAGMA integrity_check(1)", "");
}
