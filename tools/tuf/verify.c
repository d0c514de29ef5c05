// SPDX-License-Identifier: GPL-2.0-or-later
/* verify.c - see metadata.h: thresholds of signatures, and hashes. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "key.h"
#include "tuf_limits.h"
#include "metadata.h"

struct tuf_authority tuf_root_authority(const struct tuf_content *root, enum tuf_type role)
{
	return (struct tuf_authority){
		.keys = json_object_get(root->body, "keys"),
		.role = json_object_get(json_object_get(root->body, "roles"), tuf_type_name(role)),
	};
}

bool tuf_meta_of(const struct tuf_doc *doc, const char *name, struct tuf_meta *out)
{
	char file[TUF_FILE_NAME_MAX + sizeof(".json")];
	const json_t *entry;

	if (strlen(name) > TUF_FILE_NAME_MAX)
		return false;
	strcat(strcpy(file, name), ".json");
	entry = json_object_get(json_object_get(doc->content.body, "meta"), file);
	if (!entry || tuf_number(entry, "version", 1, &out->version))
		return false;
	if (tuf_number(entry, "length", 0, &out->length))
		out->length = -1;
	out->hashes = json_object_get(entry, "hashes");
	return true;
}

static const char *signature_of(const struct tuf_content *c, const char *keyid)
{
	json_t *sigs = json_object_get(c->file, "signatures"), *sig;
	size_t i;

	json_array_foreach(sigs, i, sig)
		if (!strcmp(str(sig, "keyid"), keyid))
			return str(sig, "sig");
	return NULL;
}

static bool is_new(uint8_t (*ids)[SHA256_LEN], size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!memcmp(ids[i], ids[nr], SHA256_LEN))
			return false;
	return true;
}

/* How many different keys of @by have signed. */
static size_t count_signers(const struct tuf_content *c, const struct tuf_authority *by)
{
	json_t *keyids = json_object_get(by->role, "keyids"), *keyid;
	uint8_t ids[TUF_KEYIDS_MAX][SHA256_LEN];
	const char *sig, *id;
	const json_t *key;
	size_t i, nr = 0;

	json_array_foreach(keyids, i, keyid) {
		id = json_string_value(keyid);
		sig = signature_of(c, id);
		key = json_object_get(by->keys, id);
		if (sig && key && !tuf_key_verify(key, sig, c->canon, c->canon_len, ids[nr]) && is_new(ids, nr))
			nr++;
	}
	return nr;
}

int tuf_accept(struct tuf_claim *claim, const struct tuf_authority *by, size_t nr, struct tuf_doc **out,
	       struct klp_err *err)
{
	struct tuf_doc *doc;

	for (size_t i = 0; i < nr; i++) {
		size_t have = count_signers(&claim->content, &by[i]);
		int64_t want;

		if (tuf_number(by[i].role, "threshold", 1, &want) || have < (uint64_t)want) {
			tuf_claim_free(claim);
			return klp_err_set(err, -EKEYREJECTED, "is signed by %zu of the %lld keys that it takes",
					   have, (long long)want);
		}
	}
	doc = malloc(sizeof(*doc));
	if (!doc) {
		tuf_claim_free(claim);
		return klp_err_sys(err, -ENOMEM, "cannot be kept");
	}
	doc->content = claim->content;
	free(claim);
	*out = doc;
	return 0;
}

static int check_hash(const EVP_MD *md, const char *want, const void *data, size_t len, struct klp_err *err)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int n;

	if (EVP_Digest(data, len, digest, &n, md, NULL) != 1)
		return klp_err_set(err, -EIO, "cannot be hashed");
	hex_encode(digest, n, hex);
	return strcmp(hex, want) ? klp_err_set(err, -EBADMSG, "has another hash than was signed for") : 0;
}

int tuf_check_hashes(const json_t *hashes, const void *data, size_t len, struct klp_err *err)
{
	const char *want256 = json_string_value(json_object_get(hashes, "sha256"));
	const char *want512 = json_string_value(json_object_get(hashes, "sha512"));
	int ret = 0;

	if (!want256 && !want512)
		return klp_err_set(err, -EBADMSG, "has only hashes of kinds that we don't know");
	if (want256)
		ret = check_hash(EVP_sha256(), want256, data, len, err);
	if (!ret && want512)
		ret = check_hash(EVP_sha512(), want512, data, len, err);
	return ret;
}

int tuf_check_meta(const struct tuf_meta *meta, const void *data, size_t len, struct klp_err *err)
{
	if (meta->length >= 0 && (uint64_t)meta->length != len)
		return klp_err_set(err, -EBADMSG, "is of %zu bytes; %lld were signed for", len,
				   (long long)meta->length);
	return meta->hashes ? tuf_check_hashes(meta->hashes, data, len, err) : 0;
}
