// SPDX-License-Identifier: GPL-2.0-or-later
/* key.c - see key.h. */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

#include "jsonstr.h"
#include "key.h"
#include "tuf_limits.h"

#define ED25519_LEN	32

static const struct kind {
	const char *type, *scheme;
	int base;
} kinds[] = {
	{ "ed25519", "ed25519", EVP_PKEY_ED25519 },
	{ "ecdsa", "ecdsa-sha2-nistp256", EVP_PKEY_EC },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", EVP_PKEY_EC },	/* as it was called before 1.0.30 */
	{ "rsa", "rsassa-pss-sha256", EVP_PKEY_RSA },
};

static const struct kind *kind_of(const json_t *key)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(str(key, "keytype"), kinds[i].type) && !strcmp(str(key, "scheme"), kinds[i].scheme))
			return &kinds[i];
	return NULL;
}

/* Else OpenSSL would ask the terminal, about a key that claims to be encrypted. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *read_pem(const char *text)
{
	EVP_PKEY *pkey;
	BIO *bio;

	if (strlen(text) > TUF_KEY_LEN_MAX)
		return NULL;
	bio = BIO_new_mem_buf(text, -1);
	pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	return pkey;
}

static bool fits(const struct kind *kind, EVP_PKEY *pkey)
{
	char group[32];
	size_t len;

	if (EVP_PKEY_get_base_id(pkey) != kind->base)
		return false;
	if (kind->base == EVP_PKEY_EC)
		return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) == 1 && !strcmp(group, "prime256v1");
	if (kind->base == EVP_PKEY_RSA)
		return EVP_PKEY_get_bits(pkey) >= TUF_RSA_BITS_MIN && EVP_PKEY_get_bits(pkey) <= TUF_RSA_BITS_MAX;
	return true;
}

static EVP_PKEY *read_key(const struct kind *kind, const json_t *key)
{
	const char *text = str(json_object_get(key, "keyval"), "public");
	uint8_t raw[ED25519_LEN];
	EVP_PKEY *pkey;

	if (kind->base != EVP_PKEY_ED25519)
		pkey = read_pem(text);
	else if (hex_decode(text, sizeof(raw), raw))
		pkey = NULL;
	else
		pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof(raw));
	if (pkey && !fits(kind, pkey)) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return pkey;
}

static int identify(EVP_PKEY *pkey, uint8_t id[SHA256_LEN])
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der), ret;

	ret = len > 0 ? sha256(der, (size_t)len, id) : -EOPNOTSUPP;
	OPENSSL_free(der);
	return ret;
}

/* The salt may have any length: signers differ, and it isn't what the strength rests on. */
static bool pad(const struct kind *kind, EVP_PKEY_CTX *ctx)
{
	return kind->base != EVP_PKEY_RSA ||
	       (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_AUTO) == 1);
}

static bool is_signed(const struct kind *kind, EVP_PKEY *pkey, const uint8_t *sig, size_t siglen,
		      const void *data, size_t len)
{
	const EVP_MD *md = kind->base == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool good;

	good = ctx && EVP_DigestVerifyInit(ctx, &pctx, md, NULL, pkey) == 1 && pad(kind, pctx) &&
	       EVP_DigestVerify(ctx, sig, siglen, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

int tuf_key_verify(const json_t *key, const char *sig, const void *data, size_t len,
		   uint8_t id[SHA256_LEN])
{
	const struct kind *kind = kind_of(key);
	size_t siglen = strlen(sig) / 2;
	uint8_t raw[TUF_SIG_LEN_MAX];
	EVP_PKEY *pkey;
	int ret;

	if (!kind)
		return -EOPNOTSUPP;
	if (!siglen || siglen > sizeof(raw) || hex_decode(sig, siglen, raw))
		return -EKEYREJECTED;
	pkey = read_key(kind, key);
	ret = pkey ? identify(pkey, id) : -EOPNOTSUPP;
	if (!ret && !is_signed(kind, pkey, raw, siglen, data, len))
		ret = -EKEYREJECTED;
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return ret;
}
