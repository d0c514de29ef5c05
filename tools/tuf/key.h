/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key.h - a public key of the metadata, and a signature by it. */
#ifndef TUF_KEY_H
#define TUF_KEY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "hex.h"

/*
 * Is @sig (lower-case hex) a signature of @key over @data?  @key is an object of "keytype", "scheme" and
 * "keyval": {"public"}: ed25519, ecdsa-sha2-nistp256 or rsassa-pss-sha256, nothing else.  @id: SHA-256 of
 * the key itself (DER), the same however often, and under whatever name, the metadata lists it.
 * -EKEYREJECTED: no; -EOPNOTSUPP: a kind of key that we don't know, or one that can't be read.
 */
int tuf_key_verify(const json_t *key, const char *sig, const void *data, size_t len,
		   uint8_t id[SHA256_LEN]);

#endif
