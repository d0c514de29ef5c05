// SPDX-License-Identifier: GPL-2.0-or-later
/* manifest_json.c - a manifest from JSON, and to it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "err.h"
#include "manifest_priv.h"

/* Members of the top object that aren't in top_members: for counting. */
#define NR_OTHER_TOP	4	/* version, three parts; and the tables that are there */

/* How many of them @obj has to have: what may be left out counts when it is there. */
static size_t count(const json_t *obj, const struct member *members)
{
	size_t n = 0;

	for (; members->key; members++)
		n += !optional(members) || json_object_get(obj, members->key);
	return n;
}

/* ---- reading ---- */

/* How long JSON's list at @value may be. */
static int check_length(const json_t *value, const char *where, const char *key, size_t max, struct klp_err *err)
{
	if (json_array_size(value) <= max)
		return 0;
	return klp_err_set(err, -EFBIG, "manifest: %s%s has %zu entries, over the limit of %zu", where, key,
			   json_array_size(value), max);
}

static int read_list(const json_t *value, const char *where, const char *key, size_t max,
		     char ***list, struct klp_err *err)
{
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a list", where, key);
	if (check_length(value, where, key, max, err))
		return -EFBIG;
	json_array_foreach(value, i, item) {
		if (!json_is_string(item))
			return klp_err_set(err, -EBADMSG, "manifest: %s%s[%zu] is not a string",
					   where, key, i);
		if (manifest_list_add(list, count_of(list), json_string_value(item)))
			return klp_err_sys(err, -ENOMEM, "manifest: %s%s", where, key);
	}
	return 0;
}

static int read_number(const json_t *value, const char *where, const struct member *m,
		       void *slot, struct klp_err *err)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (m->type == M_U32 && n > UINT32_MAX))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a whole number in range",
				   where, m->key);
	if (m->type == M_U32)
		*(uint32_t *)slot = (uint32_t)n;
	else
		*(uint64_t *)slot = (uint64_t)n;
	return 0;
}

static int read_member(const json_t *obj, const char *where, const struct member *m,
		       void *base, struct klp_err *err)
{
	const json_t *value = json_object_get(obj, m->key);
	void *slot = field(base, m);

	if (!value && optional(m))
		return 0;
	if (!value)
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is missing", where, m->key);
	if (is_list(m))
		return read_list(value, where, m->key, m->max, slot, err);
	if (!is_string(m))
		return read_number(value, where, m, slot, err);
	if (!json_is_string(value))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a string", where, m->key);
	if (manifest_set(slot, json_string_value(value)))
		return klp_err_sys(err, -ENOMEM, "manifest: %s%s", where, m->key);
	return 0;
}

/* All of @members and, beside them, exactly @others more that the caller reads. */
static int read_object(const json_t *obj, const char *where, const struct member *members,
		       size_t others, void *base, struct klp_err *err)
{
	int ret = 0;

	if (!json_is_object(obj))
		return klp_err_set(err, -EBADMSG, "manifest: %s is missing or not an object",
				   *where ? where : "the whole");
	for (const struct member *m = members; m->key && !ret; m++)
		ret = read_member(obj, where, m, base, err);
	if (!ret && json_object_size(obj) != count(obj, members) + others)
		return klp_err_set(err, -EBADMSG, "manifest: %s has a member that version %d doesn't know",
				   *where ? where : "the top object", MANIFEST_VERSION);
	return ret;
}

