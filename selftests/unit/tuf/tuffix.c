// SPDX-License-Identifier: GPL-2.0-or-later
/* tuffix.c - see tuffix.h. */
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "tuffix.h"
#include "fixture.h"
#include "../../../tools/tuf/canon.h"
#include "../../../tools/tuf/store.h"

#define BASE	"fake://repository/"

struct klp_err tf_err;

static int serve(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	struct tuf_fix *f = ctx;

	ck_assert_int_eq(strncmp(url, BASE, strlen(BASE)), 0);
	url += strlen(BASE);
	ck_assert_uint_lt(f->nr_asked, sizeof(f->asked) / sizeof(f->asked[0]));
	f->asked[f->nr_asked++] = strdup(url);
	f->limit = limit;
	for (size_t i = 0; i < f->nr_files; i++) {
		if (strcmp(f->files[i].name, url))
			continue;
		if (f->files[i].len > limit)
			return klp_err_set(err, -EFBIG, "longer than %zu bytes", limit);
		*out = malloc(f->files[i].len + 1);
		memcpy(*out, f->files[i].data, f->files[i].len);
		*len = f->files[i].len;
		return 0;
	}
	return klp_err_set(err, -ENOENT, "no %s", url);
}

json_t *tf_key(EVP_PKEY *pkey)
{
	int base = EVP_PKEY_get_base_id(pkey);
	char hex[2 * 32 + 1], *pem;
	uint8_t raw[32];
	size_t len = sizeof(raw);
	json_t *key;
	BIO *bio;

	if (base == EVP_PKEY_ED25519) {
		ck_assert_int_eq(EVP_PKEY_get_raw_public_key(pkey, raw, &len), 1);
		hex_encode(raw, len, hex);
		return json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme", "ed25519", "keyval", "public", hex);
	}
	bio = BIO_new(BIO_s_mem());
	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	len = (size_t)BIO_get_mem_data(bio, &pem);
	key = json_pack("{s:s, s:s, s:{s:s%}}", "keytype", base == EVP_PKEY_EC ? "ecdsa" : "rsa", "scheme",
			base == EVP_PKEY_EC ? "ecdsa-sha2-nistp256" : "rsassa-pss-sha256", "keyval", "public", pem, len);
	BIO_free(bio);
	return key;
}

static char *sign_one(EVP_PKEY *pkey, const void *data, size_t len)
{
	bool ed = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t sig[1024];
	size_t n = sizeof(sig);
	char *hex;

	ck_assert_int_eq(EVP_DigestSignInit(ctx, &pctx, ed ? NULL : EVP_sha256(), NULL, pkey), 1);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA) {
		EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST);
	}
	ck_assert_int_eq(EVP_DigestSign(ctx, sig, &n, data, len), 1);
	EVP_MD_CTX_free(ctx);
	hex = malloc(2 * n + 1);
	hex_encode(sig, n, hex);
	return hex;
}

char *tf_sign(struct tuf_fix *f, json_t *body, unsigned int mask)
{
	char *plain = json_dumps(body, 0), *canon = malloc(strlen(plain)), id[16], *sig, *text;
	json_t *sigs = json_array(), *file;
	size_t len;

	ck_assert_int_eq(tuf_canonical(body, canon, strlen(plain), &len), 0);
	for (int i = 0; i < TF_KEYS; i++) {
		if (!(mask & KEY(i)))
			continue;
		sig = sign_one(f->keys[i], canon, len);
		snprintf(id, sizeof(id), "key-%d", i);
		json_array_append_new(sigs, json_pack("{s:s, s:s}", "keyid", id, "sig", sig));
		free(sig);
	}
	file = json_pack("{s:o, s:O}", "signatures", sigs, "signed", body);
	text = json_dumps(file, JSON_INDENT(1));
	json_decref(file);
	free(canon);
	free(plain);
	return text;
}

json_t *tf_role(unsigned int mask, int threshold)
{
	json_t *ids = json_array();
	char id[16];

	for (int i = 0; i < TF_KEYS; i++) {
		snprintf(id, sizeof(id), "key-%d", i);
		if (mask & KEY(i))
			json_array_append_new(ids, json_string(id));
	}
	return json_pack("{s:o, s:i}", "keyids", ids, "threshold", threshold);
}

void tf_expire(json_t *body, int64_t when)
{
	time_t t = (time_t)when;
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	json_object_set_new(body, "expires", json_string(text));
}

