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
#define PUBLIC_KEY_LEN	32
#define KEYRING_DIR	"/etc/quietpatch/keys"	/* *.pub, PEM SubjectPublicKeyInfo */
#define KEYRING_THRESHOLD "threshold"	/* the file in it that says how many keys have to sign a bundle */

struct klp_err;
struct evp_pkey_st;	/* OpenSSL's EVP_PKEY */
struct signing_key;	/* private */
struct keyring;		/* public keys that are trusted */

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
/* The raw public key and the key id of a .pub file, or of the private key's file. */
int key_file_public(const char *path, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN], struct klp_err *err);

/*
 * All *.pub of @dir.  A file that isn't a public Ed25519 key is an error, not
 * skipped: a rejected setting shouts; so is a threshold that these keys can't meet.
 * An absent or empty folder is an empty keyring.  -EPERM: others than root and us could put a key there (owned.h).
 */
int keyring_load(const char *dir, struct keyring **out, struct klp_err *err);
/* An empty one, of whose keys @threshold have to sign a bundle. */
int keyring_new(size_t threshold, struct keyring **out, struct klp_err *err);
int keyring_add_raw(struct keyring *ring, const uint8_t raw[PUBLIC_KEY_LEN], struct klp_err *err);
int keyring_add(struct keyring *ring, const char *path, struct klp_err *err);
/* Trust the public half of @key as well. */
int keyring_add_own(struct keyring *ring, const struct signing_key *key, struct klp_err *err);
size_t keyring_size(const struct keyring *ring);
const uint8_t *keyring_key_id(const struct keyring *ring, size_t i);
/* How many of its keys have to have signed a bundle; 1 unless the folder says otherwise. */
size_t keyring_threshold(const struct keyring *ring);
void keyring_free(struct keyring *ring);
/* 0: @sig is @id's over the data; -ENOKEY: no such key; -EKEYREJECTED: wrong. */
int keyring_verify(const struct keyring *ring, const uint8_t id[KEY_ID_LEN],
		   const void *data, size_t len, const uint8_t sig[SIGNATURE_LEN],
		   struct klp_err *err);

#endif
