// SPDX-License-Identifier: GPL-2.0-or-later
/* keyring.c - the public keys that are trusted; see keyring.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "keyring.h"
#include "owned.h"

#define THRESHOLD_FILE_MAX 16	/* bytes */

struct trusted_key {
	EVP_PKEY *pkey;
	uint8_t id[KEY_ID_LEN];
};

struct keyring {
	struct trusted_key *keys;
	size_t nr;
	size_t threshold;
};

static const struct trusted_key *find(const struct keyring *ring, const uint8_t id[KEY_ID_LEN])
{
	for (size_t i = 0; i < ring->nr; i++) {
		if (!memcmp(ring->keys[i].id, id, KEY_ID_LEN))
			return &ring->keys[i];
	}
	return NULL;
}

/* Takes over @pkey.  A key that is there already counts once. */
static int add_key(struct keyring *ring, EVP_PKEY *pkey)
{
	struct trusted_key key = { .pkey = pkey }, *keys;
	uint8_t raw[PUBLIC_KEY_LEN];
	int ret = public_key_id(pkey, raw, key.id);

	if (ret || find(ring, key.id)) {
		EVP_PKEY_free(pkey);
		return ret;
	}
	keys = reallocarray(ring->keys, ring->nr + 1, sizeof(*keys));
	if (!keys) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	ring->keys = keys;
	ring->keys[ring->nr++] = key;
	return 0;
}

/* A second key in the file would be trusted unseen or lost. */
static bool is_one_block(const char *pem, size_t len)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = memmem(pem, len, begin, sizeof(begin) - 1);

	return first && !memmem(first + 1, (size_t)(pem + len - first) - 1, begin, sizeof(begin) - 1);
}

/*
 * Exactly one public key.  @spki is what comes before its own bytes (RFC 8410, section 4); OpenSSL's decoders would find that
 * out, too, but setting them up takes longer (3 ms) than all else that a run does with the key.
 */
static EVP_PKEY *read_public(const void *pem, size_t len)
{
	static const uint8_t spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	long n;

	if (bio && is_one_block(pem, len) && PEM_read_bio(bio, &name, &header, &der, &n) && !strcmp(name, "PUBLIC KEY") && !*header &&
	    n == sizeof(spki) + PUBLIC_KEY_LEN && !memcmp(der, spki, sizeof(spki)))
		pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, der + sizeof(spki), PUBLIC_KEY_LEN);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

int keyring_add(struct keyring *ring, const char *path, struct klp_err *err)
{
	EVP_PKEY *pkey;
	size_t len;
	void *pem;
	int ret;

	ret = io_read_file(path, KEY_FILE_MAX, &pem, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot load the trusted key");
	pkey = read_public(pem, len);
	free(pem);
	ret = pkey ? add_key(ring, pkey) : -EINVAL;
	if (ret == -EINVAL)
		return klp_err_set(err, ret,
				   "%s is not one Ed25519 public key in PEM form; remove it, or replace it with the .pub file of `klp-repo keygen`",
				   path);
	if (ret)
		return klp_err_sys(err, ret, "cannot load the trusted key %s", path);
	return 0;
}

int keyring_add_raw(struct keyring *ring, const uint8_t raw[PUBLIC_KEY_LEN], struct klp_err *err)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, PUBLIC_KEY_LEN);

	if (!pkey || add_key(ring, pkey))
		return klp_err_sys(err, -ENOMEM, "cannot add a key to the keyring");
	return 0;
}

int keyring_add_own(struct keyring *ring, const struct signing_key *key, struct klp_err *err)
{
	uint8_t raw[PUBLIC_KEY_LEN];

	signing_key_public(key, raw);
	return keyring_add_raw(ring, raw, err);
}

int key_file_public(const char *path, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN], struct klp_err *err)
{
	size_t len;
	struct signing_key *key;
	EVP_PKEY *pkey;
	void *pem;
	int ret;

	ret = io_read_file(path, KEY_FILE_MAX, &pem, &len, err);
	if (ret)
		return ret;
	pkey = read_public(pem, len);
	OPENSSL_cleanse(pem, len);
	free(pem);
	ret = pkey ? public_key_id(pkey, raw, id) : -EINVAL;
	if (!pkey && !signing_key_load(path, &key, err)) {
		signing_key_public(key, raw);
		memcpy(id, signing_key_id(key), KEY_ID_LEN);
		signing_key_free(key);
		ret = 0;
	}
	EVP_PKEY_free(pkey);
	return ret ? klp_err_set(err, ret, "%s is neither a public nor a private Ed25519 key; `klp-repo keygen` makes both", path) : 0;
}

