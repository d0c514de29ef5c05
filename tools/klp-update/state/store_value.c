// SPDX-License-Identifier: GPL-2.0-or-later
/* store_value.c - see store_value.h. */
#include <stdio.h>

#include "db.h"
#include "store_value.h"

/* A look with nothing new changes little, and what isn't changed needn't be brought to the disk, with four fdatasync(). */
#define UNLESS_THE_SAME	" ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value"

int store_number(struct db *db, const char *key, int64_t *out, struct klp_err *err)
{
	return db_number(db, err, 0, out, "SELECT value FROM number WHERE key = ?", "s", key);
}

int store_set_number(struct db *db, const char *key, int64_t value, struct klp_err *err)
{
	return db_run(db, err, "INSERT INTO number (key, value) VALUES (?, ?)" UNLESS_THE_SAME, "si", key, value);
}

struct word {
	char *out;
	size_t size;
};

static int read_word(struct sqlite3_stmt *st, void *arg)
{
	struct word *w = arg;

	snprintf(w->out, w->size, "%s", db_text(st, 0));
	return 0;
}

int store_word(struct db *db, const char *key, char *out, size_t size, struct klp_err *err)
{
	struct word w = { out, size };

	out[0] = '\0';
	return db_query(db, err, read_word, &w, "SELECT value FROM word WHERE key = ?", "s", key);
}

static int read_json(struct sqlite3_stmt *st, void *arg)
{
	json_t **j = arg;

	*j = json_loads(db_text(st, 0), 0, NULL);
	return 0;
}

json_t *store_json(struct db *db, const char *key)
{
	json_t *j = NULL;

	return db_query(db, NULL, read_json, &j, "SELECT value FROM word WHERE key = ?", "s", key) ? NULL : j;
}

int store_set_word(struct db *db, const char *key, const char *value, struct klp_err *err)
{
	return db_run(db, err, "INSERT INTO word (key, value) VALUES (?, ?)" UNLESS_THE_SAME, "ss", key, value);
}
