/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * token.h - an Ed25519 key in a PKCS #11 token (v3.0, mechanism CKM_EDDSA), spoken with directly: OpenSSL's engine for tokens
 * in Debian 12 knows RSA and ECDSA only.  The private key never leaves the token.
 */
#ifndef KLP_TOKEN_H
#define KLP_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sign.h"

struct token_key;

bool token_is_uri(const char *name);	/* "pkcs11:..." */
/*
 * @uri, by RFC 7512: pkcs11:token=LABEL;object=LABEL?module-path=/usr/lib/.../module.so.  Exactly these three.  The module is
 * code that runs here, so it has to be root's (owned.h).  @ask for the PIN.  @public: the raw public key.
 * -EINVAL: no such URI; -ENOENT: no such token or key, or more than one; -EACCES: another PIN; -EIO: the token failed.
 */
int token_open(const char *uri, signing_key_ask *ask, struct token_key **out, uint8_t public[PUBLIC_KEY_LEN], struct klp_err *err);
int token_sign(const struct token_key *key, const void *data, size_t len, uint8_t sig[SIGNATURE_LEN], struct klp_err *err);
void token_close(struct token_key *key);

#endif
