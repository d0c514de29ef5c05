// SPDX-License-Identifier: GPL-2.0-or-later
/* db.c - see db.h: its verbs.  db_open.c has its tables. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "db.h"
#include "db_priv.h"
#include "err.h"

int db_fail(struct db *db, struct klp_err *err, const char *doing)
{
	int rc = sqlite3_errcode(db->sql);

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return klp_err_set(err, -EUCLEAN, "%s is damaged: %s" DAMAGED_NEXT, db->path, sqlite3_errmsg(db->sql));
	return klp_err_set(err, -EIO, "%s: cannot %s: %s%s", db->path, doing, sqlite3_errmsg(db->sql),
			   rc == SQLITE_CANTOPEN ? " (are you root?)" : "");
}

int db_script(struct db *db, const char *sql, const char *doing, struct klp_err *err)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, err, doing);
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
		ret = db_fail(db, err, rc == SQLITE_READONLY ? "write to it; are you root?" : "use it");
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
	return klp_err_set(arg, -EUCLEAN, "the state database is damaged: %s" DAMAGED_NEXT, db_text(row, 0));
}

int db_integrity(struct db *db, struct klp_err *err)
{
	return db_query(db, err, take_verdict, err, "PRAGMA quick_check(1)", "");
}
