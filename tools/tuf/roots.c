// SPDX-License-Identifier: GPL-2.0-or-later
/* roots.c - see roots.h. */
#include <errno.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "keyring.h"
#include "metadata.h"
#include "roots.h"
#include "sign.h"

int tuf_root_first(const void *data, size_t len, struct tuf_doc **out, struct klp_err *err)
{
	struct tuf_authority own;
	struct tuf_claim *claim;
	int ret = tuf_parse(data, len, TUF_ROOT, &claim, err);

	if (ret)
		return ret;
	own = tuf_root_authority(&claim->content, TUF_ROOT);
	return tuf_accept(claim, &own, 1, out, err);
}

int tuf_root_next(const struct tuf_doc *root, const void *data, size_t len, struct tuf_doc **out, struct klp_err *err)
{
	int64_t want = root->content.version + 1;
	struct tuf_authority by[2];
	struct tuf_claim *claim;
	struct tuf_doc *doc;
	int ret = tuf_parse(data, len, TUF_ROOT, &claim, err);

	if (ret)
		return ret;
	by[0] = tuf_root_authority(&root->content, TUF_ROOT);
	by[1] = tuf_root_authority(&claim->content, TUF_ROOT);
	ret = tuf_accept(claim, by, 2, &doc, err);
	if (ret)
		return ret;
	if (doc->content.version != want) {
		ret = klp_err_set(err, -ESTALE, "is of version %lld, not %lld", (long long)doc->content.version,
				  (long long)want);
		tuf_doc_free(doc);
		return ret;
	}
	*out = doc;
	return 0;
}

int64_t tuf_root_version(const struct tuf_doc *root)
{
	return root->content.version;
}

/* Bundles are signed by Ed25519 alone: a key of another kind can't have signed one. */
static int add_key(struct keyring *ring, const json_t *key, struct klp_err *err)
{
	const char *public = str(json_object_get(key, "keyval"), "public");
	uint8_t raw[PUBLIC_KEY_LEN];

	if (strcmp(str(key, "keytype"), "ed25519") || strcmp(str(key, "scheme"), "ed25519") ||
	    hex_decode(public, sizeof(raw), raw))
		return 0;
	return keyring_add_raw(ring, raw, err);
}

int tuf_body_keyring(const json_t *body, struct keyring **out, struct klp_err *err)
{
	const json_t *role = json_object_get(json_object_get(body, "roles"), "targets"), *keys = json_object_get(body, "keys");
	json_t *ids = json_object_get(role, "keyids"), *id;
	struct keyring *ring;
	int64_t threshold;
	size_t i;
	int ret = tuf_number(role, "threshold", 1, &threshold);

	if (ret)
		return klp_err_set(err, ret, "the root has no threshold of targets");
	ret = keyring_new((size_t)threshold, &ring, err);
	if (ret)
		return ret;
	json_array_foreach(ids, i, id) {
		ret = add_key(ring, json_object_get(keys, json_string_value(id)), err);
		if (ret)
			break;
	}
	if (!ret && keyring_size(ring) < (size_t)threshold)
		ret = klp_err_set(err, -EKEYREJECTED, "the root's role targets has %zu Ed25519 keys, and %lld have to sign a bundle",
				  keyring_size(ring), (long long)threshold);
	if (ret)
		keyring_free(ring);
	else
		*out = ring;
	return ret;
}

int tuf_root_keyring(const struct tuf_doc *root, struct keyring **out, struct klp_err *err)
{
	return tuf_body_keyring(root->content.body, out, err);
}
