/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_value.h - single numbers and words that outlive a run. */
#ifndef KLP_UPDATE_STORE_VALUE_H
#define KLP_UPDATE_STORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct db;
struct klp_err;

/* 0, if there is none. */
int store_number(struct db *db, const char *key, int64_t *out, struct klp_err *err);
int store_set_number(struct db *db, const char *key, int64_t value, struct klp_err *err);
/* "", if there is none. */
int store_word(struct db *db, const char *key, char *out, size_t size, struct klp_err *err);
/* A word that is JSON, of any length; NULL: it isn't there, or isn't JSON.  A new reference. */
json_t *store_json(struct db *db, const char *key);
int store_set_word(struct db *db, const char *key, const char *value, struct klp_err *err);

/* Which releases the source says are exploited now: [{"name", "release"}]; @list is of the last look. */
#define EXPLOITED_WORD	"exploited"

#endif
