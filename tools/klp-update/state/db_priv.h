/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db_priv.h - what the files that make up the database share. */
#ifndef KLP_UPDATE_DB_PRIV_H
#define KLP_UPDATE_DB_PRIV_H

#include <limits.h>

#include <sqlite3.h>

struct klp_err;

#define DAMAGED_NEXT	"; the next `klp-update update` sets it aside, and builds it anew from what can be read, the kept bundles and the kernel"

struct db {
	sqlite3 *sql;
	char path[PATH_MAX];
};

/* SQLite's last word, while we were @doing something: -EUCLEAN when the file is damaged, else -EIO. */
int db_fail(struct db *db, struct klp_err *err, const char *doing);
/* Run statements without parameters. */
int db_script(struct db *db, const char *sql, const char *doing, struct klp_err *err);

#endif
