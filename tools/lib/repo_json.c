// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * repo_json.c - a repository's index as signed JSON.
 *
 * {"signatures": [{"keyid", "sig"}...], "signed": {...}}: a signature is over the
 * canonical JSON (sorted keys, no spaces) of "signed", with INDEX_CONTEXT before
 * it, so that it can never be taken for one over a bundle.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bundle.h"
#include "err.h"
#include "hex.h"
#include "manifest.h"
#include "repo.h"
#include "sign.h"

#define INDEX_CONTEXT	"quietpatch index 1\n"
#define INDEX_TYPE	"targets"
#define CANONICAL	(JSON_SORT_KEYS | JSON_COMPACT)
#define NR_SIGNED	6	/* _type, version, expires, build_id, kernel_release, targets; without "cves" and "maintained_until" */
#define NR_TARGET	7	/* of one target, without "rollout" and "exploited" */

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed index: %s", what);
}

/* What gets signed; *out is malloc()ed. */
static int signed_message(const json_t *part, char **out, size_t *len)
{
	char *text = json_dumps(part, CANONICAL), *message;
	size_t n = sizeof(INDEX_CONTEXT) - 1;

	if (!text)
		return -ENOMEM;
	message = malloc(n + strlen(text) + 1);
	if (message) {
		memcpy(message, INDEX_CONTEXT, n);
		strcpy(message + n, text);
		*len = n + strlen(text);
		*out = message;
	}
	free(text);
	return message ? 0 : -ENOMEM;
}

/* ---- verifying ---- */

static int verify_one(const json_t *entry, const struct keyring *keyring, const char *message,
		      size_t len, struct klp_err *err)
{
	const char *keyid = json_string_value(json_object_get(entry, "keyid"));
	const char *sig = json_string_value(json_object_get(entry, "sig"));
	uint8_t id[KEY_ID_LEN], raw[SIGNATURE_LEN];

	if (!keyid || !sig || json_object_size(entry) != 2 ||
	    hex_decode(keyid, sizeof(id), id) || hex_decode(sig, sizeof(raw), raw))
		return malformed(err, "a signature isn't {\"keyid\", \"sig\"} in hex");
	return keyring_verify(keyring, id, message, len, raw, err);
}

static int verify_all(const json_t *list, const struct keyring *keyring, const char *message,
		      size_t len, struct klp_err *err)
{
	size_t i, good = 0;
	json_t *entry;
	int ret;

	json_array_foreach(list, i, entry) {
		ret = verify_one(entry, keyring, message, len, err);
		if (!ret)
			good++;
		else if (ret != -ENOKEY)
			return ret;
	}
	if (good)
		return 0;
	return klp_err_set(err, -ENOKEY,
			   "none of the index's %zu signatures is by a trusted key (%zu in the keyring); add the repository's .pub file to the keyring if you trust it",
			   json_array_size(list), keyring_size(keyring));
}

static int verify_envelope(const json_t *root, const struct keyring *keyring, struct klp_err *err)
{
	const json_t *part = json_object_get(root, "signed");
	const json_t *list = json_object_get(root, "signatures");
	char *message;
	size_t len;
	int ret;

	if (!json_is_object(part) || !json_is_array(list) || json_object_size(root) != 2)
		return malformed(err, "it isn't {\"signed\", \"signatures\"}");
	if (json_array_size(list) > BUNDLE_SIGNATURES_MAX)
		return malformed(err, "it has too many signatures");
	ret = signed_message(part, &message, &len);
	if (ret)
		return klp_err_sys(err, ret, "cannot verify an index");
	ret = verify_all(list, keyring, message, len, err);
	free(message);
	return ret;
}

/* ---- reading what was verified ---- */

/* String member @key into a buffer of @size bytes. */
static int get_text(const json_t *obj, const char *key, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(obj, key));

	if (!s || strlen(s) >= size)
		return -EBADMSG;
	strcpy(out, s);
	return 0;
}

