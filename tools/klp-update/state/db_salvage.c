// SPDX-License-Identifier: GPL-2.0-or-later
/* db_salvage.c - see db.h: what can be read of a damaged database. */
#include <errno.h>
#include <stdio.h>

#include "db.h"
#include "db_priv.h"
#include "err.h"

/* One row of @from, into the columns of the same names; one that is there stays. */
static int copy_row(struct db *to, sqlite3_stmt *from, const char *table)
{
	char sql[1024], *end = sql + sizeof(sql), *p = sql;
	int nr = sqlite3_column_count(from), rc;
	sqlite3_stmt *st = NULL;

	p += snprintf(p, end - p, "INSERT OR IGNORE INTO %s (", table);
	for (int i = 0; i < nr && p < end; i++)
		p += snprintf(p, end - p, "%s%s", i ? ", " : "", sqlite3_column_name(from, i));
	if (p < end)
		p += snprintf(p, end - p, ") VALUES (?");
	for (int i = 1; i < nr && p < end; i++)
		p += snprintf(p, end - p, ", ?");
	if (p >= end || (size_t)snprintf(p, end - p, ")") >= (size_t)(end - p))
		return SQLITE_TOOBIG;
	rc = sqlite3_prepare_v2(to->sql, sql, -1, &st, NULL);
	for (int i = 0; i < nr && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_value(st, i + 1, sqlite3_column_value(from, i));
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return rc;
}

/* -EUCLEAN: not to its end. */
static int copy_table(struct db *to, sqlite3 *from, const char *table, const char *order, struct klp_err *err)
{
	sqlite3_stmt *st = NULL;
	char sql[128];
	int rc, ret = 0;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY rowid %s", table, order);
	rc = sqlite3_prepare_v2(from, sql, -1, &st, NULL);
	while (rc == SQLITE_OK && !ret && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = copy_row(to, st, table);
		/* A row that doesn't fit is lost; a disk that is full is another matter. */
		if (rc == SQLITE_FULL || rc == SQLITE_IOERR)
			ret = db_fail(to, err, "copy what can be read of the damaged one");
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return ret ? ret : rc == SQLITE_DONE ? 0 : -EUCLEAN;
}

int db_salvage(struct db *to, const char *from, int64_t *rows, bool *all, struct klp_err *err)
{
	static const char *const tables[] = { "patch", "history", "hold", "waiting", "number", "word" };
	sqlite3 *old = NULL;
	int ret = 0;

	*all = true;
	if (sqlite3_open_v2(from, &old, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		*all = false;
	ret = db_script(to, "BEGIN IMMEDIATE", "copy", err);
	for (size_t i = 0; i < 2 * sizeof(tables) / sizeof(*tables) && !ret; i++) {
		ret = copy_table(to, old, tables[i / 2], i % 2 ? "DESC" : "ASC", err);
		if (ret == -EUCLEAN) {
			*all = false;
			ret = 0;
		}
	}
	sqlite3_close(old);
	*rows = sqlite3_total_changes(to->sql);
	return ret ? ret : db_script(to, "COMMIT", "copy", err);
}
