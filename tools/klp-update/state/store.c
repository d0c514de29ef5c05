// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - see store.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db.h"
#include "err.h"
#include "exits.h"
#include "jsonstr.h"
#include "manifest.h"
#include "store.h"

static const char *const state_names[NR_PATCH_STATES] = {
	[PATCH_FETCHED] = "fetched",
	[PATCH_APPLYING] = "applying",
	[PATCH_WATCHED] = "watched",
	[PATCH_GOOD] = "good",
	[PATCH_FAILED] = "failed",
	[PATCH_CRASHED] = "crashed",
	[PATCH_REVERTED] = "reverted",
	[PATCH_SUPERSEDED] = "superseded",
};

const char *patch_state_name(enum patch_state state)
{
	return state_names[state];
}

static int parse_state(const char *name, enum patch_state *out)
{
	for (int i = 0; i < NR_PATCH_STATES; i++) {
		if (!strcmp(state_names[i], name)) {
			*out = i;
			return 0;
		}
	}
	return -EBADMSG;
}

/* ---- patches ---- */

#define COPY(field_, i)	snprintf(p->field_, sizeof(p->field_), "%s", db_text(st, i))

static int read_row(struct sqlite3_stmt *st, void *arg)
{
	struct patch_rows *list = arg;
	struct patch_row *rows, *p;

	rows = reallocarray(list->rows, list->nr + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	list->rows = rows;
	p = &rows[list->nr];
	memset(p, 0, sizeof(*p));
	COPY(digest, 0);
	COPY(name, 1);
	p->release = db_int(st, 2);
	COPY(module, 3);
	COPY(kernel, 4);
	COPY(build_id, 5);
	p->attempts = db_int(st, 7);
	COPY(boot_id, 8);
	p->changed_at = db_int(st, 9);
	p->applied_at = db_int(st, 10);
	p->summary = strdup(db_text(st, 11));
	p->functions = strdup(db_text(st, 12));
	p->cves = strdup(db_text(st, 13));
	p->reason = strdup(db_text(st, 14));
	p->next_at = db_int(st, 15);
	p->exit = (int)db_int(st, 16);
	COPY(keys, 17);
	p->mitigates = strdup(db_text(st, 18));
	p->expires = db_int(st, 19);
	p->strikes = db_int(st, 20);
	COPY(baseline, 21);
	list->nr++;
	if (!p->summary || !p->functions || !p->cves || !p->reason || !p->mitigates)
		return -ENOMEM;
	return parse_state(db_text(st, 6), &p->state);
}

int store_patches(struct db *db, struct patch_rows *out, struct klp_err *err)
{
	struct patch_rows list = { 0 };
	int ret;

	ret = db_query(db, err, read_row, &list,
		       "SELECT digest, name, release, module, kernel, build_id, state, attempts,"
		       " boot_id, changed_at, applied_at, summary, functions, cves, reason, next_at, exit, keys, mitigates, expires,"
		       " strikes, baseline"
		       " FROM patch ORDER BY applied_at, name, release", "");
	if (ret) {
		store_patches_free(&list);
		return ret == -EIO || ret == -EUCLEAN ? ret : klp_err_sys(err, ret, "cannot read the state database");
	}
	*out = list;
	return 0;
}

void store_patches_free(struct patch_rows *list)
{
	for (size_t i = 0; i < list->nr; i++) {
		free(list->rows[i].summary);
		free(list->rows[i].functions);
		free(list->rows[i].cves);
		free(list->rows[i].reason);
		free(list->rows[i].mitigates);
	}
	free(list->rows);
	memset(list, 0, sizeof(*list));
}

const struct patch_row *store_find(const struct patch_rows *list, const char *digest)
{
	for (size_t i = 0; i < list->nr; i++) {
		if (!strcmp(list->rows[i].digest, digest))
			return &list->rows[i];
	}
	return NULL;
}

bool store_mitigates(const struct patch_row *p, const char *name)
{
	char word[80];

	/* Names have no quotes. */
	snprintf(word, sizeof(word), "\"%.64s\"", name);
	return strstr(p->mitigates, word);
}

static char *functions_json(const struct manifest *m)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < m->nr_functions; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i}",
						      "object", m->functions[i].object,
						      "name", m->functions[i].name,
						      "file", m->functions[i].file,
						      "line", (int)m->functions[i].line));
	text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(list);
	return text;
}