static int read_table(const json_t *list, struct manifest *m, const struct table *t, struct klp_err *err)
{
	char where[32];
	json_t *item;
	size_t i;
	int ret;

	if (!list && !t->always)
		return 0;
	if (!json_is_array(list) || (!t->always && !json_array_size(list)))
		return klp_err_set(err, -EBADMSG, "manifest: %s is missing, empty or not a list", t->key);
	if (check_length(list, "", t->key, t->max, err))
		return -EFBIG;
	snprintf(where, sizeof(where), "%s.", t->key);
	json_array_foreach(list, i, item) {
		void *entry = manifest_table_add(m, t);

		if (!entry)
			return klp_err_sys(err, -ENOMEM, "manifest: %s", t->key);
		ret = read_object(item, where, t->members, 0, entry, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* "0.10.2" as numbers; -EINVAL: it isn't 1 to 4 of them, each below 10000. */
static int version_numbers(const char *text, unsigned int out[4])
{
	memset(out, 0, 4 * sizeof(*out));
	for (size_t i = 0; i < 4; i++) {
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 4)
			return -EINVAL;
		out[i] = (unsigned int)strtoul(text, NULL, 10);
		text += digits;
		if (!*text)
			return 0;
		if (*text++ != '.')
			return -EINVAL;
	}
	return -EINVAL;
}

int manifest_tool_serves(const char *min, const char *version)
{
	unsigned int want[4], have[4];

	if (version_numbers(min, want) || version_numbers(version, have))
		return -EINVAL;
	for (size_t i = 0; i < 4; i++)
		if (want[i] != have[i])
			return want[i] < have[i] ? 0 : -EPROTONOSUPPORT;
	return 0;
}

/* Before anything else is looked at: what a newer tool has to know may be in a form that this one doesn't. */
static int check_versions(const json_t *root, struct klp_err *err)
{
	const json_t *version = json_object_get(root, "version"), *min = json_object_get(root, "min_tool_version");

	if (!json_is_integer(version))
		return klp_err_set(err, -EBADMSG, "manifest: version is missing or not a number");
	if (json_integer_value(version) != MANIFEST_VERSION)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "manifest: version %lld; this program knows %d: update it",
				   (long long)json_integer_value(version), MANIFEST_VERSION);
	if (!json_is_string(min))
		return min ? klp_err_set(err, -EBADMSG, "manifest: min_tool_version is not a string") : 0;
	switch (manifest_tool_serves(json_string_value(min), QP_VERSION)) {
	case 0:
		return 0;
	case -EPROTONOSUPPORT:
		return klp_err_set(err, -EPROTONOSUPPORT, "the bundle needs version %s of the tools, this is " QP_VERSION
				   ": update them", json_string_value(min));
	default:
		return klp_err_set(err, -EBADMSG, "manifest: min_tool_version must be a version, like 0.2");
	}
}

static int read_all(const json_t *root, struct manifest *m, struct klp_err *err)
{
	size_t others = NR_OTHER_TOP;
	int ret = check_versions(root, err);

	if (ret)
		return ret;
	for (const struct table *t = manifest_tables; t->key; t++)
		others += t->always || json_object_get(root, t->key);
	ret = read_object(root, "", manifest_top, others, m, err);
	for (const struct part *p = manifest_parts; p->key && !ret; p++)
		ret = read_object(json_object_get(root, p->key), p->key, p->members, 0, m, err);
	for (const struct table *t = manifest_tables; t->key && !ret; t++)
		ret = read_table(json_object_get(root, t->key), m, t, err);
	return ret;
}

int manifest_parse(const void *json, size_t len, struct manifest **out, struct klp_err *err)
{
	struct manifest *m = manifest_new();
	json_error_t je;
	json_t *root;
	int ret;

	if (!m)
		return klp_err_sys(err, -ENOMEM, "cannot read a manifest");
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &je);
	if (root)
		ret = read_all(root, m, err);
	else
		ret = klp_err_set(err, -EBADMSG, "manifest: %s at byte %d", je.text, je.position);
	json_decref(root);
	if (ret) {
		manifest_free(m);
		return ret;
	}
	*out = m;
	return 0;
}

/* ---- writing ---- */

static json_t *write_list(char *const *items, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++) {
		if (json_array_append_new(array, json_string(items[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *write_member(const void *base, const struct member *m)
{
	const void *slot = field(base, m);

	switch (m->type) {
	case M_STRING:
	case M_WORD:
		return json_string(*(char *const *)slot);
	case M_U32:
		return json_integer(*(const uint32_t *)slot);
	case M_U64:
	case M_TIME:
		return *(const uint64_t *)slot > INT64_MAX ?
			NULL : json_integer((json_int_t)*(const uint64_t *)slot);
	case M_LIST:
	case M_SOME:
		return write_list(*(char **const *)slot,
				  *(const size_t *)((char **const *)slot + 1));
	}
	return NULL;
}

/* 0, or -1: no memory, or a string that isn't UTF-8. */
static int write_members(json_t *obj, const void *base, const struct member *members)
{
	for (; members->key; members++) {
		if (members->type == M_SOME && !*count_of(field(base, members)))
			continue;
		if (members->type == M_WORD && !**(char *const *)field(base, members))
			continue;
		if (members->type == M_TIME && !*(const uint64_t *)field(base, members))
			continue;
		if (json_object_set_new(obj, members->key, write_member(base, members)))
			return -1;
	}
	return 0;
}

static int write_table(json_t *root, const struct manifest *m, const struct table *t)
{
	json_t *list, *obj;

	if (!*table_nr(m, t) && !t->always)
		return 0;
	list = json_array();
	if (json_object_set_new(root, t->key, list))
		return -1;
	for (size_t i = 0; i < *table_nr(m, t); i++) {
		obj = json_object();
		if (json_array_append_new(list, obj) ||
		    write_members(obj, *table_list(m, t) + i * t->size, t->members))
			return -1;
	}
	return 0;
}

static int write_all(json_t *root, const struct manifest *m)
{
	json_t *obj;

	if (json_object_set_new(root, "version", json_integer(MANIFEST_VERSION)) ||
	    write_members(root, m, manifest_top))
		return -1;
	for (const struct table *t = manifest_tables; t->key; t++)
		if (write_table(root, m, t))
			return -1;
	for (const struct part *p = manifest_parts; p->key; p++) {
		obj = json_object();
		if (json_object_set_new(root, p->key, obj) || write_members(obj, m, p->members))
			return -1;
	}
	return 0;
}

int manifest_format(const struct manifest *m, char **out, size_t *len, struct klp_err *err)
{
	json_t *root = json_object();
	char *text = NULL;

	if (root && !write_all(root, m))
		text = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(root);
	if (!text)
		return klp_err_set(err, -EINVAL,
				   "the manifest of %s can't be written: a string isn't UTF-8, a number is too big, or no memory",
				   m->name);
	*out = text;
	*len = strlen(text);
	return 0;
}