static int get_number(const json_t *obj, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(obj, key);

	if (!json_is_integer(value) || json_integer_value(value) < 1)
		return -EBADMSG;
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

static bool is_time(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t i;

	for (i = 0; form[i]; i++) {
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	}
	return !s[i];
}

/* A struct manifest carries the values to repo_index_put(). */
static int read_cves(const json_t *list, struct manifest *m)
{
	json_t *item;
	size_t i;

	if (!json_is_array(list))
		return -EBADMSG;
	json_array_foreach(list, i, item) {
		if (!json_is_string(item) || !manifest_is_cve(json_string_value(item)))
			return -EBADMSG;
		if (manifest_add_cve(m, json_string_value(item)))
			return -ENOMEM;
	}
	return 0;
}

/* {"start": seconds since the epoch, "steps": [[hours, percent], ...]}; an absent one is none. */
static int read_rollout(const json_t *obj, struct rollout *out)
{
	const json_t *start = json_object_get(obj, "start"), *steps = json_object_get(obj, "steps"), *step;
	struct rollout r = { 0 };
	size_t i;

	if (!obj)
		return 0;
	if (json_object_size(obj) != 2 || !json_is_integer(start) || json_array_size(steps) > ROLLOUT_STEPS_MAX)
		return -EBADMSG;
	r.start = json_integer_value(start);
	json_array_foreach(steps, i, step) {
		const json_t *hours = json_array_get(step, 0), *percent = json_array_get(step, 1);

		if (json_array_size(step) != 2 || !json_is_integer(hours) || !json_is_integer(percent) ||
		    json_integer_value(hours) > ROLLOUT_HOURS_MAX || json_integer_value(hours) < 0 ||
		    json_integer_value(percent) > 100 || json_integer_value(percent) < 0)
			return -EBADMSG;
		r.steps[i].hours = (int)json_integer_value(hours);
		r.steps[i].percent = (int)json_integer_value(percent);
		r.nr++;
	}
	if (rollout_check(&r))
		return -EBADMSG;
	*out = r;
	return 0;
}

static json_t *rollout_json(const struct rollout *r)
{
	json_t *steps;

	if (!r->nr)
		return NULL;
	steps = json_array();
	for (size_t i = 0; i < r->nr; i++)
		json_array_append_new(steps, json_pack("[i, i]", r->steps[i].hours, r->steps[i].percent));
	return json_pack("{s:I, s:o}", "start", (json_int_t)r->start, "steps", steps);
}

static int read_target(struct repo_index *index, const json_t *obj, struct klp_err *err)
{
	const char *name = json_string_value(json_object_get(obj, "name"));
	const char *summary = json_string_value(json_object_get(obj, "summary"));
	const json_t *rollout = json_object_get(obj, "rollout"), *exploited = json_object_get(obj, "exploited");
	struct rollout steps = { 0 };
	struct repo_target *t;
	char id[SHA256_HEX_LEN + 1], digest[SHA256_HEX_LEN + 1];
	struct manifest *m;
	uint64_t length;
	int ret = -EBADMSG;

	m = manifest_new();
	if (!m)
		return klp_err_sys(err, -ENOMEM, "cannot read an index");
	if (name && summary && manifest_is_name(name) && manifest_is_line(summary) &&
	    json_object_size(obj) == (size_t)NR_TARGET + !!rollout + !!exploited && !read_rollout(rollout, &steps) &&
	    (!exploited || json_is_true(exploited)) &&
	    !get_number(obj, "release", &m->release) && !get_number(obj, "length", &length) &&
	    !get_text(obj, "id", id, sizeof(id)) && hex_valid(id, SHA256_HEX_LEN) &&
	    !get_text(obj, "sha256", digest, sizeof(digest)) && hex_valid(digest, SHA256_HEX_LEN) && !repo_index_find(index, name) &&
	    length <= BUNDLE_MAX)
		ret = read_cves(json_object_get(obj, "cves"), m);
	if (!ret && (manifest_set(&m->name, name) || manifest_set(&m->summary, summary) ||
		     manifest_set(&m->kernel_build_id, index->build_id)))
		ret = -ENOMEM;
	if (!ret)
		ret = repo_index_put(index, m, id, digest, length, err);
	else
		malformed(err, "a target has a wrong, missing, unknown or repeated member");
	if (!ret) {
		t = (struct repo_target *)repo_index_find(index, name);
		t->rollout = steps;
		t->exploited = exploited;
	}
	manifest_free(m);
	return ret;
}

/* {"sha256", "length"}; an absent one is none. */
static int read_cves_file(const json_t *obj, struct repo_index *index)
{
	if (!obj)
		return 0;
	if (json_object_size(obj) != 2 || get_text(obj, "sha256", index->cves_digest, sizeof(index->cves_digest)) ||
	    !hex_valid(index->cves_digest, SHA256_HEX_LEN) || get_number(obj, "length", &index->cves_length) ||
	    index->cves_length > REPO_CVES_MAX)
		return -EBADMSG;
	return 0;
}

static int read_index(const json_t *obj, struct repo_index *index, struct klp_err *err)
{
	const json_t *targets = json_object_get(obj, "targets"), *cves = json_object_get(obj, "cves");
	const json_t *until = json_object_get(obj, "maintained_until");
	char type[sizeof(INDEX_TYPE)];
	json_t *item;
	size_t i;
	int ret = 0;

	if (json_object_size(obj) != (size_t)NR_SIGNED + !!cves + !!until || read_cves_file(cves, index) || !json_is_array(targets) ||
	    get_text(obj, "_type", type, sizeof(type)) || strcmp(type, INDEX_TYPE) ||
	    get_text(obj, "build_id", index->build_id, sizeof(index->build_id)) ||
	    !hex_valid(index->build_id, strlen(index->build_id)) ||
	    get_text(obj, "kernel_release", index->kernel_release, sizeof(index->kernel_release)) ||
	    !manifest_is_line(index->kernel_release) ||
	    get_text(obj, "expires", index->expires, sizeof(index->expires)) ||
	    (until && (get_text(obj, "maintained_until", index->maintained_until, sizeof(index->maintained_until)) ||
		       !is_time(index->maintained_until) || !repo_time_of(index->maintained_until))) ||
	    !is_time(index->expires) || get_number(obj, "version", &index->version))
		return malformed(err, "a member is wrong, missing or unknown");
	json_array_foreach(targets, i, item) {
		ret = read_target(index, item, err);
		if (ret)
			break;
	}
	return ret;
}

int repo_index_verify(const void *data, size_t len, const struct keyring *keyring,
		      struct repo_index **out, struct klp_err *err)
{
	struct repo_index *index = repo_index_new();
	json_error_t je;
	json_t *root;
	int ret;

	if (!index)
		return klp_err_sys(err, -ENOMEM, "cannot read an index");
	if (len > REPO_INDEX_MAX) {
		repo_index_free(index);
		return klp_err_set(err, -EFBIG, "the index has %zu bytes, over the limit of %u",
				   len, REPO_INDEX_MAX);
	}
	root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	ret = root ? verify_envelope(root, keyring, err) : malformed(err, je.text);
	if (!ret)
		ret = read_index(json_object_get(root, "signed"), index, err);
	json_decref(root);
	if (ret) {
		repo_index_free(index);
		return ret;
	}
	*out = index;
	return 0;
}

/* ---- writing ---- */

static json_t *target_json(const struct repo_target *t)
{
	json_t *cves = json_array();

	for (size_t i = 0; i < t->nr_cves; i++)
		json_array_append_new(cves, json_string(t->cves[i]));
	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:s, s:o, s:o*, s:o*}", "name", t->name,
			 "release", (json_int_t)t->release, "id", t->id, "sha256", t->digest,
			 "length", (json_int_t)t->length, "summary", t->summary, "cves", cves,
			 "rollout", rollout_json(&t->rollout), "exploited", t->exploited ? json_true() : NULL);
}

