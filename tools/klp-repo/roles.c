// SPDX-License-Identifier: GPL-2.0-or-later
/* roles.c - see master.h: which keys a root gives to which role. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "keyring.h"
#include "master.h"
#include "repo_tool.h"
#include "sign.h"

static const char *const names[] = { "root", "targets", "snapshot", "timestamp" };
#define NR_ROLES	(sizeof(names) / sizeof(*names))

static bool is_role(const char *name)
{
	for (size_t i = 0; i < NR_ROLES; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Into the root's keys, and at the end of @ids, where it isn't yet. */
static int add_key(json_t *root, json_t *ids, const char *file, struct klp_err *err)
{
	char id_hex[2 * KEY_ID_LEN + 1], raw_hex[2 * PUBLIC_KEY_LEN + 1];
	uint8_t raw[PUBLIC_KEY_LEN], id[KEY_ID_LEN];
	json_t *one;
	size_t i;
	int ret = key_file_public(file, raw, id, err);

	if (ret)
		return ret;
	hex_encode(id, sizeof(id), id_hex);
	hex_encode(raw, sizeof(raw), raw_hex);
	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one), id_hex))
			return klp_err_set(err, -EINVAL, "%s: the same key twice in one role", file);
	if (json_object_set_new(json_object_get(root, "keys"), id_hex,
				json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme", "ed25519", "keyval", "public", raw_hex)) ||
	    json_array_append_new(ids, json_string(id_hex)))
		return klp_err_sys(err, -ENOMEM, "cannot make a role");
	return 0;
}

static int give(json_t *root, const char *role, json_t *ids, long threshold, struct klp_err *err)
{
	size_t nr = json_array_size(ids);

	if (threshold < 1 || (size_t)threshold > nr) {
		json_decref(ids);
		return klp_err_set(err, -EINVAL, "--role %s: a threshold of %ld, and %zu key(s)", role, threshold, nr);
	}
	json_object_set_new(json_object_get(root, "roles"), role,
			    json_pack("{s:o, s:i}", "keyids", ids, "threshold", (int)threshold));
	return 0;
}

int roles_set(json_t *root, const char *spec, struct klp_err *err)
{
	char *copy = strdup(spec), *files = copy ? strchr(copy, '=') : NULL, *colon, *file;
	json_t *ids = json_array();
	long threshold = 1;
	int ret = 0;

	if (files)
		*files++ = '\0';
	if (!files || !is_role(copy) || !ids) {
		free(copy);
		json_decref(ids);
		return klp_err_set(err, -EINVAL, "--role %s: it must be root, targets, snapshot or timestamp, then =[THRESHOLD:]FILE,FILE...", spec);
	}
	threshold = strtol(files, &colon, 10);
	if (colon > files && *colon == ':')
		files = colon + 1;
	else
		threshold = 1;
	while (!ret && (file = strsep(&files, ",")))
		ret = add_key(root, ids, file, err);
	if (ret)
		json_decref(ids);
	else
		ret = give(root, copy, ids, threshold, err);
	free(copy);
	return ret;
}

int roles_set_own(json_t *root, const struct master *m, struct klp_err *err)
{
	for (size_t r = 0; r < NR_ROLES; r++) {
		json_t *ids = json_array();
		int ret = 0;

		for (int i = 0; i < m->nr_keys && !ret; i++)
			ret = add_key(root, ids, m->opt->key[i], err);
		if (ret)
			json_decref(ids);
		else
			ret = give(root, names[r], ids, 1, err);
		if (ret)
			return ret;
	}
	return 0;
}

static bool is_used(const json_t *root, const char *id)
{
	json_t *ids, *one;
	size_t i;

	for (size_t r = 0; r < NR_ROLES; r++) {
		ids = json_object_get(json_object_get(json_object_get(root, "roles"), names[r]), "keyids");
		json_array_foreach(ids, i, one)
			if (!strcmp(json_string_value(one), id))
				return true;
	}
	return false;
}

void roles_sweep(json_t *root)
{
	json_t *keys = json_object_get(root, "keys"), *key;
	const char *id;
	void *next;

	json_object_foreach_safe(keys, next, id, key)
		if (!is_used(root, id))
			json_object_del(keys, id);
}

int roles_drop_key(json_t *root, const char *id, struct klp_err *err)
{
	bool found = false;

	for (size_t r = 0; r < NR_ROLES; r++) {
		json_t *role = json_object_get(json_object_get(root, "roles"), names[r]), *ids = json_object_get(role, "keyids"), *one;
		size_t i;

		json_array_foreach(ids, i, one) {
			if (strcmp(json_string_value(one), id))
				continue;
			json_array_remove(ids, i);
			found = true;
			break;
		}
		if ((json_int_t)json_array_size(ids) < json_integer_value(json_object_get(role, "threshold")))
			return klp_err_set(err, -EINVAL, "without that key %s has %zu left, and takes %lld: give the role other keys in the same call (--role)",
					   names[r], json_array_size(ids), (long long)json_integer_value(json_object_get(role, "threshold")));
	}
	return found ? 0 : klp_err_set(err, -ENOENT, "no role has the key %.16s...", id);
}

json_t *roles_delegations(const json_t *root)
{
	const json_t *role = json_object_get(json_object_get(root, "roles"), "targets");
	json_t *keys = json_object(), *one;
	size_t i;

	json_array_foreach(json_object_get(role, "keyids"), i, one)
		json_object_set(keys, json_string_value(one), json_object_get(json_object_get(root, "keys"), json_string_value(one)));
	return json_pack("{s:o, s:{s:O, s:O, s:i, s:s}}", "keys", keys, "succinct_roles", "keyids", json_object_get(role, "keyids"),
			 "threshold", json_object_get(role, "threshold"), "bit_length", BIN_BITS, "name_prefix", "bins");
}
