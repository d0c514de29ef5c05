/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sign.h - Ed25519 keys (OpenSSL): PEM on disk, 32 bytes and a key id in memory.
 */
#ifndef KLP_SIGN_H
#define KLP_SIGN_H

#include <stddef.h>
#include <stdint.h>

#define KEY_ID_LEN	32	/* SHA-256 of the raw public key */
#define SIGNATURE_LEN	64
#define KEY_FILE_MAX	16384	/* bytes; a PEM key has about 120 */
#define PUBLIC_KEY_LEN	32

struct klp_err;
struct evp_pkey_st;	/* OpenSSL's EVP_PKEY */
struct signing_key;	/* private */

/* The 32 bytes of an Ed25519 key's public half, and their SHA-256.  -EINVAL: another kind of key. */
int public_key_id(struct evp_pkey_st *pkey, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN]);

int signing_key_generate(struct signing_key **out, struct klp_err *err);
/* Put the passphrase of the key in @path into @buf; its length, or a negative errno with its reason in @err. */
typedef int signing_key_ask(const char *path, char *buf, size_t size, struct klp_err *err);
/*
 * PEM, or a token's (token.h: "pkcs11:..."), which @ask (NULL: nobody) is asked for the passphrase of, if it has one.  -EPERM: anybody can read it, or others
 * can replace it (owned.h); -EACCES: another passphrase, or nobody knows it; -EINVAL: no such key.
 */
int signing_key_load_asking(const char *path, signing_key_ask *ask, struct signing_key **out, struct klp_err *err);
/* The same of a private key of any kind, in a PEM file; EVP_PKEY_free(). */
int private_key_load(const char *path, signing_key_ask *ask, struct evp_pkey_st **out, struct klp_err *err);
int signing_key_load(const char *path, struct signing_key **out, struct klp_err *err);	/* without anybody to ask */
/* Creates @path (mode 0600), encrypted if there is a @passphrase, and @path.pub (0644); never overwrites. */
int signing_key_save_sealed(const struct signing_key *key, const char *path, const char *passphrase, struct klp_err *err);
int signing_key_save(const struct signing_key *key, const char *path, struct klp_err *err);	/* not encrypted */
const uint8_t *signing_key_id(const struct signing_key *key);
/* The raw public half. */
void signing_key_public(const struct signing_key *key, uint8_t out[PUBLIC_KEY_LEN]);
int signing_key_sign(const struct signing_key *key, const void *data, size_t len,
		     uint8_t sig[SIGNATURE_LEN], struct klp_err *err);
void signing_key_free(struct signing_key *key);

#endif
