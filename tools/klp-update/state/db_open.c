// SPDX-License-Identifier: GPL-2.0-or-later
/* db_open.c - see db.h: the tables, whether they are whole, and earlier versions of them. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "db_priv.h"
#include "err.h"
#include "io.h"

#define SCHEMA_VERSION	5
#define BUSY_MS		5000

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
	" next_at INTEGER NOT NULL DEFAULT 0, exit INTEGER NOT NULL DEFAULT 0,"
	/* Of a bundle that wasn't trusted: the keys that there were (keys_print()). */
	" keys TEXT NOT NULL DEFAULT '',"
	/* Names of the mitigations whose fix it is, a JSON list; when a mitigation expires. */
	" mitigates TEXT NOT NULL DEFAULT '[]', expires INTEGER NOT NULL DEFAULT 0,"
	/* Times that the machine went down with it, and nothing told why; what the kernel was like before (watch.c). */
	" strikes INTEGER NOT NULL DEFAULT 0, baseline TEXT NOT NULL DEFAULT '');"
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
	"PRAGMA user_version = 5;"
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

static const char from_2[] =
	"BEGIN IMMEDIATE;"
	"ALTER TABLE patch ADD COLUMN keys TEXT NOT NULL DEFAULT '';"
	"PRAGMA user_version = 3;"
	"COMMIT;";

static const char from_3[] =
	"BEGIN IMMEDIATE;"
	"ALTER TABLE patch ADD COLUMN mitigates TEXT NOT NULL DEFAULT '[]';"
	"ALTER TABLE patch ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;"
	"PRAGMA user_version = 4;"
	"COMMIT;";

static const char from_4[] =
	"BEGIN IMMEDIATE;"
	"ALTER TABLE patch ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE patch ADD COLUMN baseline TEXT NOT NULL DEFAULT '';"
	"PRAGMA user_version = 5;"
	"COMMIT;";

/*
 * Rows that no klp-update has written, by table: of another type, a state that there isn't, lists that are none.  A column that an
 * older version lacks isn't among them.
 */
static const struct strange {
	const char *table, *where;
} strange[] = {
	{ "patch", "length(digest) <> 64 OR typeof(digest) <> 'text' OR typeof(name) <> 'text' OR typeof(release) <> 'integer'"
		   " OR typeof(module) <> 'text' OR typeof(summary) <> 'text' OR typeof(kernel) <> 'text' OR typeof(build_id) <> 'text'"
		   " OR NOT json_valid(functions) OR NOT json_valid(cves) OR typeof(reason) <> 'text' OR typeof(attempts) <> 'integer'"
		   " OR typeof(boot_id) <> 'text' OR typeof(changed_at) <> 'integer' OR typeof(applied_at) <> 'integer'"
		   " OR state NOT IN ('fetched', 'applying', 'watched', 'good', 'failed', 'crashed', 'reverted', 'superseded')" },
	{ "history", "typeof(at) <> 'integer' OR typeof(boot_id) <> 'text' OR typeof(event) <> 'text' OR typeof(name) <> 'text'"
		     " OR typeof(release) <> 'integer' OR typeof(digest) <> 'text' OR typeof(detail) <> 'text'" },
	{ "hold", "typeof(name) <> 'text' OR typeof(since) <> 'integer' OR typeof(until) <> 'integer' OR typeof(reason) <> 'text'" },
	{ "waiting", "typeof(name) <> 'text' OR typeof(release) <> 'integer' OR typeof(summary) <> 'text' OR NOT json_valid(cves)"
		     " OR typeof(since) <> 'integer' OR typeof(until) <> 'integer' OR typeof(reason) <> 'text' OR typeof(look) <> 'integer'" },
	{ "number", "typeof(key) <> 'text' OR typeof(value) <> 'integer'" },
	{ "word", "typeof(key) <> 'text' OR typeof(value) <> 'text'" },
};

static int check_rows(struct db *db, struct klp_err *err)
{
	int64_t bad = 0;
	char sql[1024];
	int ret = 0;

	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange) && !ret && !bad; i++) {
		snprintf(sql, sizeof(sql), "SELECT EXISTS (SELECT 1 FROM %s WHERE %s)", strange[i].table, strange[i].where);
		ret = db_number(db, err, 0, &bad, sql, "");
		if (!ret && bad)
			ret = klp_err_set(err, -EUCLEAN, "%s is damaged: table %s has a row that klp-update hasn't written" DAMAGED_NEXT,
					  db->path, strange[i].table);
	}
	return ret;
}

/* All tables and their version came in one transaction, so some of them alone are damage, too. */
static int check_whole(struct db *db, int64_t version, struct klp_err *err)
{
	int64_t tables;
	int ret;

	ret = db_number(db, err, 0, &tables, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN"
			" ('patch', 'history', 'hold', 'waiting', 'number', 'word')", "");
	if (!ret && tables != (version ? 6 : 0))
		ret = klp_err_set(err, -EUCLEAN, "%s is damaged: tables are missing" DAMAGED_NEXT, db->path);
	if (!ret)
		ret = db_integrity(db, err);
	return ret || !version ? ret : check_rows(db, err);
}

int db_drop_strange(struct db *db, struct klp_err *err)
{
	char sql[1024];
	int ret = 0;

	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange) && !ret; i++) {
		snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s", strange[i].table, strange[i].where);
		ret = db_run(db, err, sql, "");
	}
	return ret;
}