static char *strings_json(char *const *strings, size_t nr)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(list, json_string(strings[i]));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

int store_add(struct db *db, const struct manifest *m, const char *digest, struct klp_err *err)
{
	char *functions = functions_json(m), *cves = strings_json(m->cves, m->nr_cves);
	char *mitigates = strings_json(m->mitigates, m->nr_mitigates);
	int ret;

	if (functions && cves && mitigates)
		ret = db_run(db, err,
			     "INSERT OR IGNORE INTO patch (digest, name, release, module, summary,"
			     " kernel, build_id, functions, cves, mitigates, expires, state, changed_at)"
			     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'fetched', ?)", "ssisssssssii",
			     digest, m->name, (int64_t)m->release, m->module, m->summary,
			     m->kernel_release, m->kernel_build_id, functions, cves, mitigates, (int64_t)m->expires,
			     (int64_t)time(NULL));
	else
		ret = klp_err_sys(err, -ENOMEM, "cannot record %s", m->name);
	free(functions);
	free(cves);
	free(mitigates);
	return ret;
}

static int update_row(struct db *db, const struct patch_row *p, enum patch_state state,
		      const char *boot_id, const char *reason, struct klp_err *err)
{
	int64_t now = time(NULL);
	bool starts = state == PATCH_APPLYING, applied = state == PATCH_WATCHED;

	return db_run(db, err,
		      "UPDATE patch SET state = ?, reason = ?, boot_id = ?, changed_at = ?, next_at = 0, exit = 0,"
		      " attempts = CASE WHEN ? THEN 0 ELSE attempts + ? END,"
		      " applied_at = CASE WHEN ? THEN ? ELSE applied_at END,"
		      /* It has outlived its watch. */
		      " strikes = CASE WHEN ? THEN 0 ELSE strikes END"
		      " WHERE digest = ?", "sssiiiiiis", patch_state_name(state), reason, boot_id, now,
		      (int64_t)applied, (int64_t)starts, (int64_t)applied, now, (int64_t)(state == PATCH_GOOD), p->digest);
}

/* With its event, in one transaction. */
static int set_row(struct db *db, const struct patch_row *p, enum patch_state state,
		   const char *boot_id, const char *event, const char *reason, int64_t next_at,
		   int exit, bool strike, struct klp_err *err)
{
	int ret;

	ret = db_run(db, err, "BEGIN IMMEDIATE", "");
	if (ret)
		return ret;
	ret = update_row(db, p, state, boot_id, reason, err);
	if (!ret && exit)
		ret = db_run(db, err, "UPDATE patch SET next_at = ?, exit = ? WHERE digest = ?", "iis",
			     next_at, (int64_t)exit, p->digest);
	if (!ret && strike)
		ret = db_run(db, err, "UPDATE patch SET strikes = strikes + 1 WHERE digest = ?", "s", p->digest);
	if (!ret && event)
		ret = store_event(db, boot_id, event, p->name, p->release, p->digest, reason, err);
	if (!ret)
		return db_run(db, err, "COMMIT", "");
	db_run(db, NULL, "ROLLBACK", "");
	return ret;
}

int store_set(struct db *db, const struct patch_row *p, enum patch_state state,
	      const char *boot_id, const char *event, const char *reason, struct klp_err *err)
{
	return set_row(db, p, state, boot_id, event, reason, 0, 0, false, err);
}

int store_set_again(struct db *db, const struct patch_row *p, const char *boot_id, int64_t next_at,
		    int exit, const char *reason, struct klp_err *err)
{
	return set_row(db, p, PATCH_FETCHED, boot_id, "failed", reason, next_at, exit, false, err);
}

int store_set_exit(struct db *db, const struct patch_row *p, enum patch_state state, const char *boot_id,
		   const char *event, const char *reason, int exit, struct klp_err *err)
{
	return set_row(db, p, state, boot_id, event, reason, 0, exit, false, err);
}

int store_strike(struct db *db, const struct patch_row *p, enum patch_state state, const char *boot_id,
		 const char *event, const char *reason, struct klp_err *err)
{
	return set_row(db, p, state, boot_id, event, reason, 0, 0, true, err);
}