static json_t *index_json(const struct repo_index *index)
{
	json_t *targets = json_array(), *cves = NULL;

	if (*index->cves_digest)
		cves = json_pack("{s:s, s:I}", "sha256", index->cves_digest, "length", (json_int_t)index->cves_length);
	for (size_t i = 0; i < index->nr_targets; i++)
		json_array_append_new(targets, target_json(&index->targets[i]));
	return json_pack("{s:s, s:I, s:s, s:s, s:s, s:o, s:o*, s:s*}", "_type", INDEX_TYPE,
			 "version", (json_int_t)index->version, "expires", index->expires,
			 "build_id", index->build_id, "kernel_release", index->kernel_release,
			 "targets", targets, "cves", cves, "maintained_until",
			 *index->maintained_until ? index->maintained_until : NULL);
}

static json_t *sign_json(const json_t *part, const struct signing_key *key, struct klp_err *err)
{
	char keyid[2 * KEY_ID_LEN + 1], hex[2 * SIGNATURE_LEN + 1], *message;
	uint8_t sig[SIGNATURE_LEN];
	size_t len;
	int ret;

	if (signed_message(part, &message, &len)) {
		klp_err_sys(err, -ENOMEM, "cannot sign the index");
		return NULL;
	}
	ret = signing_key_sign(key, message, len, sig, err);
	free(message);
	if (ret)
		return NULL;
	hex_encode(signing_key_id(key), KEY_ID_LEN, keyid);
	hex_encode(sig, sizeof(sig), hex);
	return json_pack("[{s:s, s:s}]", "keyid", keyid, "sig", hex);
}

int repo_index_format(const struct repo_index *index, const struct signing_key *key,
		      void **out, size_t *len, struct klp_err *err)
{
	json_t *part = index_json(index), *sigs, *root = NULL;
	char *text = NULL;

	if (!part)
		return klp_err_set(err, -EINVAL, "the index can't be written: a string isn't UTF-8");
	sigs = sign_json(part, key, err);
	if (!sigs) {
		json_decref(part);
		return -EIO;
	}
	root = json_pack("{s:o, s:o}", "signed", part, "signatures", sigs);
	if (root)
		text = json_dumps(root, CANONICAL);
	json_decref(root);
	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot write the index");
	*out = text;
	*len = strlen(text);
	return 0;
}