json_t *tf_body(const char *type)
{
	json_t *body = json_pack("{s:s, s:s, s:i}", "_type", type, "spec_version", "1.0.31", "version", 1);

	tf_expire(body, TF_NOW + 30 * TF_DAY);
	return body;
}

int64_t tf_version(const json_t *body)
{
	return json_integer_value(json_object_get(body, "version"));
}

static json_t *all_keys(struct tuf_fix *f)
{
	json_t *keys = json_object();
	char id[16];

	for (int i = 0; i < TF_KEYS; i++) {
		snprintf(id, sizeof(id), "key-%d", i);
		json_object_set_new(keys, id, tf_key(f->keys[i]));
	}
	return keys;
}

void tf_serve(struct tuf_fix *f, const char *name, const void *data, size_t len)
{
	struct tf_file *file = NULL;

	for (size_t i = 0; i < f->nr_files; i++)
		if (!strcmp(f->files[i].name, name))
			file = &f->files[i];
	if (!file) {
		ck_assert_uint_lt(f->nr_files, sizeof(f->files) / sizeof(f->files[0]));
		file = &f->files[f->nr_files++];
		file->name = strdup(name);
	}
	free(file->data);
	file->data = malloc(len + 1);
	file->len = len;
	if (data)
		memcpy(file->data, data, len);
	else
		*file->name = '\0';
}

static json_t *meta_of(const struct tuf_fix *f, const json_t *body, const char *text)
{
	json_t *meta = json_pack("{s:I}", "version", (json_int_t)tf_version(body));
	char hash[SHA256_HEX_LEN + 1];

	if (f->hashes) {
		sha256_hex(text, strlen(text), hash);
		json_object_set_new(meta, "length", json_integer((json_int_t)strlen(text)));
		json_object_set_new(meta, "hashes", json_pack("{s:s}", "sha256", hash));
	}
	return meta;
}

void tf_put(struct tuf_fix *f, const char *name, json_t *body, unsigned int mask, bool list)
{
	json_t *lister = f->body[strcmp(name, "snapshot") ? TUF_SNAPSHOT : TUF_TIMESTAMP];
	char *text = tf_sign(f, body, mask), file[512];

	if (strcmp(name, "timestamp"))
		snprintf(file, sizeof(file), "%lld.%s.json", (long long)tf_version(body), name);
	else
		snprintf(file, sizeof(file), "timestamp.json");
	tf_serve(f, file, text, strlen(text));
	snprintf(file, sizeof(file), "%s.json", name);
	if (list)
		json_object_set_new(json_object_get(lister, "meta"), file, meta_of(f, body, text));
	free(text);
}

void tf_publish(struct tuf_fix *f, unsigned int types)
{
	static const enum tuf_type order[] = { TUF_ROOT, TUF_TARGETS, TUF_SNAPSHOT, TUF_TIMESTAMP };

	for (int i = 0; i < 4; i++) {
		enum tuf_type t = order[i];

		if (!(types & (1u << t)))
			continue;
		json_object_set_new(f->body[t], "version", json_integer(tf_version(f->body[t]) + 1));
		tf_put(f, tuf_type_name(t), f->body[t], f->signers[t], t == TUF_TARGETS || t == TUF_SNAPSHOT);
	}
}

void tf_target(struct tuf_fix *f, json_t *body, const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	char hash[SHA256_HEX_LEN + 1], file[2048];

	sha256_hex(text, strlen(text), hash);
	json_object_set_new(json_object_get(body, "targets"), path,
			    json_pack("{s:I, s:{s:s}}", "length", (json_int_t)strlen(text), "hashes", "sha256", hash));
	snprintf(file, sizeof(file), "t/%.*s%s.%s", slash ? (int)(slash + 1 - path) : 0, path, hash, slash ? slash + 1 : path);
	tf_serve(f, file, text, strlen(text));
}

json_t *tf_delegate(struct tuf_fix *f, json_t *body, const char *name, unsigned int mask, const char *pattern)
{
	json_t *d = json_object_get(body, "delegations"), *role = tf_role(mask, 1);

	if (!d) {
		d = json_pack("{s:o, s:[]}", "keys", all_keys(f), "roles");
		json_object_set_new(body, "delegations", d);
	}
	json_object_set_new(role, "name", json_string(name));
	json_object_set_new(role, "terminating", json_false());
	json_object_set_new(role, "paths", json_pack("[s]", pattern));
	json_array_append_new(json_object_get(d, "roles"), role);
	return role;
}

