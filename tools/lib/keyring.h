/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyring.h - the public keys whose signatures count, and how many of them it takes. */
#ifndef KLP_KEYRING_H
#define KLP_KEYRING_H

#include "sign.h"

#define KEYRING_DIR	"/etc/quietpatch/keys"	/* *.pub, PEM SubjectPublicKeyInfo */
#define KEYRING_THRESHOLD "threshold"	/* the file in it that says how many keys have to sign a bundle */

struct keyring;

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