/* A key that anybody may replace is nobody's key. */
static int check_trusted(const char *path, struct klp_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return klp_err_sys(err, -errno, "cannot load the trusted key %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return klp_err_set(err, -EINVAL, "%s is not a regular file", path);
	return owned_check(path, err);
}

static bool is_pub(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 4 && !strcmp(name + n - 4, ".pub");
}

static int load_folder(struct keyring *ring, DIR *folder, const char *dir, struct klp_err *err)
{
	char path[PATH_MAX];
	struct dirent *de;
	int ret;

	ret = check_trusted(dir, err);
	while (!ret && (de = readdir(folder))) {
		if (!is_pub(de->d_name))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, de->d_name) >= sizeof(path))
			return klp_err_sys(err, -ENAMETOOLONG, "cannot load keys of %s", dir);
		ret = check_trusted(path, err);
		if (!ret)
			ret = keyring_add(ring, path, err);
	}
	return ret;
}

/* "2\n": how many keys have to have signed.  Without the file, one. */
static int load_threshold(struct keyring *ring, const char *dir, struct klp_err *err)
{
	char path[PATH_MAX], *text, *end;
	unsigned long n;
	size_t len;
	void *data;
	int ret;

	if ((size_t)snprintf(path, sizeof(path), "%s/" KEYRING_THRESHOLD, dir) >= sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot load keys of %s", dir);
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	ret = check_trusted(path, err);
	if (!ret)
		ret = io_read_file(path, THRESHOLD_FILE_MAX, &data, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot tell how many keys have to sign");
	text = data;
	n = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || strlen(text) != len || strcmp(end, "\n") || n > ring->nr)
		ret = klp_err_set(err, -EINVAL,
				  "%s must be a line with a number from 1 to %zu, of the trusted keys that have to sign a bundle",
				  path, ring->nr);
	else
		ring->threshold = n;
	free(data);
	return ret;
}

int keyring_new(size_t threshold, struct keyring **out, struct klp_err *err)
{
	struct keyring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return klp_err_sys(err, -ENOMEM, "cannot make a keyring");
	ring->threshold = threshold;
	*out = ring;
	return 0;
}

int keyring_load(const char *dir, struct keyring **out, struct klp_err *err)
{
	struct keyring *ring = NULL;
	DIR *folder;
	int ret = keyring_new(1, &ring, err);

	if (ret)
		return ret;
	folder = opendir(dir);
	if (folder) {
		ret = load_folder(ring, folder, dir, err);
		if (!ret)
			ret = load_threshold(ring, dir, err);
		closedir(folder);
	} else if (errno != ENOENT) {
		ret = klp_err_sys(err, -errno, "cannot load the trusted keys of %s", dir);
	}
	if (ret) {
		keyring_free(ring);
		return ret;
	}
	*out = ring;
	return 0;
}

size_t keyring_size(const struct keyring *ring)
{
	return ring->nr;
}

const uint8_t *keyring_key_id(const struct keyring *ring, size_t i)
{
	return ring->keys[i].id;
}

size_t keyring_threshold(const struct keyring *ring)
{
	return ring->threshold;
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->nr; i++)
		EVP_PKEY_free(ring->keys[i].pkey);
	free(ring->keys);
	free(ring);
}

int keyring_verify(const struct keyring *ring, const uint8_t id[KEY_ID_LEN],
		   const void *data, size_t len, const uint8_t sig[SIGNATURE_LEN],
		   struct klp_err *err)
{
	const struct trusted_key *key = find(ring, id);
	char hex[2 * KEY_ID_LEN + 1];
	EVP_MD_CTX *ctx;
	int ok;

	hex_encode(id, KEY_ID_LEN, hex);
	if (!key)
		return klp_err_set(err, -ENOKEY, "key %.16s... is not trusted here", hex);
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return klp_err_sys(err, -ENOMEM, "cannot verify a signature");
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	     EVP_DigestVerify(ctx, sig, SIGNATURE_LEN, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : klp_err_set(err, -EKEYREJECTED,
				    "the signature of key %.16s... doesn't match the content", hex);
}