int store_has_to_go(struct db *db, const char *digest, const char *reason, struct klp_err *err)
{
	return db_run(db, err, "UPDATE patch SET exit = ?, reason = ? WHERE digest = ?", "iss", (int64_t)EXIT_ROLLED_BACK, reason, digest);
}

int store_pause(struct db *db, const char *digest, int64_t next_at, struct klp_err *err)
{
	return db_run(db, err, "UPDATE patch SET attempts = attempts + 1, next_at = ? WHERE digest = ?", "is", next_at, digest);
}

int store_set_baseline(struct db *db, const char *digest, const char *json, struct klp_err *err)
{
	return db_run(db, err, "UPDATE patch SET baseline = ? WHERE digest = ?", "ss", json, digest);
}

int store_set_keys(struct db *db, const struct patch_row *p, const char *keys, struct klp_err *err)
{
	return db_run(db, err, "UPDATE patch SET keys = ? WHERE digest = ?", "ss", keys, p->digest);
}

int store_forget(struct db *db, const char *digest, struct klp_err *err)
{
	return db_run(db, err, "UPDATE patch SET attempts = 0, strikes = 0 WHERE digest = ?", "s", digest);
}

int store_restore(struct db *db, const struct patch_row *p, struct klp_err *err)
{
	return db_run(db, err,
		      "UPDATE patch SET state = ?, reason = ?, boot_id = ?, changed_at = ?,"
		      " attempts = ?, next_at = ?, exit = ? WHERE digest = ?", "sssiiiis",
		      patch_state_name(p->state), p->reason, p->boot_id, p->changed_at, p->attempts,
		      p->next_at, (int64_t)p->exit, p->digest);
}

/* ---- history ---- */

int store_event(struct db *db, const char *boot_id, const char *event, const char *name,
		int64_t release, const char *digest, const char *detail, struct klp_err *err)
{
	int64_t same;
	int ret;

	/* A timer would else write "foreign signature" four times a day for ever. */
	ret = db_number(db, err, 0, &same,
			"SELECT event = ? AND release = ? AND digest = ? AND detail = ? AND boot_id = ?"
			" FROM history WHERE name = ? ORDER BY id DESC LIMIT 1", "sissss",
			event, release, digest, detail, boot_id, name);
	if (ret || same)
		return ret;
	return db_run(db, err,
		      "INSERT INTO history (at, boot_id, event, name, release, digest, detail)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?)", "isssiss", (int64_t)time(NULL), boot_id, event,
		      name, release, digest, detail);
}

static int read_history(struct sqlite3_stmt *st, void *arg)
{
	json_t *obj = json_pack("{s:I, s:s, s:s, s:o, s:I, s:s, s:o}", "at", (json_int_t)db_int(st, 0), "boot", db_text(st, 1),
				"event", db_text(st, 2), "name", json_text(db_text(st, 3)),
				"release", (json_int_t)db_int(st, 4), "digest", db_text(st, 5),
				"detail", json_text(db_text(st, 6)));

	return json_array_append_new(arg, obj) ? -ENOMEM : 0;
}

int store_history(struct db *db, int64_t limit, json_t **out, struct klp_err *err)
{
	json_t *list = json_array();
	int ret;

	ret = db_query(db, err, read_history, list,
		       "SELECT at, boot_id, event, name, release, digest, detail FROM history"
		       " ORDER BY id DESC LIMIT ?", "i", limit);
	if (ret) {
		json_decref(list);
		return ret;
	}
	*out = list;
	return 0;
}

static int read_history_after(struct sqlite3_stmt *st, void *arg)
{
	int ret = read_history(st, arg);

	if (!ret)
		json_object_set_new(json_array_get(arg, json_array_size(arg) - 1), "id", json_integer(db_int(st, 7)));
	return ret;
}

int store_history_after(struct db *db, int64_t id, json_t **out, struct klp_err *err)
{
	json_t *list = json_array();
	int ret;

	ret = db_query(db, err, read_history_after, list,
		       "SELECT at, boot_id, event, name, release, digest, detail, id FROM history WHERE id > ? ORDER BY id", "i", id);
	if (ret) {
		json_decref(list);
		return ret;
	}
	*out = list;
	return 0;
}
