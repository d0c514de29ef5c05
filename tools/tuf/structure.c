// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * structure.c - see metadata.h: the fields of each type, checked once, so that nobody has to look twice.
 *
 * Keys are not read here: one of a kind that we don't know signs nothing, and hurts nobody.
 */
#include <errno.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "tuf_limits.h"
#include "metadata.h"
#include "role.h"

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "%s", what);
}

static int check_keys(json_t *keys, struct klp_err *err)
{
	const char *id;
	json_t *key;

	if (!json_is_object(keys))
		return malformed(err, "no object \"keys\"");
	if (json_object_size(keys) > TUF_KEYS_MAX)
		return klp_err_set(err, -E2BIG, "more than %d keys", TUF_KEYS_MAX);
	json_object_foreach(keys, id, key) {
		if (!*id || strlen(id) > TUF_KEYID_LEN_MAX)
			return malformed(err, "a key id that is empty or too long");
		if (!*str(key, "keytype") || !*str(key, "scheme") || !json_is_object(json_object_get(key, "keyval")))
			return malformed(err, "a key without \"keytype\", \"scheme\" or \"keyval\"");
	}
	return 0;
}

/* {"keyids", "threshold"}: each id once.  An id may have no key: it signs nothing. */
static int check_role(const json_t *role, struct klp_err *err)
{
	json_t *ids = json_object_get(role, "keyids"), *id, *other;
	int64_t threshold;
	size_t i, j;

	if (!json_is_array(ids) || tuf_number(role, "threshold", 1, &threshold))
		return malformed(err, "a role without \"keyids\", or with a threshold below 1");
	if (json_array_size(ids) > TUF_KEYIDS_MAX)
		return klp_err_set(err, -E2BIG, "a role of more than %d keys", TUF_KEYIDS_MAX);
	json_array_foreach(ids, i, id) {
		if (!json_is_string(id))
			return malformed(err, "a key id that isn't a string");
		json_array_foreach(ids, j, other)
			if (j < i && json_equal(id, other))
				return malformed(err, "a role with one key id twice");
	}
	return 0;
}

static int check_root(json_t *body, struct klp_err *err)
{
	json_t *consistent = json_object_get(body, "consistent_snapshot");
	json_t *roles = json_object_get(body, "roles");
	int ret = check_keys(json_object_get(body, "keys"), err);

	if (!ret && consistent && !json_is_boolean(consistent))
		ret = malformed(err, "\"consistent_snapshot\" isn't true or false");
	for (enum tuf_type t = TUF_ROOT; !ret && t <= TUF_TARGETS; t++)
		ret = check_role(json_object_get(roles, tuf_type_name(t)), err);
	return ret;
}

static int check_hashes(json_t *hashes, struct klp_err *err)
{
	const char *name;
	json_t *hash;

	if (!json_is_object(hashes) || !json_object_size(hashes))
		return malformed(err, "a file with no \"hashes\"");
	json_object_foreach(hashes, name, hash)
		if (!json_is_string(hash))
			return malformed(err, "a hash that isn't a string");
	return 0;
}

static int check_meta(json_t *body, struct klp_err *err)
{
	json_t *meta = json_object_get(body, "meta"), *file, *hashes;
	const char *name;
	int64_t n;

	if (!json_is_object(meta))
		return malformed(err, "no object \"meta\"");
	if (json_object_size(meta) > TUF_FILES_MAX)
		return klp_err_set(err, -E2BIG, "more than %d files", TUF_FILES_MAX);
	json_object_foreach(meta, name, file) {
		if (tuf_number(file, "version", 1, &n))
			return malformed(err, "a file without a version");
		if (json_object_get(file, "length") && tuf_number(file, "length", 0, &n))
			return malformed(err, "a length that isn't one");
		hashes = json_object_get(file, "hashes");
		if (hashes && check_hashes(hashes, err))
			return -EBADMSG;
	}
	return 0;
}

static int check_files(json_t *targets, struct klp_err *err)
{
	const char *path;
	json_t *file;
	int64_t n;

	if (!json_is_object(targets))
		return malformed(err, "no object \"targets\"");
	json_object_foreach(targets, path, file) {
		if (tuf_number(file, "length", 0, &n))
			return malformed(err, "a target without a length");
		if (check_hashes(json_object_get(file, "hashes"), err))
			return -EBADMSG;
	}
	return 0;
}

