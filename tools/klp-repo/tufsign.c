// SPDX-License-Identifier: GPL-2.0-or-later
/* tufsign.c - see master.h: metadata, made and signed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "master.h"
#include "repo.h"
#include "sign.h"
#include "../tuf/canon.h"

#define SPEC_VERSION	"1.0.31"
#define DAY_S		INT64_C(86400)

void master_set_expiry(json_t *body, int64_t days)
{
	char when[REPO_TIME_LEN];

	repo_time(days * DAY_S, when);
	json_object_set_new(body, "expires", json_string(when));
}

json_t *master_body(const char *type, int64_t days)
{
	json_t *body = json_pack("{s:s, s:s, s:i}", "_type", type, "spec_version", SPEC_VERSION, "version", 0);

	if (body)
		master_set_expiry(body, days);
	return body;
}

int64_t master_parse_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? (int64_t)timegm(&tm) : -1;
}

static bool has_id(const json_t *role, const char *id)
{
	json_t *ids = json_object_get(role, "keyids"), *one;
	size_t i;

	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one), id))
			return true;
	return false;
}

static int add_signature(json_t *list, const struct signing_key *key, const char *id, const char *text, size_t len,
			 struct klp_err *err)
{
	char hex[2 * SIGNATURE_LEN + 1];
	uint8_t sig[SIGNATURE_LEN];
	int ret = signing_key_sign(key, text, len, sig, err);

	if (ret)
		return ret;
	hex_encode(sig, sizeof(sig), hex);
	return json_array_append_new(list, json_pack("{s:s, s:s}", "keyid", id, "sig", hex)) ?
	       klp_err_sys(err, -ENOMEM, "cannot sign") : 0;
}

static int check_threshold(const char *what, const json_t *role, int64_t have, struct klp_err *err)
{
	int64_t want = json_integer_value(json_object_get(role, "threshold"));

	if (have >= want)
		return 0;
	return klp_err_set(err, -ENOKEY, "%s takes the signatures of %lld of its %zu keys, and %lld of them %s given; name them with --key",
			   what, (long long)want, json_array_size(json_object_get(role, "keyids")), (long long)have,
			   have == 1 ? "was" : "were");
}

static int sign_text(const struct master *m, const char *what, const char *text, size_t len, const json_t *role,
		     const json_t *role2, json_t *list, struct klp_err *err)
{
	char id[2 * KEY_ID_LEN + 1];
	int64_t first = 0, second = 0;
	int ret = 0;

	for (int i = 0; i < m->nr_keys && !ret; i++) {
		hex_encode(signing_key_id(m->keys[i]), KEY_ID_LEN, id);
		first += has_id(role, id);
		second += role2 && has_id(role2, id);
		if (has_id(role, id) || (role2 && has_id(role2, id)))
			ret = add_signature(list, m->keys[i], id, text, len, err);
	}
	if (!ret)
		ret = check_threshold(what, role, first, err);
	if (!ret && role2)
		ret = check_threshold(what, role2, second, err);
	return ret;
}

int master_sign(const struct master *m, const char *what, json_t *body, const json_t *role, const json_t *role2, void **out,
		size_t *len, struct klp_err *err)
{
	char *plain = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS), *canon = plain ? malloc(strlen(plain)) : NULL, *text = NULL;
	json_t *list = json_array(), *file;
	size_t n;
	int ret;

	ret = canon && list ? tuf_canonical(body, canon, strlen(plain), &n) : -ENOMEM;
	if (ret)
		ret = klp_err_sys(err, ret, "cannot sign %s", what);
	else
		ret = sign_text(m, what, canon, n, role, role2, list, err);
	if (!ret) {
		file = json_pack("{s:O, s:O}", "signatures", list, "signed", body);
		text = file ? json_dumps(file, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
		json_decref(file);
		if (!text)
			ret = klp_err_sys(err, -ENOMEM, "cannot sign %s", what);
	}
	json_decref(list);
	free(plain);
	free(canon);
	if (ret)
		return ret;
	*out = text;
	*len = strlen(text);
	return 0;
}
