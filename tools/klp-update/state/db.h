/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db.h - the state folder's SQLite file, as few verbs as do.
 *
 * Rollback journal and synchronous=EXTRA: when a write has returned it is on the
 * disk, and a crash leaves the state before it or after it.  That is what makes
 * a row a marker.  With FULL the journal's end isn't synced: after a power cut it was there again, and took
 * the last row back (selftests/check-killed).
 */
#ifndef KLP_UPDATE_DB_H
#define KLP_UPDATE_DB_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct klp_err;
struct sqlite3_stmt;

/*
 * Open state/state.db.  @write creates what is missing.  Without it, an absent
 * file gives an empty database, so that status works before the first run, and an earlier version's is
 * brought up to date in memory.  -EUCLEAN: it is damaged, or lost while bundles are kept; -EACCES: it may not be read.
 */
int db_open(const char *state, bool write, struct db **out, struct klp_err *err);
/* A new one at @path; NULL: in memory. */
int db_create(const char *path, struct db **out, struct klp_err *err);
/*
 * Copy what can be read of the damaged database @from into @to, from both ends of each table.
 * @rows: how many; @all: nothing was in the way.
 */
int db_salvage(struct db *to, const char *from, int64_t *rows, bool *all, struct klp_err *err);
/* Remove the rows that no klp-update has written; a database that has some is -EUCLEAN. */
int db_drop_strange(struct db *db, struct klp_err *err);
void db_close(struct db *db);	/* NULL is fine */

/*
 * Run one statement.  @types has a letter for each "?": 's' const char *,
 * 'i' int64_t.
 */
int db_run(struct db *db, struct klp_err *err, const char *sql, const char *types, ...);

/* Call @row for each row; a non-zero return ends it and is returned. */
typedef int (*db_row_fn)(struct sqlite3_stmt *row, void *arg);
int db_query(struct db *db, struct klp_err *err, db_row_fn row, void *arg, const char *sql,
	     const char *types, ...);
/* Column @i of a row; never NULL. */
const char *db_text(struct sqlite3_stmt *row, int i);
int64_t db_int(struct sqlite3_stmt *row, int i);

/* One number, @otherwise when there is no row. */
int db_number(struct db *db, struct klp_err *err, int64_t otherwise, int64_t *out,
	      const char *sql, const char *types, ...);
/* Is the file whole?  -EUCLEAN with SQLite's words if not. */
int db_integrity(struct db *db, struct klp_err *err);

#endif