static int check_strings(const json_t *list, struct klp_err *err)
{
	json_t *s;
	size_t i;

	if (json_array_size(list) > TUF_PATHS_MAX)
		return klp_err_set(err, -E2BIG, "a delegation of more than %d paths", TUF_PATHS_MAX);
	json_array_foreach(list, i, s)
		if (!json_is_string(s) || json_string_length(s) > TUF_NAME_MAX)
			return malformed(err, "a path that isn't a string, or is too long");
	return 0;
}

static int check_delegation(const json_t *role, struct klp_err *err)
{
	json_t *paths = json_object_get(role, "paths"), *prefixes = json_object_get(role, "path_hash_prefixes");
	json_t *terminating = json_object_get(role, "terminating");
	int ret = check_role(role, err);

	if (ret)
		return ret;
	if (!tuf_role_name_valid(str(role, "name")))
		return malformed(err, "a delegated role with no name, one too long, or a top-level role's");
	if (terminating && !json_is_boolean(terminating))
		return malformed(err, "\"terminating\" isn't true or false");
	if (json_is_array(paths) == json_is_array(prefixes))
		return malformed(err, "a delegation has either \"paths\" or \"path_hash_prefixes\"");
	return check_strings(json_is_array(paths) ? paths : prefixes, err);
}

static int check_delegated_roles(json_t *roles, struct klp_err *err)
{
	json_t *names = json_object(), *role;
	int ret = 0;
	size_t i;

	if (json_array_size(roles) > TUF_DELEGATIONS_MAX)
		ret = klp_err_set(err, -E2BIG, "more than %d delegations", TUF_DELEGATIONS_MAX);
	json_array_foreach(roles, i, role) {
		if (!ret)
			ret = check_delegation(role, err);
		if (!ret && json_object_get(names, str(role, "name")))
			ret = malformed(err, "two delegations to one role");
		if (!ret && json_object_set_new(names, str(role, "name"), json_true()))
			ret = klp_err_sys(err, -ENOMEM, "cannot check the delegations");
		if (ret)
			break;
	}
	json_decref(names);
	return ret;
}

static int check_succinct(const json_t *role, struct klp_err *err)
{
	char bin[TUF_FILE_NAME_MAX + 1];
	int64_t bits;
	int ret = check_role(role, err);

	if (ret)
		return ret;
	if (tuf_number(role, "bit_length", 1, &bits) || bits > TUF_BIN_BITS_MAX)
		return malformed(err, "succinct roles' \"bit_length\" isn't one of 1 to 32");
	if (!tuf_role_name_valid(str(role, "name_prefix")) || !tuf_bin_name(role, 0, bin) || !tuf_role_name_valid(bin))
		return malformed(err, "succinct roles' \"name_prefix\" isn't what a role's name begins with");
	return 0;
}

static int check_targets(json_t *body, struct klp_err *err)
{
	json_t *d = json_object_get(body, "delegations"), *roles, *succinct;
	int ret = check_files(json_object_get(body, "targets"), err);

	if (ret || !d)
		return ret;
	ret = check_keys(json_object_get(d, "keys"), err);
	if (ret)
		return ret;
	roles = json_object_get(d, "roles");
	succinct = json_object_get(d, "succinct_roles");
	if (json_is_array(roles) == json_is_object(succinct))
		return malformed(err, "delegations have either \"roles\" or \"succinct_roles\"");
	return json_is_array(roles) ? check_delegated_roles(roles, err) : check_succinct(succinct, err);
}

int tuf_check_structure(const struct tuf_content *c, struct klp_err *err)
{
	int ret;

	switch (c->type) {
	case TUF_ROOT:
		return check_root(c->body, err);
	case TUF_TIMESTAMP:
		ret = check_meta(c->body, err);
		if (!ret && !json_object_get(json_object_get(c->body, "meta"), "snapshot.json"))
			ret = malformed(err, "tells nothing of snapshot.json");
		return ret;
	case TUF_SNAPSHOT:
		return check_meta(c->body, err);
	default:
		return check_targets(c->body, err);
	}
}