static int bring_up_to_date(struct db *db, int64_t version, struct klp_err *err)
{
	int ret = 0;

	if (version == 1)
		ret = db_script(db, from_1, "bring it up to date", err);
	if (!ret && (version == 1 || version == 2))
		ret = db_script(db, from_2, "bring it up to date", err);
	if (!ret && version >= 1 && version <= 3)
		ret = db_script(db, from_3, "bring it up to date", err);
	if (!ret && version >= 1 && version <= 4)
		ret = db_script(db, from_4, "bring it up to date", err);
	return ret;
}

/* Its tables came with its version, in one transaction: they aren't written again at each run. */
static int set_up(struct db *db, int64_t version, struct klp_err *err)
{
	int ret = db_script(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;", "set it up", err);

	return ret || version == SCHEMA_VERSION ? ret : db_script(db, schema, "create its tables", err);
}

/* Instead of the file, which may only be read: a copy in memory, or nothing of it. */
static int in_memory(struct db *db, bool copy, struct klp_err *err)
{
	sqlite3 *memory;
	sqlite3_backup *b;
	int rc = sqlite3_open(":memory:", &memory);

	if (rc == SQLITE_OK && copy) {
		b = sqlite3_backup_init(memory, "main", db->sql, "main");
		rc = b ? sqlite3_backup_step(b, -1) : SQLITE_NOMEM;
		sqlite3_backup_finish(b);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	sqlite3_close(db->sql);
	db->sql = memory;
	return rc == SQLITE_OK ? 0 : klp_err_set(err, -EIO, "%s: cannot read it: %s", db->path, sqlite3_errstr(rc));
}

/* A newer klp-update's database isn't touched. */
static int prepare(struct db *db, bool write, struct klp_err *err)
{
	int64_t version;
	int ret;

	sqlite3_busy_timeout(db->sql, BUSY_MS);
	ret = db_number(db, err, 0, &version, "PRAGMA user_version", "");
	if (!ret && version > SCHEMA_VERSION)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "%s was written by a newer klp-update (schema %lld, this one knows %d): update Quietpatch",
				   db->path, (long long)version, SCHEMA_VERSION);
	if (!ret)
		ret = check_whole(db, version, err);
	if (!ret && !write && version < SCHEMA_VERSION)
		ret = in_memory(db, version, err);
	else if (!ret && !write)
		return db_script(db, "PRAGMA query_only = 1", "set it up", err);
	if (!ret)
		ret = bring_up_to_date(db, version, err);
	return ret ? ret : set_up(db, version, err);
}

static int open_at(struct db *db, bool write, struct klp_err *err)
{
	int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;

	/* Who may write plays back first what a killed run left half done. */
	if (!write && access(db->path, W_OK))
		flags = SQLITE_OPEN_READONLY;
	if (!write && access(db->path, R_OK)) {
		if (errno != ENOENT)
			return klp_err_sys(err, -errno, "cannot read %s: it is for root alone", db->path);
		return in_memory(db, false, err) ? -EIO : set_up(db, 0, err);
	}
	if (sqlite3_open_v2(db->path, &db->sql, flags, NULL) != SQLITE_OK)
		return db_fail(db, err, "open it");
	return prepare(db, write, err);
}

static int open_path(const char *path, bool write, struct db **out, struct klp_err *err)
{
	struct db *db = calloc(1, sizeof(*db));
	int ret;

	if (!db)
		return klp_err_sys(err, -ENOMEM, "cannot open the state database");
	snprintf(db->path, sizeof(db->path), "%s", path ? path : "memory");
	if (path)
		ret = open_at(db, write, err);
	else
		ret = in_memory(db, false, err) ? -EIO : set_up(db, 0, err);
	if (ret) {
		db_close(db);
		return ret;
	}
	*out = db;
	return 0;
}

static bool bundles_are_kept(const char *state)
{
	char path[PATH_MAX];
	struct dirent *de;
	bool kept = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bundles", state);
	dir = opendir(path);
	while (dir && !kept && (de = readdir(dir)))
		kept = de->d_name[0] != '.' && strstr(de->d_name, ".klp");
	if (dir)
		closedir(dir);
	return kept;
}

/*
 * It is made before the first bundle is kept, so bundles without it are what is left of a memory: releases that mustn't
 * come back, what crashed the machine.  To SQLite no file, or an empty one, would be a new database.
 */
static int check_there(const char *state, const char *path, struct klp_err *err)
{
	struct stat st;
	bool there = !stat(path, &st);

	if (there && !S_ISREG(st.st_mode))
		return klp_err_set(err, -EUCLEAN, "%s is damaged: it is no file" DAMAGED_NEXT, path);
	if ((!there && errno != ENOENT) || (there && st.st_size) || !bundles_are_kept(state))
		return 0;
	return klp_err_set(err, -EUCLEAN, "%s is damaged: it is %s, and bundles are kept" DAMAGED_NEXT, path, there ? "empty" : "gone");
}

int db_open(const char *state, bool write, struct db **out, struct klp_err *err)
{
	char path[PATH_MAX];
	int ret = write ? io_mkdirs(state, 0700, err) : 0;

	snprintf(path, sizeof(path), "%s/state.db", state);
	if (!ret)
		ret = check_there(state, path, err);
	return ret ? ret : open_path(path, write, out, err);
}

int db_create(const char *path, struct db **out, struct klp_err *err)
{
	return open_path(path, true, out, err);
}