struct tuf_fix *tf_new(void)
{
	struct tuf_fix *f = calloc(1, sizeof(*f));
	json_t *roles = json_object();
	char *text, *folder;

	f->now = TF_NOW;
	f->store = fixture_folder();
	folder = fixture_path(f->store, "targets");
	mkdir(folder, 0755);
	free(folder);
	f->transport = (struct tuf_transport){ .get = serve, .ctx = f };
	for (int i = 0; i < TF_KEYS; i++)
		f->keys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	for (enum tuf_type t = TUF_ROOT; t <= TUF_TARGETS; t++) {
		f->body[t] = tf_body(tuf_type_name(t));
		f->signers[t] = KEY(t);
		json_object_set_new(roles, tuf_type_name(t), tf_role(KEY(t), 1));
	}
	json_object_set_new(f->body[TUF_ROOT], "keys", all_keys(f));
	json_object_set_new(f->body[TUF_ROOT], "roles", roles);
	json_object_set_new(f->body[TUF_ROOT], "consistent_snapshot", json_true());
	json_object_set_new(f->body[TUF_TIMESTAMP], "meta", json_object());
	json_object_set_new(f->body[TUF_SNAPSHOT], "meta", json_object());
	json_object_set_new(f->body[TUF_TARGETS], "targets", json_object());
	text = tf_sign(f, f->body[TUF_ROOT], KEY(TUF_ROOT));
	ck_assert_msg(!tuf_init(f->store, text, strlen(text), &tf_err), "%s", tf_err.text);
	free(text);
	for (enum tuf_type t = TUF_TIMESTAMP; t <= TUF_TARGETS; t++)
		json_object_set_new(f->body[t], "version", json_integer(0));
	tf_publish(f, TF_TOP);
	return f;
}

void tf_free(struct tuf_fix *f)
{
	for (int i = 0; i < TF_KEYS; i++)
		EVP_PKEY_free(f->keys[i]);
	for (int i = 0; i < 4; i++)
		json_decref(f->body[i]);
	for (size_t i = 0; i < f->nr_files; i++) {
		free(f->files[i].name);
		free(f->files[i].data);
	}
	for (size_t i = 0; i < f->nr_asked; i++)
		free(f->asked[i]);
	fixture_remove(f->store);
	free(f);
}

static int run(struct tuf_fix *f, const char *path)
{
	struct tuf_config config = {
		.store = f->store, .metadata_url = BASE, .targets_url = BASE "t/", .transport = &f->transport, .now = f->now,
	};
	char *folder = fixture_path(f->store, "targets");
	struct tuf_client *c = NULL;
	struct tuf_target t;
	int ret;

	for (size_t i = 0; i < f->nr_asked; i++)
		free(f->asked[i]);
	f->nr_asked = 0;
	memset(&tf_err, 0, sizeof(tf_err));
	ret = tuf_open(&config, &c, &tf_err);
	if (!ret)
		ret = tuf_refresh(c, &tf_err);
	if (!ret && path) {
		ret = tuf_find(c, path, &t, &tf_err);
		if (!ret) {
			ret = tuf_download(c, &t, folder, &tf_err);
			tuf_target_free(&t);
		}
	}
	/* A failure has words, and the code that goes with them. */
	if (ret) {
		ck_assert_msg(*tf_err.text, "code %d and no words", ret);
		ck_assert_int_eq(tf_err.code, ret);
	}
	tuf_close(c);
	free(folder);
	return ret;
}

int tf_refresh(struct tuf_fix *f)
{
	return run(f, NULL);
}

int tf_get(struct tuf_fix *f, const char *path)
{
	return run(f, path);
}

int64_t tf_stored(struct tuf_fix *f, const char *role)
{
	int64_t version = 0;
	json_t *file;
	void *data;
	size_t len;

	if (tuf_store_load(f->store, role, TUF_TARGETS_MAX, &data, &len, NULL))
		return 0;
	file = json_loadb(data, len, 0, NULL);
	version = tf_version(json_object_get(file, "signed"));
	json_decref(file);
	free(data);
	return version;
}

bool tf_was_asked(const struct tuf_fix *f, const char *name)
{
	for (size_t i = 0; i < f->nr_asked; i++)
		if (!strcmp(f->asked[i], name))
			return true;
	return false;
}
